"""What is counted and how: the filters of a total, and the arithmetic that needs no database."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import cast

MOST_BARS = 30
"""Years that a chart shows; older ones are taken together."""


class FilterKind(StrEnum):
    """A filter that is chosen by name; its value is the filter's name in URLs and commands."""

    FUND = "fund"
    TOPIC = "topic"
    PRIORITY = "priority"
    DISTRICT = "district"
    ROUND = "round"


@dataclass(frozen=True)
class FilterChoice:
    """One thing that a total can be filtered by. `key` stands in URLs, `others` are names that mean the same.

    `note` is what a sentence needs to know: a topic's wording, a priority's plan, "area" for the whole area.
    """

    kind: FilterKind
    id: int
    key: str
    name: str
    note: str = ""
    others: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Its words in a list of choices."""
        return f"{self.name} ({self.note})" if self.kind is FilterKind.PRIORITY else self.name


@dataclass(frozen=True)
class Vocabulary:
    """Every name that a filter can have."""

    choices: tuple[FilterChoice, ...]

    def of(self, kind: FilterKind) -> list[FilterChoice]:
        """The choices of one filter, in their order."""
        return [choice for choice in self.choices if choice.kind is kind]

    def find(self, kind: FilterKind, name: str) -> FilterChoice | None:
        """The choice that a name means, whatever its case; None where there is no such."""
        wanted = " ".join(name.casefold().split())
        return next((choice for choice in self.of(kind) if wanted in names_of(choice)), None)


def names_of(choice: FilterChoice) -> set[str]:
    """All names of a choice, without case."""
    return {name.casefold() for name in (choice.key, choice.name, *choice.others)}


@dataclass(frozen=True)
class Filters:
    """What a total is of. `since` and `until` select by award date; both days are included.

    `as_at` is the day by which an entry must have taken effect; `known_by` the instant (UTC) by
    which the office's records must have had it, or None for everything that is known.
    """

    as_at: date
    known_by: datetime | None = None
    fund: FilterChoice | None = None
    topic: FilterChoice | None = None
    priority: FilterChoice | None = None
    district: FilterChoice | None = None
    round: FilterChoice | None = None
    since: date | None = None
    until: date | None = None

    def chosen(self) -> Mapping[FilterKind, FilterChoice]:
        """The filters that are chosen by name."""
        found = {kind: getattr(self, kind.value) for kind in FilterKind}
        return {kind: choice for kind, choice in found.items() if choice is not None}

    def as_words(self) -> dict[str, str | None]:
        """Every filter as plain text, for JSON: keys, ISO dates and a UTC instant."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}


def _plain(value: FilterChoice | date | datetime | None) -> str | None:
    if value is None:
        return None
    return value.key if isinstance(value, FilterChoice) else value.isoformat()


@dataclass(frozen=True)
class Totals:
    """What a selection of awards adds up to, in pence. `illustrative` counts projects.

    `total_pence` is what was awarded, as far as it is known: `unknown_amounts` projects are not in it.
    """

    projects: int = 0
    organisations: int = 0
    total_pence: int = 0
    returned_pence: int = 0
    unknown_amounts: int = 0
    illustrative: int = 0
    illustrative_pence: int = 0

    @property
    def net_pence(self) -> int:
        """What was awarded, less what came back."""
        return self.total_pence - self.returned_pence


NOTHING = Totals()


@dataclass(frozen=True)
class Import:
    """A file that awards of a total came from: its SHA-256, and when it was first brought in."""

    sha256: str
    at: datetime


@dataclass(frozen=True)
class Records:
    """Who says what the records held at an instant. From when this system `began` on, it says so itself.

    Of before that, the `imports` do that were brought in since, and whoever entered the `by_hand` other awards.
    """

    known_by: datetime
    began: datetime | None
    imports: tuple[Import, ...] = ()
    by_hand: int = 0

    @property
    def are_of_before(self) -> bool:
        """Whether the instant is before this system began."""
        return self.began is None or self.known_by < self.began


@dataclass(frozen=True)
class TotalRow:
    """One award in force, as a total counts it. `awarded_pence` is what is known of its amount."""

    award_id: int
    reference: str
    award_last: date
    awarded_pence: int
    returned_pence: int
    is_unknown: bool
    illustrative: bool

    @property
    def amount(self) -> int | None:
        """Its amount in pence, or None where nothing of it is known."""
        return None if self.is_unknown and not self.awarded_pence else self.awarded_pence


@dataclass(frozen=True)
class YearBar:
    """One bar of the chart by year; `label` is the year, or "before" one."""

    label: str
    totals: Totals


def bars(years: Mapping[int, Totals]) -> list[YearBar]:
    """The years from first to last, gaps filled; where they are too many, the oldest are taken together."""
    if not years:
        return []
    last = max(years)
    first = max(min(years), last - MOST_BARS + 1)
    older = [totals for year, totals in years.items() if year < first]
    shown = [YearBar(str(year), years.get(year, NOTHING)) for year in range(first, last + 1)]
    return [YearBar(f"before {first}", added(older)), *shown] if older else shown


def added(parts: Iterable[Totals]) -> Totals:
    """Totals of parts that share no award. Organisations may be in several parts, so they are not added."""
    listed = list(parts)
    return Totals(
        projects=sum(part.projects for part in listed),
        total_pence=sum(part.total_pence for part in listed),
        returned_pence=sum(part.returned_pence for part in listed),
        unknown_amounts=sum(part.unknown_amounts for part in listed),
        illustrative=sum(part.illustrative for part in listed),
        illustrative_pence=sum(part.illustrative_pence for part in listed),
    )


def negative(totals: Totals) -> Totals:
    """The same, to be taken away."""
    return Totals(*(-getattr(totals, field.name) for field in fields(totals)))


@dataclass(frozen=True)
class Delta:
    """What begins to count (or, negative, ceases to) on a day, for one fund and primary topic."""

    fund_id: int
    topic_id: int | None
    award_last: date
    effective: date
    totals: Totals


@dataclass(frozen=True)
class TotalQuestion:
    """What an announced figure is about: a fund, perhaps a topic, awards since a day, as at a day."""

    fund_id: int
    topic_id: int | None
    since: date
    as_at: date


def since_of(figure_kind: str) -> date:
    """The day from which an announced figure counts awards, from its words.

    >>> since_of("awarded since 2014"), since_of("awarded")
    (datetime.date(2014, 1, 1), datetime.date(1, 1, 1))
    """
    found = re.search(r"since ([0-9]{4})", figure_kind)
    return date(int(found[1]), 1, 1) if found and found[1] != "0000" else date.min


def held(question: TotalQuestion, deltas: Iterable[Delta]) -> Totals:
    """What the records hold for an announced figure: the deltas that belong to it, added up."""
    return added(delta.totals for delta in deltas if _belongs(delta, question))


def _belongs(delta: Delta, question: TotalQuestion) -> bool:
    return (
        delta.effective <= question.as_at
        and delta.award_last >= question.since
        and delta.fund_id == question.fund_id
        and question.topic_id in (None, delta.topic_id)
    )


@dataclass(frozen=True)
class TotalEvent:
    """One thing that happened to an award: a ledger entry, or a change of what it is.

    `field` is empty for an entry, which knows the first of each; for a change it says which of fund, topic and day
    is new, and the others are None.
    """

    award_id: int
    id: int
    field: str
    fund_id: int | None
    topic_id: int | None
    award_last: date | None
    effective: date
    totals: Totals


def story(events: Sequence[TotalEvent]) -> list[Delta]:
    """What each day of one award's story begins or ceases to count."""
    deltas: list[Delta] = []
    before: Delta | None = None
    for day in sorted({event.effective for event in events}):
        after = _snapshot(events, day)
        deltas += [
            Delta(gone.fund_id, gone.topic_id, gone.award_last, day, negative(gone.totals)) for gone in [before] if gone
        ]
        deltas += [after] if after else []
        before = after
    return deltas


def _snapshot(events: Sequence[TotalEvent], day: date) -> Delta | None:
    """What an award counts as on a day, or None where it does not count."""
    entries = [event for event in events if not event.field and event.effective <= day]
    sums = added(event.totals for event in entries)
    if sums.projects <= 0:
        return None
    first = entries[0]
    fund = _latest(events, "fund", day) or first
    topic = _latest(events, "topics", day) or first
    dated = max((event for event in events if event.field == "award_date"), key=lambda event: event.id, default=first)
    return Delta(cast("int", fund.fund_id), topic.topic_id, cast("date", dated.award_last), day, sums)


def _latest(events: Sequence[TotalEvent], field: str, day: date) -> TotalEvent | None:
    changes = [event for event in events if event.field == field and event.effective <= day]
    return max(changes, key=lambda event: (event.effective, event.id), default=None)
