"""Named reads of checks, score sheets and recommendations."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, ScalarSelect, and_, exists, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload, selectinload

from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.applications.models import Application, ApplicationStatus, Submission
from grants.applications.queries import not_own
from grants.foundation.records.db import db
from grants.funds.models import Criterion

from .models import Check, Recommendation, RecommendationDraft, Score, ScoreSheet


@dataclass(frozen=True)
class ReviewCase:
    """An application with what was frozen of it, its check, its recommendation, and one person's sheet."""

    application: Application
    submission: Submission
    sheet: ScoreSheet | None
    check: Check | None
    recommendation: Recommendation | None
    locked: int


def case(person: Person, reference: str) -> ReviewCase | None:
    """Everything about one submitted application that the rules of review ask for. One query."""
    locked = locked_sheets_count()
    row = (
        db.session.execute(
            select(Application, Submission, ScoreSheet, Check, Recommendation, locked)
            .join(Submission, Submission.application_id == Application.id)
            .outerjoin(ScoreSheet, and_(ScoreSheet.application_id == Application.id, ScoreSheet.person_id == person.id))
            .outerjoin(Check, Check.application_id == Application.id)
            .outerjoin(Recommendation, Recommendation.application_id == Application.id)
            .options(
                joinedload(Application.bars),
                joinedload(Application.clarifications),
                joinedload(Check.officer),
                joinedload(Recommendation.officer),
            )
            .where(Application.reference == reference.upper())
        )
        .unique()
        .first()
    )
    return ReviewCase(*row) if row else None


def sheet_of(application_id: int, person: Person) -> ScoreSheet | None:
    """One person's sheet of one application, as it stands now, held until the end of the transaction."""
    return db.session.scalars(
        select(ScoreSheet)
        .where(ScoreSheet.application_id == application_id, ScoreSheet.person_id == person.id)
        .options(selectinload(ScoreSheet.scores))
        .with_for_update(of=ScoreSheet)
        .execution_options(populate_existing=True)
    ).first()


def check_of(application_id: int) -> Check | None:
    """The officer's check of an application."""
    return db.session.get(Check, application_id)


def draft_of(application_id: int) -> RecommendationDraft | None:
    """What the office is about to recommend for an application."""
    return db.session.get(RecommendationDraft, application_id)


def scored_criteria(case: ReviewCase) -> Sequence[tuple[Criterion, Score | None]]:
    """Every criterion of the round with the sheet's score. One query."""
    sheet_id = case.sheet.id if case.sheet else None
    rows = db.session.execute(
        select(Criterion, Score)
        .outerjoin(Score, and_(Score.criterion_id == Criterion.id, Score.sheet_id == sheet_id))
        .where(Criterion.round_id == case.application.round_id)
        .order_by(Criterion.position)
    )
    return [(row[0], row[1]) for row in rows]


def locked_sheets(application_id: int) -> Sequence[ScoreSheet]:
    """The locked sheets of an application with their scores, in the order in which they were locked. One query."""
    return (
        db.session.scalars(
            select(ScoreSheet)
            .join(ScoreSheet.scores)
            .join(Score.criterion)
            .options(
                contains_eager(ScoreSheet.scores).contains_eager(Score.criterion),
            )
            .where(ScoreSheet.application_id == application_id, ScoreSheet.locked_at.is_not(None))
            .order_by(ScoreSheet.locked_at, ScoreSheet.id, Criterion.position)
        )
        .unique()
        .all()
    )


def locked_sheets_count() -> ScalarSelect[int]:
    """The number of locked sheets of the application of the surrounding query."""
    return (
        select(func.count(ScoreSheet.id))
        .where(ScoreSheet.application_id == Application.id, ScoreSheet.locked_at.is_not(None))
        .correlate(Application)
        .scalar_subquery()
    )


def locked_count(application_id: int) -> int:
    """How many panel members have locked their scores."""
    return db.session.scalars(
        select(func.count())
        .select_from(ScoreSheet)
        .where(ScoreSheet.application_id == application_id, ScoreSheet.locked_at.is_not(None))
    ).one()


def locked_counts(application_ids: Collection[int]) -> Mapping[int, int]:
    """How many panel members have locked their scores of each of these applications. One query."""
    rows = db.session.execute(
        select(ScoreSheet.application_id, func.count())
        .where(ScoreSheet.application_id.in_(application_ids), ScoreSheet.locked_at.is_not(None))
        .group_by(ScoreSheet.application_id)
    )
    return {row[0]: row[1] for row in rows}


def scores_are_open_to(person: Person) -> tuple[ColumnElement[bool], ...]:
    """The conditions on applications of `rules.can_see_scores`, for whole lists. A test holds the two together."""
    sheet = aliased(ScoreSheet)
    own = exists().where(
        sheet.application_id == Application.id, sheet.person_id == person.id, sheet.locked_at.is_not(None)
    )
    if not person.may(Right.READ_SCORES):
        return (*not_own(person), own)
    if person.may(Right.SCORE_APPLICATIONS):
        return (*not_own(person), or_(own, Application.status != ApplicationStatus.ELIGIBLE))
    return not_own(person)
