"""The ranking of a round, its pot, and what stands ready to be recommended. Named reads, reckoned in the database.

Scores are reckoned in whole points: a sheet's points are the sum of its scores, each times its criterion's weight.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Float,
    Integer,
    Select,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    select,
    true,
)

from grants.accounts.models import Organisation, Person
from grants.accounts.rights import Right
from grants.applications.models import Application, ApplicationStatus
from grants.applications.queries import grant_in_words, grant_pence, grant_status, pence_beside
from grants.foundation.records.db import db
from grants.foundation.values.money import Pence
from grants.foundation.values.statuses import Status
from grants.funds.models import LARGEST_SCORE, Criterion, Round
from grants.review.models import MOST_AT_ONCE, Recommendation, RecommendationDraft, Score, ScoreSheet
from grants.review.queries import scores_are_open_to
from grants.review.rules import RANKED, Pot, Result
from grants.review.waiting.queries import count_if

ANNOUNCED = frozenset({ApplicationStatus.AWARDED, ApplicationStatus.DECLINED})
"""Once an application is so, the group knows its result, and so may the panel."""


@dataclass(frozen=True)
class RankingSummary:
    """A round's pot, how many applications stand in its ranking, and how many of these are shown to a person."""

    pot: Pot
    count: int
    shown: int

    @property
    def hidden(self) -> int:
        """How many are closed to the person, or not scored by them yet."""
        return self.count - self.shown


@dataclass(frozen=True)
class Ranked:
    """One application in the ranking. `running_pence` is what it and all above it take from the pot."""

    id: int
    reference: str
    title: str
    organisation: str
    status: ApplicationStatus
    grant: Status | None
    place: int | None
    is_shared: bool
    result: Result | None
    requested_pence: Pence
    recommended_pence: Pence | None
    approved_pence: Pence | None
    taken_pence: Pence | None
    running_pence: Pence
    illustrative: bool

    @property
    def sheets(self) -> int:
        """How many score sheets are locked."""
        return self.result.sheets if self.result else 0

    @property
    def takes_pence(self) -> Pence:
        """What it takes from the pot itself: what its approval takes now, else what is recommended, in pence."""
        if self.taken_pence is not None:
            return self.taken_pence
        return self.recommended_pence or Pence(0)

    @property
    def place_in_words(self) -> str:
        """Its place; one that it shares has an equals sign."""
        return "" if self.place is None else f"{self.place}{'=' if self.is_shared else ''}"


@dataclass(frozen=True)
class Ready:
    """An application that stands ready to be recommended, with what is drafted for it."""

    bid: Ranked
    amount_pence: Pence | None
    reason: str
    chosen: bool
    version: int
    saved_at: datetime | None
    saved_by: str


def pot_use(a_round: Round) -> Pot:
    """The pot of a round and what goes against it, whoever asks: every page and rule reads it here. One query.

    It is what the ledger says of grants, and what is decided and not announced yet.
    """
    return _counted(a_round, Application.approved_pence.expression, true(), true())[0]


def summary_of(person: Person, a_round: Round) -> RankingSummary:
    """The pot and the size of a round's ranking as a person sees it. One query.

    The office sees the pot of the whole round; a panel member only what the applications shown to them take from it.
    """
    shown = and_(*scores_are_open_to(person))
    whole = person.may(Right.READ_SCORES)
    return RankingSummary(*_counted(a_round, _approved(person), true() if whole else shown, shown, beside=whole))


def ranking(person: Person, a_round: Round) -> Subquery:
    """The applications of a round whose scores are open to the person, ranked by median, then by mean.

    Equal ones share a place; what has no locked sheet has none. Sort by `place` and then `reference`.
    """
    ranked = _ranked(person, a_round).subquery()
    above = func.sum(ranked.c.counts).over(
        order_by=(ranked.c.place.asc().nulls_last(), ranked.c.reference), rows=(None, 0)
    )
    return select(ranked, cast(above, BigInteger).label("running")).subquery()


def order_of(ranked: Subquery) -> list[tuple[Any, bool]]:
    """The order of a ranking, for a page by keyset."""
    return [(ranked.c.place, False), (ranked.c.reference, False)]


def ready(ranked: Subquery, a_round: Round) -> Select[Any]:
    """What stands ready to be recommended, with its draft. Order and page are the caller's."""
    draft, officer = RecommendationDraft, Person
    return (
        select(
            ranked,
            draft.amount_pence,
            draft.reason,
            draft.chosen,
            draft.version,
            draft.saved_at,
            officer.name.label("saved_by"),
        )
        .outerjoin(draft, draft.application_id == ranked.c.id)
        .outerjoin(officer, officer.id == draft.officer_id)
        .where(ranked.c.status == ApplicationStatus.ELIGIBLE, ranked.c.sheets >= a_round.scores_needed)
    )


def ready_among(person: Person, a_round: Round, ids: Collection[int]) -> dict[int, Ready]:
    """Which of these applications stand ready to be recommended by the person. One query."""
    ranked = ranking(person, a_round)
    rows = db.session.execute(ready(ranked, a_round).where(ranked.c.id.in_(ids)))
    return {row.id: as_ready(row) for row in rows}


def chosen(person: Person, a_round: Round) -> list[Ready]:
    """What is chosen for the next set, in the order of the ranking, as many as go at once. One query."""
    ranked = ranking(person, a_round)
    rows = db.session.execute(
        ready(ranked, a_round)
        .where(RecommendationDraft.chosen)
        .order_by(ranked.c.place.asc().nulls_last(), ranked.c.reference)
        .limit(MOST_AT_ONCE)
    )
    return [as_ready(row) for row in rows]


@dataclass(frozen=True)
class ReadyCount:
    """How many stand ready to be recommended, how many of them are chosen, and what these come to in pence."""

    ready: int
    chosen: int
    chosen_pence: Pence


def ready_count(person: Person, a_round: Round) -> ReadyCount:
    """How many stand ready and are chosen. One query."""
    found = ready(ranking(person, a_round), a_round).subquery()
    picked = found.c.chosen.is_(True)
    count, number, total = db.session.execute(
        select(
            func.count(),
            count_if(picked),
            cast(func.coalesce(func.sum(case((picked, found.c.amount_pence))), 0), BigInteger),
        ).select_from(found)
    ).one()
    return ReadyCount(count, number, Pence(total))


def as_ranked(row: Any) -> Ranked:
    """A row of `ranking`."""
    return Ranked(
        id=row.id,
        reference=row.reference,
        title=row.title,
        organisation=row.organisation,
        status=ApplicationStatus(row.status),
        grant=grant_in_words(row.grant),
        place=row.place,
        is_shared=row.place is not None and row.alike > 1,
        result=_result(row),
        requested_pence=row.requested_pence,
        recommended_pence=row.recommended_pence,
        approved_pence=row.approved_pence,
        taken_pence=row.taken_pence,
        running_pence=row.running,
        illustrative=row.illustrative,
    )


def as_ready(row: Any) -> Ready:
    """A row of `ready`."""
    return Ready(
        bid=as_ranked(row),
        amount_pence=row.amount_pence,
        reason=row.reason or "",
        chosen=bool(row.chosen),
        version=row.version or 0,
        saved_at=row.saved_at,
        saved_by=row.saved_by or "",
    )


def _result(row: Any) -> Result | None:
    if not row.sheets:
        return None
    most = row.most
    return Result(
        sheets=row.sheets,
        mean=100 * row.total / (row.sheets * most),
        median=100 * row.doubled_median / (2 * most),
        low=100 * row.low / most,
        high=100 * row.high / most,
    )


def _bids(a_round: Round, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Application)
        .outerjoin(Recommendation, Recommendation.application_id == Application.id)
        .where(Application.round_id == a_round.id, Application.status.in_(RANKED))
    )


def _approved(person: Person) -> ColumnElement[Pence | None]:
    """What was approved, as far as the person may know: the panel is told when everybody is."""
    if person.may(Right.READ_SCORES):
        return Application.approved_pence.expression
    return case((Application.status.in_(ANNOUNCED), Application.approved_pence))


def _taken(approved: ColumnElement[Any]) -> ColumnElement[Any]:
    """What an approval takes from the pot now: what its grant is worth, or what is approved and not announced yet."""
    return case((approved.is_not(None), func.coalesce(grant_pence(), approved)))


def _counted(
    a_round: Round,
    approved: ColumnElement[Any],
    counted: ColumnElement[bool],
    shown: ColumnElement[bool],
    *,
    beside: bool = True,
) -> tuple[Pot, int, int]:
    """The pot with what `counted` bids take, how many bids there are, and how many are shown. One query."""
    waits = case((approved.is_(None), Recommendation.amount_pence))
    sums = [_sum(case((counted, pence))) for pence in (_taken(approved), approved, waits)]
    other = pence_beside(a_round) if beside else literal(0)
    found = db.session.execute(_bids(a_round, *sums, other, func.count(), count_if(shown)))
    take, first, recommended, more, count, seen = found.one()
    return Pot(a_round.pot_pence, Pence(take + more), Pence(recommended), Pence(max(0, first - take))), count, seen


def _sum(pence: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(pence), 0), BigInteger)


def _points(a_round: Round) -> Subquery:
    """Each locked sheet's points and its place among those of its application, the lowest first."""
    sheets = (
        select(
            ScoreSheet.application_id,
            ScoreSheet.id.label("sheet_id"),
            cast(func.sum(Score.score * Criterion.weight), Integer).label("points"),
        )
        .join(Score, Score.sheet_id == ScoreSheet.id)
        .join(Criterion, Criterion.id == Score.criterion_id)
        .where(Criterion.round_id == a_round.id, ScoreSheet.locked_at.is_not(None))
        .group_by(ScoreSheet.application_id, ScoreSheet.id)
        .subquery()
    )
    whose = sheets.c.application_id
    return select(
        whose,
        sheets.c.points,
        func.row_number().over(partition_by=whose, order_by=(sheets.c.points, sheets.c.sheet_id)).label("nth"),
        func.count().over(partition_by=whose).label("sheets"),
    ).subquery()


def _results(a_round: Round) -> Subquery:
    """Each application's sheets, total, lowest, highest and twice its median, in points."""
    points = _points(a_round)
    sheets = func.max(points.c.sheets)
    middle = (2 * points.c.nth).between(points.c.sheets, points.c.sheets + 2)
    middles = cast(func.sum(case((middle, points.c.points), else_=0)), Integer)
    return (
        select(
            points.c.application_id,
            sheets.label("sheets"),
            cast(func.sum(points.c.points), Integer).label("total"),
            func.min(points.c.points).label("low"),
            func.max(points.c.points).label("high"),
            (middles * (1 + sheets % 2)).label("doubled_median"),
        )
        .group_by(points.c.application_id)
        .subquery()
    )


def _ranked(person: Person, a_round: Round) -> Select[Any]:
    results, approved = _results(a_round), _approved(person)
    taken = _taken(approved)
    mean = cast(results.c.total, Float) / results.c.sheets
    best = (results.c.doubled_median.desc().nulls_last(), mean.desc().nulls_last())
    most = select(LARGEST_SCORE * func.sum(Criterion.weight)).where(Criterion.round_id == a_round.id).scalar_subquery()
    return (
        _bids(
            a_round,
            Application.id,
            Application.reference,
            Application.title,
            Application.status,
            grant_status().label("grant"),
            Application.requested_pence,
            Application.illustrative,
            approved.label("approved_pence"),
            taken.label("taken_pence"),
            Organisation.name.label("organisation"),
            Recommendation.amount_pence.label("recommended_pence"),
            func.coalesce(taken, Recommendation.amount_pence, 0).label("counts"),
            results,
            case((results.c.sheets.is_not(None), func.rank().over(order_by=best))).label("place"),
            func.count().over(partition_by=(results.c.doubled_median, mean)).label("alike"),
            cast(most, Integer).label("most"),
        )
        .join(Organisation, Organisation.id == Application.organisation_id)
        .outerjoin(results, results.c.application_id == Application.id)
        .where(*scores_are_open_to(person))
    )
