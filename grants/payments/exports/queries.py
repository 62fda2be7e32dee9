"""Named reads for finance's files: one row for each award, and one for each payment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select

from grants.awards.models import Award, AwardSnapshot, AwardStatus, Decision
from grants.foundation.records.db import db
from grants.foundation.values.money import Pence
from grants.foundation.web.tables import contains, like
from grants.funds.models import District, Round
from grants.payments.models import BankDetails, Batch, Payment, PaymentStatus, TakenAward, TakenState
from grants.payments.rules import days_of_year, years_between

YEAR_KNOWN = len("2015-03"), len("2015-03-31")
"""So many characters has the day of an award whose financial year is known; “2015” and “by 2015-06-29” say none."""


class ToEnter(StrEnum):
    """Which awards by what finance has taken of them: those that it has to enter, or one state of them."""

    DUE = "due", "New or changed"
    NEW = "new", "New"
    CHANGED = "changed", "Changed"
    TAKEN = "taken", "Taken"

    label: str

    def __new__(cls, value: str, label: str = "") -> ToEnter:
        """A member with its words."""
        made = str.__new__(cls, value)
        made._value_, made.label = value, label
        return made

    @property
    def states(self) -> tuple[str, ...]:
        """The states that it means."""
        return (TakenState.NEW, TakenState.CHANGED) if self is ToEnter.DUE else (self.value,)


LATEST_FIRST = (AwardSnapshot.award_last.desc(), AwardSnapshot.award_id.desc())
KNOWN_TO_FINANCE = ("is_project", "awarded_pence", "organisation_id", "title", "fund_code", "round_code")
"""What finance enters of an award: where one of it is another now, the award is changed."""

_LAST = select(TakenAward.award_id, func.max(TakenAward.id).label("id")).group_by(TakenAward.award_id).subquery("last")
_DIFFERS = or_(*(getattr(TakenAward, name).is_distinct_from(getattr(AwardSnapshot, name)) for name in KNOWN_TO_FINANCE))
_IS_AGREED = Award.status.in_([AwardStatus.ACCEPTED, AwardStatus.PAID, AwardStatus.COMPLETE])
TAKEN: ColumnElement[str] = case(
    (Award.decision_id.is_(None), ""),
    (TakenAward.id.is_(None), case((and_(AwardSnapshot.is_project, _IS_AGREED), TakenState.NEW.value), else_="")),
    (_DIFFERS, TakenState.CHANGED.value),
    else_=TakenState.TAKEN.value,
)
"""How an award stands to what finance has taken of it; nothing for one of older records, not accepted yet, or
withdrawn before."""


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
    entry: ToEnter | None = None


def awards(filters: AwardFilters) -> Select[*tuple[Any, ...]]:
    """The awards as finance books them, each with its decision and its round's codes. Order is the caller's."""
    found: Select[*tuple[Any, ...]] = (
        select(
            AwardSnapshot.award_id,
            AwardSnapshot.reference,
            AwardSnapshot.organisation_name,
            AwardSnapshot.title,
            AwardSnapshot.awarded_pence,
            AwardSnapshot.committed_pence,
            AwardSnapshot.paid_pence,
            AwardSnapshot.returned_pence,
            AwardSnapshot.fund_code,
            AwardSnapshot.round_code,
            AwardSnapshot.award_day,
            AwardSnapshot.award_last,
            AwardSnapshot.primary_topic,
            AwardSnapshot.districts,
            Award.status,
            AwardSnapshot.illustrative,
            AwardSnapshot.starts_on,
            AwardSnapshot.ends_on,
            Decision.reference.label("decision_reference"),
            Decision.decided_at,
            Round.cost_centre,
            Round.account_code,
            Round.project_code,
            AwardSnapshot.is_project,
            AwardSnapshot.organisation_id,
            TAKEN.label("taken"),
            TakenAward.taken_at,
        )
        .join(Award, Award.id == AwardSnapshot.award_id)
        .outerjoin(Decision, Decision.id == Award.decision_id)
        .outerjoin(Round, Round.id == AwardSnapshot.round_id)
        .outerjoin(_LAST, _LAST.c.award_id == AwardSnapshot.award_id)
        .outerjoin(TakenAward, TakenAward.id == _LAST.c.id)
    )
    return found.where(*_conditions(filters))


def _conditions(filters: AwardFilters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for column, value in (
        (AwardSnapshot.fund_code, filters.fund),
        (AwardSnapshot.round_code, filters.round),
        (AwardSnapshot.primary_topic, filters.topic),
    ):
        if value:
            found.append(column == value)
    if days := days_of_year(filters.year):
        found += [AwardSnapshot.award_last.between(*days), func.length(AwardSnapshot.award_day).in_(YEAR_KNOWN)]
    if filters.status:
        found.append(Award.status == filters.status)
    if filters.district:
        listed = literal("; ") + AwardSnapshot.districts + literal("; ")
        found.append(listed.like(like(f"; {filters.district}; "), escape="\\"))
    if filters.entry:
        found.append(TAKEN.in_(filters.entry.states))
    if filters.words:
        found.append(contains(AwardSnapshot.search, filters.words))
    return found


def to_enter() -> Select[*tuple[Any, ...]]:
    """The rounds with awards that finance has to enter, and how many. Order is the caller's."""
    found: Select[*tuple[Any, ...]] = (
        select(AwardSnapshot.round_code, func.count().label("awards"))
        .join(Award, Award.id == AwardSnapshot.award_id)
        .outerjoin(_LAST, _LAST.c.award_id == AwardSnapshot.award_id)
        .outerjoin(TakenAward, TakenAward.id == _LAST.c.id)
        .where(TAKEN.in_(ToEnter.DUE.states))
        .group_by(AwardSnapshot.round_code)
    )
    return found


@dataclass(frozen=True)
class Sums:
    """How many awards a selection has, and what their known amounts add up to, in pence."""

    count: int
    pence: Pence
    unknown: int


def sums_of(filters: AwardFilters) -> Sums:
    """The count and the sum of a selection. One query."""
    found = awards(filters).subquery()
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
            AwardSnapshot.fund_code,
            AwardSnapshot.round_code,
            AwardSnapshot.primary_topic,
            func.min(AwardSnapshot.award_last),
            func.max(AwardSnapshot.award_last),
        ).group_by(AwardSnapshot.fund_code, AwardSnapshot.round_code, AwardSnapshot.primary_topic)
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
    """Which payments: paid in a financial year like 2026-27, in a state; empty means all."""

    year: str = ""
    status: PaymentStatus | None = None


def payments(filters: PaymentFilters) -> Select[*tuple[Any, ...]]:
    """The payments, one row for each, with no bank details but the last digits. Order is the caller's."""
    found: Select[*tuple[Any, ...]] = (
        select(
            Payment.id,
            Payment.reference,
            AwardSnapshot.reference.label("award_reference"),
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
            Payment.vat_treatment,
            AwardSnapshot.fund_code,
            AwardSnapshot.round_code,
            AwardSnapshot.illustrative,
        )
        .join(Batch, Batch.id == Payment.batch_id)
        .join(AwardSnapshot, AwardSnapshot.award_id == Payment.award_id)
        .join(BankDetails, BankDetails.id == Payment.bank_details_id)
    )
    if days := days_of_year(filters.year):
        found = found.where(Payment.paid_on.between(*days))
    return found.where(Payment.status == filters.status) if filters.status else found


def payment_years() -> list[str]:
    """The financial years from the first to the last payment that was paid, the latest first."""
    first, last = db.session.execute(select(func.min(Payment.paid_on), func.max(Payment.paid_on))).one()
    return years_between(first, last)
