"""An application: what a group asks for, in its own words."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.accounts.models import Organisation, Person
from grants.foundation.appendonly import append_only
from grants.foundation.db import Id, Model, Versioned, one_of, pence_check
from grants.foundation.money import Pence
from grants.funds.models import District, Priority, Question, Round, Topic

LONGEST_TITLE = 120
MOST_BUDGET_LINES = 20
LONGEST_ITEM = 120
MOST_PEOPLE_HELPED = 1_000_000
MOST_TOPICS = 5


class ApplicationStatus(StrEnum):
    """Where an application is in its life."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ELIGIBLE = "eligible"
    INELIGIBLE = "ineligible"
    RECOMMENDED = "recommended"
    DECIDED = "decided"
    AWARDED = "awarded"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The word on its tag."""
        return _TITLES[self][0]

    @property
    def colour(self) -> str:
        """The tag's modifier: yes, wait, no or quiet."""
        return _TITLES[self][1]


_TITLES = {
    ApplicationStatus.DRAFT: ("Draft", "quiet"),
    ApplicationStatus.SUBMITTED: ("Submitted", "wait"),
    ApplicationStatus.ELIGIBLE: ("With the panel", "wait"),
    ApplicationStatus.INELIGIBLE: ("Not eligible", "no"),
    ApplicationStatus.RECOMMENDED: ("Waiting for a decision", "wait"),
    ApplicationStatus.DECIDED: ("Decided, not announced", "wait"),
    ApplicationStatus.AWARDED: ("Awarded", "yes"),
    ApplicationStatus.DECLINED: ("Declined", "no"),
    ApplicationStatus.WITHDRAWN: ("Withdrawn", "quiet"),
}


class Application(Versioned, Model):
    """One group's bid in one round. `requested_pence` is the sum of its budget lines."""

    __tablename__ = "applications"

    id: Mapped[Id]
    reference: Mapped[str] = mapped_column(unique=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    started_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    status: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    summary: Mapped[str] = mapped_column(default="")
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    people_helped: Mapped[int | None]
    priority_id: Mapped[int | None] = mapped_column(ForeignKey("priorities.id"), index=True)
    requested_pence: Mapped[Pence] = mapped_column(default=0)
    started_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    declared_name: Mapped[str] = mapped_column(default="")
    illustrative: Mapped[bool] = mapped_column(default=False)

    round: Mapped[Round] = relationship(lazy="joined")
    organisation: Mapped[Organisation] = relationship(lazy="joined")
    started_by: Mapped[Person] = relationship(foreign_keys=[started_by_id])
    priority: Mapped[Priority | None] = relationship()
    budget_lines: Mapped[list[BudgetLine]] = relationship(order_by="BudgetLine.position", cascade="all, delete-orphan")
    answers: Mapped[list[Answer]] = relationship(cascade="all, delete-orphan")
    topics: Mapped[list[ApplicationTopic]] = relationship(
        order_by="ApplicationTopic.position", cascade="all, delete-orphan"
    )
    districts: Mapped[list[ApplicationDistrict]] = relationship(cascade="all, delete-orphan")
    bars: Mapped[list[Bar]] = relationship()

    __table_args__ = (
        one_of("status", ApplicationStatus),
        pence_check("requested_pence"),
        CheckConstraint(
            "status = 'draft' OR status = 'withdrawn' OR (submitted_at IS NOT NULL AND submitted_by_id IS NOT NULL)",
            name="has_submission_if_submitted",
        ),
        CheckConstraint("people_helped IS NULL OR people_helped >= 0", name="people_helped_in_range"),
        Index("ix_applications_round_id_status", "round_id", "status"),
        Index("ix_applications_status_submitted_at", "status", "submitted_at"),
    )

    @property
    def state(self) -> ApplicationStatus:
        """Its status with its label and colour."""
        return ApplicationStatus(self.status)


class BudgetLine(Model):
    """One thing that the grant would pay for."""

    __tablename__ = "budget_lines"

    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"))
    position: Mapped[int]
    item: Mapped[str]
    amount_pence: Mapped[Pence]

    __table_args__ = (UniqueConstraint("application_id", "position"), pence_check("amount_pence"))


class Answer(Model):
    """What the group wrote to one of the round's questions."""

    __tablename__ = "answers"

    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), primary_key=True, index=True)
    text: Mapped[str]

    question: Mapped[Question] = relationship(lazy="joined")


class ApplicationTopic(Model):
    """A topic of the project; the one at position 0 is primary."""

    __tablename__ = "application_topics"

    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"), primary_key=True, index=True)
    position: Mapped[int]

    topic: Mapped[Topic] = relationship(lazy="joined")


class ApplicationDistrict(Model):
    """A place that the project would serve."""

    __tablename__ = "application_districts"

    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    district_id: Mapped[int] = mapped_column(ForeignKey("districts.id"), primary_key=True, index=True)

    district: Mapped[District] = relationship(lazy="joined")


class Bar(Model):
    """That a person declared an interest in an application: it stays closed to them from then on."""

    __tablename__ = "application_bars"

    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    barred_at: Mapped[datetime]


class Submission(Model):
    """An application as it was submitted: frozen, with its SHA-256. `content` is canonical JSON."""

    __tablename__ = "submissions"

    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    content: Mapped[str]
    sha256: Mapped[str]
    submitted_at: Mapped[datetime]


append_only(Submission.__table__)
