"""What the ledger held at a date, as it was known by an instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, FromClause, Select, Subquery, and_, case, func, select

from grants.awards.models import (
    Account,
    Award,
    AwardChange,
    AwardDistrict,
    AwardSnapshot,
    AwardTopic,
    ChangedField,
    LedgerEntry,
)
from grants.foundation.records.audit import BEGAN
from grants.foundation.records.db import db


def in_force(*, as_at: date, known_by: datetime | None = None) -> Subquery:
    """One row per award that counts as a project at the end of a day.

    `as_at` takes what had taken effect, `known_by` (UTC) what the office's records held by then: see `rules.is_known`.
    `rules.in_force` says the same of one award.

    Columns: award_id, reference, fund_id, round_id, organisation_id, primary_topic_id, priority_id, title, award_day,
    award_last, awarded_pence (the sum of what is known), returned_pence (positive), is_unknown, illustrative; and
    topics_change_id and districts_change_id for `topics_of` and `is_served_by`.
    """
    sums = _sums(as_at, known_by)
    changes = _changes(as_at, known_by)
    changed = changes.c
    return (
        select(
            Award.id.label("award_id"),
            Award.reference,
            _held(changed, ChangedField.FUND, "fund_id", Award.fund_id).label("fund_id"),
            _held(changed, ChangedField.ROUND, "round_id", Award.round_id).label("round_id"),
            _held(changed, ChangedField.RECIPIENT, "organisation_id", Award.organisation_id).label("organisation_id"),
            _held(changed, ChangedField.TOPICS, "topic_id", Award.primary_topic_id).label("primary_topic_id"),
            _held(changed, ChangedField.PRIORITY, "priority_id", Award.priority_id).label("priority_id"),
            func.coalesce(changed.title, Award.title).label("title"),
            func.coalesce(changed.award_day, Award.award_day).label("award_day"),
            func.coalesce(changed.award_last, Award.award_last).label("award_last"),
            sums.c.awarded_pence,
            sums.c.returned_pence,
            (sums.c.unknown > 0).label("is_unknown"),
            Award.illustrative,
            changed[_id_of(ChangedField.TOPICS)].label("topics_change_id"),
            changed[_id_of(ChangedField.DISTRICTS)].label("districts_change_id"),
        )
        .join(sums, sums.c.award_id == Award.id)
        .outerjoin(changes, changes.c.award_id == Award.id)
        .subquery("awards_in_force")
    )


def topics_of(awards: Subquery) -> Select[int, int, int]:
    """The topics of the awards of `in_force`: (award_id, topic_id, position), position 0 the primary one."""
    return select(AwardTopic.award_id, AwardTopic.topic_id, AwardTopic.position).join(
        awards,
        and_(
            awards.c.award_id == AwardTopic.award_id,
            AwardTopic.change_id.is_not_distinct_from(awards.c.topics_change_id),
        ),
    )


def is_served_by(awards: FromClause) -> ColumnElement[bool]:
    """That a row of AwardDistrict is a district of an award of `in_force`: what joins the two.

    Join it straight to what was chosen of `in_force`: rows that are joined to themselves grow with their square.
    """
    return and_(
        AwardDistrict.award_id == awards.c.award_id,
        AwardDistrict.change_id.is_not_distinct_from(awards.c.districts_change_id),
    )


def _sums(as_at: date, known_by: datetime | None) -> Subquery:
    amount = func.coalesce(LedgerEntry.amount_pence, 0)
    awarded = case((LedgerEntry.account == Account.AWARDED, amount), else_=0)
    returned = case((LedgerEntry.account == Account.RETURNED, -amount), else_=0)
    return (
        select(
            LedgerEntry.award_id,
            func.sum(awarded).label("awarded_pence"),
            func.sum(returned).label("returned_pence"),
            func.sum(LedgerEntry.unknown_delta).label("unknown"),
        )
        .where(LedgerEntry.effective_last <= as_at, *_known(LedgerEntry, known_by))
        .group_by(LedgerEntry.award_id)
        .having(func.sum(LedgerEntry.project_delta) > 0)
        .subquery("sums")
    )


def _changes(as_at: date, known_by: datetime | None) -> CTE:
    """One row per changed award: of each field the change that holds, in a column of its own."""
    ranked = (
        select(
            AwardChange,
            func.row_number()
            .over(
                partition_by=(AwardChange.award_id, AwardChange.field),
                order_by=(AwardChange.effective_last.desc(), AwardChange.id.desc()),
            )
            .label("rank"),
        )
        .where(AwardChange.effective_last <= as_at, *_known(AwardChange, known_by))
        .cte("ranked_changes")
    )
    of = ranked.c
    columns: list[ColumnElement[Any]] = [
        func.max(case((of.field == field, of.id))).label(_id_of(field)) for field in ChangedField
    ]
    columns += [
        func.max(case((of.field == field, of[column]))).label(column)
        for field, column in [
            (ChangedField.FUND, "fund_id"),
            (ChangedField.ROUND, "round_id"),
            (ChangedField.RECIPIENT, "organisation_id"),
            (ChangedField.TOPICS, "topic_id"),
            (ChangedField.PRIORITY, "priority_id"),
            (ChangedField.AWARD_DATE, "award_last"),
        ]
    ]
    columns.append(func.max(case((of.field == ChangedField.TITLE, of.after))).label("title"))
    columns.append(func.max(case((of.field == ChangedField.AWARD_DATE, of.effective_day))).label("award_day"))
    return select(of.award_id, *columns).where(of.rank == 1).group_by(of.award_id).cte("changes")


def _held(changed: Any, field: ChangedField, column: str, first: Any) -> ColumnElement[Any]:
    return case((changed[_id_of(field)].is_not(None), changed[column]), else_=first)


def _id_of(field: ChangedField) -> str:
    return f"{field.value}_change"


def _known(model: Any, known_by: datetime | None) -> list[ColumnElement[bool]]:
    """`rules.is_known` in SQL."""
    if known_by is None:
        return []
    return [case((known_by >= BEGAN, model.entered_at), else_=model.recorded_at) <= known_by]


def ledger_head() -> tuple[int, int, int]:
    """The latest ids of entries, changes and awards: while they stay the same, so does every total."""
    heads = (
        select(func.coalesce(func.max(model.id), 0)).scalar_subquery() for model in (LedgerEntry, AwardChange, Award)
    )
    entries, changes, awards = db.session.execute(select(*heads)).one()
    return entries, changes, awards


@dataclass(frozen=True)
class AwardSeen:
    """An award as everything that is recorded makes it, and how many lines its story has so far."""

    snapshot: AwardSnapshot
    story_length: int


def award_seen(reference: str) -> AwardSeen | None:
    """The award with a reference. One query."""
    counts = select(AwardSnapshot, _length(AwardSnapshot.award_id)).where(AwardSnapshot.reference == reference)
    row = db.session.execute(counts).first()
    return AwardSeen(*row) if row else None


def held_ids(award_id: int, field: ChangedField) -> Sequence[int]:
    """The topics (the first is primary) or the districts of an award as they are now, by id. One query."""
    latest = (
        select(AwardChange.id)
        .where(AwardChange.award_id == award_id, AwardChange.field == field)
        .order_by(AwardChange.effective_last.desc(), AwardChange.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    model, number, order = (
        (AwardTopic, AwardTopic.topic_id, AwardTopic.position)
        if field is ChangedField.TOPICS
        else (AwardDistrict, AwardDistrict.district_id, AwardDistrict.id)
    )
    found = select(number).where(model.award_id == award_id, model.change_id.is_not_distinct_from(latest))
    return db.session.scalars(found.order_by(order)).all()


def story_length(award_id: int) -> int:
    """How many lines an award's story has: it grows with everything that is entered about the award."""
    return int(db.session.execute(select(_length(award_id))).scalar_one())


def _length(award_id: Any) -> ColumnElement[int]:
    entries, changes = (
        select(func.count()).where(model.award_id == award_id).scalar_subquery() for model in (LedgerEntry, AwardChange)
    )
    return entries + changes
