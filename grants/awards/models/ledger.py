"""What an award is worth, as dated lines that only grow."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.foundation.records.appendonly import append_only
from grants.foundation.records.db import Id, Model, one_of, pence_check
from grants.foundation.values.days import Day
from grants.foundation.values.money import MOST_PENCE, Pence

LONGEST_BANK_REFERENCE = 100
"""Characters of the reference under which a bank knows money that came back."""


class EntryKind(StrEnum):
    """What a ledger entry is."""

    AWARD = "award"
    VARIATION = "variation"
    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"
    REPAYMENT = "repayment"
    RECOVERY = "recovery"
    COMMITMENT = "commitment"
    PAYMENT = "payment"
    REVERSAL = "reversal"

    @property
    def label(self) -> str:
        """Its name on a page."""
        return str(self.value).capitalize()


class Account(StrEnum):
    """Which of an award's amounts an entry counts towards."""

    AWARDED = "awarded"
    RETURNED = "returned"
    COMMITTED = "committed"
    PAID = "paid"


class LedgerEntry(Model):
    """One line of the ledger. Everything that is counted is a sum over lines:

    - `amount_pence` (signed; money that comes back is negative; NULL where it is not known),
    - `project_delta`: +1 where an award begins to count as a project, -1 where it ceases to,
    - `unknown_delta`: +1 where the awarded amount begins to be unknown, -1 where it is found.

    `effective_last` is the day from which it counts, `recorded_at` the instant at which the
    office's records had it, `entered_at` this system's own instant, which is never back-dated. `bank_reference` is the
    bank's own of money that came back, where it is known.
    """

    __tablename__ = "ledger_entries"

    id: Mapped[Id]
    award_id: Mapped[int] = mapped_column(ForeignKey("awards.id"), index=True)
    kind: Mapped[str]
    account: Mapped[str]
    amount_pence: Mapped[Pence | None]
    project_delta: Mapped[int]
    unknown_delta: Mapped[int]
    effective_day: Mapped[Day]
    effective_last: Mapped[date]
    recorded_at: Mapped[datetime]
    entered_at: Mapped[datetime]
    entered_by: Mapped[str]
    reason: Mapped[str]
    source: Mapped[str]
    bank_reference: Mapped[str] = mapped_column(default="")
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_entries.id"), index=True)

    corrects: Mapped[LedgerEntry | None] = relationship(remote_side="LedgerEntry.id")

    __table_args__ = (
        one_of("kind", EntryKind),
        one_of("account", Account),
        pence_check("amount_pence", least=-MOST_PENCE),
        CheckConstraint("project_delta IN (-1, 0, 1)", name="project_delta_is_one_step"),
        CheckConstraint("unknown_delta IN (-1, 0, 1)", name="unknown_delta_is_one_step"),
        CheckConstraint(
            "(kind = 'award' AND project_delta = 1) OR (kind = 'withdrawal' AND project_delta = -1) "
            "OR kind = 'correction' OR project_delta = 0",
            name="project_delta_fits_kind",
        ),
        CheckConstraint("kind <> 'award' OR amount_pence IS NULL OR amount_pence >= 0", name="award_is_not_negative"),
        CheckConstraint(
            "kind <> 'withdrawal' OR amount_pence IS NULL OR amount_pence <= 0", name="withdrawal_is_not_positive"
        ),
        CheckConstraint(
            "kind NOT IN ('repayment', 'recovery') OR (account = 'returned' AND amount_pence < 0)",
            name="return_comes_back",
        ),
        CheckConstraint(
            "account <> 'returned' OR kind IN ('repayment', 'recovery', 'correction')", name="returned_fits_kind"
        ),
        CheckConstraint("kind <> 'commitment' OR account = 'committed'", name="commitment_fits_account"),
        CheckConstraint("kind <> 'payment' OR (account = 'paid' AND amount_pence > 0)", name="payment_goes_out"),
        CheckConstraint(
            "kind <> 'reversal' OR (account = 'paid' AND amount_pence < 0 AND corrects_id IS NOT NULL)",
            name="reversal_names_its_payment",
        ),
        CheckConstraint(
            "account NOT IN ('committed', 'paid') OR kind IN ('commitment', 'payment', 'reversal', 'correction')",
            name="payment_accounts_fit_kind",
        ),
        CheckConstraint("kind = 'award' OR reason <> ''", name="has_reason_unless_award"),
        CheckConstraint(
            "amount_pence IS NOT NULL OR kind IN ('award', 'withdrawal', 'correction')", name="unknown_fits_kind"
        ),
        Index("ix_ledger_entries_effective_last_recorded_at", "effective_last", "recorded_at"),
        Index(
            "uq_ledger_entries_one_award_entry",
            "award_id",
            unique=True,
            sqlite_where=text("kind = 'award'"),
            postgresql_where=text("kind = 'award'"),
        ),
    )


append_only(LedgerEntry.__table__)
