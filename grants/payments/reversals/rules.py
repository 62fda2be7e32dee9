"""What of a payment can be put right, and by which two people. Pure."""

from __future__ import annotations

from datetime import date

from grants.accounts.models import Person
from grants.accounts.rights import DoneBy, Right
from grants.applications.apart.rules import stands_apart
from grants.awards.rules import Around
from grants.foundation.records.lifecycle import YES, Ruling, Step, find_step, no
from grants.foundation.values import clock
from grants.foundation.values.days import long_date
from grants.payments.models import Payment, PaymentStatus, Reversal, ReversalStatus
from grants.payments.rules import has

PAID_HERE = "This is a payment of a grant"

IN_TRUTH: dict[PaymentStatus, tuple[PaymentStatus, ...]] = {
    PaymentStatus.PAID: (PaymentStatus.WAITING, PaymentStatus.FAILED, PaymentStatus.PAID),
    PaymentStatus.FAILED: (PaymentStatus.WAITING, PaymentStatus.PAID),
    PaymentStatus.BOUNCED: (PaymentStatus.PAID,),
}
"""What a payment can be in truth, by what a line or an officer wrongly said of it."""


def can_record(person: Person, payment: Payment, around: Around) -> Ruling:
    """Whether the person may record that a payment is to be put right."""
    if not (answer := has(person, Right.TAKE_RETURNS) and stands_apart(person, around.ties, PAID_HERE)):
        return answer
    if payment.state not in IN_TRUTH:
        return no(f"Payment {payment.reference} is {payment.state.label.lower()}: there is nothing to put right.")
    return YES


def is_paid(_: Person | None, payment: Payment) -> Ruling:
    """Whether a payment is recorded as paid, whoever asks."""
    if payment.status != PaymentStatus.PAID:
        return no(f"Payment {payment.reference} is not recorded as paid, so it cannot have come back.")
    return YES


def can_bounce(payment: Payment, day: date) -> Ruling:
    """Whether a payment can have come back on a day: it was paid by then."""
    if not (answer := is_paid(None, payment)):
        return answer
    if payment.paid_on is not None and day < payment.paid_on:
        return no(f"It was paid on {long_date(payment.paid_on)}: it cannot have come back before.")
    return _has_come(day)


def can_become(payment: Payment, truth: PaymentStatus, day: date | None, finance_reference: str) -> Ruling:
    """Whether this can be the truth of a payment that was recorded otherwise."""
    if truth not in IN_TRUTH[payment.state]:
        return no(f"A payment that is recorded as {payment.state.label.lower()} cannot be put right like this.")
    if truth != PaymentStatus.PAID:
        return YES
    if day is None or not finance_reference:
        return no("Enter the day on which it was paid, and the finance reference.")
    if payment.status == PaymentStatus.PAID and (day, finance_reference) == (
        payment.paid_on,
        payment.finance_reference,
    ):
        return no("This is what is recorded already.")
    approved_at = payment.batch.approved_at
    if approved_at is not None and day < clock.london(approved_at).date():
        return no(f"{long_date(day)} is before its batch was approved, {long_date(clock.london(approved_at).date())}.")
    return _has_come(day)


def _has_come(day: date) -> Ruling:
    return no(f"{long_date(day)} is in the future.") if day > clock.today() else YES


def can_approve(person: Person, reversal: Reversal, around: Around) -> Ruling:
    """Whether the person may approve that a payment is put right."""
    return _may(person, reversal, "approve", around)


def can_refuse(person: Person, reversal: Reversal, around: Around) -> Ruling:
    """Whether the person may refuse it."""
    return _may(person, reversal, "refuse", around)


def is_by_another(person: Person, reversal: Reversal) -> Ruling:
    """Whether another officer recorded it."""
    if reversal.recorded_by_id == person.id:
        return no("You recorded this, so another finance officer approves or refuses it.")
    return YES


REVERSAL_STEPS: tuple[Step[DoneBy], ...] = (
    Step(ReversalStatus.RECORDED, "approve", ReversalStatus.APPROVED, Right.APPROVE_PAYMENTS, is_by_another),
    Step(ReversalStatus.RECORDED, "refuse", ReversalStatus.REFUSED, Right.APPROVE_PAYMENTS, is_by_another),
)
"""The life of a reversal. While it is recorded, nothing is paid of the award."""


def _may(person: Person, reversal: Reversal, verb: str, around: Around) -> Ruling:
    if not (answer := has(person, Right.APPROVE_PAYMENTS) and stands_apart(person, around.ties, PAID_HERE)):
        return answer
    if step := find_step(REVERSAL_STEPS, reversal.status, verb):
        return step.allows(person, reversal)
    return no(f"This is {reversal.state.label.lower()} already.")
