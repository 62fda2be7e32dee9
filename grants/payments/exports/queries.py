"""Named reads for finance's files: the commitments, one row for each award, and the payments, one row for each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select

from grants.awards.models import Award, AwardStanding, AwardStatus, Decision
from grants.foundation.records.db import db
from grants.foundation.values.money import Pence
from grants.foundation.web.tables import contains, like
from grants.funds.models import District, Round
from grants.payments.models import BankDetails, Batch, Payment, PaymentStatus
from grants.payments.rules import days_of_year


@dataclass(frozen=True)
class AwardFilters:
    """Which awards: of a fund, round, topic or district by name, of a financial year like 2026-27, in a state, with
    these words; empty means all."""

    fund: str = ""
    round: str = ""
    year: str = ""
    status: AwardStatus | None = None
    topic: str = ""
    district: str = ""
    words: str = ""


def commitments(filters: AwardFilters) -> Select[*tuple[Any, ...]]:
    """The awards as finance books them, each with its decision and its round's codes. Order is the caller's."""
    found: Select[*tuple[Any, ...]] = (
        select(
            AwardStanding.award_id,
            AwardStanding.reference,
            AwardStanding.organisation_name,
            AwardStanding.title,
            AwardStanding.awarded_pence,
            AwardStanding.committed_pence,
            AwardStanding.paid_pence,
            AwardStanding.returned_pence,
            AwardStanding.fund_code,
            AwardStanding.round_code,
            AwardStanding.award_day,
            AwardStanding.award_last,
            AwardStanding.primary_topic,
            AwardStanding.districts,
            Award.status,
            AwardStanding.illustrative,
            Award.starts_on,
            Award.ends_on,
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
    return found.where(*_conditions(filters))


def _conditions(filters: AwardFilters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for column, value in (
        (AwardStanding.fund_code, filters.fund),
        (AwardStanding.round_code, filters.round),
        (AwardStanding.primary_topic, filters.topic),
    ):
        if value:
            found.append(column == value)
    if days := days_of_year(filters.year):
        found.append(AwardStanding.award_last.between(*days))
    if filters.status:
        found.append(Award.status == filters.status)
    if filters.district:
        listed = literal("; ") + AwardStanding.districts + literal("; ")
        found.append(listed.like(like(f"; {filters.district}; "), escape="\\"))
    if filters.words:
        found.append(contains(AwardStanding.search, filters.words))
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


@dataclass(frozen=True)
class Facets:
    """What there is to filter by: the days of the first and the last award, and the names that awards have."""

    first: date | None
    last: date | None
    funds: list[str]
    rounds: list[str]
    topics: list[str]
    districts: list[str]


def facets() -> Facets:
    """What awards can be filtered by, the latest rounds first. Two queries."""
    rows = db.session.execute(
        select(
            AwardStanding.fund_code,
            AwardStanding.round_code,
            AwardStanding.primary_topic,
            func.min(AwardStanding.award_last),
            func.max(AwardStanding.award_last),
        ).group_by(AwardStanding.fund_code, AwardStanding.round_code, AwardStanding.primary_topic)
    ).all()
    latest: dict[str, date] = {}
    for _fund, a_round, _topic, _first, last in rows:
        latest[a_round] = max(last, latest.get(a_round, last))
    return Facets(
        first=min((row[3] for row in rows), default=None),
        last=max((row[4] for row in rows), default=None),
        funds=sorted({row[0] for row in rows}),
        rounds=sorted(sorted(filter(None, latest)), key=lambda code: latest[code], reverse=True),
        topics=sorted({row[2] for row in rows if row[2]}),
        districts=list(db.session.scalars(select(District.name).order_by(District.name))),
    )


@dataclass(frozen=True)
class PaymentFilters:
    """Which payments: of a financial year like 2026-27, in a state; empty means all."""

    year: str = ""
    status: PaymentStatus | None = None


def payments(filters: PaymentFilters) -> Select[*tuple[Any, ...]]:
    """The payments, one row for each, with no bank details but the last digits. Order is the caller's."""
    found: Select[*tuple[Any, ...]] = (
        select(
            Payment.id,
            Payment.reference,
            AwardStanding.reference.label("award_reference"),
            Batch.number,
            Payment.payee,
            BankDetails.supplier_number,
            BankDetails.last_digits,
            Payment.amount_pence,
            Payment.status,
            Payment.paid_on,
            Payment.finance_reference,
            Payment.cost_centre,
            Payment.account_code,
            Payment.project_code,
            Payment.funding_source,
            Payment.financial_year,
            Payment.vat_treatment,
            AwardStanding.fund_code,
            AwardStanding.round_code,
            AwardStanding.illustrative,
        )
        .join(Batch, Batch.id == Payment.batch_id)
        .join(AwardStanding, AwardStanding.award_id == Payment.award_id)
        .join(BankDetails, BankDetails.id == Payment.bank_details_id)
    )
    if filters.year:
        found = found.where(Payment.financial_year == filters.year)
    return found.where(Payment.status == filters.status) if filters.status else found


def payment_years() -> list[str]:
    """The financial years that have payments, the latest first."""
    return list(db.session.scalars(select(Payment.financial_year).distinct().order_by(Payment.financial_year.desc())))
