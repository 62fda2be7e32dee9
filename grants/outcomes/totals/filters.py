"""The filters as people and scripts give them: read strictly, answered kindly."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from grants.foundation.values import clock
from grants.foundation.values.days import MONTHS, BadDay, Day, long_date
from grants.foundation.values.words import count_characters, printable
from grants.foundation.web.filters import echo, nearest

from .rules import FilterChoice, FilterKind, Filters, Vocabulary, names_of
from .statements import instant_words

LONGEST_VALUE = 200
"""Characters of a filter: longer than any name of a fund, round, topic, district or priority."""

EARLIEST_YEAR = 1800
"""Before it no award can be: a year that is smaller is a slip of the keyboard."""

DAYS = ("since", "until", "as_at")
NAMES = (*(kind.value for kind in FilterKind), *DAYS, "known_by")
"""Every filter by its name in URLs; a command writes an underscore as a dash."""


LABELS = {
    "fund": "Fund",
    "topic": "Topic",
    "priority": "Plan priority",
    "district": "District",
    "round": "Round",
    "since": "Awarded since",
    "until": "Awarded until",
    "as_at": "As at",
    "known_by": "As known on",
}
"""What a filter is called on a page."""

NOTES = {
    "since": "A year or a date, like 2014 or 31 May 2014",
    "until": "A year or a date, like 2016 or 31 March 2017",
    "as_at": "Count what had happened by this day; today if left empty",
    "known_by": "Count only what the records held by this day; all if left empty",
}
"""What helps to fill in a filter that is typed."""


class BadTotalFilter(ValueError):
    """A filter that means nothing; the message says what to give instead."""


@dataclass(frozen=True)
class Asked:
    """What was asked for. `filters` is None where any filter is wrong; `errors` says which and why.

    `typed` is what people gave, to be shown again; `given` the same in its tidy form, for links.
    """

    filters: Filters | None
    typed: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def __hash__(self) -> int:
        """By what was asked, so that an answer can be remembered by it."""
        return hash((self.filters, tuple(self.typed.items())))

    def in_words(self) -> list[tuple[str, str]]:
        """The filters in use as (name, value in words), in the order of the page; a wrong one as it was typed."""
        return [(name, self._word(name)) for name in NAMES if name in self.typed]

    def without(self, *names: str) -> dict[str, str]:
        """The filters in use but for some, for a link."""
        return {name: value for name, value in self.given.items() if name not in names}

    def _word(self, name: str) -> str:
        value = getattr(self.filters, name) if self.filters else None
        if isinstance(value, FilterChoice):
            return value.name
        if isinstance(value, datetime):
            return instant_words(value)
        if isinstance(value, date):
            whole_year = {"since": (1, 1), "until": (12, 31)}.get(name) == (value.month, value.day)
            return str(value.year) if whole_year else long_date(value)
        return echo(self.typed[name])


def read_filters(args: Mapping[str, Sequence[str]], vocabulary: Vocabulary) -> Asked:
    """Read the filters of a URL or a command; a name that is not a filter its view has refused."""
    typed = {name: args[name] for name in NAMES if any(value.strip() for value in args.get(name, ()))}
    found: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, values in typed.items():
        try:
            found[name] = _read(name, values, vocabulary)
        except BadTotalFilter as error:
            errors[name] = str(error)
    errors |= _contradictions(found)
    return Asked(
        filters=None if errors else Filters(**({"as_at": clock.today()} | found)),
        typed={name: printable(values[0][:LONGEST_VALUE], "") for name, values in typed.items()},
        given={name: _tidy(value) for name, value in found.items() if name not in errors},
        errors=errors,
    )


def the_value(values: Sequence[str]) -> str:
    """The one value of a filter, without blanks around it. Raises BadTotalFilter where there are several."""
    given, *more = values
    if more:
        raise BadTotalFilter("Give this filter once only.")
    text = given.strip()
    if count_characters(text) > LONGEST_VALUE:
        raise BadTotalFilter(f"This is too long: give at most {LONGEST_VALUE} characters.")
    return text


def _read(name: str, values: Sequence[str], vocabulary: Vocabulary) -> FilterChoice | date | datetime:
    text = the_value(values)
    if name == "known_by":
        return _instant(text)
    if name in DAYS:
        return _day(text, last=name != "since", latest=clock.today() if name == "as_at" else date.max)
    return _choice(FilterKind(name), text, vocabulary)


def _tidy(value: FilterChoice | date | datetime) -> str:
    return value.key if isinstance(value, FilterChoice) else value.isoformat().replace("+00:00", "Z")


def _contradictions(found: Mapping[str, Any]) -> dict[str, str]:
    since, until = found.get("since"), found.get("until")
    if since and until and until < since:
        return {"until": f"This is before the start, {long_date(since)}: give the same day or a later one."}
    return {}


def _choice(kind: FilterKind, text: str, vocabulary: Vocabulary) -> FilterChoice:
    choice = vocabulary.find(kind, text)
    if choice is None:
        near = nearest(text, {name: choice.key for choice in vocabulary.of(kind) for name in names_of(choice)})
        hint = f" Did you mean “{near}”?" if near else ""
        raise BadTotalFilter(f"There is no {kind.value} called “{echo(text)}”.{hint}")
    return choice


_HOW = "Give a year or a date, like 2014, 2014-05-31 or 31 May 2014."


def _day(text: str, *, last: bool, latest: date) -> date:
    """The first day of what was typed; or the last, but of what is not over yet the latest. Raises BadTotalFilter."""
    try:
        day = next(found for read in _WAYS if (found := read(text)))
    except StopIteration:
        raise BadTotalFilter(f"“{echo(text)}” is not a date. {_HOW}") from None
    except (BadDay, ValueError):
        raise BadTotalFilter(f"“{echo(text)}” is not a day of the calendar. {_HOW}") from None
    if day.last.year < EARLIEST_YEAR:
        raise BadTotalFilter(f"“{echo(text)}” is too long ago. {_HOW}")
    first = day.first or day.last
    if first > latest:
        raise BadTotalFilter(f"This is in the future: give today, {long_date(latest)}, or an earlier day.")
    return min(day.last, latest) if last else first


def _iso(text: str) -> Day | None:
    return Day.parse(text) if re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", text) else None


def _slashed(text: str) -> Day | None:
    found = re.fullmatch(r"([0-9]{1,2})[/.]([0-9]{1,2})[/.]([0-9]{4})", text)
    return Day.exactly(date(int(found[3]), int(found[2]), int(found[1]))) if found else None


def _spoken(text: str) -> Day | None:
    found = re.fullmatch(r"(?:([0-9]{1,2}) +)?([A-Za-z]{3,9}) +([0-9]{4})", text)
    if not found:
        return None
    day, word, year = found.groups()
    month = next((f"{at:02}" for at, name in enumerate(MONTHS) if name.lower().startswith(word.lower())), "")
    if not month:
        return None
    return Day.parse(f"{year}-{month}-{day:0>2}" if day else f"{year}-{month}")


_WAYS: tuple[Callable[[str], Day | None], ...] = (_iso, _slashed, _spoken)


def _instant(text: str) -> datetime:
    """A day means its end in Europe/London; an instant without a zone is in Europe/London. Raises BadTotalFilter."""
    instant = _exact_instant(text) if re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]", text) else _end_of(text)
    if clock.london(instant).date() > clock.today():
        raise BadTotalFilter("This is in the future: give today or an earlier day.")
    return instant


def _exact_instant(text: str) -> datetime:
    try:
        instant = clock.parse_instant(text.replace(" ", "+" if "T" in text else "T"))  # a "+" in a URL is a space
    except (clock.BadInstant, OverflowError):
        raise BadTotalFilter(
            f"“{echo(text)}” is not an instant. Give one like 2017-05-02 or 2017-05-02T12:00."
        ) from None
    if instant.year < EARLIEST_YEAR:
        raise BadTotalFilter(f"“{echo(text)}” is too long ago.")
    return instant


def _end_of(text: str) -> datetime:
    return clock.end_of_day(_day(text, last=True, latest=clock.today()))
