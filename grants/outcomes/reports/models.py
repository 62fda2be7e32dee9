"""A monitoring report: what a group did with its grant, in its own words and figures."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.accounts.models import Person
from grants.awards.models import Award
from grants.foundation.records.appendonly import append_only
from grants.foundation.records.db import Id, Model, Versioned, one_of, pence_check
from grants.foundation.values.money import Pence
from grants.foundation.values.statuses import Status

DIFFERENCE_PERCENT = 10
"""A budget line that differs by more than this from its plan needs a reason."""
DIFFERENCE_WORDS = 500
CHANGED_WORDS = 300
STORY_WORDS = 300
LONGEST_LINE_REASON = 500
LONGEST_OTHER_MONEY = 500
MOST_PEOPLE = 1_000_000
LONGEST_ANSWER = 4000
"""Characters of what an officer writes to the group about its report."""


class ReportStatus(Status):
    """Where a report is in its life."""

    DRAFT = "draft", "Being written", "quiet"
    SUBMITTED = "submitted", "Sent to the office", "wait"
    RETURNED = "returned", "Changes asked for", "wait"
    ACCEPTED = "accepted", "Accepted", "yes"


class Report(Versioned, Model):
    """What a group reports on one award; `number` has room for several, like one half-way and one at the end.

    `due_on` is the day by which it should be sent: it blocks nothing. `spent_pence` is the sum of its lines.
    `waived_pence` was not spent and need not come back.
    """

    __tablename__ = "reports"

    id: Mapped[Id]
    award_id: Mapped[int] = mapped_column(ForeignKey("awards.id"))
    number: Mapped[int] = mapped_column(default=1)
    status: Mapped[str] = mapped_column(default=ReportStatus.DRAFT)
    due_on: Mapped[date]
    made_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    people_helped: Mapped[int | None]
    people_estimated: Mapped[bool | None]
    volunteers: Mapped[int | None]
    sessions: Mapped[int | None]
    difference: Mapped[str] = mapped_column(default="")
    changed: Mapped[str] = mapped_column(default="")
    other_money: Mapped[str] = mapped_column(default="")
    spent_pence: Mapped[Pence] = mapped_column(default=Pence(0))
    story: Mapped[str] = mapped_column(default="")
    story_consent: Mapped[bool] = mapped_column(default=False)
    submitted_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    waived_pence: Mapped[Pence] = mapped_column(default=Pence(0))
    waived_reason: Mapped[str] = mapped_column(default="")

    award: Mapped[Award] = relationship()
    lines: Mapped[list[ReportLine]] = relationship(order_by="ReportLine.position", cascade="all, delete-orphan")

    __table_args__ = (
        UniqueConstraint("award_id", "number"),
        one_of("status", ReportStatus),
        CheckConstraint("number BETWEEN 1 AND 9", name="number_in_range"),
        CheckConstraint(f"people_helped BETWEEN 0 AND {MOST_PEOPLE}", name="people_helped_in_range"),
        CheckConstraint(f"volunteers BETWEEN 0 AND {MOST_PEOPLE}", name="volunteers_in_range"),
        CheckConstraint(f"sessions BETWEEN 0 AND {MOST_PEOPLE}", name="sessions_in_range"),
        pence_check("spent_pence"),
        pence_check("waived_pence"),
        CheckConstraint("status = 'draft' OR submitted_at IS NOT NULL", name="has_submission_unless_draft"),
        CheckConstraint("(status = 'accepted') = (accepted_at IS NOT NULL)", name="has_day_if_accepted"),
        CheckConstraint("(waived_pence > 0) = (waived_reason <> '')", name="has_reason_if_waived"),
        CheckConstraint("waived_pence = 0 OR status = 'accepted'", name="accepted_if_waived"),
        Index("ix_reports_status_submitted_at", "status", "submitted_at"),
    )

    @property
    def state(self) -> ReportStatus:
        """Its status with its label and colour."""
        return ReportStatus(self.status)


append_only(Report.__table__)


class ReportLine(Model):
    """A line of the bid's budget, what the group asked for it, and what it spent on it (NULL: not said yet)."""

    __tablename__ = "report_lines"

    id: Mapped[Id]
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"))
    position: Mapped[int]
    item: Mapped[str]
    asked_pence: Mapped[Pence]
    spent_pence: Mapped[Pence | None]
    reason: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        UniqueConstraint("report_id", "position"),
        pence_check("asked_pence"),
        pence_check("spent_pence"),
    )


class ReportSubmission(Model):
    """A report as it was sent: frozen, with its SHA-256. `content` is canonical JSON; versions count from 1."""

    __tablename__ = "report_submissions"

    id: Mapped[Id]
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"))
    number: Mapped[int]
    content: Mapped[str]
    sha256: Mapped[str]
    submitted_at: Mapped[datetime]
    submitted_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)

    report: Mapped[Report] = relationship()
    submitted_by: Mapped[Person] = relationship()
    answer: Mapped[ReportAnswer | None] = relationship(back_populates="submission")

    __table_args__ = (
        UniqueConstraint("report_id", "number"),
        CheckConstraint("number >= 1", name="number_is_positive"),
        CheckConstraint("length(sha256) = 64", name="sha256_is_whole"),
    )


append_only(ReportSubmission.__table__)


class ReportAnswer(Model):
    """What an officer said to one sent version: accepted, or returned with what to change."""

    __tablename__ = "report_answers"

    submission_id: Mapped[int] = mapped_column(ForeignKey("report_submissions.id"), primary_key=True)
    outcome: Mapped[str]
    words: Mapped[str]
    answered_at: Mapped[datetime]
    answered_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)

    submission: Mapped[ReportSubmission] = relationship(back_populates="answer")
    answered_by: Mapped[Person] = relationship()

    __table_args__ = (
        CheckConstraint("outcome IN ('returned', 'accepted')", name="outcome_is_known"),
        CheckConstraint("outcome <> 'returned' OR words <> ''", name="has_words_if_returned"),
    )


append_only(ReportAnswer.__table__)
