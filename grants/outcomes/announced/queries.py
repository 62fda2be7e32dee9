"""What was announced, held against what the records say of the same day.

All announced totals are answered in one pass over the ledger: each line becomes what it adds from a
day on, and a figure is the sum of the lines up to its own day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Subquery, case, func, literal, or_, select, union

from grants.awards.ledger.queries import ledger_head
from grants.awards.models import Account, Award, AwardChange, ChangedField, EntryKind, LedgerEntry
from grants.foundation.records.db import db
from grants.foundation.values.days import Day
from grants.foundation.values.money import pounds_exact
from grants.funds.models import Fund, Topic
from grants.outcomes.totals.queries import Head
from grants.outcomes.totals.rules import Delta, Filters, TotalEvent, TotalQuestion, Totals, held, since_of, story

from .models import PublishedFigure

COUNTED_BY = (ChangedField.FUND, ChangedField.TOPICS, ChangedField.AWARD_DATE)
"""The changes of an award that move it from one announced total to another."""

REMEMBERED = 64
"""Selections whose comparisons a process remembers."""


@dataclass(frozen=True)
class Figure:
    """One announced total, as it was announced. `as_at` is the last possible day of `as_at_day`."""

    as_at_day: Day
    as_at: date
    fund_id: int
    fund: str
    topic_id: int | None
    topic: str | None
    figure_kind: str
    amount_pence: int | None
    amount_quality: str
    count: int | None
    count_unit: str


@dataclass(frozen=True)
class Comparison:
    """One announced total, and what the records hold now for its day."""

    figure: Figure
    held: Totals

    @property
    def difference(self) -> int | None:
        """Pence that the records hold above what was announced (negative: below), where an amount was announced."""
        announced = self.figure.amount_pence
        return None if announced is None else self.held.total_pence - announced

    @property
    def difference_words(self) -> str:
        """The difference for a page: none, or pounds with a sign."""
        if self.difference is None:
            return "not known"
        return f"{'+' if self.difference > 0 else ''}{pounds_exact(self.difference)}" if self.difference else "none"

    @property
    def share_words(self) -> str:
        """How much of the announced amount the records hold, in whole percent, rounded down."""
        announced = self.figure.amount_pence
        return f"{self.held.total_pence * 100 // announced}%" if announced else ""

    @property
    def about(self) -> str:
        """What was announced, like "SCF, CSE: awarded since 2014"."""
        topic = f", {self.figure.topic}" if self.figure.topic else ""
        return f"{self.figure.fund}{topic}: {self.figure.figure_kind}"

    @property
    def link(self) -> dict[str, str]:
        """The filters under which the totals show the same, for a link."""
        since, topic = since_of(self.figure.figure_kind), self.figure.topic
        given = {"fund": self.figure.fund, "as_at": self.figure.as_at.isoformat()}
        given |= {"topic": topic} if topic else {}
        return given | ({"since": since.isoformat()} if since != date.min else {})


def figures() -> tuple[Figure, ...]:
    """Every announced total, oldest first."""
    return tuple(Figure(*line) for line in db.session.execute(_figures()))


@lru_cache(maxsize=1)
def _figures() -> Any:
    figure = PublishedFigure
    return (
        select(
            figure.as_at_day,
            figure.as_at_last,
            figure.fund_id,
            Fund.code,
            figure.topic_id,
            Topic.name,
            figure.figure_kind,
            figure.amount_pence,
            figure.amount_quality,
            figure.count,
            figure.count_unit,
        )
        .join(Fund, Fund.id == figure.fund_id)
        .outerjoin(Topic, Topic.id == figure.topic_id)
        .order_by(figure.as_at_last, figure.id)
    )


def comparisons(said: Sequence[Figure], filters: Filters | None, head: Head | None = None) -> Sequence[Comparison]:
    """What was said of a fund and topic (all of it where the filters name none), held against the records.

    Totals of one topic come first, then the newest.
    """
    return _comparisons(head or ledger_head(), tuple(said), filters)


@lru_cache(maxsize=REMEMBERED)
def _comparisons(head: Head, said: tuple[Figure, ...], filters: Filters | None) -> Sequence[Comparison]:
    questions = [_question(figure) for figure in said]
    deltas = _deltas(head, _days(questions), _starts(questions)) if questions else []
    found = [
        Comparison(figure, held(question, deltas))
        for figure, question in zip(said, questions, strict=True)
        if filters is None or _is_about(figure, filters)
    ]
    return tuple(sorted(found, key=lambda one: (one.figure.topic_id is not None, one.figure.as_at), reverse=True))


def at_a_glance(found: Sequence[Comparison]) -> Comparison | None:
    """The comparison that says most about the records: the latest amount, of all topics where there is one."""
    known = [one for one in found if one.figure.amount_pence]
    return max(known, key=lambda one: (one.figure.topic_id is None, one.figure.as_at), default=None)


def _is_about(figure: Figure, filters: Filters) -> bool:
    fund, topic = filters.fund, filters.topic
    return (fund is None or fund.id == figure.fund_id) and (topic is None or topic.id == figure.topic_id)


def _question(figure: Figure) -> TotalQuestion:
    return TotalQuestion(figure.fund_id, figure.topic_id, since_of(figure.figure_kind), figure.as_at)


def _days(questions: Iterable[TotalQuestion]) -> tuple[date, ...]:
    return tuple(sorted({question.as_at for question in questions}))


def _starts(questions: Iterable[TotalQuestion]) -> tuple[date, ...]:
    return tuple(sorted({question.since for question in questions} - {date.min}))


@lru_cache(maxsize=4)
def _deltas(_head: Head, days: tuple[date, ...], starts: tuple[date, ...]) -> list[Delta]:
    """Everything that begins or ceases to count by the last of the days, as coarsely as days and starts allow."""
    moving = _moving().subquery()
    found = db.session.execute(
        _steady(days, starts, moving).union_all(_entries(days[-1], moving), _changes(days[-1], moving))
    )
    steady: list[Delta] = []
    events: list[TotalEvent] = []
    for line in found:
        if line.part == "steady":
            steady.append(Delta(line.fund_id, line.topic_id, line.award_last, line.effective, _totals(line)))
        else:
            events.append(_event(line))
    return steady + _moved(events)


def _moved(events: list[TotalEvent]) -> list[Delta]:
    events.sort(key=lambda event: (event.award_id, event.id))
    stories = groupby(events, key=lambda event: event.award_id)
    return [delta for _award, lines in stories for delta in story(list(lines))]


def _event(line: Any) -> TotalEvent:
    field = "" if line.part == "entry" else line.part
    return TotalEvent(
        line.award_id,
        line.id,
        field,
        line.fund_id,
        line.topic_id,
        line.award_last,
        line.effective,
        _totals(line),
    )


def _totals(line: Any) -> Totals:
    return Totals(
        projects=int(line.projects),
        total_pence=int(line.awarded),
        returned_pence=-int(line.returned),
        unknown_amounts=int(line.unknown),
        illustrative=int(line.illustrative),
    )


def _moving() -> CompoundSelect[Any]:
    """The awards whose lines cannot simply be added up: withdrawn, moved in fund, topic or day, or out of order."""
    entry = LedgerEntry
    begins = func.min(case((entry.kind == EntryKind.AWARD, entry.effective_last)))
    turns = func.sum(case(((entry.kind != EntryKind.AWARD) & (entry.project_delta != 0), 1), else_=0))
    return union(
        select(entry.award_id).group_by(entry.award_id).having(or_(turns > 0, func.min(entry.effective_last) < begins)),
        select(AwardChange.award_id).where(AwardChange.field.in_(COUNTED_BY)),
    )


def _amounts() -> list[ColumnElement[Any]]:
    entry = LedgerEntry
    return [
        entry.project_delta.expression,
        case((entry.account == Account.AWARDED, func.coalesce(entry.amount_pence, 0)), else_=0),
        case((entry.account == Account.RETURNED, func.coalesce(entry.amount_pence, 0)), else_=0),
        entry.unknown_delta.expression,
        case((Award.illustrative, entry.project_delta), else_=0),
    ]


_NAMES = ("projects", "awarded", "returned", "unknown", "illustrative")


def _steady(days: Sequence[date], starts: Sequence[date], moving: Subquery) -> Any:
    """The lines of all other awards, added up between one day that is asked for and the next."""
    entry = LedgerEntry
    span = case(*((entry.effective_last <= day, place) for place, day in enumerate(days)), else_=len(days))
    apart: list[Any] = [span]
    if starts:  # where no figure says since when, awards are not told apart by their day
        apart.append(case(*((Award.award_last < day, place) for place, day in enumerate(starts)), else_=len(starts)))
    return (
        select(
            literal("steady").label("part"),
            literal(0).label("award_id"),
            literal(0).label("id"),
            Award.fund_id.label("fund_id"),
            Award.primary_topic_id.label("topic_id"),
            func.min(Award.award_last).label("award_last"),
            func.max(entry.effective_last).label("effective"),
            *(func.sum(amount).label(name) for amount, name in zip(_amounts(), _NAMES, strict=True)),
        )
        .join(Award, Award.id == entry.award_id)
        .where(entry.effective_last <= days[-1], entry.award_id.not_in(select(moving.c.award_id)))
        .group_by(Award.fund_id, Award.primary_topic_id, *apart)
    )


def _entries(last: date, moving: Subquery) -> Any:
    entry = LedgerEntry
    return (
        select(
            literal("entry"),
            entry.award_id,
            entry.id,
            Award.fund_id,
            Award.primary_topic_id,
            Award.award_last,
            entry.effective_last,
            *_amounts(),
        )
        .join(Award, Award.id == entry.award_id)
        .where(entry.effective_last <= last, entry.award_id.in_(select(moving.c.award_id)))
    )


def _changes(last: date, moving: Subquery) -> Any:
    change = AwardChange
    return select(
        change.field,
        change.award_id,
        change.id,
        change.fund_id,
        change.topic_id,
        change.award_last,
        change.effective_last,
        *(literal(0) for _name in _NAMES),
    ).where(
        or_(change.effective_last <= last, change.field == ChangedField.AWARD_DATE),
        change.field.in_(COUNTED_BY),
        change.award_id.in_(select(moving.c.award_id)),
    )
