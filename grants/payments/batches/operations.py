"""The verbs of a batch: prepare, approve, download, cancel. Amounts in pence; all raise Refused."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.awards.around.queries import around
from grants.awards.entries import operations as commitments
from grants.awards.models import Award
from grants.foundation.documents import exports
from grants.foundation.records import audit
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.records.lifecycle import take_step
from grants.foundation.records.numbers import next_of_year
from grants.foundation.records.office import the_office
from grants.foundation.values import clock
from grants.foundation.values.days import financial_year
from grants.foundation.values.money import Pence, pounds
from grants.foundation.values.words import some
from grants.payments import rules, sealing
from grants.payments.acts import PaymentAct
from grants.payments.bank.operations import opened
from grants.payments.models import (
    MOST_PAYMENTS,
    Batch,
    BatchCounter,
    BatchFile,
    BatchStatus,
    FileKind,
    Payment,
    PaymentStatus,
)

from . import queries
from .columns import PAYMENT_FILE, PaymentLine
from .queries import Payable

_DOWNLOADED = {FileKind.XLSX: PaymentAct.DOWNLOAD_PAYMENT_FILE_XLSX, FileKind.CSV: PaymentAct.DOWNLOAD_PAYMENT_FILE_CSV}
MEDIA_TYPES = {FileKind.XLSX: exports.XLSX_TYPE, FileKind.CSV: "text/csv"}


class BadPayment(Refused):
    """One award cannot be paid like this; it is told beside its amount."""

    def __init__(self, award_id: int, sentence: str) -> None:
        super().__init__(sentence)
        self.award_id = award_id


@dataclass(frozen=True)
class PaymentFile:
    """The payment file of a batch, to download."""

    name: str
    media_type: str
    content: bytes


def prepare(*, person: Person, amounts: Sequence[tuple[int, Pence]]) -> Batch:
    """Prepare a batch: of each award an amount, which is committed in its ledger. Raises Refused and BadPayment."""
    with transaction() as session:
        rules.has(person, Right.PREPARE_PAYMENTS).or_refuse()
        wanted = dict(sorted(amounts))
        if not wanted or len(wanted) != len(amounts):
            raise Refused("Select at least one award to pay, each once.")
        if len(wanted) > MOST_PAYMENTS:
            raise Refused(
                f"A batch has at most {MOST_PAYMENTS} payments. Select fewer, and prepare another for the rest."
            )
        payable = {one.snapshot.award_id: one for one in queries.payable(person, most=MOST_PAYMENTS, award_ids=wanted)}
        batch = Batch(
            number=_next_number(),
            status=BatchStatus.PREPARED,
            payment_count=len(wanted),
            total_pence=Pence(sum(wanted.values())),
            prepared_at=clock.now(),
            prepared_by_id=person.id,
        )
        vat_treatment = the_office().vat_treatment
        for award_id, amount in wanted.items():
            if award_id not in payable:
                raise BadPayment(award_id, "This award cannot be paid now: it is in another batch, or has changed.")
            batch.payments.append(_payment(person, batch.number, payable[award_id], amount, vat_treatment))
        session.add(batch)
        audit.record(
            actor=person.actor,
            verb=PaymentAct.PREPARE_BATCH,
            thing=batch,
            changes={"payment_count": (None, batch.payment_count), "total_pence": (None, batch.total_pence)},
        )
        return batch


def approve(*, person: Person, batch: Batch, seen: int) -> Batch:
    """Approve a batch that another prepared: its files are made, once and for all. Raises Refused and LostUpdate."""
    with transaction() as session:
        current = queries.locked(batch.id)
        rules.can_approve(person, current, queries.payees_of(current)).or_refuse()
        current.expect_version(seen)
        made = _freeze(current)
        session.add_all(made)
        _step(current, "approve")
        current.approved_at, current.approved_by_id = clock.now(), person.id
        hashes = {f"{file.kind}_sha256": ("", file.sha256) for file in made}
        audit.record(
            actor=person.actor, verb=PaymentAct.APPROVE_BATCH, thing=current, changes={**audit.diff(current), **hashes}
        )
        return current


def download(*, person: Person, batch: Batch, kind: FileKind) -> PaymentFile:
    """The payment file as it was frozen, for a finance officer. The first download says that it was sent to be paid.

    Raises Refused, and Damaged where the bytes are not those that were frozen.
    """
    with transaction():
        current = queries.locked(batch.id)
        rules.can_download(person, current, queries.payees_of(current)).or_refuse()
        frozen = queries.file_of(current, kind)
        content = sealing.unseal(frozen.sealed)
        if hashlib.sha256(content).hexdigest() != frozen.sha256:
            raise sealing.Damaged(f"the {kind} file of batch {current.number} is not what was approved")
        if current.status == BatchStatus.APPROVED:
            _step(current, "export")
            current.exported_at, current.exported_by_id = clock.now(), person.id
        audit.record(actor=person.actor, verb=_DOWNLOADED[kind], thing=current)
        return PaymentFile(f"{current.number.lower()}.{kind}", MEDIA_TYPES[kind], content)


def cancel(*, person: Person, batch: Batch, seen: int, reason: str) -> Batch:
    """Cancel a batch whose file never left; its amounts are released. Raises Refused and LostUpdate."""
    with transaction():
        current = queries.locked(batch.id)
        rules.can_cancel(person, current, queries.payees_of(current)).or_refuse()
        current.expect_version(seen)
        if not reason.strip():
            raise Refused("Enter the reason why the batch is cancelled.")
        rules.names_no_account(reason).or_refuse()
        now = clock.now()
        for payment in sorted(current.payments, key=lambda payment: payment.award_id):
            commitments.release(
                actor=person.actor,
                award=payment.award,
                amount=payment.amount_pence,
                reason=f"batch {current.number} was cancelled",
            )
            payment.status, payment.settled_at = PaymentStatus.CANCELLED, now
        _step(current, "cancel")
        current.cancelled_at, current.cancelled_by_id, current.why = now, person.id, reason.strip()
        audit.record(actor=person.actor, verb=PaymentAct.CANCEL_BATCH, thing=current)
        return current


def _step(batch: Batch, verb: str) -> None:
    batch.status = take_step(rules.BATCH_STEPS, BatchStatus(batch.status), verb, thing="batch")
    batch.version += 1


def _payment(person: Person, number: str, one: Payable, amount: Pence, vat_treatment: str) -> Payment:
    """One payment of a new batch, committed. The award is locked by its ledger from here on."""
    award_id = one.snapshot.award_id
    if not 0 < amount <= one.rest:
        raise BadPayment(award_id, f"The amount must be more than £0, and {pounds(one.rest)} or less.")
    award = db.session.get_one(Award, award_id)
    commitments.commit(actor=person.actor, award=award, amount=amount, reason=f"batch {number}")
    rules.can_prepare(person, rules.Payee(one.details, around([award_id])[award_id])).or_refuse()
    if queries.is_in_doubt(award_id):
        raise BadPayment(award_id, "An earlier payment of this award is being put right: its money may be out.")
    other = queries.live_payment(award_id)
    if other is not None:
        raise BadPayment(award_id, f"This award is in batch {other.batch.number} already.")
    codes = one.a_round
    return Payment(
        reference=f"{award.reference}-{queries.payment_count(award_id) + 1}",
        award_id=award_id,
        bank_details_id=one.details.id,
        payee=one.snapshot.organisation_name,
        amount_pence=amount,
        status=PaymentStatus.WAITING,
        cost_centre=codes.cost_centre if codes else "",
        account_code=codes.account_code if codes else "",
        project_code=codes.project_code if codes else "",
        funding_source=one.fund.funding_source,
        vat_treatment=vat_treatment,
    )


def _next_number() -> str:
    year = clock.today().year
    return f"B-{year}-{next_of_year(BatchCounter, year):04}"


def _freeze(batch: Batch) -> list[BatchFile]:
    """The files of a batch: the same rows make the same bytes, and these are kept."""
    year = financial_year(clock.today())
    lines = [PaymentLine(payment, opened(payment.bank_details), year) for payment in batch.payments]
    title = f"{batch.number} {some(batch.payment_count, 'payment')}"
    contents = {
        FileKind.XLSX: exports.xlsx_bytes(lines, PAYMENT_FILE, title=title),
        FileKind.CSV: b"".join(exports.csv_chunks(lines, PAYMENT_FILE)),
    }
    return [
        BatchFile(
            batch_id=batch.id,
            kind=kind,
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            sealed=sealing.seal(content),
        )
        for kind, content in contents.items()
    ]
