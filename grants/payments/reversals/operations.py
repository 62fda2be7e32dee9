"""The verbs by which a payment is put right: one officer records, another approves or refuses. All raise Refused.

Nothing is overwritten: lines of return files and of the ledger stay, and new ones say that they are taken back.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.awards.around.queries import around
from grants.awards.entries import operations as commitments
from grants.awards.ledger.operations import checked_reason, lock
from grants.awards.models import LedgerEntry
from grants.foundation.records import audit
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.records.lifecycle import take_step
from grants.foundation.values import clock
from grants.foundation.values.days import Day
from grants.foundation.web.addresses import public_address
from grants.payments import letters
from grants.payments.acts import PaymentAct
from grants.payments.bank import operations as bank
from grants.payments.bank.queries import people_of, people_with
from grants.payments.batches.queries import live_payment
from grants.payments.models import (
    BatchStatus,
    Payment,
    PaymentStatus,
    Reversal,
    ReversalKind,
    ReversalStatus,
)
from grants.payments.returns.operations import named, reconcile, tell
from grants.payments.returns.queries import line_to_record
from grants.payments.rules import BATCH_STEPS, names_no_account

from . import queries, rules


def record_bounce(*, person: Person, payment: Payment, day: date, finance_reference: str, reason: str) -> Reversal:
    """Record that a payment came back after it was paid. The account is blocked at once, and nothing more is paid.

    It is tied to the line of a return file that said so, where one did.
    """
    with transaction():
        current = _held(person, payment)
        rules.can_bounce(current, day).or_refuse()
        if not finance_reference:
            raise Refused("Enter the bank’s reference of the money that came back.")
        line = line_to_record(current.id)
        return _record(
            person,
            current,
            ReversalKind.BOUNCE,
            PaymentAct.RECORD_BOUNCE,
            becomes=PaymentStatus.BOUNCED,
            day=day,
            finance_reference=finance_reference,
            reason=reason,
            line_id=line.id if line else None,
            blocks_id=bank.block_account_of(current, person=person, why="came back"),
        )


def record_wrong_line(
    *,
    person: Person,
    payment: Payment,
    truth: PaymentStatus,
    day: date | None = None,
    finance_reference: str = "",
    reason: str,
) -> Reversal:
    """Record that a payment was marked wrongly, and what is true of it. Nothing more of the award is paid meanwhile."""
    with transaction():
        current = _held(person, payment)
        rules.can_become(current, truth, day, finance_reference).or_refuse()
        is_paid = truth == PaymentStatus.PAID
        return _record(
            person,
            current,
            ReversalKind.WRONG_LINE,
            PaymentAct.RECORD_WRONG_LINE,
            becomes=truth,
            day=day if is_paid else None,
            finance_reference=finance_reference if is_paid else "",
            reason=reason,
            line_id=queries.last_settling_line(current.id),
        )


def approve(*, person: Person, reversal: Reversal, seen: int) -> Reversal:
    """Put the payment right, in the ledger too; the group and finance are told. Raises LostUpdate as well."""
    with transaction():
        current, payment = _to_judge(reversal)
        rules.can_approve(person, current, around([payment.award_id])[payment.award_id]).or_refuse()
        current.expect_version(seen)
        _enter(person, payment, current)
        _block_or_free(person, payment, current)
        _judge(person, current, "approve")
        _reopen_or_close(person, payment)
        _tell_group(payment, current)
        audit.record(actor=person.actor, verb=PaymentAct.APPROVE_REVERSAL, thing=current, reference=payment.reference)
        return current


def refuse(*, person: Person, reversal: Reversal, seen: int, why: str) -> Reversal:
    """Leave the payment as it was recorded, and pay again to its account unless another payment came back from it.

    Raises LostUpdate as well.
    """
    with transaction():
        current, payment = _to_judge(reversal)
        rules.can_refuse(person, current, around([payment.award_id])[payment.award_id]).or_refuse()
        current.expect_version(seen)
        names_no_account(why).or_refuse()
        reason = checked_reason(why)
        if current.nature == ReversalKind.BOUNCE:
            bank.unblock_account_of(payment, person=person, but=current, why="did not come back")
        current.why = reason
        _judge(person, current, "refuse")
        audit.record(actor=person.actor, verb=PaymentAct.REFUSE_REVERSAL, thing=current, reference=payment.reference)
        return current


def _held(person: Person, payment: Payment) -> Payment:
    """The payment with its award, held against whoever would pay of it at the same moment."""
    current = queries.locked_payment(payment.id)
    rules.can_record(person, current, around([current.award_id])[current.award_id]).or_refuse()
    lock(current.award)
    if queries.open_of(current.id) is not None:
        raise Refused("This payment is being put right already: another officer approves or refuses that first.")
    return current


def _record(person: Person, payment: Payment, kind: ReversalKind, act: PaymentAct, **more: Any) -> Reversal:
    names_no_account(more["reason"]).or_refuse()
    with transaction() as session:
        made = Reversal(
            payment_id=payment.id,
            kind=kind,
            status=ReversalStatus.RECORDED,
            was=payment.status,
            was_paid_on=payment.paid_on,
            was_finance_reference=payment.finance_reference,
            recorded_at=clock.now(),
            recorded_by_id=person.id,
            **{**more, "reason": checked_reason(more["reason"])},
        )
        session.add(made)
        session.flush()
        letter = letters.to_approve(payment.reference, kind.label, person.name, _link(made))
        _write(payment, letter, people_with(Right.APPROVE_PAYMENTS, but=person.id), "payment-to-put-right")
        changes = {"becomes": (payment.status, made.becomes), "day": (payment.paid_on, made.day)}
        audit.record(actor=person.actor, verb=act, thing=made, reference=payment.reference, changes=changes)
        return made


def _to_judge(reversal: Reversal) -> tuple[Reversal, Payment]:
    payment = queries.locked_payment(reversal.payment_id)
    return queries.locked(reversal.id), payment


def _judge(person: Person, reversal: Reversal, verb: str) -> None:
    reversal.status = take_step(rules.REVERSAL_STEPS, reversal.state, verb, thing="reversal")
    reversal.judged_at, reversal.judged_by_id = clock.now(), person.id
    reversal.version += 1
    payment = reversal.payment
    letter = letters.judged(
        payment.reference, reversal.nature.label, reversal.state.label, person.name, _link(reversal)
    )
    _write(payment, letter, people_with(Right.PREPARE_PAYMENTS, but=person.id), "payment-put-right")


def _enter(person: Person, payment: Payment, reversal: Reversal) -> None:
    """Write the truth into the ledger and onto the payment."""
    truth, was_paid = reversal.after, reversal.before == PaymentStatus.PAID
    about: dict[str, Any] = {
        "actor": person.actor,
        "award": payment.award,
        "reason": f"payment {payment.reference} of batch {payment.batch.number}: {reversal.nature.label.lower()}",
    }
    if was_paid:
        assert payment.paid_entry is not None  # noqa: S101 - a CHECK holds it where it was paid
        came_back = Day.exactly(reversal.day) if reversal.day and truth == PaymentStatus.BOUNCED else None
        releases = truth in {PaymentStatus.BOUNCED, PaymentStatus.FAILED}
        commitments.reverse_payment(**about, payment=payment.paid_entry, on=came_back, releases=releases)
    elif other := live_payment(payment.award_id):
        raise Refused(f"The award is in batch {other.batch.number} meanwhile. Cancel that first.")
    else:
        commitments.commit(**about, amount=payment.amount_pence)
    entry = None
    if truth == PaymentStatus.PAID and reversal.day:
        day = Day.exactly(reversal.day)
        entry = commitments.record_payment(**about, amount=payment.amount_pence, paid_on=day)
    _mark(payment, reversal, entry)


def _block_or_free(person: Person, payment: Payment, reversal: Reversal) -> None:
    """Pay nothing more to the account of a payment that failed, and again to one of a payment that did not."""
    db.session.flush()
    if reversal.after == PaymentStatus.FAILED:
        bank.block_account_of(payment, person=person, why="failed")
    elif reversal.before == PaymentStatus.FAILED:
        bank.unblock_account_of(payment, person=person, but=reversal, why="did not fail")


def _mark(payment: Payment, reversal: Reversal, entry: LedgerEntry | None) -> None:
    truth = reversal.after
    payment.status, payment.why = truth, ""
    payment.settled_at = None if truth == PaymentStatus.WAITING else clock.now()
    if truth == PaymentStatus.BOUNCED:
        payment.why = reversal.reason
        return
    payment.paid_on, payment.finance_reference = reversal.day, reversal.finance_reference
    payment.paid_entry_id = entry.id if entry else None
    if truth == PaymentStatus.FAILED:
        payment.why = reversal.reason


def _reopen_or_close(person: Person, payment: Payment) -> None:
    """A batch of which a payment waits again is open again; one of which none waits any more is reconciled."""
    batch = payment.batch
    if payment.status == PaymentStatus.WAITING and batch.status == BatchStatus.RECONCILED:
        batch.status = take_step(BATCH_STEPS, BatchStatus(batch.status), "reopen", thing="batch")
        batch.reconciled_at = None
        batch.version += 1
        audit.record(actor=person.actor, verb=PaymentAct.REOPEN_BATCH, thing=batch)
    db.session.flush()
    reconcile(person, {batch.id})


def _tell_group(payment: Payment, reversal: Reversal) -> None:
    if reversal.after in {PaymentStatus.PAID, PaymentStatus.FAILED}:
        tell(payment)
        return
    group_id = payment.bank_details.organisation_id
    letter = letters.waits_again(named(payment))
    if reversal.day is not None:
        link = public_address("payments.own_details", organisation_id=group_id)
        letter = letters.came_back(named(payment), reversal.day, link)
    _write(payment, letter, people_of(group_id), f"payment-{payment.status}")


def _write(payment: Payment, letter: letters.Letter, people: list[Person], purpose: str) -> None:
    letters.write_to(people, letter, purpose=purpose, about=f"payment:{payment.id}")


def _link(reversal: Reversal) -> str:
    return public_address("payments.reversal", reversal_id=reversal.id)
