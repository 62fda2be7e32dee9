"""A year of finance in any order, by several people: nothing is paid above its award or twice, and everything agrees.

Batches, bounces, reversals, wrong return lines, changes of account and variations come as hypothesis deals them. What a
rule refuses changes nothing. After each deed the payments are added up by hand, and at the end the record is proved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from grants.accounts.models import Organisation, Person
from grants.awards import rules as award_rules
from grants.awards.ledger.operations import entries_of
from grants.awards.models import Award, AwardSnapshot, Variation, VariationKind
from grants.awards.variations import operations as variations
from grants.awards.variations.contents import Wanted
from grants.foundation.records import proof
from grants.foundation.records.db import LostUpdate, Refused, db
from grants.foundation.values import clock
from grants.foundation.values.money import Pence
from grants.payments.bank import operations as bank
from grants.payments.bank.queries import set_of
from grants.payments.batches import operations as batches
from grants.payments.batches.queries import payable
from grants.payments.models import (
    BankStatus,
    Batch,
    CheckMethod,
    FileKind,
    Payment,
    PaymentStatus,
    Reversal,
    ReversalStatus,
)
from grants.payments.reversals import operations as reversals
from tests.support import award_factories as awards
from tests.support import factories
from tests.support import payments_factories as make

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
P = PaymentStatus
T = TypeVar("T")


@dataclass
class Year:
    """Two grants, and who deals with them."""

    awards: Sequence[Award]
    finance: Sequence[Person]
    officers: Sequence[Person]
    decider: Person

    def all_of(self, model: type[T], *conditions: Any) -> list[T]:
        """What there is of a kind, as it stands now, oldest first."""
        found = select(model).where(*conditions).order_by(model.id)  # type: ignore[attr-defined]
        return list(db.session.scalars(found.execution_options(populate_existing=True)))

    def payments(self, award: Award) -> list[Payment]:
        """The payments of a grant."""
        return self.all_of(Payment, Payment.award_id == award.id)


def _a_year() -> Year:
    officers = [factories.officer(), factories.officer()]
    grants = [make.payable_award(by=make.finance()), make.payable_award(by=make.finance(), amount=100_000)]
    return Year(grants, [make.finance(f"Fin {number}") for number in range(3)], officers, factories.decision_maker())


def _one(things: Sequence[T], value: int) -> T:
    """One of these things. Refused where there is none: then there is nothing to do."""
    if not things:
        raise Refused("There is nothing to do it to.")
    return things[value % len(things)]


def _prepare(year: Year, award: Award, person: Person, value: int) -> None:
    amount = _one([540_000, 100_000, 60_000, 100], value)
    batches.prepare(person=person, amounts=[(award.id, Pence(amount))])


def _batch(year: Year, award: Award, value: int) -> Batch:
    return _one([payment.batch for payment in year.payments(award)], value)


def _approve(year: Year, award: Award, person: Person, value: int) -> None:
    found = _batch(year, award, value)
    batches.approve(person=person, batch=found, seen=found.version)


def _send(year: Year, award: Award, person: Person, value: int) -> None:
    batches.download(person=person, batch=_batch(year, award, value), kind=FileKind.CSV)


def _cancel(year: Year, award: Award, person: Person, value: int) -> None:
    found = _batch(year, award, value)
    batches.cancel(person=person, batch=found, seen=found.version, reason="A mistake.")


def _settle(year: Year, award: Award, person: Person, value: int) -> None:
    status = ("paid", "paid", "failed")[value % 3]
    make.take(make.line(_one(year.payments(award), value // 3), status, trace=f"F-{value}"), by=person)


def _bounce(year: Year, award: Award, person: Person, value: int) -> None:
    make.bounced(_one(year.payments(award), value), by=person)


def _wrong_line(year: Year, award: Award, person: Person, value: int) -> None:
    truth = (P.WAITING, P.FAILED, P.PAID)[value % 3]
    is_paid = {"day": clock.today(), "finance_reference": "F-9"} if truth == P.PAID else {}
    payment = _one(year.payments(award), value // 3)
    reversals.record_wrong_line(person=person, payment=payment, truth=truth, reason="A slip.", **is_paid)  # type: ignore[arg-type]


def _judge(year: Year, award: Award, person: Person, value: int) -> None:
    numbers = [payment.id for payment in year.payments(award)]
    found = _one(year.all_of(Reversal, Reversal.payment_id.in_(numbers)), value // 2)
    if value % 2:
        reversals.refuse(person=person, reversal=found, seen=found.version, why="It did not come back.")
    else:
        reversals.approve(person=person, reversal=found, seen=found.version)


def _other_account(year: Year, award: Award, _person: Person, value: int) -> None:
    group = db.session.get_one(Organisation, award.organisation_id)
    account = replace(make.account_of(group.id), number=f"{10_000_000 + value}")
    member = awards.member_of(award)
    details = bank.give(person=member, organisation=group, account=account)
    bank.prove(person=member, details=details, upload=make.upload())


def _verify(year: Year, award: Award, person: Person, _value: int) -> None:
    details = set_of(award.organisation_id, BankStatus.GIVEN)
    if details is None:
        raise Refused("Nothing waits to be verified.")
    make.verify(details, CheckMethod.CALL, by=person, note="Rang the number on file.")


def _vary(year: Year, award: Award, _person: Person, value: int) -> None:
    wanted = Wanted(amount=Pence(_one([500_000, 90_000, 60_000, 540_000], value)))
    about: dict[str, Any] = {"award": award, "kind": VariationKind.CHANGE, "reason": "They asked.", "wanted": wanted}
    variations.begin(person=year.officers[value % 2], **about)


def _judge_variation(year: Year, award: Award, _person: Person, value: int) -> None:
    found = _one(year.all_of(Variation, Variation.award_id == award.id)[::-1], 0)
    by = year.decider if found.level == "decision maker" else year.officers[value % 2]
    variations.approve(person=by, variation=found, seen=found.version)


def _agree(year: Year, award: Award, _person: Person, _value: int) -> None:
    awards.agree(_one(year.all_of(Variation, Variation.award_id == award.id)[::-1], 0), awards.member_of(award))


Deed = Callable[[Year, Award, Person, int], None]
DEEDS: dict[str, Deed] = {
    "prepare": _prepare,
    "approve": _approve,
    "send": _send,
    "cancel": _cancel,
    "settle": _settle,
    "bounce": _bounce,
    "wrong line": _wrong_line,
    "judge": _judge,
    "other account": _other_account,
    "verify": _verify,
    "vary": _vary,
    "judge variation": _judge_variation,
    "agree": _agree,
}
OFTEN = [*DEEDS, "prepare", "approve", "send", "settle", "prepare", "approve", "send", "settle", "judge"]
steps = st.tuples(st.sampled_from(OFTEN), st.integers(0, 1), st.integers(0, 2), st.integers(0, 11))
PAID: list[tuple[str, int, int, int]] = [
    ("prepare", 0, 0, 0),
    ("approve", 0, 1, 0),
    ("send", 0, 0, 0),
    ("settle", 0, 2, 0),
]
BEGINNINGS = [
    [],
    PAID,
    [*PAID, ("bounce", 0, 0, 0), ("judge", 0, 1, 0), ("other account", 0, 0, 1), ("verify", 0, 2, 0)],
    [*PAID, ("wrong line", 0, 0, 0), ("judge", 0, 1, 0)],
    [("vary", 0, 0, 0), ("judge variation", 0, 0, 1), ("prepare", 0, 0, 1), ("approve", 0, 1, 0), ("send", 0, 0, 0)],
]
"""The usual ways of a grant, so that much of what follows comes after money went out, came back or was changed."""


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(beginning=st.sampled_from(BEGINNINGS), plan=st.lists(steps, min_size=8, max_size=20))
def test_year_of_finance_pays_nothing_above_its_award_or_twice_and_everything_agrees(
    app: Flask, beginning: list[tuple[str, int, int, int]], plan: list[tuple[str, int, int, int]]
) -> None:
    with time_machine.travel(START, tick=False):
        year = _a_year()
        proof.take_in(actor=factories.TESTS)

    for day, (name, which, who, value) in enumerate([*beginning, *plan], start=1):
        with time_machine.travel(START + timedelta(days=3 * day), tick=False):
            try:
                DEEDS[name](year, year.awards[which], year.finance[who], value)
            except (Refused, LostUpdate):
                db.session.expire_all()
            _holds(year, year.awards[which], year.finance[who])

    assert proof.prove().faults == []


def _holds(year: Year, award: Award, person: Person) -> None:
    """What is true of a grant after every deed, added up by hand."""
    payments = year.payments(award)
    waiting = [payment for payment in payments if payment.status == P.WAITING]
    paid = sum(payment.amount_pence for payment in payments if payment.status == P.PAID)
    held = paid + sum(payment.amount_pence for payment in waiting)
    snapshot = db.session.get_one(AwardSnapshot, award.id, populate_existing=True)
    awarded = snapshot.awarded_pence or 0
    sums = award_rules.worth(entries_of(award))

    assert paid <= held <= awarded <= (540_000 if award == year.awards[0] else 100_000)
    assert (sums.paid, sums.committed) == (snapshot.paid_pence, snapshot.committed_pence) == (paid, held)
    assert len(waiting) <= 1
    numbers = [payment.id for payment in payments]
    in_doubt = year.all_of(Reversal, Reversal.payment_id.in_(numbers), Reversal.status == ReversalStatus.RECORDED)
    for one in payable(person, most=5, award_ids=[award.id]):
        assert not waiting
        assert not in_doubt
        assert 0 < one.rest == awarded - held
        assert one.details.status == BankStatus.VERIFIED
