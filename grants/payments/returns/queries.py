"""Named reads of return files."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import joinedload, selectinload

from grants.foundation.records import files
from grants.foundation.records.db import db, let_go
from grants.payments import sealing
from grants.payments.models import (
    Batch,
    BatchStatus,
    Payment,
    PaymentStatus,
    ReturnFile,
    ReturnLine,
    ReturnOutcome,
    ReturnWords,
    Reversal,
    ReversalKind,
    ReversalStatus,
)

from .contents import words_of
from .rows import FinanceWords

ORDER = ((ReturnFile.id, True),)


def listed() -> Select[ReturnFile]:
    """The return files with who sent them. Order is the caller's."""
    return select(ReturnFile).options(joinedload(ReturnFile.received_by))


def by_id(return_id: int) -> ReturnFile | None:
    """A return file with its lines, and the payments and batches that they name. Two queries."""
    lines = selectinload(ReturnFile.lines).joinedload(ReturnLine.payment).joinedload(Payment.batch)
    whole = listed().options(lines, joinedload(ReturnFile.stored))
    return db.session.scalars(whole.where(ReturnFile.id == return_id)).first()


def is_to_record() -> ColumnElement[bool]:
    """Whether a line says that a payment came back, which is paid as far as we know, and nobody has recorded that."""
    recorded = exists().where(
        or_(
            Reversal.line_id == ReturnLine.id,
            (Reversal.payment_id == Payment.id) & (Reversal.status == ReversalStatus.RECORDED),
        )
    )
    return and_(
        ReturnLine.outcome == ReturnOutcome.BOUNCED,
        ReturnLine.payment_id == Payment.id,
        Payment.status == PaymentStatus.PAID,
        ~recorded.correlate(ReturnLine, Payment),
    )


def line_to_record(payment_id: int) -> ReturnLine | None:
    """The latest line that says that a payment came back, which nobody has recorded yet."""
    query = select(ReturnLine).join(Payment, ReturnLine.payment_id == Payment.id)
    return db.session.scalars(
        query.where(Payment.id == payment_id, is_to_record()).order_by(ReturnLine.id.desc()).limit(1)
    ).first()


def known_to_bounce(payment_ids: Collection[int]) -> frozenset[int]:
    """Those of these payments of which a line said already that they came back, or an officer: it is to be judged."""
    by_line = select(Payment.id).join(ReturnLine, ReturnLine.payment_id == Payment.id).where(is_to_record())
    by_officer = select(Reversal.payment_id).where(
        Reversal.kind == ReversalKind.BOUNCE, Reversal.status == ReversalStatus.RECORDED
    )
    known = or_(Payment.id.in_(by_line), Payment.id.in_(by_officer))
    return frozenset(db.session.scalars(select(Payment.id).where(Payment.id.in_(payment_ids), known)))


def lines_to_record(file: ReturnFile) -> frozenset[int]:
    """The lines of a file that say that a payment came back, which nobody has recorded yet. One query."""
    query = select(ReturnLine.id).join(Payment, ReturnLine.payment_id == Payment.id)
    return frozenset(db.session.scalars(query.where(ReturnLine.return_file_id == file.id, is_to_record())))


def reversals_by_line(file: ReturnFile) -> dict[int | None, Reversal]:
    """What was recorded because of each line of a file. One query."""
    lines = select(ReturnLine.id).where(ReturnLine.return_file_id == file.id)
    found = db.session.scalars(select(Reversal).where(Reversal.line_id.in_(lines)).order_by(Reversal.id))
    return {reversal.line_id: reversal for reversal in found}


def content_of(file: ReturnFile) -> bytes:
    """What was sent. Raises Damaged, and DamagedFile."""
    content = sealing.unseal_apart(files.checked_path(file.stored).read_bytes(), file.stored_key)
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise sealing.Damaged(f"return file {file.id} is not what was sent")
    return content


def return_words(*, locked: bool = False) -> ReturnWords | None:
    """What finance calls things in its files, where it has set that."""
    query = select(ReturnWords)
    return db.session.scalars(query.with_for_update() if locked else query).one_or_none()


def words_now() -> FinanceWords:
    """The words by which a file is read now. Nothing is locked afterwards."""
    words = words_of(return_words())
    let_go()
    return words


def last_with(sha256: str) -> ReturnFile | None:
    """The latest return file with these bytes."""
    return db.session.scalars(
        select(ReturnFile).where(ReturnFile.sha256 == sha256).order_by(ReturnFile.id.desc()).limit(1)
    ).first()


def locked_payments(references: Collection[str]) -> dict[str, Payment]:
    """The payments with these references as they stand now, their batches held until the end of the transaction."""
    batch_ids = sorted(set(db.session.scalars(select(Payment.batch_id).where(Payment.reference.in_(references)))))
    db.session.execute(select(Batch.id).where(Batch.id.in_(batch_ids)).order_by(Batch.id).with_for_update())
    found = db.session.scalars(
        select(Payment)
        .where(Payment.reference.in_(references))
        .options(joinedload(Payment.batch), joinedload(Payment.award), joinedload(Payment.bank_details))
        .execution_options(populate_existing=True)
    )
    return {payment.reference: payment for payment in found}


def settled_batches(batch_ids: Collection[int]) -> list[Batch]:
    """Those of these batches that are sent to be paid and have no payment that waits."""
    waits = select(Payment.batch_id).where(Payment.status == PaymentStatus.WAITING)
    return list(
        db.session.scalars(
            select(Batch)
            .where(Batch.id.in_(batch_ids), Batch.status == BatchStatus.EXPORTED, Batch.id.not_in(waits))
            .order_by(Batch.id)
        )
    )
