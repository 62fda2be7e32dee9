"""How an application is judged before anybody decides."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.accounts.models import Person
from grants.applications.models import Application
from grants.foundation.records.appendonly import append_only
from grants.foundation.records.db import Id, Model, Versioned, pence_check
from grants.foundation.values.money import Pence
from grants.funds.models import Criterion

LONGEST_REASON_WORDS = 300
"""Words of a panel member's reason for one score."""

LONGEST_REASON = 2000
"""Characters of an officer's reason for a recommendation, or for going over the pot."""

MOST_AT_ONCE = 100
"""Recommendations in one set: no more than a person can read before they confirm it."""

WIDE_STEPS = 2
"""Two score sheets that lie this many steps of the scale apart disagree widely."""


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


append_only(Check.__table__)


class ScoreSheet(Versioned, Model):
    """One panel member's view of one application: the declaration first, then the scores, then the lock."""

    __tablename__ = "score_sheets"

    id: Mapped[Id]
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    has_conflict: Mapped[bool]
    conflict_note: Mapped[str]
    declared_at: Mapped[datetime]
    saved_at: Mapped[datetime | None]
    locked_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="joined")
    application: Mapped[Application] = relationship()
    scores: Mapped[list[Score]] = relationship(cascade="all, delete-orphan", order_by="Score.criterion_id")

    __table_args__ = (
        UniqueConstraint("application_id", "person_id"),
        CheckConstraint("NOT has_conflict OR locked_at IS NULL", name="not_locked_if_conflict"),
    )


append_only(ScoreSheet.__table__)


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


class RecommendationDraft(Versioned, Model):
    """What the officers are about to recommend for one application. It is the office's, whoever wrote it last.

    `chosen` puts it into the next set. No amount (0) is to decline it.
    """

    __tablename__ = "recommendation_drafts"

    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    amount_pence: Mapped[Pence | None]
    reason: Mapped[str]
    chosen: Mapped[bool]
    saved_at: Mapped[datetime]

    officer: Mapped[Person] = relationship()

    __table_args__ = (
        pence_check("amount_pence"),
        CheckConstraint("NOT chosen OR (amount_pence IS NOT NULL AND reason <> '')", name="is_whole_if_chosen"),
    )


class RecommendationSet(Model):
    """Recommendations of one round that were made together, held against its pot.

    `excess_pence` is by how much the round's approved and recommended amounts were over its pot then.
    """

    __tablename__ = "recommendation_sets"

    id: Mapped[Id]
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    recommended_at: Mapped[datetime]
    total_pence: Mapped[Pence]
    excess_pence: Mapped[Pence]
    excess_reason: Mapped[str]

    __table_args__ = (
        pence_check("total_pence"),
        pence_check("excess_pence"),
        CheckConstraint("excess_pence = 0 OR excess_reason <> ''", name="has_reason_if_over_pot"),
    )


class Recommendation(Model):
    """What an officer recommends to the decision maker after the panel scored; no amount is to decline it."""

    __tablename__ = "recommendations"

    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    set_id: Mapped[int] = mapped_column(ForeignKey("recommendation_sets.id"), index=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    amount_pence: Mapped[Pence]
    reason: Mapped[str]
    recommended_at: Mapped[datetime]

    officer: Mapped[Person] = relationship()
    made_with: Mapped[RecommendationSet] = relationship()

    __table_args__ = (pence_check("amount_pence"), CheckConstraint("reason <> ''", name="has_reason"))


append_only(RecommendationSet.__table__)
append_only(Recommendation.__table__)
