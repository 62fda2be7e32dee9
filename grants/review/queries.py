"""Named reads of checks, score sheets and recommendations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, exists, false, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased, contains_eager, joinedload, selectinload

from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.applications.apart.rules import GrantStep, Hands, never_meet
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

    @property
    def hands(self) -> Hands:
        """Who did which step on it, as far as this person and the office are concerned."""
        return {
            GrantStep.CHECK: [self.check.officer_id] if self.check else [],
            GrantStep.SCORE: [self.sheet.person_id] if self.sheet else [],
            GrantStep.RECOMMEND: [self.recommendation.officer_id] if self.recommendation else [],
        }


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


Did = Mapping[GrantStep, ColumnElement[bool]]
"""Whether a person did a step on the application of the surrounding query."""


def did(person: Person) -> Did:
    """Whether this person checked, scored or recommended on an application: the conditions for whole lists."""
    return {
        GrantStep.CHECK: _by(person, Check.application_id, Check.officer_id),
        GrantStep.SCORE: _by(person, ScoreSheet.application_id, ScoreSheet.person_id),
        GrantStep.RECOMMEND: _by(person, Recommendation.application_id, Recommendation.officer_id),
    }


def _by(person: Person, application_id: Any, person_id: Any) -> ColumnElement[bool]:
    table = aliased(application_id.class_)
    there = getattr(table, application_id.key) == Application.id
    return exists().where(there, getattr(table, person_id.key) == person.id).correlate(Application)


def met_by(step: GrantStep, did: Did) -> ColumnElement[bool]:
    """Whether this step would meet in one person what it never meets: `is_another` says no, for whole lists."""
    return or_(false(), *(condition for done, condition in did.items() if never_meet(done, step)))


def hands_of(application_ids: Collection[int]) -> Mapping[int, Hands]:
    """Who checked, scored and recommended on each of these applications. One query."""
    found: dict[int, dict[GrantStep, list[int]]] = {one: defaultdict(list) for one in application_ids}
    for step, application_id, person_id in db.session.execute(union_all(*steps_on(application_ids))):
        found[application_id][GrantStep(step)].append(person_id)
    return found


def steps_on(application_ids: Collection[int] | Select[Any]) -> list[Select[*tuple[Any, ...]]]:
    """The steps of review on these applications, as rows of (step, application, person)."""
    return [
        select(
            literal(step.value).label("kind"), application_id.label("application_id"), person_id.label("number")
        ).where(application_id.in_(application_ids))
        for step, application_id, person_id in (
            (GrantStep.CHECK, Check.application_id, Check.officer_id),
            (GrantStep.SCORE, ScoreSheet.application_id, ScoreSheet.person_id),
            (GrantStep.RECOMMEND, Recommendation.application_id, Recommendation.officer_id),
        )
    ]


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
