"""What of the register somebody wants to see: read strictly from the URL, answered kindly."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from grants.awards.models import PUBLIC_STATUSES, AwardStatus
from grants.foundation.values.days import long_date
from grants.foundation.values.words import has_hidden, tidy_line
from grants.foundation.web.filters import echo, meant
from grants.outcomes.totals.filters import EARLIEST_YEAR, LONGEST_VALUE, BadTotalFilter, read_filters, the_value
from grants.outcomes.totals.rules import FilterChoice, FilterKind, Vocabulary

SHARED = (*(kind.value for kind in FilterKind), "since", "until")
"""The filters that mean the same here and in the totals; that room reads them."""

SEARCHES = ("q",)
CHOICES = (*SHARED, "other_topics", "year", "status", "amount", "illustrative")
NAMES = (*SEARCHES, *CHOICES)
"""Every filter by its name in URLs, in the order of the page."""

AMOUNTS = {"known": "known", "unknown": "not known"}
YES_OR_NO = {"yes": "yes", "no": "no"}

LABELS = {
    "q": "Search",
    "fund": "Fund",
    "round": "Round",
    "topic": "Main topic",
    "other_topics": "Other topics",
    "priority": "Plan priority",
    "district": "District",
    "year": "Year",
    "since": "Awarded since",
    "until": "Awarded until",
    "status": "Status",
    "amount": "Amount",
    "illustrative": "Illustrative",
}
"""What a filter is called on a page."""


@dataclass(frozen=True)
class RegisterFilters:
    """A selection of the register. `since` and `until` select by award date; both days are included.

    `topic` selects by primary topic, as totals do; with `other_topics` also by any other topic.
    """

    q: str = ""
    fund: FilterChoice | None = None
    round: FilterChoice | None = None
    topic: FilterChoice | None = None
    priority: FilterChoice | None = None
    district: FilterChoice | None = None
    other_topics: bool = False
    year: int | None = None
    since: date | None = None
    until: date | None = None
    status: AwardStatus | None = None
    amount: str = ""
    illustrative: bool | None = None


@dataclass(frozen=True)
class RegisterAsked:
    """What was asked for. `filters` is None where anything is wrong; `errors` says what, by filter.

    `typed` is what to show again in the fields, `given` the same in its tidy form, for links.
    """

    filters: RegisterFilters | None
    typed: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def in_words(self) -> list[tuple[str, str, str]]:
        """The filters in use as (name, label, value in words); a wrong one as it was typed."""
        return [(name, LABELS[name], self._word(name)) for name in NAMES if name in self.typed]

    def _word(self, name: str) -> str:
        value = getattr(self.filters, name) if self.filters else None
        if isinstance(value, FilterChoice):
            return value.name
        if isinstance(value, date):
            return long_date(value)
        if isinstance(value, AwardStatus):
            return value.label
        shown = self.given.get(name) or echo(self.typed[name])
        return AMOUNTS.get(shown, shown) if name == "amount" else shown


def read_register_filters(args: Mapping[str, Sequence[str]], vocabulary: Vocabulary) -> RegisterAsked:
    """Read the filters of a URL. Its view has refused any other name; an empty value is no filter."""
    shared = read_filters({name: args[name] for name in SHARED if name in args}, vocabulary)
    own = {name: args[name] for name in READERS if any(value.strip() for value in args.get(name, ()))}
    found, errors = _read_own(own)
    chosen = {name: getattr(shared.filters, name) for name in SHARED} if shared.filters else {}
    errors = {**shared.errors, **errors}
    given = {**shared.given, **{name: _tidy(value) for name, value in found.items()}}
    return RegisterAsked(
        filters=None if errors else RegisterFilters(**chosen, **found),
        typed={**shared.typed, **{name: values[0][:LONGEST_VALUE].replace("\0", "") for name, values in own.items()}},
        given={name: given[name] for name in NAMES if name in given},
        errors={name: errors[name] for name in NAMES if name in errors},
    )


def _read_own(own: Mapping[str, Sequence[str]]) -> tuple[dict[str, Any], dict[str, str]]:
    found: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, values in own.items():
        try:
            found[name] = READERS[name](the_value(values))
        except BadTotalFilter as error:
            errors[name] = str(error)
    return found, errors


def _search(text: str) -> str:
    if has_hidden(text):
        raise BadTotalFilter("This holds a character that cannot be searched for. Type the words again.")
    return tidy_line(text)


def _year(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == 4 and int(text) >= EARLIEST_YEAR):
        raise BadTotalFilter(f"“{echo(text)}” is not a year. Give one like 2017.")
    return int(text)


def _status(text: str) -> AwardStatus:
    return AwardStatus(_known(text, {status.value: status.label for status in PUBLIC_STATUSES}))


def _known(text: str, choices: Mapping[str, str]) -> str:
    if text.casefold() not in choices:
        raise BadTotalFilter(f"“{echo(text)}” is none of {', '.join(choices)}. {meant(text, choices)}".strip())
    return text.casefold()


READERS: Mapping[str, Callable[[str], Any]] = {
    "q": _search,
    "other_topics": lambda text: _known(text, YES_OR_NO) == "yes",
    "year": _year,
    "status": _status,
    "amount": lambda text: _known(text, AMOUNTS),
    "illustrative": lambda text: _known(text, YES_OR_NO) == "yes",
}


def _tidy(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
