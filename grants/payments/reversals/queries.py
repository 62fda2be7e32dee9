"""Named reads of payments with all that was said of them, and of their reversals."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from grants.foundation.records.db import db
from grants.payments.models import (
    Batch,
    Payment,
    ReturnLine,
    ReturnOutcome,
    Reversal,
    ReversalStatus,
)

ORDER = ((Reversal.id, True),)


def payment_by_reference(reference: str) -> Payment | None:
    """A payment with its batch, its award and the details that it went to. One query."""
    return db.session.scalars(
        select(Payment)
        .where(Payment.reference == reference)
        .options(joinedload(Payment.batch), joinedload(Payment.award), joinedload(Payment.bank_details))
    ).first()


def locked_payment(payment_id: int) -> Payment:
    """A payment as it stands now, its batch held until the end of the transaction."""
    batch_id = select(Payment.batch_id).where(Payment.id == payment_id).scalar_subquery()
    db.session.execute(select(Batch.id).where(Batch.id == batch_id).with_for_update())
    return db.session.scalars(
        select(Payment)
        .where(Payment.id == payment_id)
        .options(
            joinedload(Payment.batch),
            joinedload(Payment.award),
            joinedload(Payment.bank_details),
            joinedload(Payment.paid_entry),
        )
        .execution_options(populate_existing=True)
    ).one()


def lines_of(payment_id: int) -> Sequence[ReturnLine]:
    """The lines of return files about a payment, the oldest first, each with its file. One query."""
    return db.session.scalars(
        select(ReturnLine)
        .where(ReturnLine.payment_id == payment_id)
        .options(joinedload(ReturnLine.return_file))
        .order_by(ReturnLine.id)
    ).all()


def last_settling_line(payment_id: int) -> int | None:
    """The latest line that marked a payment as paid or failed."""
    return db.session.scalar(
        select(func.max(ReturnLine.id)).where(
            ReturnLine.payment_id == payment_id, ReturnLine.outcome.in_([ReturnOutcome.PAID, ReturnOutcome.FAILED])
        )
    )


def reversals_of(payment_id: int) -> Sequence[Reversal]:
    """What was recorded to put a payment right, the oldest first. One query."""
    return db.session.scalars(
        select(Reversal)
        .where(Reversal.payment_id == payment_id)
        .options(joinedload(Reversal.recorded_by), joinedload(Reversal.judged_by))
        .order_by(Reversal.id)
    ).all()


def open_of(payment_id: int) -> Reversal | None:
    """The reversal of a payment that waits for another officer."""
    return db.session.scalars(
        select(Reversal).where(Reversal.payment_id == payment_id, Reversal.status == ReversalStatus.RECORDED)
    ).first()


def listed(status: ReversalStatus | None = None) -> Select[Reversal]:
    """The reversals, of a status where one is given, with payment and who recorded it. Order is the caller's."""
    query = (
        select(Reversal)
        .join(Reversal.payment)
        .options(contains_eager(Reversal.payment), joinedload(Reversal.recorded_by))
    )
    return query.where(Reversal.status == status) if status else query


def by_id(reversal_id: int) -> Reversal | None:
    """A reversal with its payment, its line, and who did what. One query."""
    return db.session.scalars(_whole().where(Reversal.id == reversal_id)).first()


def locked(reversal_id: int) -> Reversal:
    """A reversal as it stands now, held until the end of the transaction."""
    db.session.execute(select(Reversal.id).where(Reversal.id == reversal_id).with_for_update())
    return db.session.scalars(
        _whole().where(Reversal.id == reversal_id).execution_options(populate_existing=True)
    ).one()


def _whole() -> Select[Reversal]:
    payment = joinedload(Reversal.payment)
    return select(Reversal).options(
        payment.options(joinedload(Payment.batch), joinedload(Payment.award), joinedload(Payment.bank_details)),
        joinedload(Reversal.line).joinedload(ReturnLine.return_file),
        joinedload(Reversal.recorded_by),
        joinedload(Reversal.judged_by),
    )
