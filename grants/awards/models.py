"""An award: what was decided when it was made, and everything that happened to it since, as dated entries.

`awards` holds what an award was first entered as, and never changes. `award_changes` holds each
later change of what it is (fund, recipient, topic …) and `ledger_entries` each change of what it
is worth. What holds at a date, as known by another, is a query over the three. `award_standings`
is the same as it stands now, kept beside them for lists; it can be made again at any time.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.accounts.models import Organisation, Person
from grants.applications.models import Application
from grants.foundation.appendonly import append_only
from grants.foundation.days import Day
from grants.foundation.db import Id, Model, one_of, pence_check
from grants.foundation.money import MOST_PENCE, Pence
from grants.funds.models import District, Fund, Priority, Round, Topic

LONGEST_REASON = 4000
"""Characters of a reason that is published or kept in the ledger."""


class Outcome(StrEnum):
    """What was decided."""

    APPROVED = "approved"
    DECLINED = "declined"


class Decision(Model):
    """What the decision maker decided on one application, with the reasons that the law asks to publish."""

    __tablename__ = "decisions"

    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"), unique=True)
    reference: Mapped[str] = mapped_column(unique=True)
    outcome: Mapped[str]
    amount_pence: Mapped[Pence]
    reasons: Mapped[str]
    conditions: Mapped[str]
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    decided_at: Mapped[datetime]
    decision_maker: Mapped[str]
    department: Mapped[str]
    legal_power: Mapped[str]
    interests: Mapped[str]
    over_pot_reason: Mapped[str]

    application: Mapped[Application] = relationship()
    decided_by: Mapped[Person] = relationship()

    __table_args__ = (
        one_of("outcome", Outcome),
        pence_check("amount_pence"),
        CheckConstraint("(outcome = 'approved') = (amount_pence > 0)", name="has_amount_if_approved"),
        CheckConstraint("reasons <> ''", name="has_reasons"),
    )


append_only(Decision.__table__)


class AwardStatus(StrEnum):
    """Where an award is in its life."""

    AWARDED = "awarded"
    COMPLETE = "complete"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The word on its tag."""
        return {"awarded": "Awarded", "complete": "Complete", "withdrawn": "Withdrawn"}[self]

    @property
    def colour(self) -> str:
        """The tag's modifier: yes, wait, no or quiet."""
        return {"awarded": "yes", "complete": "quiet", "withdrawn": "no"}[self]


class Award(Model):
    """A grant that was awarded, as it was first entered. Only its `status` moves."""

    __tablename__ = "awards"

    id: Mapped[Id]
    reference: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str]
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"), unique=True)
    application_id: Mapped[int | None] = mapped_column(ForeignKey("applications.id"), unique=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("funds.id"), index=True)
    round_id: Mapped[int | None] = mapped_column(ForeignKey("rounds.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    primary_topic_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id"), index=True)
    priority_id: Mapped[int | None] = mapped_column(ForeignKey("priorities.id"), index=True)
    title: Mapped[str]
    purpose: Mapped[str]
    reasons: Mapped[str]
    conditions: Mapped[str]
    award_day: Mapped[Day]
    award_last: Mapped[date] = mapped_column(index=True)
    requested_pence: Mapped[Pence | None]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    illustrative: Mapped[bool]
    source: Mapped[str]
    recorded_at: Mapped[datetime]
    entered_at: Mapped[datetime]

    fund: Mapped[Fund] = relationship()
    round: Mapped[Round | None] = relationship()
    organisation: Mapped[Organisation] = relationship()
    primary_topic: Mapped[Topic | None] = relationship()
    priority: Mapped[Priority | None] = relationship()
    decision: Mapped[Decision | None] = relationship()
    application: Mapped[Application | None] = relationship()
    entries: Mapped[list[LedgerEntry]] = relationship(order_by="LedgerEntry.id", back_populates="award")
    changes: Mapped[list[AwardChange]] = relationship(order_by="AwardChange.id", back_populates="award")
    topics: Mapped[list[AwardTopic]] = relationship(order_by="AwardTopic.position", back_populates="award")
    districts: Mapped[list[AwardDistrict]] = relationship(order_by="AwardDistrict.id", back_populates="award")

    __table_args__ = (one_of("status", AwardStatus), pence_check("requested_pence"))

    @property
    def is_live(self) -> bool:
        """Whether it was awarded in this system, rather than taken from older records."""
        return self.decision_id is not None or not self.source


append_only(
    Award.__table__,
    only=[column.name for column in Award.__table__.columns if column.name != "status"],
)


class ChangedField(StrEnum):
    """What of an award a change is about."""

    FUND = "fund"
    ROUND = "round"
    RECIPIENT = "organisation"
    TOPICS = "topics"
    DISTRICTS = "districts"
    PRIORITY = "priority"
    TITLE = "project"
    PURPOSE = "purpose"
    AWARD_DATE = "award_date"
    SOURCE = "source"


FROM_THE_START = date.min
"""The `effective_last` of a change that puts right what was wrong from the start, and of every award date."""


class AwardChange(Model):
    """A dated change of what an award is. The column that belongs to its `field` holds the new value.

    Of the changes of a field the one that took effect last holds, and of those of one day the one entered last.
    One that holds from the start has `effective_last` FROM_THE_START, so it stays right when the award's day is
    corrected; its `effective_day` is the day of the award, for people. `before` and `after` say the same in words.
    A change of topics or districts has its
    rows in `award_topics` or `award_districts`; `topic_id` repeats the primary one.
    """

    __tablename__ = "award_changes"

    id: Mapped[Id]
    award_id: Mapped[int] = mapped_column(ForeignKey("awards.id"))
    field: Mapped[str]
    before: Mapped[str]
    after: Mapped[str]
    fund_id: Mapped[int | None] = mapped_column(ForeignKey("funds.id"), index=True)
    round_id: Mapped[int | None] = mapped_column(ForeignKey("rounds.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id"), index=True)
    priority_id: Mapped[int | None] = mapped_column(ForeignKey("priorities.id"), index=True)
    award_last: Mapped[date | None]
    effective_day: Mapped[Day]
    effective_last: Mapped[date]
    recorded_at: Mapped[datetime]
    entered_at: Mapped[datetime]
    entered_by: Mapped[str]
    reason: Mapped[str]
    source: Mapped[str]

    award: Mapped[Award] = relationship(back_populates="changes")

    __table_args__ = (
        one_of("field", ChangedField),
        CheckConstraint("reason <> ''", name="has_reason"),
        Index("ix_award_changes_award_id_field", "award_id", "field"),
    )


append_only(AwardChange.__table__)


class AwardTopic(Model):
    """A topic of an award as first entered (no change), or as a change made it. Position 0 is primary."""

    __tablename__ = "award_topics"

    id: Mapped[Id]
    award_id: Mapped[int] = mapped_column(ForeignKey("awards.id"), index=True)
    change_id: Mapped[int | None] = mapped_column(ForeignKey("award_changes.id"), index=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"), index=True)
    position: Mapped[int]

    award: Mapped[Award] = relationship(back_populates="topics")
    topic: Mapped[Topic] = relationship()

    __table_args__ = (UniqueConstraint("award_id", "change_id", "topic_id"),)


append_only(AwardTopic.__table__)


class AwardDistrict(Model):
    """A district that an award serves as first entered (no change), or as a change made it."""

    __tablename__ = "award_districts"

    id: Mapped[Id]
    award_id: Mapped[int] = mapped_column(ForeignKey("awards.id"), index=True)
    change_id: Mapped[int | None] = mapped_column(ForeignKey("award_changes.id"), index=True)
    district_id: Mapped[int] = mapped_column(ForeignKey("districts.id"), index=True)

    award: Mapped[Award] = relationship(back_populates="districts")
    district: Mapped[District] = relationship()

    __table_args__ = (UniqueConstraint("award_id", "change_id", "district_id"),)


append_only(AwardDistrict.__table__)


class ImportedRow(Model):
    """A line of a file that made or corrected an award, as it was read: JSON, column to value.

    The latest one of an award is what the files last said of it. A file that says the same again
    says nothing new, even where an officer has since corrected the award by hand.
    """

    __tablename__ = "imported_rows"

    id: Mapped[Id]
    award_id: Mapped[int] = mapped_column(ForeignKey("awards.id"), index=True)
    file_sha256: Mapped[str]
    line: Mapped[int]
    content: Mapped[str]
    entered_at: Mapped[datetime]


append_only(ImportedRow.__table__)


class EntryKind(StrEnum):
    """What a ledger entry is."""

    AWARD = "award"
    VARIATION = "variation"
    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"
    REPAYMENT = "repayment"
    RECOVERY = "recovery"

    @property
    def label(self) -> str:
        """Its name on a page."""
        return str(self.value).capitalize()


class Account(StrEnum):
    """Which of an award's amounts an entry counts towards."""

    AWARDED = "awarded"
    RETURNED = "returned"


class LedgerEntry(Model):
    """One line of the ledger. Everything that is counted is a sum over lines:

    - `amount_pence` (signed; money that comes back is negative; NULL where it is not known),
    - `project_delta`: +1 where an award begins to count as a project, -1 where it ceases to,
    - `unknown_delta`: +1 where the awarded amount begins to be unknown, -1 where it is found.

    `effective_last` is the day from which it counts, `recorded_at` the instant at which the
    office's records had it, `entered_at` this system's own instant, which is never back-dated.
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
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_entries.id"), index=True)

    award: Mapped[Award] = relationship(back_populates="entries")
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


class AwardStanding(Model):
    """An award as it stands now, in one row for lists: derived from the ledger, never typed into.

    `awarded_pence` is NULL where the amount is not known. `search` is what a person may look for, without case.
    """

    __tablename__ = "award_standings"

    award_id: Mapped[int] = mapped_column(ForeignKey("awards.id"), primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str]
    fund_id: Mapped[int] = mapped_column(ForeignKey("funds.id"))
    round_id: Mapped[int | None] = mapped_column(ForeignKey("rounds.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    primary_topic_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id"), index=True)
    priority_id: Mapped[int | None] = mapped_column(ForeignKey("priorities.id"), index=True)
    fund_code: Mapped[str]
    round_code: Mapped[str]
    organisation_name: Mapped[str]
    organisation_key: Mapped[str]
    title: Mapped[str]
    purpose: Mapped[str]
    primary_topic: Mapped[str]
    other_topics: Mapped[str]
    districts: Mapped[str]
    award_day: Mapped[Day]
    award_last: Mapped[date]
    requested_pence: Mapped[Pence | None]
    awarded_pence: Mapped[Pence | None]
    returned_pence: Mapped[Pence]
    is_project: Mapped[bool]
    illustrative: Mapped[bool]
    search: Mapped[str]
    first_published_at: Mapped[datetime]
    last_changed_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_award_standings_award_last_award_id", "award_last", "award_id"),
        Index("ix_award_standings_fund_id_award_last_award_id", "fund_id", "award_last", "award_id"),
        Index("ix_award_standings_organisation_key_award_id", "organisation_key", "award_id"),
        Index("ix_award_standings_awarded_pence_award_id", "awarded_pence", "award_id"),
    )
