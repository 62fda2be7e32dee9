"""One line of a file of past awards: read strictly, or refused column by column."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.accounts.models import Organisation
from grants.applications.models import Application
from grants.foundation.records.appendonly import append_only
from grants.foundation.records.db import Id, Model, one_of, pence_check
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from grants.foundation.values.statuses import Status
from grants.funds.models import District, Fund, Priority, Round, Topic

from .decision import Decision
from .ledger import LedgerEntry

LONGEST_TITLE = 300


class AwardStatus(Status):
    """Where an award is in its life. One from older records knows only awarded, complete and withdrawn."""

    AWARDED = "awarded", "Awarded", "yes"
    OFFERED = "offered", "Offered", "wait"
    ACCEPTED = "accepted", "Accepted", "yes"
    PAID = "paid", "Paid", "yes"
    COMPLETE = "complete", "Complete", "quiet"
    WITHDRAWN = "withdrawn", "Withdrawn", "no"

    @property
    def public(self) -> AwardStatus:
        """What the public is told of it: how far the offer and its payment are is between office and group."""
        return self if self in PUBLIC_STATUSES else AwardStatus.AWARDED


PUBLIC_STATUSES = (AwardStatus.AWARDED, AwardStatus.COMPLETE, AwardStatus.WITHDRAWN)
"""The states that the register shows and is filtered by."""


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
    entries: Mapped[list[LedgerEntry]] = relationship(order_by="LedgerEntry.id")
    changes: Mapped[list[AwardChange]] = relationship(order_by="AwardChange.id")
    topics: Mapped[list[AwardTopic]] = relationship(order_by="AwardTopic.position")
    districts: Mapped[list[AwardDistrict]] = relationship(order_by="AwardDistrict.id")

    __table_args__ = (one_of("status", AwardStatus), pence_check("requested_pence"))

    @property
    def is_live(self) -> bool:
        """Whether it was awarded in this system, rather than taken from older records."""
        return self.decision_id is not None or not self.source

    @property
    def is_paid_here(self) -> bool:
        """Whether it was decided in this system, which then pays it and holds every payment of it."""
        return self.decision_id is not None


append_only(Award.__table__)


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
    STARTS_ON = "starts_on"
    ENDS_ON = "ends_on"
    CONDITIONS = "conditions"
    AWARD_DATE = "award_date"
    SOURCE = "source"


FROM_THE_START = date.min
"""The `effective_last` of a change that puts right what was wrong from the start, and of every award date."""


class AwardChange(Model):
    """A dated change of what an award is. The column that belongs to its `field` holds the new value.

    Of the changes of a field the one that took effect last holds, and of those of one day the one entered last.
    One that holds from the start has `effective_last` FROM_THE_START, so it stays right when the award's day is
    corrected; its `effective_day` is the day of the award, for people. `before` and `after` say the same in words.
    A change of topics or districts has its rows in `award_topics` or `award_districts`; `topic_id` repeats the primary
    one. A day stands in `after` as 2026-12-04.
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
