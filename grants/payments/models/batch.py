"""Batches of payments, and the files that are frozen when one is approved."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, query_expression, relationship

from grants.accounts.models import Person
from grants.awards.models import Award, LedgerEntry
from grants.foundation.records.appendonly import append_only
from grants.foundation.records.db import Id, Model, Versioned, one_of, pence_check
from grants.foundation.records.numbers import YearNumbering
from grants.foundation.values.money import Pence
from grants.foundation.values.statuses import Status

from .bank import BankDetails

MOST_PAYMENTS = 60
"""Payments of one batch: as many as two people can look over."""
LONGEST_WHY = 1000
"""Characters of a reason or note that finance writes."""


class BatchStatus(Status):
    """Where a batch is in its life."""

    PREPARED = "prepared", "To be approved", "wait"
    APPROVED = "approved", "Approved", "yes"
    EXPORTED = "exported", "Sent to be paid", "wait"
    RECONCILED = "reconciled", "Reconciled", "yes"
    CANCELLED = "cancelled", "Cancelled", "quiet"


class PaymentStatus(Status):
    """What became of a payment."""

    WAITING = "waiting", "Waiting", "wait"
    PAID = "paid", "Paid", "yes"
    FAILED = "failed", "Failed", "no"
    BOUNCED = "bounced", "Came back", "no"
    CANCELLED = "cancelled", "Cancelled", "quiet"


class BatchCounter(YearNumbering, Model):
    """How many batches a year has: their numbers come from here, under its lock."""

    __tablename__ = "batch_counters"


class Batch(Versioned, Model):
    """Payments that are approved and sent together. `payment_count` and `total_pence` are those of its payments."""

    __tablename__ = "batches"

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str]
    payment_count: Mapped[int]
    total_pence: Mapped[Pence]
    prepared_at: Mapped[datetime]
    prepared_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    exported_at: Mapped[datetime | None]
    exported_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    reconciled_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    why: Mapped[str] = mapped_column(default="")

    payments: Mapped[list[Payment]] = relationship(back_populates="batch", order_by="Payment.id")
    files: Mapped[list[BatchFile]] = relationship(order_by="BatchFile.id")
    prepared_by: Mapped[Person] = relationship(foreign_keys=[prepared_by_id])
    approved_by: Mapped[Person | None] = relationship(foreign_keys=[approved_by_id])
    exported_by: Mapped[Person | None] = relationship(foreign_keys=[exported_by_id])
    cancelled_by: Mapped[Person | None] = relationship(foreign_keys=[cancelled_by_id])

    __table_args__ = (
        one_of("status", BatchStatus),
        pence_check("total_pence", least=1),
        CheckConstraint("payment_count > 0", name="has_payments"),
        CheckConstraint("approved_by_id <> prepared_by_id", name="approved_by_another"),
        CheckConstraint("(approved_at IS NULL) = (approved_by_id IS NULL)", name="approved_by_somebody"),
        CheckConstraint(
            "status NOT IN ('approved', 'exported', 'reconciled') OR approved_at IS NOT NULL", name="approved_if_beyond"
        ),
        CheckConstraint(
            "status NOT IN ('exported', 'reconciled') OR exported_at IS NOT NULL", name="exported_if_beyond"
        ),
        CheckConstraint("(status = 'reconciled') = (reconciled_at IS NOT NULL)", name="reconciled_at_an_instant"),
        CheckConstraint(
            "(status = 'cancelled') = (cancelled_at IS NOT NULL AND why <> '' AND exported_at IS NULL)",
            name="cancelled_with_reason_before_export",
        ),
        Index("ix_batches_status_prepared_at", "status", "prepared_at"),
    )

    @property
    def state(self) -> BatchStatus:
        """The status as what it is."""
        return BatchStatus(self.status)

    @property
    def reference(self) -> str:
        """The number, as the audit trail names it."""
        return self.number


append_only(Batch.__table__)


class Payment(Model):
    """One payment of a batch: an amount of one award to the details that were in force when it was prepared.

    It belongs to a batch that is not settled as long as it waits; an award has at most one such payment. The codes are
    those of its round on the day of the batch. `paid_entry_id` is the entry of the ledger that says that it was paid.
    Where they were asked for, `is_in_doubt` is whether a payment of its award is being put right, `has_change` whether
    its group gave other details, and `awarded_pence` what stands awarded.
    """

    __tablename__ = "payments"

    id: Mapped[Id]
    reference: Mapped[str] = mapped_column(unique=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), index=True)
    award_id: Mapped[int] = mapped_column(ForeignKey("awards.id"), index=True)
    bank_details_id: Mapped[int] = mapped_column(ForeignKey("bank_details.id"), index=True)
    payee: Mapped[str]
    amount_pence: Mapped[Pence]
    status: Mapped[str]
    cost_centre: Mapped[str]
    account_code: Mapped[str]
    project_code: Mapped[str]
    funding_source: Mapped[str]
    vat_treatment: Mapped[str]
    settled_at: Mapped[datetime | None]
    paid_on: Mapped[date | None]
    finance_reference: Mapped[str] = mapped_column(default="")
    why: Mapped[str] = mapped_column(default="")
    paid_entry_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_entries.id"), index=True)

    batch: Mapped[Batch] = relationship(back_populates="payments")
    award: Mapped[Award] = relationship()
    bank_details: Mapped[BankDetails] = relationship()
    paid_entry: Mapped[LedgerEntry | None] = relationship()
    is_in_doubt: Mapped[bool | None] = query_expression()
    has_change: Mapped[bool | None] = query_expression()
    awarded_pence: Mapped[Pence | None] = query_expression()

    __table_args__ = (
        one_of("status", PaymentStatus),
        pence_check("amount_pence", least=1),
        UniqueConstraint("batch_id", "award_id"),
        CheckConstraint("(status = 'waiting') = (settled_at IS NULL)", name="settled_if_not_waiting"),
        CheckConstraint(
            "(status IN ('paid', 'bounced')) = (paid_on IS NOT NULL) "
            "AND (status NOT IN ('paid', 'bounced') OR finance_reference <> '')",
            name="has_day_and_reference_if_paid",
        ),
        CheckConstraint("(paid_on IS NULL) = (paid_entry_id IS NULL)", name="is_in_the_ledger_if_paid"),
        Index(
            "uq_payments_one_live_payment",
            "award_id",
            unique=True,
            sqlite_where=text("status = 'waiting'"),
            postgresql_where=text("status = 'waiting'"),
        ),
    )

    @property
    def state(self) -> PaymentStatus:
        """The status as what it is."""
        return PaymentStatus(self.status)


append_only(Payment.__table__)


class FileKind(StrEnum):
    """In which forms a batch is frozen."""

    XLSX = "xlsx"
    CSV = "csv"


class BatchFile(Model):
    """The bytes that a batch was frozen to, sealed: every download is these. The SHA-256 and size are of the bytes."""

    __tablename__ = "batch_files"

    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    kind: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    sealed: Mapped[str]

    __table_args__ = (
        one_of("kind", FileKind),
        UniqueConstraint("batch_id", "kind"),
        CheckConstraint("size > 0", name="size_is_positive"),
    )


append_only(BatchFile.__table__)
