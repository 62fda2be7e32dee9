"""What was recorded of a payment and is taken back: by one officer, and approved by another."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.accounts.models import Person
from grants.foundation.records.appendonly import append_only
from grants.foundation.records.db import Id, Model, Versioned, one_of
from grants.foundation.values.statuses import Status

from .bank import BankDetails
from .batch import Payment, PaymentStatus
from .returns import ReturnLine


class ReversalKind(Status):
    """Why it is taken back."""

    BOUNCE = "bounce", "The money came back", "no"
    WRONG_LINE = "wrong line", "A line was taken in wrongly", "wait"


class ReversalStatus(Status):
    """Where a reversal is in its life."""

    RECORDED = "recorded", "To be approved", "wait"
    APPROVED = "approved", "Approved", "yes"
    REFUSED = "refused", "Refused", "no"


class Reversal(Versioned, Model):
    """That a payment is not what it was recorded as: what it was, what it becomes, and who says so.

    While it is recorded and not approved nothing is paid of the award. `line_id` is the line of a return file that is
    taken back, or that says that the payment came back; `blocks_id` the set of bank details that is blocked by it.
    """

    __tablename__ = "reversals"

    id: Mapped[Id]
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"), index=True)
    kind: Mapped[str]
    status: Mapped[str]
    line_id: Mapped[int | None] = mapped_column(ForeignKey("return_lines.id"), index=True)
    blocks_id: Mapped[int | None] = mapped_column(ForeignKey("bank_details.id"), index=True)
    was: Mapped[str]
    was_paid_on: Mapped[date | None]
    was_finance_reference: Mapped[str]
    becomes: Mapped[str]
    day: Mapped[date | None]
    finance_reference: Mapped[str]
    reason: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    judged_at: Mapped[datetime | None]
    judged_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    why: Mapped[str] = mapped_column(default="")

    payment: Mapped[Payment] = relationship()
    line: Mapped[ReturnLine | None] = relationship()
    blocks: Mapped[BankDetails | None] = relationship()
    recorded_by: Mapped[Person] = relationship(foreign_keys=[recorded_by_id])
    judged_by: Mapped[Person | None] = relationship(foreign_keys=[judged_by_id])

    __table_args__ = (
        one_of("kind", ReversalKind),
        one_of("status", ReversalStatus),
        one_of("was", PaymentStatus),
        one_of("becomes", PaymentStatus),
        CheckConstraint("reason <> ''", name="has_reason"),
        CheckConstraint("(kind = 'bounce') = (becomes = 'bounced')", name="bounce_bounces"),
        CheckConstraint("kind <> 'bounce' OR was = 'paid'", name="only_what_was_paid_bounces"),
        CheckConstraint(
            "becomes NOT IN ('paid', 'bounced') OR (day IS NOT NULL AND finance_reference <> '')",
            name="has_day_and_reference_if_money_moved",
        ),
        CheckConstraint("judged_by_id <> recorded_by_id", name="judged_by_another"),
        CheckConstraint("(status = 'recorded') = (judged_at IS NULL)", name="judged_unless_recorded"),
        CheckConstraint("(judged_at IS NULL) = (judged_by_id IS NULL)", name="judged_by_somebody"),
        CheckConstraint("(status = 'refused') = (why <> '')", name="has_reason_if_refused"),
        Index(
            "uq_reversals_one_open",
            "payment_id",
            unique=True,
            sqlite_where=text("status = 'recorded'"),
            postgresql_where=text("status = 'recorded'"),
        ),
        Index("ix_reversals_status_recorded_at", "status", "recorded_at"),
    )

    @property
    def state(self) -> ReversalStatus:
        """The status as what it is."""
        return ReversalStatus(self.status)

    @property
    def before(self) -> PaymentStatus:
        """What the payment was recorded as."""
        return PaymentStatus(self.was)

    @property
    def after(self) -> PaymentStatus:
        """What the payment is in truth."""
        return PaymentStatus(self.becomes)

    @property
    def nature(self) -> ReversalKind:
        """The kind as what it is."""
        return ReversalKind(self.kind)


append_only(Reversal.__table__)
