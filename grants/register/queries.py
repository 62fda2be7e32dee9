"""Named reads of the public register. Only what is published is selected: nothing else can leak from here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, literal, or_, select

from grants.accounts.models import Organisation
from grants.awards.ledger.queries import ledger_head
from grants.awards.models import (
    Award,
    AwardChange,
    AwardSnapshot,
    ChangedField,
    Decision,
    EntryKind,
    LedgerEntry,
    Offer,
)
from grants.awards.notices.queries import notice_of_award, variations_of_award
from grants.foundation.records.db import db
from grants.foundation.values.words import has_hidden
from grants.foundation.web.tables import Order, Sort, like
from grants.funds.models import District, Fund, Plan, Priority
from grants.outcomes.totals.rules import FilterKind, Vocabulary

from .columns import JOIN, RegisterRow
from .filters import RegisterFilters
from .opendata import COMPLETE

SORTS = (
    Sort("newest", "Newest first", ((AwardSnapshot.award_last, True), (AwardSnapshot.award_id, True))),
    Sort("oldest", "Oldest first", ((AwardSnapshot.award_last, False), (AwardSnapshot.award_id, False))),
    Sort(
        "organisation",
        "Organisation, A to Z",
        ((AwardSnapshot.organisation_key, False), (AwardSnapshot.award_id, False)),
    ),
    Sort(
        "organisation-down",
        "Organisation, Z to A",
        ((AwardSnapshot.organisation_key, True), (AwardSnapshot.award_id, True)),
    ),
    Sort("largest", "Largest amount first", ((AwardSnapshot.awarded_pence, True), (AwardSnapshot.award_id, True))),
    Sort("smallest", "Smallest amount first", ((AwardSnapshot.awarded_pence, False), (AwardSnapshot.award_id, False))),
    Sort("reference", "Reference, up", ((AwardSnapshot.reference, False),)),
    Sort("reference-down", "Reference, down", ((AwardSnapshot.reference, True),)),
)
"""How the register can be sorted; the first is how it opens. Unknown amounts stand last either way."""

FEW = 200
"""Up to this number a selection is fetched by its ids."""

REMEMBERED = 512
"""Selections whose number a process remembers."""

AT_ONCE = 1000
"""Rows that an export holds in memory."""

Head = tuple[int, int, int]


# The list


@dataclass(frozen=True)
class Found:
    """What the filters select: how many awards, and which, where they are few."""

    number: int
    few: tuple[int, ...] | None


NOTHING = Found(0, ())


def find(filters: RegisterFilters) -> Found:
    """Look for what the filters select. What only the ledger can change is remembered until it grows."""
    if filters.q or filters.status:
        return _find(filters)
    return _remembered(ledger_head(), filters)


@lru_cache(maxsize=REMEMBERED)
def _remembered(_head: Head, filters: RegisterFilters) -> Found:
    return _find(filters)


def _find(filters: RegisterFilters) -> Found:
    asked = list(conditions(filters))
    first = db.session.scalars(select(AwardSnapshot.award_id).where(*asked).limit(FEW + 1)).all()
    if len(first) <= FEW:
        return Found(len(first), tuple(first))
    return Found(db.session.scalar(select(func.count()).select_from(AwardSnapshot).where(*asked)) or 0, None)


def listed(filters: RegisterFilters, found: Found) -> Select[Any]:
    """What a page of the register shows of each award. Few awards are fetched by number: no index has to be walked."""
    columns: list[Any] = [
        AwardSnapshot.reference,
        AwardSnapshot.status,
        AwardSnapshot.fund_code,
        AwardSnapshot.round_code,
        AwardSnapshot.organisation_name,
        AwardSnapshot.title,
        AwardSnapshot.primary_topic,
        AwardSnapshot.other_topics,
        AwardSnapshot.districts,
        AwardSnapshot.award_day,
        AwardSnapshot.awarded_pence,
        AwardSnapshot.returned_pence,
        AwardSnapshot.illustrative,
    ]
    if found.few is not None:
        return select(*columns).where(AwardSnapshot.award_id.in_(found.few))
    return select(*columns).where(*conditions(filters))


def conditions(filters: RegisterFilters) -> Iterator[ColumnElement[bool]]:
    """The filters as SQL over the snapshots."""
    yield from (AwardSnapshot.search.like(like(word), escape="\\") for word in filters.q.casefold().split())
    for column, choice in (
        (AwardSnapshot.fund_id, filters.fund),
        (AwardSnapshot.round_id, filters.round),
        (AwardSnapshot.priority_id, filters.priority),
    ):
        if choice:
            yield column == choice.id
    if filters.topic:
        primary = AwardSnapshot.primary_topic_id == filters.topic.id
        yield (
            or_(primary, _is_among(AwardSnapshot.other_topics, filters.topic.name)) if filters.other_topics else primary
        )
    if filters.district:
        yield _is_among(AwardSnapshot.districts, filters.district.name)
    yield from _dates(filters)
    if filters.status:
        yield AwardSnapshot.status == filters.status
    if filters.amount:
        yield (
            AwardSnapshot.awarded_pence.is_not(None)
            if filters.amount == "known"
            else AwardSnapshot.awarded_pence.is_(None)
        )
    if filters.illustrative is not None:
        yield AwardSnapshot.illustrative.is_(filters.illustrative)


def _dates(filters: RegisterFilters) -> Iterator[ColumnElement[bool]]:
    if filters.since:
        yield AwardSnapshot.award_last >= filters.since
    if filters.until:
        yield AwardSnapshot.award_last <= filters.until
    if filters.year:
        yield AwardSnapshot.award_last.between(date(filters.year, 1, 1), date(filters.year, 12, 31))


def _is_among(column: Any, name: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = (literal(JOIN) + column + literal(JOIN)).like(like(JOIN + name + JOIN), escape="\\")
    return found


# The whole row, for files and for an award's own page


def whole(filters: RegisterFilters, order: Order) -> Select[Any]:
    """Every column of the register for each award that the filters select, in this order."""
    return _whole().where(*conditions(filters)).order_by(*_ordering(order))


def _ordering(order: Order) -> Iterator[Any]:
    for column, down in order:
        yield (column.desc() if down else column.asc()).nulls_last()


def _whole() -> Select[Any]:
    return (
        select(*_COLUMNS)
        .join(Award, Award.id == AwardSnapshot.award_id)
        .join(Organisation, Organisation.id == AwardSnapshot.organisation_id)
        .join(Fund, Fund.id == AwardSnapshot.fund_id)
        .outerjoin(Decision, Decision.id == Award.decision_id)
        .outerjoin(Priority, Priority.id == AwardSnapshot.priority_id)
        .outerjoin(Plan, Plan.id == Priority.plan_id)
    )


_WITHDRAWN = (
    select(LedgerEntry.effective_day)
    .where(LedgerEntry.award_id == AwardSnapshot.award_id, LedgerEntry.kind == EntryKind.WITHDRAWAL)
    .order_by(LedgerEntry.id.desc())
    .limit(1)
    .scalar_subquery()
)
_COMPLETED = (
    select(Offer.completed_at)
    .where(Offer.award_id == AwardSnapshot.award_id, Offer.completed_at.is_not(None))
    .order_by(Offer.id.desc())
    .limit(1)
    .scalar_subquery()
)
_SOURCE = (
    select(AwardChange.after)
    .where(AwardChange.award_id == AwardSnapshot.award_id, AwardChange.field == ChangedField.SOURCE)
    .order_by(AwardChange.effective_last.desc(), AwardChange.id.desc())
    .limit(1)
    .scalar_subquery()
)
_COLUMNS: tuple[Any, ...] = (
    AwardSnapshot.reference,
    AwardSnapshot.fund_code,
    Fund.name.label("fund_name"),
    AwardSnapshot.round_code,
    Decision.reference.label("decision_reference"),
    Decision.decided_at,
    Decision.decision_maker,
    Decision.department,
    Decision.legal_power,
    AwardSnapshot.organisation_name,
    Organisation.kind.label("organisation_kind"),
    Organisation.charity_number,
    Organisation.company_number,
    AwardSnapshot.title,
    AwardSnapshot.purpose,
    Award.reasons,
    AwardSnapshot.conditions,
    AwardSnapshot.requested_pence,
    AwardSnapshot.awarded_pence,
    AwardSnapshot.paid_pence,
    AwardSnapshot.returned_pence,
    AwardSnapshot.starts_on,
    AwardSnapshot.ends_on,
    AwardSnapshot.districts,
    AwardSnapshot.primary_topic,
    AwardSnapshot.other_topics,
    Priority.name.label("priority"),
    Plan.name.label("plan"),
    Fund.funding_source,
    AwardSnapshot.award_day,
    AwardSnapshot.status,
    _WITHDRAWN.label("withdrawn_day"),
    _COMPLETED.label("completed_at"),
    AwardSnapshot.first_published_at,
    AwardSnapshot.last_changed_at,
    AwardSnapshot.illustrative,
    func.coalesce(_SOURCE, Award.source).label("source"),
)


def rows(query: Select[Any], codes: Mapping[str, str]) -> Iterator[RegisterRow]:
    """The rows of a `whole` select, a thousand at a time. `codes` maps a district's name to its GSS code."""
    for found in db.session.execute(query.execution_options(yield_per=AT_ONCE)).mappings():
        yield _row(found, codes)


def _row(found: Any, codes: Mapping[str, str]) -> RegisterRow:
    named = found["districts"].split(JOIN) if found["districts"] else []
    return RegisterRow(**found, district_codes=JOIN.join(codes.get(name, "") for name in named))


def codes_of(vocabulary: Vocabulary) -> dict[str, str]:
    """The GSS code of each district by its name."""
    return {choice.name: choice.others[0] for choice in vocabulary.of(FilterKind.DISTRICT) if choice.others}


def all_codes() -> dict[str, str]:
    """The GSS code of each district by its name, where nothing else of the vocabulary is wanted."""
    return {found.name: found.code for found in db.session.execute(select(District.name, District.code))}


def row_of(reference: str) -> RegisterRow | None:
    """One award by its reference, or None; a text that no reference can be is asked of nobody."""
    if has_hidden(reference):
        return None
    offered = exists().where(Offer.award_id == AwardSnapshot.award_id).label("is_offered")
    notice, varied = notice_of_award().label("notice_number"), variations_of_award().label("varied_by")
    query = _whole().add_columns(AwardSnapshot.organisation_id, offered, notice, varied)
    query = query.where(AwardSnapshot.reference == reference)
    return next(rows(query, all_codes()), None)


def complete_awards() -> Iterator[tuple[int, RegisterRow, bool]]:
    """What goes into the open data: the organisation's id, the award, and whether its fund has open calls."""
    query = (
        _whole()
        .add_columns(AwardSnapshot.organisation_id, Fund.open_call)
        .where(COMPLETE)
        .order_by(AwardSnapshot.award_id)
    )
    codes = all_codes()
    for found in db.session.execute(query.execution_options(yield_per=AT_ONCE)).mappings():
        values = dict(found)
        organisation_id, open_call = values.pop("organisation_id"), values.pop("open_call")
        yield organisation_id, _row(values, codes), open_call
