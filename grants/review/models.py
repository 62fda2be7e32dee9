"""How an application is judged before anybody decides."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.accounts.models import Person
from grants.applications.models import Application
from grants.foundation.db import Id, Model, Versioned, pence_check
from grants.foundation.money import Pence
from grants.funds.models import Criterion

LONGEST_REASON_WORDS = 300


class Check(Model):
    """An officer's check of an application against the rules of its round."""

    __tablename__ = "checks"

    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    passed: Mapped[bool]
    reason: Mapped[str]
    checked_at: Mapped[datetime]

    officer: Mapped[Person] = relationship()

    __table_args__ = (CheckConstraint("passed OR reason <> ''", name="has_reason_if_not_passed"),)


class ScoreSheet(Versioned, Model):
    """One panel member's view of one application: the declaration first, then the scores, then the lock."""

    __tablename__ = "score_sheets"

    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    has_conflict: Mapped[bool]
    conflict_note: Mapped[str]
    declared_at: Mapped[datetime]
    locked_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="joined")
    application: Mapped[Application] = relationship()
    scores: Mapped[list[Score]] = relationship(cascade="all, delete-orphan", order_by="Score.criterion_id")

    __table_args__ = (
        UniqueConstraint("application_id", "person_id"),
        CheckConstraint("NOT has_conflict OR locked_at IS NULL", name="not_locked_if_conflict"),
    )


class Score(Model):
    """A score from 0 to 5 for one criterion, with its reason. It is written to be read.

    A draft may have the one without the other; a locked sheet has both.
    """

    __tablename__ = "scores"

    sheet_id: Mapped[int] = mapped_column(ForeignKey("score_sheets.id"), primary_key=True)
    criterion_id: Mapped[int] = mapped_column(ForeignKey("criteria.id"), primary_key=True, index=True)
    score: Mapped[int | None]
    reason: Mapped[str]

    criterion: Mapped[Criterion] = relationship(lazy="joined")

    __table_args__ = (CheckConstraint("score BETWEEN 0 AND 5", name="score_in_range"),)


class Recommendation(Model):
    """What an officer recommends to the decision maker after the panel scored; no amount is to decline it."""

    __tablename__ = "recommendations"

    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    amount_pence: Mapped[Pence]
    reason: Mapped[str]
    recommended_at: Mapped[datetime]

    officer: Mapped[Person] = relationship()

    __table_args__ = (pence_check("amount_pence"), CheckConstraint("reason <> ''", name="has_reason"))
