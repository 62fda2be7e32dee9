"""The life cycles are what their tables say, and the page that draws them is in step with the tables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from docs import draw
from grants.awards import rules
from grants.awards.corrections import operations as corrections
from grants.awards.entries import operations as commitments
from grants.awards.entries import operations as entries
from grants.awards.ledger import operations as ledger
from grants.awards.models import Award, AwardSnapshot, AwardStatus, Offer
from grants.awards.offers import operations as offers
from grants.awards.rules import AWARD_STEPS
from grants.foundation.records.db import Refused, db
from grants.foundation.records.lifecycle import Step
from grants.foundation.values import clock
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from tests.support import award_factories as awards
from tests.support import factories as make

S = AwardStatus


def test_page_of_the_life_cycles_is_in_step_with_the_tables() -> None:
    assert draw.PAGE.read_text() == draw.page(), "write it anew: python -m docs.draw"


@pytest.mark.parametrize(
    ("title", "states", "steps"), [(title, states, steps) for title, _, states, steps in draw.CYCLES]
)
def test_drawing_shows_every_step(title: str, states: Any, steps: Any) -> None:
    drawn = "\n".join(draw.drawing(states, steps))

    for step in steps:
        arrows = [
            line for line in drawn.splitlines() if line.strip().startswith(f"{step.start.name} --> {step.end.name}:")
        ]
        assert len(arrows) == 1
        assert step.verb in arrows[0].split(": ")[1].split(", ")


ABOUT: dict[str, Any] = {"actor": make.TESTS, "reason": "A test."}
BATCH: dict[str, Any] = {**ABOUT, "amount": Pence(10_000)}


def _today() -> Day:
    return Day.exactly(clock.today())


def _extend(award: Award) -> None:
    until, officer = clock.today() + timedelta(days=60), make.officer()
    offers.extend_offer(person=officer, award=award, until=until, reason="A test.", version=1)


def _accept(award: Award) -> None:
    offers.accept_offer(
        person=awards.member_of(award), award=award, signatory_name="Alex", signatory_position="Chair", version=1
    )


def _lapse(award: Award) -> None:
    with time_machine.travel(clock.now() + timedelta(days=60), tick=False):
        offers.lapse_offer(person=make.officer(), award=award)


def _committed(award: Award) -> Pence:
    return rules.worth(ledger.entries_of(award)).to_pay


def _commit_first(award: Award, amount: int) -> None:
    if award.status == S.ACCEPTED and not _committed(award):
        commitments.commit(**{**BATCH, "amount": Pence(amount)}, award=award)


def _pay(award: Award, amount: int = 10_000) -> None:
    _commit_first(award, amount)
    commitments.record_payment(**{**BATCH, "amount": Pence(amount)}, award=award, paid_on=_today())


def _release(award: Award) -> None:
    _commit_first(award, 10_000)
    commitments.release(**BATCH, award=award)


def _reverse(award: Award) -> None:
    if award.status == S.ACCEPTED:
        awards.pay(award, 10_000)
    commitments.reverse_payment(**ABOUT, award=award, payment=awards.last_paid_entry(award), on=None, releases=True)


def _vary(award: Award, by: int = -100) -> None:
    entries.vary(**ABOUT, award=award, by=by, effective=_today())


def _correct(award: Award, amount: int = 530_000) -> None:
    corrections.correct_amount(**ABOUT, award=award, amount=Pence(amount))


def _repay(award: Award) -> None:
    if award.status == S.ACCEPTED:
        awards.pay(award, 10_000)
    entries.record_repayment(**ABOUT, award=award, amount=Pence(100), effective=_today())


def _part_paid_then(deed: Callable[[Award], None]) -> Callable[[Award], None]:
    def do(award: Award) -> None:
        awards.pay(award, 500_000)
        deed(award)

    return do


VERBS: dict[str, Callable[[Award], Any]] = {
    "offer": lambda award: offers.make_offer(actor=make.TESTS, award=award),
    "offer again": lambda award: offers.offer_again(person=make.officer(), award=award, reason="A test."),
    "vary": _vary,
    "record repayment": _repay,
    "correct amount": _correct,
    "withdraw": awards.withdraw,
    "extend offer": _extend,
    "accept offer": _accept,
    "decline offer": lambda award: offers.decline_offer(person=awards.member_of(award), award=award),
    "lapse offer": _lapse,
    "commit": lambda award: commitments.commit(**BATCH, award=award),
    "release": _release,
    "pay": _pay,
    "reverse payment": _reverse,
    "complete": lambda award: offers.complete(**ABOUT, award=award),
    "reinstate": lambda award: corrections.reinstate(**ABOUT, award=award),
}
"""Each verb of the table, as it is meant to be done."""

TO_THE_END: dict[tuple[str, AwardStatus], Callable[[Award], Any]] = {
    ("pay", S.PAID): lambda award: _pay(award, 540_000),
    ("vary", S.PAID): _part_paid_then(lambda award: _vary(award, -40_000)),
    ("correct amount", S.PAID): _part_paid_then(lambda award: _correct(award, 500_000)),
}
"""How a verb leads to a further state than it mostly does."""


def _declined_once() -> Award:
    award = awards.offered_award()
    VERBS["decline offer"](award)
    VERBS["reinstate"](award)
    return award


def _withdrawn(state: AwardStatus) -> Callable[[], Award]:
    def begin() -> Award:
        award = awards.AWARDS[state]()
        awards.withdraw(award)
        return award

    return begin


BEGINNINGS: dict[tuple[AwardStatus, str, AwardStatus], Callable[[], Award]] = {
    (S.AWARDED, "offer again", S.OFFERED): _declined_once,
    (S.AWARDED, "record repayment", S.AWARDED): lambda: make.award(source="a list"),
    (S.WITHDRAWN, "record repayment", S.WITHDRAWN): _withdrawn(S.PAID),
    (S.WITHDRAWN, "reverse payment", S.WITHDRAWN): _withdrawn(S.PAID),
    **{(S.WITHDRAWN, "reinstate", state): _withdrawn(state) for state in (S.ACCEPTED, S.PAID, S.COMPLETE)},
}
"""Where a step needs more than any award of its state."""


def _everything(award: Award) -> Any:
    rows = [db.session.execute(db.text(f"SELECT count(*) FROM {table}")).scalar_one() for table in TABLES]  # noqa: S608
    offered = db.session.execute(select(Offer.status, Offer.version, Offer.expires_at)).all()
    snapshot = db.session.execute(select(*AwardSnapshot.__table__.columns)).all()
    return award.status, rows, offered, snapshot


TABLES = ("ledger_entries", "award_changes", "offers", "agreements", "outbox", "audit_lines")


@pytest.mark.parametrize("step", AWARD_STEPS, ids=lambda step: f"{step.start} {step.verb} {step.end}")
def test_award_goes_where_its_table_says(app: Flask, step: Step) -> None:
    award = BEGINNINGS.get((step.start, step.verb, step.end), awards.AWARDS[step.start])()
    assert award.status == step.start

    TO_THE_END.get((step.verb, step.end), VERBS[step.verb])(award)

    assert award.status == step.end
    assert db.session.get_one(AwardSnapshot, award.id).status == step.end.public
    assert rules.ledger_holds(ledger.entries_of(award), paid_here=award.is_paid_here)


@pytest.mark.parametrize("state", AwardStatus)
def test_award_goes_nowhere_else_and_nothing_changes(app: Flask, state: AwardStatus) -> None:
    award = awards.AWARDS[state]()
    before = _everything(award)

    for verb in set(VERBS) - {step.verb for step in AWARD_STEPS if step.start == state}:
        with pytest.raises(Refused):
            VERBS[verb](award)
        db.session.expire_all()
        assert _everything(award) == before, verb


def test_every_verb_of_the_award_table_is_tried() -> None:
    assert {step.verb for step in AWARD_STEPS} == set(VERBS)
