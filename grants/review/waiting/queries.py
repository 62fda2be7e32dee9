"""What waits for whom in review, decided in the database: the rules of `rules`, for whole lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Case, ColumnElement, Select, and_, case, false, func, or_, select
from sqlalchemy.orm import contains_eager

from grants.accounts.models import Organisation, Person
from grants.accounts.rights import Right
from grants.applications.apart.rules import GrantStep
from grants.applications.models import Application, ApplicationStatus
from grants.applications.queries import not_own
from grants.foundation.records.db import db
from grants.funds.models import Round, RoundStatus
from grants.review.models import ScoreSheet
from grants.review.queries import did, locked_sheets_count, met_by
from grants.review.rules import RANKED


class ReviewTask(StrEnum):
    """What a person has to do with an application."""

    CHECK = "check"
    SCORE = "score"
    RECOMMEND = "recommend"

    @property
    def label(self) -> str:
        """The words on its tag."""
        return f"To {self.value}"


_STATE_OF = {
    ReviewTask.CHECK: ApplicationStatus.SUBMITTED,
    ReviewTask.SCORE: ApplicationStatus.ELIGIBLE,
    ReviewTask.RECOMMEND: ApplicationStatus.ELIGIBLE,
}


@dataclass(frozen=True)
class RoundWork:
    """What there is to do for a person in one round, and what they have scored of it."""

    slug: str
    code: str
    to_check: int
    to_score: int
    scored: int
    to_recommend: int
    ranked: int

    @property
    def to_do(self) -> int:
        """How many applications wait for the person."""
        return self.to_check + self.to_score + self.to_recommend


def waiting(person: Person, *, deed: ReviewTask | None = None, round_slug: str = "") -> Select[*tuple[Any, ...]]:
    """What waits for this person, a row for each application with what its list shows. Order and page are the caller's.

    `what` is the value of a `Deed`, `locked` the number of score sheets that are locked, amounts are in pence.
    """
    what = _what_waits(person)
    found = (
        _with_own_sheet(
            select(
                Application.reference,
                Application.title,
                Organisation.name.label("organisation"),
                Round.code.label("round"),
                Round.scores_needed,
                Application.submitted_at,
                Application.requested_pence,
                what.label("what"),
                locked_sheets_count().label("locked"),
            ).select_from(Application),
            person,
        )
        .join(Application.round)
        .join(Application.organisation)
        .where(Application.status.in_(_states(deed)), what.is_not(None), *not_own(person))
    )
    if deed:
        found = found.where(what == deed.value)
    return found.where(Round.slug == round_slug) if round_slug else found


def work_by_round(person: Person) -> Sequence[RoundWork]:
    """What there is to do in each round that is not complete, the newest first. One query."""
    what = _what_waits(person)
    rows = db.session.execute(
        _with_own_sheet(
            select(
                Round.slug,
                Round.code,
                count_if(what == ReviewTask.CHECK.value),
                count_if(what == ReviewTask.SCORE.value),
                count_if(ScoreSheet.locked_at.is_not(None)),
                count_if(what == ReviewTask.RECOMMEND.value),
                count_if(Application.status.in_(RANKED)),
            )
            .select_from(Application)
            .join(Application.round),
            person,
        )
        .where(Round.status != RoundStatus.COMPLETE, *not_own(person))
        .where(Application.status.in_(RANKED | {ApplicationStatus.SUBMITTED}))
        .group_by(Round.id, Round.slug, Round.code)
        .order_by(Round.id.desc())
    )
    return [RoundWork(*row) for row in rows]


def locked_by(person: Person) -> Select[*tuple[Any, ...]]:
    """What this person has scored and locked, as (application, sheet). Order and page are the caller's."""
    return (
        select(Application, ScoreSheet)
        .join(ScoreSheet, and_(ScoreSheet.application_id == Application.id, ScoreSheet.person_id == person.id))
        .join(Application.round)
        .join(Application.organisation)
        .options(contains_eager(Application.round), contains_eager(Application.organisation))
        .where(ScoreSheet.locked_at.is_not(None), *not_own(person))
    )


def left_to_score(person: Person, a_round: Round) -> int:
    """How many applications of a round the person can still score. One query."""
    found = _with_own_sheet(select(func.count()).select_from(Application), person)
    found = found.where(Application.round_id == a_round.id, _is_to_score(person), *not_own(person))
    return int(db.session.scalar(found) or 0)


def count_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows of a group a condition holds for."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _with_own_sheet(found: Select[*tuple[Any, ...]], person: Person) -> Select[*tuple[Any, ...]]:
    return found.outerjoin(
        ScoreSheet, and_(ScoreSheet.application_id == Application.id, ScoreSheet.person_id == person.id)
    )


def _is_to_score(person: Person) -> ColumnElement[bool]:
    if not person.may(Right.SCORE_APPLICATIONS):
        return false()
    return and_(
        Application.status == ApplicationStatus.ELIGIBLE,
        ~met_by(GrantStep.SCORE, did(person)),
        ScoreSheet.locked_at.is_(None),
        or_(ScoreSheet.id.is_(None), ~ScoreSheet.has_conflict),
    )


def _states(deed: ReviewTask | None) -> list[ApplicationStatus]:
    """The states in which anything waits, which an index finds: `_what_waits` alone would look at every application."""
    return [_STATE_OF[deed]] if deed else sorted(set(_STATE_OF.values()))


def _what_waits(person: Person) -> Case[str | None]:
    ways: list[tuple[ColumnElement[bool], str]] = [(_is_to_score(person), ReviewTask.SCORE.value)]
    if person.may(Right.CHECK_APPLICATIONS):
        enough = locked_sheets_count() >= Round.scores_needed
        ways += [
            (
                and_(Application.status == ApplicationStatus.SUBMITTED, ~met_by(GrantStep.CHECK, did(person))),
                ReviewTask.CHECK.value,
            ),
            (
                and_(
                    Application.status == ApplicationStatus.ELIGIBLE, enough, ~met_by(GrantStep.RECOMMEND, did(person))
                ),
                ReviewTask.RECOMMEND.value,
            ),
        ]
    return case(*ways)
