"""Return files: what finance says was really paid."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.accounts.models import Person
from grants.foundation.records.appendonly import append_only
from grants.foundation.records.db import Id, Model, Versioned, one_of
from grants.foundation.records.files import StoredFile
from grants.foundation.values.statuses import Status

from .batch import Payment

MOST_RETURN_LINES = 1000
"""Lines of one return file."""
LONGEST_FINANCE_REFERENCE = 100
"""Characters of the reference that the finance system gave a payment."""


class ReturnOutcome(Status):
    """What a line of a return file did. What bounced waits for an officer to record it, and another to approve it."""

    PAID = "paid", "Paid", "yes"
    FAILED = "failed", "Failed", "no"
    REPEATED = "repeated", "Known already", "quiet"
    BOUNCED = "bounced", "Came back", "no"
    DIFFERENCE = "difference", "Difference", "wait"


class ReturnFile(Model):
    """A return file as it was taken in. The SHA-256 is that of what was sent.

    It may show bank details, so what is stored is sealed, under a key of its own that is sealed in `stored_key`.
    """

    __tablename__ = "return_files"

    id: Mapped[Id]
    name: Mapped[str]
    media_type: Mapped[str]
    stored_id: Mapped[int] = mapped_column(ForeignKey("stored_files.id"), index=True)
    stored_key: Mapped[str]
    sha256: Mapped[str] = mapped_column(index=True)
    received_at: Mapped[datetime]
    received_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    paid_count: Mapped[int]
    failed_count: Mapped[int]
    repeated_count: Mapped[int]
    bounced_count: Mapped[int]
    difference_count: Mapped[int]

    stored: Mapped[StoredFile] = relationship()
    received_by: Mapped[Person] = relationship()
    lines: Mapped[list[ReturnLine]] = relationship(back_populates="return_file", order_by="ReturnLine.line")

    __table_args__ = (
        CheckConstraint("stored_key <> ''", name="is_sealed"),
        CheckConstraint(
            "paid_count >= 0 AND failed_count >= 0 AND repeated_count >= 0 AND bounced_count >= 0 "
            "AND difference_count >= 0 "
            "AND paid_count + failed_count + repeated_count + bounced_count + difference_count > 0",
            name="counts_its_lines",
        ),
    )


append_only(ReturnFile.__table__)


class ReturnLine(Model):
    """One line of a return file, and what it did. A difference changed nothing, and says why.

    `said` is what stands in its columns, as it was written.
    """

    __tablename__ = "return_lines"

    id: Mapped[Id]
    return_file_id: Mapped[int] = mapped_column(ForeignKey("return_files.id"))
    line: Mapped[int]
    reference: Mapped[str]
    outcome: Mapped[str]
    reason: Mapped[str]
    said: Mapped[dict[str, str]] = mapped_column(JSON)
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"), index=True)

    return_file: Mapped[ReturnFile] = relationship(back_populates="lines")
    payment: Mapped[Payment | None] = relationship()

    __table_args__ = (
        one_of("outcome", ReturnOutcome),
        UniqueConstraint("return_file_id", "line"),
        CheckConstraint("(outcome = 'difference') = (reason <> '')", name="difference_says_why"),
        CheckConstraint("outcome = 'difference' OR payment_id IS NOT NULL", name="knows_its_payment"),
    )

    @property
    def result(self) -> ReturnOutcome:
        """The outcome as what it is."""
        return ReturnOutcome(self.outcome)


append_only(ReturnLine.__table__)


class ReturnWords(Versioned, Model):
    """What finance calls things in its return files, one word a line: there is one row, and none until they are set.

    The first six are our columns, the others what became of a payment.
    """

    __tablename__ = "return_words"

    id: Mapped[Id]
    reference: Mapped[str] = mapped_column(default="")
    date: Mapped[str] = mapped_column(default="")
    finance_reference: Mapped[str] = mapped_column(default="")
    amount: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    paid: Mapped[str] = mapped_column(default="")
    failed: Mapped[str] = mapped_column(default="")
    bounced: Mapped[str] = mapped_column(default="")

    __table_args__ = (CheckConstraint("id = 1", name="is_the_only_one"),)
