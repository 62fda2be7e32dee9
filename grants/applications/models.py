"""An application: what a group asks for, in its own words."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.accounts.models import Organisation, Person
from grants.foundation.records.appendonly import append_only
from grants.foundation.records.db import Id, Model, Versioned, one_of, pence_check
from grants.foundation.values.money import Pence
from grants.foundation.values.statuses import Status
from grants.funds.models import District, Priority, Question, Round, Topic

LONGEST_TITLE = 120
MOST_BUDGET_LINES = 20
LONGEST_ITEM = 120
MOST_PEOPLE_HELPED = 1_000_000
MOST_TOPICS = 5
LONGEST_QUESTION = 2000
LONGEST_CLARIFICATION_WORDS = 500
ANSWER_WITHIN = timedelta(days=7)
"""How long a group has to answer a question of the office, unless the officer names another day."""
LATEST_ANSWER = timedelta(days=60)
ANSWER_HOUR = time(17)
"""Until when on that day, in Europe/London."""


class ApplicationStatus(Status):
    """Where an application is in its life."""

    DRAFT = "draft", "Draft", "quiet"
    SUBMITTED = "submitted", "Submitted", "wait"
    ELIGIBLE = "eligible", "With the panel", "wait"
    INELIGIBLE = "ineligible", "Not eligible", "no"
    RECOMMENDED = "recommended", "Waiting for a decision", "wait"
    DECIDED = "decided", "Decided, not announced", "wait"
    AWARDED = "awarded", "Awarded", "yes"
    DECLINED = "declined", "Declined", "no"
    WITHDRAWN = "withdrawn", "Withdrawn", "quiet"


class Application(Versioned, Model):
    """One group's bid in one round. `requested_pence` is the sum of its budget lines.

    `approved_pence` is what its decision approved, 0 where it was declined; the verb that decides sets it.
    """

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
    approved_pence: Mapped[Pence | None]
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
    clarifications: Mapped[list[Clarification]] = relationship(order_by="Clarification.number", viewonly=True)

    __table_args__ = (
        one_of("status", ApplicationStatus),
        pence_check("requested_pence"),
        pence_check("approved_pence"),
        CheckConstraint(
            "status = 'draft' OR status = 'withdrawn' OR (submitted_at IS NOT NULL AND submitted_by_id IS NOT NULL)",
            name="has_submission_if_submitted",
        ),
        CheckConstraint("people_helped IS NULL OR people_helped >= 0", name="people_helped_in_range"),
        Index("ix_applications_round_id_status", "round_id", "status"),
        Index("ix_applications_status_submitted_at", "status", "submitted_at"),
        Index("ix_applications_submitted_at_id", "submitted_at", "id"),
        Index("ix_applications_round_id_submitted_at_id", "round_id", "submitted_at", "id"),
    )

    @property
    def state(self) -> ApplicationStatus:
        """Its status with its label and colour."""
        return ApplicationStatus(self.status)

    @property
    def state_told(self) -> ApplicationStatus:
        """The same as its group is told: a decision is announced by its signed notice, and not before."""
        return ApplicationStatus.RECOMMENDED if self.state == ApplicationStatus.DECIDED else self.state


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


append_only(Bar.__table__)


class Submission(Model):
    """An application as it was submitted: frozen, with its SHA-256. `content` is canonical JSON."""

    __tablename__ = "submissions"

    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    content: Mapped[str]
    sha256: Mapped[str]
    submitted_at: Mapped[datetime]


append_only(Submission.__table__)


class Clarification(Model):
    """A question of the office about a submitted application. It stands beside the submission and never changes it.

    Its answer is a row of its own, so that both are frozen as they were written. Their numbers count from 1 in each
    application; two officers who ask at the same moment would need the same one, so only one of them gets through.
    """

    __tablename__ = "clarifications"

    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"))
    number: Mapped[int]
    question: Mapped[str]
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    answer_by: Mapped[datetime]

    asked_by: Mapped[Person] = relationship(lazy="joined")
    reply: Mapped[ClarificationAnswer | None] = relationship(lazy="joined", viewonly=True)

    __table_args__ = (
        UniqueConstraint("application_id", "number"),
        CheckConstraint("question <> ''", name="has_question"),
        CheckConstraint("answer_by > asked_at", name="asked_before_the_answer_is_due"),
    )

    @property
    def is_open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.reply is None


class ClarificationAnswer(Model):
    """What the group answered to a question of the office: once, and then frozen."""

    __tablename__ = "clarification_answers"

    clarification_id: Mapped[int] = mapped_column(ForeignKey("clarifications.id"), primary_key=True)
    answer: Mapped[str]
    answered_at: Mapped[datetime]
    answered_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)

    answered_by: Mapped[Person] = relationship(lazy="joined")

    __table_args__ = (CheckConstraint("answer <> ''", name="has_answer"),)


append_only(Clarification.__table__)
append_only(ClarificationAnswer.__table__)
