"""What of payments does not agree with what it is made of: nothing, unless somebody changed it behind the system."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Subquery, case, func, select

from grants.awards.models import Account, Award, LedgerEntry
from grants.foundation.records.db import db
from grants.foundation.records.files import DamagedFile
from grants.foundation.values.money import parse_typed
from grants.payments import sealing
from grants.payments.models import (
    Batch,
    BatchFile,
    FileKind,
    Payment,
    PaymentStatus,
    ReturnFile,
    ReturnLine,
    ReturnOutcome,
)
from grants.payments.returns.queries import content_of

NO_MONEY = 0


def payments_that_differ() -> Iterator[str]:
    """Each award whose ledger does not say what its payments say."""
    of_payments = _sums(
        Payment,
        committed=_if(Payment.status.in_([PaymentStatus.WAITING, PaymentStatus.PAID]), Payment.amount_pence),
        paid=_if(Payment.status == PaymentStatus.PAID, Payment.amount_pence),
    )
    of_ledger = _sums(
        LedgerEntry,
        committed=_if(LedgerEntry.account == Account.COMMITTED, LedgerEntry.amount_pence),
        paid=_if(LedgerEntry.account == Account.PAID, LedgerEntry.amount_pence),
    )
    ledger, payments = of_ledger.c, of_payments.c
    for name in ("committed", "paid"):
        asked = (
            select(Award.reference, func.coalesce(ledger[name], 0), func.coalesce(payments[name], 0))
            .outerjoin(of_ledger, ledger.award_id == Award.id)
            .outerjoin(of_payments, payments.award_id == Award.id)
            .where(func.coalesce(ledger[name], 0) != func.coalesce(payments[name], 0))
            .order_by(Award.id)
        )
        for reference, by_ledger, by_payments in db.session.execute(asked):
            yield f"{reference} has {by_ledger} pence {name} in its ledger, and {by_payments} in its payments"


def batches_that_differ() -> Iterator[str]:
    """Each batch whose count or total is not that of its payments."""
    asked = (
        select(Batch.number, Batch.payment_count, Batch.total_pence, func.count(Payment.id), _total())
        .outerjoin(Payment, Payment.batch_id == Batch.id)
        .group_by(Batch.id)
        .having((Batch.payment_count != func.count(Payment.id)) | (Batch.total_pence != _total()))
        .order_by(Batch.id)
    )
    for number, count, total, payments, sums in db.session.execute(asked):
        yield f"{number} says {count} payments of {total} pence, and has {payments} of {sums}"


def files_that_differ() -> Iterator[str]:
    """Each frozen file that cannot be opened, is not what was frozen, or does not list the payments of its batch."""
    asked = select(BatchFile.id, Batch.id, Batch.number).join(Batch, Batch.id == BatchFile.batch_id)
    for file_id, batch_id, number in db.session.execute(asked.order_by(BatchFile.id)).all():
        file = db.session.get_one(BatchFile, file_id, populate_existing=True)
        try:
            content = sealing.unseal(file.sealed)
        except sealing.Damaged:
            yield f"the {file.kind} file of {number} cannot be opened with the keys that there are"
            continue
        if hashlib.sha256(content).hexdigest() != file.sha256 or len(content) != file.size:
            yield f"the {file.kind} file of {number} is not what was frozen"
        elif file.kind == FileKind.CSV and _listed(content) != _payments(batch_id):
            yield f"the csv file of {number} does not list its payments"


def return_files_that_differ() -> Iterator[str]:
    """Each return file that cannot be opened or is not what was sent, or whose counts are not those of its lines."""
    for number in db.session.scalars(select(ReturnFile.id).order_by(ReturnFile.id)).all():
        try:
            content_of(db.session.get_one(ReturnFile, number, populate_existing=True))
        except sealing.Damaged:
            yield f"return file {number} is not what was sent, or cannot be opened with the keys that there are"
        except DamagedFile as damaged:
            yield f"return file {number}: {damaged}"
    counts = {
        ReturnOutcome.PAID: ReturnFile.paid_count,
        ReturnOutcome.FAILED: ReturnFile.failed_count,
        ReturnOutcome.REPEATED: ReturnFile.repeated_count,
        ReturnOutcome.BOUNCED: ReturnFile.bounced_count,
        ReturnOutcome.DIFFERENCE: ReturnFile.difference_count,
    }
    for outcome, said in counts.items():
        of_lines = func.coalesce(func.sum(case((ReturnLine.outcome == outcome, 1), else_=0)), 0)
        asked = (
            select(ReturnFile.id, said, of_lines)
            .outerjoin(ReturnLine, ReturnLine.return_file_id == ReturnFile.id)
            .group_by(ReturnFile.id)
            .having(said != of_lines)
            .order_by(ReturnFile.id)
        )
        for number, count, lines in db.session.execute(asked):
            yield f"return file {number} counts {count} lines as {outcome.label.lower()}, and has {lines}"


def _sums(model: Any, **columns: ColumnElement[Any]) -> Subquery:
    totals = (func.sum(column).label(name) for name, column in columns.items())
    return select(model.award_id, *totals).group_by(model.award_id).subquery()


def _if(condition: ColumnElement[bool], amount: Any) -> ColumnElement[Any]:
    return case((condition, amount), else_=NO_MONEY)


def _total() -> ColumnElement[Any]:
    return func.coalesce(func.sum(Payment.amount_pence), 0)


def _listed(content: bytes) -> list[tuple[str, int]]:
    lines = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    return [(line["Payment reference"], int(parse_typed(line["Amount (£)"]))) for line in lines]


def _payments(batch_id: int) -> list[tuple[str, int]]:
    asked = select(Payment.reference, Payment.amount_pence).where(Payment.batch_id == batch_id).order_by(Payment.id)
    return [(reference, int(amount)) for reference, amount in db.session.execute(asked)]
