"""Named reads for finance: the commitments, one row for each award."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select

from grants.awards.models import Award, AwardStanding, Decision
from grants.foundation.db import db
from grants.foundation.money import Pence
from grants.funds.models import Round

from .rules import days_of_year


@dataclass(frozen=True)
class AwardFilters:
    """Which awards: of a round by its code, of a financial year like 2026-27; empty means all."""

    round: str = ""
    year: str = ""


def commitments(filters: AwardFilters) -> Select[*tuple[Any, ...]]:
    """The awards as finance books them, each with its decision and its round's codes. Order is the caller's."""
    found: Select[*tuple[Any, ...]] = (
        select(
            AwardStanding.award_id,
            AwardStanding.reference,
            AwardStanding.organisation_name,
            AwardStanding.title,
            AwardStanding.awarded_pence,
            AwardStanding.fund_code,
            AwardStanding.round_code,
            AwardStanding.award_day,
            AwardStanding.award_last,
            AwardStanding.status,
            AwardStanding.illustrative,
            Decision.reference.label("decision_reference"),
            Decision.decided_at,
            Round.cost_centre,
            Round.account_code,
            Round.project_code,
        )
        .join(Award, Award.id == AwardStanding.award_id)
        .outerjoin(Decision, Decision.id == Award.decision_id)
        .outerjoin(Round, Round.id == AwardStanding.round_id)
    )
    if filters.round:
        found = found.where(AwardStanding.round_code == filters.round)
    if days := days_of_year(filters.year):
        found = found.where(AwardStanding.award_last.between(*days))
    return found


@dataclass(frozen=True)
class Sums:
    """How many awards a selection has, and what their known amounts add up to, in pence."""

    count: int
    pence: Pence
    unknown: int


def sums_of(filters: AwardFilters) -> Sums:
    """The count and the sum of a selection. One query."""
    found = commitments(filters).subquery()
    count, pence, unknown = db.session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(found.c.awarded_pence), 0),
            func.count().filter(found.c.awarded_pence.is_(None)),
        )
    ).one()
    return Sums(count, Pence(int(pence)), unknown)


def span() -> tuple[date | None, date | None]:
    """The days of the first and the last award."""
    row = db.session.execute(select(func.min(AwardStanding.award_last), func.max(AwardStanding.award_last))).one()
    return row[0], row[1]


def round_codes() -> list[str]:
    """The rounds that have awards, the latest first."""
    return list(
        db.session.scalars(
            select(AwardStanding.round_code)
            .where(AwardStanding.round_code != "")
            .group_by(AwardStanding.round_code)
            .order_by(func.max(AwardStanding.award_last).desc(), AwardStanding.round_code)
        )
    )
