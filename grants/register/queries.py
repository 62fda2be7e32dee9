"""Named reads of the public register. Only what is published is selected: nothing else can leak from here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, func, literal, null, or_, select, union_all

from grants.accounts.models import Organisation
from grants.awards.ledger.queries import ledger_head
from grants.awards.models import (
    FROM_THE_START,
    Account,
    Award,
    AwardChange,
    AwardSnapshot,
    ChangedField,
    Decision,
    EntryKind,
    LedgerEntry,
    Offer,
)
from grants.foundation.records.db import db
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from grants.foundation.values.words import has_hidden
from grants.foundation.web.tables import Order, Sort, like
from grants.funds.models import District, Fund, Plan, Priority
from grants.outcomes.totals.rules import FilterKind, Vocabulary

from .columns import JOIN, RegisterRow
from .forms import RegisterFilters
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
    withdrawn = (
        select(LedgerEntry.effective_day)
        .where(LedgerEntry.award_id == AwardSnapshot.award_id, LedgerEntry.kind == EntryKind.WITHDRAWAL)
        .order_by(LedgerEntry.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    completed = (
        select(Offer.completed_at)
        .where(Offer.award_id == AwardSnapshot.award_id, Offer.completed_at.is_not(None))
        .order_by(Offer.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    source = (
        select(AwardChange.after)
        .where(AwardChange.award_id == AwardSnapshot.award_id, AwardChange.field == ChangedField.SOURCE)
        .order_by(AwardChange.effective_last.desc(), AwardChange.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    columns: list[Any] = [
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
        Award.conditions,
        AwardSnapshot.requested_pence,
        AwardSnapshot.awarded_pence,
        AwardSnapshot.paid_pence,
        AwardSnapshot.returned_pence,
        Award.starts_on,
        Award.ends_on,
        AwardSnapshot.districts,
        AwardSnapshot.primary_topic,
        AwardSnapshot.other_topics,
        Priority.name.label("priority"),
        Plan.name.label("plan"),
        Fund.funding_source,
        AwardSnapshot.award_day,
        AwardSnapshot.status,
        withdrawn.label("withdrawn_day"),
        completed.label("completed_at"),
        AwardSnapshot.first_published_at,
        AwardSnapshot.last_changed_at,
        AwardSnapshot.illustrative,
        func.coalesce(source, Award.source).label("source"),
    ]
    return (
        select(*columns)
        .join(Award, Award.id == AwardSnapshot.award_id)
        .join(Organisation, Organisation.id == AwardSnapshot.organisation_id)
        .join(Fund, Fund.id == AwardSnapshot.fund_id)
        .outerjoin(Decision, Decision.id == Award.decision_id)
        .outerjoin(Priority, Priority.id == AwardSnapshot.priority_id)
        .outerjoin(Plan, Plan.id == Priority.plan_id)
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
    query = _whole().add_columns(AwardSnapshot.organisation_id, offered).where(AwardSnapshot.reference == reference)
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


# One award's story


@dataclass(frozen=True)
class StoryLine:
    """One entry of the ledger (`kind`), or one change of what the award is (`field`). Amounts are pence.

    Who entered it is not here: the register names no person.
    """

    kind: str
    field: str
    account: str
    amount_pence: Pence | None
    unknown_delta: int
    effective_day: Day
    recorded_at: datetime
    entered_at: datetime
    before: str
    after: str
    reason: str
    source: str

    @property
    def what(self) -> str:
        """What happened, in a few words."""
        return f"{FIELDS[ChangedField(self.field)]} changed" if self.field else EntryKind(self.kind).label


FIELDS = {
    ChangedField.FUND: "Fund",
    ChangedField.ROUND: "Round",
    ChangedField.RECIPIENT: "Recipient",
    ChangedField.TOPICS: "Topics",
    ChangedField.DISTRICTS: "Districts",
    ChangedField.PRIORITY: "Plan priority",
    ChangedField.TITLE: "Project title",
    ChangedField.PURPOSE: "Purpose",
    ChangedField.AWARD_DATE: "Award date",
    ChangedField.SOURCE: "Source",
}
"""What a change is about, in words."""


def story_of(reference: str) -> list[StoryLine]:
    """Everything that happened to an award, by the day from which it holds, then as it was entered.

    What is committed to a payment is between the office and its bank, and so is what a payment was part of: the public
    reads what was paid, and when.
    """
    nothing = literal("")
    is_payment = LedgerEntry.kind == EntryKind.PAYMENT
    entries = select(
        LedgerEntry.kind,
        nothing.label("field"),
        LedgerEntry.account,
        LedgerEntry.amount_pence,
        LedgerEntry.unknown_delta,
        LedgerEntry.effective_day,
        LedgerEntry.effective_last,
        LedgerEntry.recorded_at,
        LedgerEntry.entered_at,
        nothing.label("before"),
        nothing.label("after"),
        case((is_payment, nothing), else_=LedgerEntry.reason).label("reason"),
        case((is_payment, nothing), else_=LedgerEntry.source).label("source"),
        literal(0).label("part"),
        LedgerEntry.id,
    ).join(Award, Award.id == LedgerEntry.award_id)
    changes = select(
        nothing,
        AwardChange.field,
        nothing,
        null(),
        literal(0),
        AwardChange.effective_day,
        case((AwardChange.effective_last == FROM_THE_START, Award.award_last), else_=AwardChange.effective_last),
        AwardChange.recorded_at,
        AwardChange.entered_at,
        AwardChange.before,
        AwardChange.after,
        AwardChange.reason,
        AwardChange.source,
        literal(1),
        AwardChange.id,
    ).join(Award, Award.id == AwardChange.award_id)
    public = LedgerEntry.account != Account.COMMITTED
    both = union_all(
        entries.where(Award.reference == reference, public), changes.where(Award.reference == reference)
    ).subquery()
    line = both.c
    in_order = select(both).order_by(line.effective_last, line.entered_at, line.part, line.id)
    found = db.session.execute(in_order).mappings()
    return [StoryLine(**{name: line[name] for name in StoryLine.__dataclass_fields__}) for line in found]


@dataclass(frozen=True)
class StorySum:
    """What the lines of a story add up to, in pence; None is not known."""

    awarded: Pence | None
    paid: Pence
    returned: Pence
    net: Pence | None


def sum_of(story: list[StoryLine]) -> StorySum:
    """The foot of a story: plain sums over its lines."""
    awarded = sum(line.amount_pence or 0 for line in story if line.account == Account.AWARDED)
    paid = Pence(sum(line.amount_pence or 0 for line in story if line.account == Account.PAID))
    returned = Pence(-sum(line.amount_pence or 0 for line in story if line.account == Account.RETURNED))
    if sum(line.unknown_delta for line in story) > 0:
        return StorySum(None, paid, returned, None)
    return StorySum(Pence(awarded), paid, returned, Pence(awarded - returned))
