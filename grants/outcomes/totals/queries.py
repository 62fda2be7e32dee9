"""Named reads of what came of the money. Every figure is computed, none is stored.

A result is remembered by its filters and by `ledger_head()`, in the memory of the process only:
any new line in the ledger makes it be computed again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    CompoundSelect,
    Integer,
    Select,
    Text,
    case,
    cast,
    distinct,
    exists,
    extract,
    func,
    literal,
    select,
    union_all,
)

from grants.accounts.models import Organisation
from grants.awards.ledger.queries import in_force, is_served_by, ledger_head
from grants.awards.models import AwardDistrict, ImportedRow
from grants.foundation.records.audit import BEGAN
from grants.foundation.records.db import db
from grants.foundation.web.tables import Order
from grants.funds.models import District, Fund, Plan, Priority, Round, RoundStatus, Topic, TopicName

from .rules import NOTHING, FilterChoice, FilterKind, Filters, Import, Records, TotalRow, Totals, Vocabulary
from .statements import Statement, fingerprint

REMEMBERED = 256
"""Selections whose totals a process remembers."""

Head = tuple[int, int, int]


@dataclass(frozen=True)
class Picture:
    """The totals of a selection: all of it, by year of award, and by id of each district (0: none is recorded)."""

    totals: Totals
    years: dict[int, Totals]
    districts: dict[int, Totals]
    records: Records | None = None


# The names


def vocabulary() -> Vocabulary:
    """Every name that a total can be filtered by, in one query."""
    others: dict[int, list[str]] = {}
    choices: list[FilterChoice] = []
    for kind, number, key, name, note, other in db.session.execute(_names()):
        if kind == "topic name":
            others.setdefault(number, []).append(other)
        else:
            choices.append(FilterChoice(FilterKind(kind), number, key, name, note, (other,) if other else ()))
    named = (_with_names(choice, others) for choice in sorted(choices, key=lambda choice: (choice.kind, choice.id)))
    return Vocabulary(tuple(named))


def _with_names(choice: FilterChoice, others: dict[int, list[str]]) -> FilterChoice:
    if choice.kind is not FilterKind.TOPIC or choice.id not in others:
        return choice
    return FilterChoice(choice.kind, choice.id, choice.key, choice.name, choice.note, tuple(sorted(others[choice.id])))


@lru_cache(maxsize=1)
def _names() -> CompoundSelect[Any]:
    none = literal("")
    area = case((District.kind == "police force area", "area"), else_="")
    return union_all(
        _named(FilterKind.FUND, Fund.id, Fund.code, Fund.name, none, none),
        _named(FilterKind.TOPIC, Topic.id, Topic.name, Topic.name, Topic.wording, none),
        _named("topic name", TopicName.topic_id, none, none, none, TopicName.name),
        _named(FilterKind.DISTRICT, District.id, District.name, District.name, area, District.code),
        _named(FilterKind.ROUND, Round.id, Round.code, Round.code, none, Round.slug).where(
            Round.status != RoundStatus.DRAFT
        ),
        _named(FilterKind.PRIORITY, Priority.id, Priority.slug, Priority.name, Plan.name, none).join(
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
    awards = in_force(as_at=filters.as_at, known_by=filters.known_by)
    award = awards.c
    found = select(awards)
    columns = {
        FilterKind.FUND: award.fund_id,
        FilterKind.TOPIC: award.primary_topic_id,
        FilterKind.PRIORITY: award.priority_id,
        FilterKind.ROUND: award.round_id,
    }
    for kind, choice in filters.chosen().items():
        if kind in columns:
            found = found.where(columns[kind] == choice.id)
    if filters.district:
        found = found.where(exists().where(is_served_by(awards), AwardDistrict.district_id == filters.district.id))
    if filters.since:
        found = found.where(award.award_last >= filters.since)
    if filters.until:
        found = found.where(award.award_last <= filters.until)
    return found.cte("chosen")


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


def picture(filters: Filters, head: Head | None = None) -> Picture:
    """The totals of a selection, in all and in parts. `head` is the ledger's, where it was asked for already."""
    return _picture(head or ledger_head(), filters)


@lru_cache(maxsize=REMEMBERED)
def _picture(_head: Head, filters: Filters) -> Picture:
    chosen = _chosen(filters)
    year = cast(extract("year", chosen.c.award_last), Integer)
    parts: dict[str, dict[int, Totals]] = {"all": {}, "year": {}, "district": {}}
    nothing = literal("")
    asked = union_all(
        select(literal("all"), literal(0), nothing, nothing, *_sums(chosen.c)),
        select(literal("year"), year, nothing, nothing, *_sums(chosen.c)).group_by(year),
        select(literal("district"), AwardDistrict.district_id, nothing, nothing, *_sums(chosen.c))
        .outerjoin_from(chosen, AwardDistrict, is_served_by(chosen))
        .group_by(AwardDistrict.district_id),
        *(_told(chosen) if filters.known_by else ()),
    )
    told: list[tuple[str, str, str, int]] = []
    for part, key, file, at, *sums in db.session.execute(asked):
        if part in parts:
            parts[part][key or 0] = _totals(sums)
        else:
            told.append((part, file, at, int(sums[0])))
    return Picture(parts["all"].get(0, NOTHING), parts["year"], parts["district"], _records(filters, told))


def _told(chosen: CTE) -> list[Any]:
    """Since when this system runs, which files brought the chosen awards in, and how many no file did."""
    zeros = [literal(0)] * 6
    nothing = literal("")
    file = ImportedRow.file_sha256
    by_file = exists().where(ImportedRow.award_id == chosen.c.award_id)
    return [
        select(literal("began"), literal(0), nothing, cast(BEGAN, Text), *zeros, literal(0)),
        select(literal("file"), literal(0), file, cast(func.min(ImportedRow.entered_at), Text), *zeros, literal(0))
        .where(ImportedRow.award_id.in_(select(chosen.c.award_id)))
        .group_by(file),
        select(literal("by hand"), literal(0), nothing, nothing, func.count(chosen.c.award_id), *zeros).where(~by_file),
    ]


def _records(filters: Filters, told: list[tuple[str, str, str, int]]) -> Records | None:
    if filters.known_by is None:
        return None
    began = next((_instant(at) for part, _, at, _ in told if part == "began" and at), None)
    files = [Import(file, _instant(at)) for part, file, at, _ in told if part == "file"]
    by_hand = sum(count for part, _, _, count in told if part == "by hand")
    return Records(filters.known_by, began, tuple(sorted(files, key=lambda one: (one.at, one.sha256))), by_hand)


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def statement(filters: Filters) -> Statement:
    """The total of a selection, ready to be said and checked. Its SHA-256 is over filters and rows."""
    return _statement(ledger_head(), filters)


@lru_cache(maxsize=REMEMBERED)
def _statement(head: Head, filters: Filters) -> Statement:
    found = _picture(head, filters)
    return Statement(filters, found.totals, fingerprint(filters, rows(filters)), found.records)


def rows(filters: Filters) -> list[TotalRow]:
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
    return [_row(line) for line in db.session.execute(found)]


def _row(line: Any) -> TotalRow:
    award_id, reference, day, awarded, returned, unknown, illustrative = line
    return TotalRow(award_id, reference, day, int(awarded or 0), int(returned or 0), bool(unknown), bool(illustrative))


LISTED = (
    "award_id",
    "reference",
    "award_day",
    "award_last",
    "title",
    "awarded_pence",
    "returned_pence",
    "is_unknown",
    "illustrative",
)


def listed(filters: Filters) -> tuple[Select[Any], Order]:
    """The rows of a selection as a list shows them, oldest first, and the order to page them by."""
    award = _chosen(filters).c
    topic, fund = Topic.name.label("topic"), Fund.code.label("fund")
    found = (
        select(
            *(award[name] for name in LISTED), award.illustrative, Organisation.name.label("organisation"), topic, fund
        )
        .join(Organisation, Organisation.id == award.organisation_id)
        .join(Fund, Fund.id == award.fund_id)
        .outerjoin(Topic, Topic.id == award.primary_topic_id)
    )
    return found, ((award.award_last, False), (award.award_id, False))
