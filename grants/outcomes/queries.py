"""Named reads of what came of the money. Every figure is computed, none is stored.

A result is remembered by its filters and by `ledger_head()`, in the memory of the process only:
any new line in the ledger makes it be computed again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    CompoundSelect,
    Integer,
    Select,
    Subquery,
    and_,
    case,
    cast,
    distinct,
    extract,
    func,
    literal,
    or_,
    select,
    union_all,
)

from grants.awards.models import AwardChange, AwardDistrict, ChangedField
from grants.awards.queries import in_force, ledger_head
from grants.foundation.db import db
from grants.funds.models import District, Fund, Plan, Priority, Round, RoundStatus, Topic, TopicName

from .rules import NOTHING, Choice, Filters, Kind, Row, Totals, Vocabulary
from .statements import Statement, fingerprint

REMEMBERED = 256
"""Selections whose totals a process remembers."""

Head = tuple[int, int, int]


@dataclass(frozen=True)
class Picture:
    """The totals of a selection: all of it, by year of award, and by the id of each district that it serves."""

    totals: Totals
    years: dict[int, Totals]
    districts: dict[int, Totals]


# The names


def vocabulary() -> Vocabulary:
    """Every name that a total can be filtered by, in one query."""
    others: dict[int, list[str]] = {}
    choices: list[Choice] = []
    for kind, number, key, name, note, other in db.session.execute(_names()):
        if kind == "topic name":
            others.setdefault(number, []).append(other)
        else:
            choices.append(Choice(Kind(kind), number, key, name, note, (other,) if other else ()))
    named = (_with_names(choice, others) for choice in sorted(choices, key=lambda choice: (choice.kind, choice.id)))
    return Vocabulary(tuple(named))


def _with_names(choice: Choice, others: dict[int, list[str]]) -> Choice:
    if choice.kind is not Kind.TOPIC or choice.id not in others:
        return choice
    return Choice(choice.kind, choice.id, choice.key, choice.name, choice.note, tuple(sorted(others[choice.id])))


def _names() -> CompoundSelect[Any]:
    none = literal("")
    area = case((District.kind == "police force area", "area"), else_="")
    return union_all(
        _named(Kind.FUND, Fund.id, Fund.code, Fund.name, none, none),
        _named(Kind.TOPIC, Topic.id, Topic.name, Topic.name, Topic.wording, none),
        _named("topic name", TopicName.topic_id, none, none, none, TopicName.name),
        _named(Kind.DISTRICT, District.id, District.name, District.name, area, District.code),
        _named(Kind.ROUND, Round.id, Round.code, Round.code, none, Round.slug).where(Round.status != RoundStatus.DRAFT),
        _named(Kind.PRIORITY, Priority.id, Priority.slug, Priority.name, Plan.name, none).join(
            Plan, Plan.id == Priority.plan_id
        ),
    )


def _named(kind: str, *columns: Any) -> Select[Any]:
    names = ("id", "key", "name", "note", "other")
    return select(
        literal(str(kind)).label("kind"), *(column.label(name) for column, name in zip(columns, names, strict=True))
    )


# The awards that count


def _chosen(filters: Filters) -> CTE:
    """The awards in force that the filters select."""
    award = in_force(as_at=filters.as_at, known_by=filters.known_by).c
    found = select(award)
    columns = {
        Kind.FUND: award.fund_id,
        Kind.TOPIC: award.primary_topic_id,
        Kind.PRIORITY: award.priority_id,
        Kind.ROUND: award.round_id,
    }
    for kind, choice in filters.chosen().items():
        if kind in columns:
            found = found.where(columns[kind] == choice.id)
    if filters.district:
        served = _served(filters.as_at, filters.known_by)
        found = found.where(
            award.award_id.in_(select(served.c.award_id).where(served.c.district_id == filters.district.id))
        )
    if filters.since:
        found = found.where(award.award_last >= filters.since)
    if filters.until:
        found = found.where(award.award_last <= filters.until)
    return found.cte("chosen")


def _served(as_at: date, known_by: datetime | None) -> Subquery:
    """Which award serves which district, after the latest change of its districts that counts."""
    counts = [AwardChange.field == ChangedField.DISTRICTS, AwardChange.effective_last <= as_at]
    if known_by is not None:
        counts.append(AwardChange.recorded_at <= known_by)
    newest_first = func.row_number().over(
        partition_by=AwardChange.award_id, order_by=(AwardChange.effective_last.desc(), AwardChange.id.desc())
    )
    ranked = select(AwardChange.award_id, AwardChange.id, newest_first.label("place")).where(*counts).subquery()
    latest = select(ranked.c.award_id, ranked.c.id).where(ranked.c.place == 1).subquery()
    return (
        select(AwardDistrict.award_id, AwardDistrict.district_id)
        .outerjoin(latest, latest.c.award_id == AwardDistrict.award_id)
        .where(
            or_(
                AwardDistrict.change_id == latest.c.id,
                and_(AwardDistrict.change_id.is_(None), latest.c.id.is_(None)),
            )
        )
        .subquery("served")
    )


def _sums(award: Any) -> list[Any]:
    """What is counted of awards, in the order of the fields of Totals."""
    unknown, illustrative = cast(award.is_unknown, Integer), cast(award.illustrative, Integer)
    return [
        func.count(award.award_id),
        func.count(distinct(award.organisation_id)),
        func.coalesce(func.sum(award.awarded_pence), 0),
        func.coalesce(func.sum(award.returned_pence), 0),
        func.coalesce(func.sum(unknown), 0),
        func.coalesce(func.sum(illustrative), 0),
        func.coalesce(func.sum(case((illustrative == 1, award.awarded_pence), else_=0)), 0),
    ]


def _totals(sums: Sequence[Any]) -> Totals:
    return Totals(*(int(value) for value in sums))


# The totals


def picture(filters: Filters) -> Picture:
    """The totals of a selection, in all and in parts."""
    return _picture(ledger_head(), filters)


@lru_cache(maxsize=REMEMBERED)
def _picture(_head: Head, filters: Filters) -> Picture:
    chosen = _chosen(filters)
    served = _served(filters.as_at, filters.known_by)
    year = cast(extract("year", chosen.c.award_last), Integer)
    parts: dict[str, dict[int, Totals]] = {"all": {}, "year": {}, "district": {}}
    asked = union_all(
        select(literal("all"), literal(0), *_sums(chosen.c)),
        select(literal("year"), year, *_sums(chosen.c)).group_by(year),
        select(literal("district"), served.c.district_id, *_sums(chosen.c))
        .join(served, served.c.award_id == chosen.c.award_id)
        .group_by(served.c.district_id),
    )
    for part, key, *sums in db.session.execute(asked):
        parts[part][key] = _totals(sums)
    return Picture(parts["all"].get(0, NOTHING), parts["year"], parts["district"])


def statement(filters: Filters) -> Statement:
    """The total of a selection, ready to be said and checked. Its SHA-256 is over filters and rows."""
    return _statement(ledger_head(), filters)


@lru_cache(maxsize=REMEMBERED)
def _statement(head: Head, filters: Filters) -> Statement:
    return Statement(filters, _picture(head, filters).totals, fingerprint(filters, rows(filters)))


def rows(filters: Filters) -> list[Row]:
    """Every award of a selection, in the order of their days."""
    award = _chosen(filters).c
    found = select(
        award.award_id,
        award.reference,
        award.award_last,
        award.awarded_pence,
        award.returned_pence,
        award.is_unknown,
        award.illustrative,
    ).order_by(award.award_last, award.award_id)
    return [_row(line) for line in db.session.execute(found).tuples()]


def _row(line: Sequence[Any]) -> Row:
    award_id, reference, day, awarded, returned, unknown, illustrative = line
    return Row(award_id, reference, day, int(awarded or 0), int(returned or 0), bool(unknown), bool(illustrative))
