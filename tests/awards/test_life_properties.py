"""Whatever happens to an award decided here: it follows the table, or is refused and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from grants.accounts.models import Person
from grants.awards import rules
from grants.awards.corrections import operations as corrections
from grants.awards.entries import operations as commitments
from grants.awards.entries import operations as entries
from grants.awards.ledger.operations import entries_of, latest_offer
from grants.awards.models import Award, AwardSnapshot, AwardStatus
from grants.awards.offers import operations as offers
from grants.foundation.records.audit import AuditLine
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.records.outbox import OutboxMessage
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from tests.support import award_factories as awards
from tests.support import factories

S = AwardStatus
START = datetime(2026, 6, 1, 12, tzinfo=UTC)
"""The day of the award; each deed comes a day after the one before."""

LARGEST = 600
OFFER_DAYS = 5


@dataclass(frozen=True)
class Card:
    """One award as a person would keep it on a card. Amounts are pence; what moved them is listed with its day."""

    amount: int
    varied: tuple[tuple[int, int], ...] = ()
    committed: tuple[tuple[int, int], ...] = ()
    payments: tuple[int, ...] = ()
    returned: int = 0
    offer: str = ""
    until: int = 0
    complete: bool = False
    withdrawn: bool = False

    def awarded(self, day: int) -> int:
        return self.amount + sum(by for when, by in self.varied if when <= day)

    def held(self, day: int) -> int:
        return sum(by for when, by in self.committed if when <= day)

    @property
    def paid(self) -> int:
        return sum(self.payments)

    @property
    def sums(self) -> tuple[int, int, int, int]:
        """What is awarded, committed, paid and returned now."""
        return self.awarded(10**6), self.held(10**6), self.paid, self.returned

    @property
    def makes_sense(self) -> bool:
        days = [0, *(day for day, _ in (*self.varied, *self.committed))]
        return all(self.held(day) <= self.awarded(day) <= LARGEST and self.awarded(day) >= 0 for day in days)

    @property
    def status(self) -> AwardStatus:
        if self.withdrawn:
            return S.WITHDRAWN
        if self.offer != "accepted":
            return S.OFFERED if self.offer == "made" else S.AWARDED
        awarded, _, paid, _ = self.sums
        return S.COMPLETE if self.complete else S.PAID if 0 < awarded <= paid else S.ACCEPTED


def after(card: Card, verb: str, value: int, day: int) -> Card | None:  # noqa: PLR0912 - a case for each verb
    """What is true after a deed; None where it must be refused."""
    awarded, committed, paid, returned = card.sums
    live = card.status
    match verb:
        case "offer" if live == S.AWARDED and awarded:
            return replace(card, offer="made", until=day + OFFER_DAYS)
        case "offer again" if live == S.AWARDED and awarded and card.offer:
            return replace(card, offer="made", until=day + OFFER_DAYS)
        case "extend offer" if live == S.OFFERED and max(card.until, day - 1) < day + value % 20:
            return replace(card, until=day + value % 20)
        case "accept offer" if live == S.OFFERED and day <= card.until:
            return replace(card, offer="accepted")
        case "decline offer" if live == S.OFFERED:
            return replace(card, offer="declined", withdrawn=True)
        case "lapse offer" if live == S.OFFERED and day > card.until:
            return replace(card, offer="lapsed", withdrawn=True)
        case "commit" if live == S.ACCEPTED and value <= awarded - committed:
            return replace(card, committed=(*card.committed, (day, value)))
        case "release" if live == S.ACCEPTED and value <= committed - paid:
            return replace(card, committed=(*card.committed, (day, -value)))
        case "pay" if live == S.ACCEPTED and value <= committed - paid:
            return replace(card, payments=(*card.payments, value))
        case "reverse payment" if live in {S.ACCEPTED, S.PAID, S.WITHDRAWN} and card.payments:
            *rest, last = card.payments
            back = replace(card, payments=tuple(rest), committed=(*card.committed, (day, -last)))
            return back if returned <= back.paid else None
        case "vary" if live in {S.AWARDED, S.ACCEPTED} and awarded + value - 300 > 0 and value != 300:
            return _if_it_makes_sense(replace(card, varied=(*card.varied, (day, value - 300))))
        case "correct amount" if live in {S.AWARDED, S.ACCEPTED, S.WITHDRAWN} and value != card.amount:
            return _if_it_makes_sense(replace(card, amount=value))
        case "record repayment" if live != S.OFFERED and returned + value <= paid:
            return replace(card, returned=returned + value)
        case "withdraw" if live != S.WITHDRAWN and committed == paid:
            return replace(card, withdrawn=True, offer="void" if live == S.OFFERED else card.offer)
        case "complete" if live == S.PAID:
            return replace(card, complete=True)
        case "reinstate" if live == S.WITHDRAWN:
            return replace(card, withdrawn=False)
    return None


def _if_it_makes_sense(card: Card) -> Card | None:
    return card if card.makes_sense else None


@dataclass(frozen=True)
class People:
    """Who does what with the award."""

    member: Person
    officer: Person


def do(award: Award, people: People, verb: str, value: int, today: date) -> None:
    """The real verb."""
    about: dict[str, Any] = {"actor": factories.TESTS, "award": award, "reason": "A test."}
    amount = Pence(value)
    deeds: dict[str, Callable[[], Any]] = {
        "offer": lambda: offers.make_offer(actor=factories.TESTS, award=award),
        "offer again": lambda: offers.offer_again(person=people.officer, award=award, reason="A test."),
        "extend offer": lambda: offers.extend_offer(
            person=people.officer,
            award=award,
            until=today + timedelta(days=value % 20),
            reason="A test.",
            version=_version(award),
        ),
        "accept offer": lambda: offers.accept_offer(
            person=people.member,
            award=award,
            signatory_name="Alex",
            signatory_position="Chair",
            version=_version(award),
        ),
        "decline offer": lambda: offers.decline_offer(person=people.member, award=award),
        "lapse offer": lambda: offers.lapse_offer(person=people.officer, award=award),
        "commit": lambda: commitments.commit(**about, amount=amount),
        "release": lambda: commitments.release(**about, amount=amount),
        "pay": lambda: commitments.record_payment(**about, amount=amount, paid_on=Day.exactly(today)),
        "reverse payment": lambda: commitments.reverse_payment(
            **about, payment=awards.last_paid_entry(award), on=Day.exactly(today), releases=True
        ),
        "vary": lambda: entries.vary(**about, by=value - 300, effective=Day.exactly(today)),
        "correct amount": lambda: corrections.correct_amount(**about, amount=amount),
        "record repayment": lambda: entries.record_repayment(**about, amount=amount, effective=Day.exactly(today)),
        "withdraw": lambda: entries.withdraw(**about, effective=Day.exactly(today)),
        "complete": lambda: offers.complete(**about),
        "reinstate": lambda: corrections.reinstate(**about),
    }
    deeds[verb]()


def _version(award: Award) -> int:
    with transaction():
        offer = latest_offer(award)
    return offer.version if offer else 1


VERBS = sorted(rules.IN_WORDS)
BEGINNINGS: list[list[tuple[str, int]]] = [
    [],
    [("offer", 0)],
    [("offer", 0), ("accept offer", 0)],
    [("offer", 0), ("accept offer", 0), ("commit", 200), ("pay", 100)],
    [("offer", 0), ("accept offer", 0), ("commit", 500), ("pay", 500)],
    [("offer", 0), ("accept offer", 0), ("commit", 500), ("pay", 500), ("complete", 0)],
]
values = st.sampled_from([1, 50, 100, 200, 299, 300, 301, 400, 500, 600, 601])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    beginning=st.sampled_from(BEGINNINGS),
    plan=st.lists(st.tuples(st.sampled_from(VERBS), values), min_size=6, max_size=14),
)
def test_award_follows_its_table_or_nothing_changes(
    app: Flask, beginning: list[tuple[str, int]], plan: list[tuple[str, int]]
) -> None:
    with time_machine.travel(START, tick=False):
        a_round = factories.open_round(largest_grant_pence=LARGEST, offer_days=OFFER_DAYS)
        bid = factories.application("recommended", in_round=a_round, requested_pence=LARGEST)
        award, people = awards.decided_award(500, of=bid), People(factories.person(), factories.officer())
        people = replace(people, member=awards.member_of(award))
    card = Card(500)

    for number, (verb, value) in enumerate([*beginning, *plan], start=1):
        now = START + timedelta(days=number)
        with time_machine.travel(now, tick=False):
            card = _try(award, people, card, (verb, value, number), now.date())

    for day in range(len(beginning) + len(plan) + 1):
        sums = rules.worth(entries_of(award), as_at=(START + timedelta(days=day)).date())
        assert 0 <= sums.returned <= sums.paid <= sums.committed
        assert 0 <= sums.awarded <= LARGEST


def _try(award: Award, people: People, card: Card, deed: tuple[str, int, int], today: date) -> Card:
    verb, value, number = deed
    wanted, before, was = after(card, verb, value, number), _everything(award), award.status
    if wanted is None:
        with pytest.raises(Refused):
            do(award, people, verb, value, today)
        db.session.expire_all()
        assert _everything(award) == before
        return card
    do(award, people, verb, value, today)
    assert rules.can_lead(was, verb, award.status)
    assert _everything(award)[1] == before[1] + 1, "one audit line"
    _agrees(award, wanted)
    return wanted


def _everything(award: Award) -> tuple[Any, ...]:
    counts = [db.session.scalar(select(func.count()).select_from(model)) for model in (OutboxMessage, AuditLine)]
    snapshot = db.session.execute(select(*AwardSnapshot.__table__.columns)).all()
    return counts[0], counts[1], award.status, snapshot, len(entries_of(award))


def _agrees(award: Award, card: Card) -> None:
    snapshot = db.session.get_one(AwardSnapshot, award.id, populate_existing=True)
    awarded, committed, paid, returned = card.sums
    counts = not card.withdrawn
    assert award.status == card.status
    assert snapshot.status == card.status.public
    assert (snapshot.awarded_pence, snapshot.returned_pence) == ((awarded, returned) if counts else (0, 0))
    assert (snapshot.committed_pence, snapshot.paid_pence) == (committed, paid)
    assert rules.ledger_holds(entries_of(award), paid_here=True)
