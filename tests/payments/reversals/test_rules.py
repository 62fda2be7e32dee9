"""What of a payment can be put right and by whom, asked of people and payments in no database."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from grants.accounts.models import Person
from grants.accounts.rights import Role
from grants.applications.apart.rules import Ties
from grants.awards.rules import Around
from grants.payments.models import Batch, Payment, PaymentStatus, Reversal, ReversalStatus
from grants.payments.reversals import rules
from tests.support.rulings import says, somebody

P, R, FINANCE = PaymentStatus, ReversalStatus, Role.FINANCE
AROUND = Around(7, Ties(frozenset({7})), {})
NO_FINANCE = "Only a finance officer does that."
OWN = "This is a payment of a grant of your own group"
TODAY, DAY = date(2026, 11, 22), date(2026, 11, 20)


def _payment(status: PaymentStatus = P.PAID, **more: Any) -> Payment:
    """A payment that was paid on 20 November 2026; its batch was approved on the 19th, a second before midnight."""
    batch = Batch(number="B-1", approved_at=datetime(2026, 11, 19, 23, 59, 59, tzinfo=UTC))
    given = {"reference": "B-1-1", "paid_on": DAY, "finance_reference": "F-1", "batch": batch, **more}
    return Payment(status=status, **given)


def _reversal(status: ReversalStatus = R.RECORDED) -> Reversal:
    return Reversal(status=status, recorded_by_id=2)


@pytest.mark.parametrize(
    ("person", "payment", "reason"),
    [
        (somebody(Role.AUDITOR), _payment(), NO_FINANCE),
        (somebody(FINANCE, of=7), _payment(), OWN),
        (somebody(FINANCE), _payment(P.WAITING), "Payment B-1-1 is"),
        (somebody(FINANCE), _payment(), ""),
        (somebody(FINANCE), _payment(P.FAILED), ""),
        (somebody(FINANCE), _payment(P.BOUNCED), ""),
    ],
)
def test_finance_records_what_is_to_be_put_right_of_a_payment_that_is_settled(
    person: Person, payment: Payment, reason: str
) -> None:
    says(rules.can_record(person, payment, AROUND), reason)


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    ("payment", "day", "reason"),
    [
        (_payment(P.FAILED), DAY, "Payment B-1-1 is not recorded as paid, so it cannot have come back."),
        (_payment(), date(2026, 11, 19), "It was paid on 20\xa0November\xa02026: it cannot have come back before."),
        (_payment(), DAY, ""),
        (_payment(), TODAY, ""),
        (_payment(), date(2026, 11, 23), "23\xa0November\xa02026 is in the future."),
        (_payment(paid_on=None), date(2026, 11, 1), ""),
    ],
)
def test_payment_comes_back_from_the_day_on_which_it_was_paid(payment: Payment, day: date, reason: str) -> None:
    says(rules.can_bounce(payment, day), reason)


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("was", [P.PAID, P.FAILED, P.BOUNCED])
@pytest.mark.parametrize("truth", PaymentStatus)
def test_payment_becomes_what_it_can_be_in_truth(was: PaymentStatus, truth: PaymentStatus) -> None:
    can = {
        P.PAID: {P.WAITING, P.FAILED, P.PAID},
        P.FAILED: {P.WAITING, P.PAID},
        P.BOUNCED: {P.PAID},
    }[was]

    answer = rules.can_become(_payment(was), truth, TODAY, "F-2")

    says(answer, "" if truth in can else f"A payment that is recorded as {was.label.lower()} cannot be put right like")


ASKED = "Enter the day on which it was paid, and the finance reference."


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    ("payment", "truth", "day", "reference", "reason"),
    [
        (_payment(), P.FAILED, None, "", ""),
        (_payment(), P.PAID, None, "F-1", ASKED),
        (_payment(), P.PAID, DAY, "", ASKED),
        (_payment(), P.PAID, DAY, "F-1", "This is what is recorded already."),
        (_payment(), P.PAID, DAY, "F-2", ""),
        (_payment(), P.PAID, TODAY, "F-1", ""),
        (_payment(P.FAILED), P.PAID, DAY, "F-1", ""),
        (_payment(), P.PAID, date(2026, 11, 23), "F-1", "23\xa0November\xa02026 is in the future."),
        (_payment(), P.PAID, date(2026, 11, 19), "F-1", ""),
        (
            _payment(),
            P.PAID,
            date(2026, 11, 18),
            "F-1",
            "18\xa0November\xa02026 is before its batch was approved, 19\xa0November\xa02026.",
        ),
        (_payment(batch=Batch(approved_at=None)), P.PAID, date(2026, 11, 18), "F-1", ""),
    ],
)
def test_payment_that_was_paid_otherwise_has_its_day_and_reference(
    payment: Payment, truth: PaymentStatus, day: date | None, reference: str, reason: str
) -> None:
    says(rules.can_become(payment, truth, day, reference), reason)


@pytest.mark.parametrize(
    ("person", "status", "reason"),
    [
        (somebody(Role.OFFICER), R.RECORDED, NO_FINANCE),
        (somebody(FINANCE, of=7), R.RECORDED, OWN),
        (somebody(FINANCE, number=2), R.RECORDED, "You recorded this, so another finance officer approves or refuses"),
        (somebody(FINANCE), R.APPROVED, "This is approved already."),
        (somebody(FINANCE), R.REFUSED, "This is refused already."),
        (somebody(FINANCE), R.RECORDED, ""),
    ],
)
def test_what_one_recorded_another_approves_or_refuses_once(
    person: Person, status: ReversalStatus, reason: str
) -> None:
    says(rules.can_approve(person, _reversal(status), AROUND), reason)
    says(rules.can_refuse(person, _reversal(status), AROUND), reason)
