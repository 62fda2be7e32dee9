"""Taking in a return file: what was really paid. Amounts in pence.

Each line stands for itself. Money that has moved is recorded even where another line of the file is wrong; a line that
differs from what was approved changes nothing and is listed, so that somebody looks at it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from grants.accounts.models import Person
from grants.awards.around.queries import around
from grants.awards.entries import operations as commitments
from grants.awards.models import AwardSnapshot
from grants.foundation.records import audit, files
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.records.kinds import Upload
from grants.foundation.records.lifecycle import YES, Ruling, take_step
from grants.foundation.values import clock
from grants.foundation.values.days import Day, long_date
from grants.foundation.values.money import pounds
from grants.foundation.web.addresses import public_address
from grants.payments import letters, rules, sealing
from grants.payments.acts import PaymentAct
from grants.payments.bank import operations as bank
from grants.payments.bank.queries import people_of
from grants.payments.models import (
    BankStatus,
    BatchStatus,
    Payment,
    PaymentStatus,
    ReturnFile,
    ReturnLine,
    ReturnOutcome,
    ReturnWords,
)

from . import queries
from .contents import FIELDS, check_words, lines_in
from .rows import Brought, Said, bring

Judged = tuple[ReturnOutcome, str]
SETTLED = (ReturnOutcome.PAID, ReturnOutcome.FAILED)
SAID_SOMETHING_NEW = (*SETTLED, ReturnOutcome.BOUNCED)


@dataclass(frozen=True)
class Taken:
    """A return file, and whether it changed anything: one that was sent before has nothing to do."""

    file: ReturnFile
    is_new: bool


def take(*, person: Person, upload: Upload) -> Taken:
    """Read a return file and take it in, where no transaction is around this. Raises Refused."""
    return take_in(person=person, brought=bring(upload, queries.words_now()))


def take_in(*, person: Person, brought: Brought) -> Taken:
    """Take in a return file, line by line; the same file or line again does nothing. Raises Refused."""
    rules.can_take_return(person).or_refuse()
    sha256, said = brought.sha256, brought.said
    with transaction() as session:
        payments = queries.locked_payments({one.reference for one in said})
        earlier = queries.last_with(sha256)
        if earlier is not None and not earlier.difference_count:
            return Taken(earlier, is_new=False)
        lines = _settle(person, said, payments, sha256)
        _block_and_tell(person, [payments[line.reference] for line in lines if line.outcome in SETTLED])
        counts = Counter(line.outcome for line in lines)
        if earlier is not None and not sum(counts[outcome] for outcome in SAID_SOMETHING_NEW):
            return Taken(earlier, is_new=False)
        made = ReturnFile(
            name=brought.upload.name,
            media_type=brought.upload.media_type,
            **_stored(brought.upload),
            sha256=sha256,
            received_at=clock.now(),
            received_by_id=person.id,
            paid_count=counts[ReturnOutcome.PAID],
            failed_count=counts[ReturnOutcome.FAILED],
            repeated_count=counts[ReturnOutcome.REPEATED],
            bounced_count=counts[ReturnOutcome.BOUNCED],
            difference_count=counts[ReturnOutcome.DIFFERENCE],
            lines=lines,
        )
        session.add(made)
        session.flush()
        reconcile(person, {payment.batch_id for payment in payments.values()})
        numbers = {f"{outcome}_count": (None, counts[outcome]) for outcome in ReturnOutcome}
        audit.record(
            actor=person.actor,
            verb=PaymentAct.TAKE_IN_RETURN_FILE,
            thing=made,
            changes=numbers,
            why=f"SHA-256 {sha256}",
        )
        return Taken(made, is_new=True)


def download(*, person: Person, file: ReturnFile) -> bytes:
    """A return file as it was sent, for a finance officer: it is written down.

    Raises Refused, and Damaged or DamagedFile where it is not what was sent.
    """
    rules.can_take_return(person).or_refuse()
    with transaction():
        content = queries.content_of(file)
        audit.record(actor=person.actor, verb=PaymentAct.DOWNLOAD_RETURN_FILE, thing=file)
        return content


def set_words(*, person: Person, seen: int, **words: str) -> ReturnWords:
    """Set what finance calls things in its return files: each a text of one word a line. Raises Refused, LostUpdate."""
    rules.can_take_return(person).or_refuse()
    with transaction() as session:
        current = queries.return_words(locked=True) or ReturnWords(id=1, version=0, **dict.fromkeys(FIELDS, ""))
        current.expect_version(seen)
        for name, text in words.items():
            setattr(current, name, "\n".join(lines_in(text)))
        check_words(current)
        current.version += 1
        session.add(current)
        audit.record(actor=person.actor, verb=PaymentAct.SET_RETURN_WORDS, thing=current)
        return current


def _stored(upload: Upload) -> dict[str, Any]:
    """A return file, sealed and kept, as its row names it."""
    upload.stream.seek(0)
    sealed, key = sealing.seal_apart(upload.stream.read())
    kept = Upload("return file", "application/octet-stream", len(sealed), BytesIO(sealed))
    return {"stored_id": files.store(kept, owner=files.OFFICE).id, "stored_key": key}


def _settle(person: Person, said: Sequence[Said], payments: dict[str, Payment], sha256: str) -> list[ReturnLine]:
    times = Counter(one.reference for one in said if one.reference)
    near = around([payment.award_id for payment in payments.values()])
    bounced = queries.known_to_bounce([payment.id for payment in payments.values()])
    lines = []
    for one in said:
        payment = payments.get(one.reference)
        may = rules.can_settle(person, payment.batch, near[payment.award_id]) if payment else YES
        outcome, reason = _judge(one, payment, times[one.reference], may)
        if outcome == ReturnOutcome.BOUNCED and payment and payment.id in bounced:
            outcome = ReturnOutcome.REPEATED
        if payment is not None and outcome in SETTLED:
            try:
                _enter(person, payment, one, sha256)
            except Refused as refused:
                outcome, reason = ReturnOutcome.DIFFERENCE, str(refused)
        lines.append(
            ReturnLine(
                line=one.line,
                reference=one.reference,
                outcome=outcome,
                reason=reason,
                said=dict(one.cells),
                payment_id=payment.id if payment else None,
            )
        )
    return lines


def _judge(said: Said, payment: Payment | None, times: int, may: Ruling) -> Judged:
    """What a line does, or how it differs from what was approved."""
    if said.problem:
        return ReturnOutcome.DIFFERENCE, said.problem
    if payment is None:
        return ReturnOutcome.DIFFERENCE, "No payment has this reference."
    if times > 1:
        return ReturnOutcome.DIFFERENCE, f"The reference stands {times} times in the file."
    if payment.status != PaymentStatus.WAITING:
        return _again(said, payment)
    if not may:
        return ReturnOutcome.DIFFERENCE, may.reason
    if said.status == PaymentStatus.BOUNCED:
        return ReturnOutcome.DIFFERENCE, "It is not recorded as paid, so it cannot have come back. Did it fail?"
    if said.amount != payment.amount_pence:
        return (
            ReturnOutcome.DIFFERENCE,
            f"{pounds(said.amount)} is not {pounds(payment.amount_pence)}, which was approved.",
        )
    if said.day > clock.today():
        return ReturnOutcome.DIFFERENCE, f"{long_date(said.day)} is in the future."
    assert payment.batch.approved_at is not None  # noqa: S101 - a CHECK holds it beyond approval
    approved_on = clock.london(payment.batch.approved_at).date()
    if said.day < approved_on:
        return (
            ReturnOutcome.DIFFERENCE,
            f"{long_date(said.day)} is before its batch was approved, {long_date(approved_on)}.",
        )
    return ReturnOutcome.PAID if said.status == PaymentStatus.PAID else ReturnOutcome.FAILED, ""


def _again(said: Said, payment: Payment) -> Judged:
    """A line about a payment that is settled: known already, or different."""
    same = said.status == payment.status and said.amount == payment.amount_pence
    if same and (payment.paid_on is None or (payment.paid_on, payment.finance_reference) == _trace(said)):
        return ReturnOutcome.REPEATED, ""
    if said.status == PaymentStatus.BOUNCED and payment.paid_on is not None:
        return _came_back(said, payment)
    if payment.paid_on is not None:
        return ReturnOutcome.DIFFERENCE, (
            f"It is recorded as paid on {long_date(payment.paid_on)} under {payment.finance_reference}. "
            "If the money came back, record that on the payment."
        )
    return ReturnOutcome.DIFFERENCE, f"It is recorded as {payment.state.label.lower()} already."


def _came_back(said: Said, payment: Payment) -> Judged:
    """A line that says that a payment came back which is recorded as paid, or as come back already."""
    if said.amount != payment.amount_pence:
        reason = f"{pounds(said.amount)} is not {pounds(payment.amount_pence)}, which was paid."
        return ReturnOutcome.DIFFERENCE, reason
    if payment.status == PaymentStatus.BOUNCED:
        return ReturnOutcome.REPEATED, ""
    if said.day > clock.today():
        return ReturnOutcome.DIFFERENCE, f"{long_date(said.day)} is in the future."
    if payment.paid_on is not None and said.day < payment.paid_on:
        return ReturnOutcome.DIFFERENCE, f"{long_date(said.day)} is before it was paid, {long_date(payment.paid_on)}."
    return ReturnOutcome.BOUNCED, ""


def _trace(said: Said) -> tuple[object, str]:
    return said.day, said.finance_reference


def _enter(person: Person, payment: Payment, said: Said, sha256: str) -> None:
    award, batch = payment.award, payment.batch
    if said.status == PaymentStatus.PAID:
        entry = commitments.record_payment(
            actor=person.actor,
            award=award,
            amount=payment.amount_pence,
            paid_on=Day.exactly(said.day),
            reason=f"payment {payment.reference} of batch {batch.number}",
            source=f"return file {sha256[:16]}",
        )
        payment.paid_on, payment.paid_entry_id = said.day, entry.id
    else:
        commitments.release(
            actor=person.actor,
            award=award,
            amount=payment.amount_pence,
            reason=f"payment {payment.reference} of batch {batch.number} failed",
        )
        payment.why = said.reason
    payment.status, payment.settled_at, payment.finance_reference = said.status, clock.now(), said.finance_reference


def _block_and_tell(person: Person, settled: Sequence[Payment]) -> None:
    """Block each account whose payment failed, by group so that no two files wait for each other, and tell the groups.

    Every award is locked by now.
    """
    db.session.flush()
    for payment in sorted(settled, key=lambda payment: payment.bank_details.organisation_id):
        if payment.status == PaymentStatus.FAILED:
            bank.block_account_of(payment, person=person, why="failed")
    for payment in settled:
        tell(payment)


def tell(payment: Payment) -> None:
    """Write to the group what became of a payment: it was paid, or failed."""
    group = payment.bank_details.organisation_id
    if payment.paid_on is not None:
        letter = letters.paid(named(payment), payment.finance_reference, payment.paid_on)
    else:
        link = public_address("payments.own_details", organisation_id=group)
        is_blocked = payment.bank_details.status == BankStatus.BLOCKED
        letter = letters.failed(named(payment), clock.today(), link, is_blocked=is_blocked)
    letters.write_to(people_of(group), letter, purpose=f"payment-{payment.status}", about=f"payment:{payment.id}")


def named(payment: Payment) -> letters.Paid:
    """A payment as its letters name it."""
    return letters.Paid(
        group=payment.payee,
        project=db.session.get_one(AwardSnapshot, payment.award_id).title,
        award=payment.award.reference,
        reference=payment.reference,
        amount=payment.amount_pence,
        ending=payment.bank_details.ending,
    )


def reconcile(person: Person, batch_ids: Collection[int]) -> None:
    """Close the batches whose payments are all paid or failed."""
    for batch in queries.settled_batches(batch_ids):
        rules.can_move(batch, "reconcile", batch).or_refuse()
        batch.status = take_step(rules.BATCH_STEPS, BatchStatus(batch.status), "reconcile", thing="batch")
        batch.reconciled_at = clock.now()
        batch.version += 1
        audit.record(actor=person.actor, verb=PaymentAct.RECONCILE_BATCH, thing=batch)
