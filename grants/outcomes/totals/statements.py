"""A total said in one sentence, and frozen in a form that can be checked years later."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from grants.foundation.values import clock
from grants.foundation.values.days import MONTHS
from grants.foundation.values.money import pounds
from grants.foundation.values.words import some

from .rules import FilterChoice, Filters, Records, TotalRow, Totals


@dataclass(frozen=True)
class Statement:
    """A total, what it is of, and the SHA-256 over its filters and rows."""

    filters: Filters
    totals: Totals
    sha256: str
    records: Records | None = None

    @property
    def sentence(self) -> str:
        """The whole statement in words."""
        return sentence(self.filters, self.totals)

    def as_json(self) -> dict[str, Any]:
        """The statement for machines: amounts in whole pence, instants in UTC."""
        totals, words = self.totals, self.filters.as_words()
        return {
            "projects": totals.projects,
            "organisations": totals.organisations,
            "total_pence": totals.total_pence,
            "returned_pence": totals.returned_pence,
            "net_pence": totals.net_pence,
            "unknown_amounts": totals.unknown_amounts,
            "illustrative": totals.illustrative,
            "sentence": self.sentence,
            "as_at": words.pop("as_at"),
            "known_by": words.pop("known_by"),
            "records": _records(self.records),
            "filters": words,
            "sha256": self.sha256,
        }


def _records(records: Records | None) -> dict[str, Any] | None:
    """By what it is known what the records held: when lines were entered here, or what files of later say of then."""
    if records is None:
        return None
    if not records.are_of_before:
        return {"known_by": "entered"}
    return {
        "known_by": "recorded",
        "system_began": records.began.isoformat() if records.began else None,
        "imports": [{"sha256": one.sha256, "imported_at": one.at.isoformat()} for one in records.imports],
        "entered_by_hand": records.by_hand,
    }


def told_since(records: Records | None) -> str:
    """Where what the records held comes from, when that is of before this system: files of which day, and people.

    >>> told_since(Records(clock.parse_instant("2018-01-03T12:00:00Z"), None, (), by_hand=2))
    'This system did not run then: what the records held comes from 2 awards entered by hand since.'
    """
    if records is None or not records.are_of_before:
        return ""
    days: dict[str, list[str]] = {}
    for one in records.imports:
        days.setdefault(day_words(clock.london(one.at).date()), []).append(one.sha256[:8])
    told = [f"{some(len(names), 'file')} brought in on {day} ({', '.join(names)})" for day, names in days.items()]
    if records.by_hand:
        told.append(f"{some(records.by_hand, 'award')} entered by hand since")
    return f"This system did not run then: what the records held comes from {', and '.join(told) or 'nothing since'}."


def fingerprint(filters: Filters, rows: Sequence[TotalRow]) -> str:
    """SHA-256 over the canonical JSON of the filters and rows (reference, day, pence awarded and returned)."""
    lines = [[row.reference, row.award_last.isoformat(), row.amount, row.returned_pence] for row in rows]
    text = json.dumps(
        {"filters": filters.as_words(), "rows": sorted(lines, key=lambda line: str(line[0]))},
        ensure_ascii=True,
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(text.encode()).hexdigest()


def sentence(filters: Filters, totals: Totals) -> str:
    """The whole statement in words, with plain spaces: when, what, what came back, and how sure it is.

    >>> sentence(Filters(as_at=date(2017, 5, 2)), Totals(projects=1, total_pence=540000))
    'As at 2 May 2017, 1 project was awarded £5,400.'
    """
    said = claim(filters, totals) if totals.projects else "n" + claim(filters, totals)[1:]
    return " ".join([f"{when(filters)}, {said}", *remarks(totals)])


def when(filters: Filters) -> str:
    """The day that the statement holds for, and what was known then.

    >>> when(Filters(as_at=date(2017, 5, 2), known_by=clock.end_of_day(date(2018, 1, 3))))
    'As at 2 May 2017, as the records stood at the end of 3 January 2018'
    """
    at = f"As at {day_words(filters.as_at)}"
    return at if filters.known_by is None else f"{at}, as the records stood {instant_words(filters.known_by)}"


def claim(filters: Filters, totals: Totals) -> str:
    """The sentence itself, without its day.

    >>> claim(Filters(as_at=date(2017, 5, 2), since=date(2014, 1, 1)), Totals(projects=20, total_pence=10309600))
    '20 projects were awarded £103,096 since 2014.'
    """
    number = totals.projects
    subject = "project" if number == 1 else "projects"
    verb = "was" if number == 1 else "were"
    words = [f"{number:,}" if number else "No", subject, *_about(filters), verb, "awarded", _amount(totals)]
    return " ".join([*words, *_through(filters), *period(filters)]) + _unknown(totals) + "."


def _about(filters: Filters) -> list[str]:
    """What the projects are about and where, as parts of a sentence."""
    words = []
    if filters.topic:
        words.append(filters.topic.note or f"tackling {filters.topic.name}")
    if filters.priority:
        words.append(f"under the priority “{filters.priority.name}”")
    if filters.district:
        words.append(_where(filters.district))
    return words


def _where(district: FilterChoice) -> str:
    return f"across all of {district.name}" if district.note else f"in {district.name}"


def _amount(totals: Totals) -> str:
    if totals.projects == totals.unknown_amounts:
        return "money"
    return f"at least {pounds(totals.total_pence)}" if totals.unknown_amounts else pounds(totals.total_pence)


def _through(filters: Filters) -> list[str]:
    """The fund and the round."""
    words = []
    if filters.fund:
        name = filters.fund.name
        words.append(f"through {name}" if name.lower().startswith("the ") else f"through the {name}")
    if filters.round:
        words.append(f"in round {filters.round.name}")
    return words


def period(filters: Filters) -> list[str]:
    """When the awards were made; a first of January or last of December is said as its year.

    >>> period(Filters(as_at=date(2020, 1, 1), since=date(2014, 1, 1), until=date(2016, 12, 31)))
    ['from 2014 to 2016']
    """
    since, until = filters.since, filters.until
    if since and until:
        return [_between(since, until)]
    if since:
        return [f"since {since.year if _begins_year(since) else day_words(since)}"]
    if until:
        return [f"until the end of {until.year}" if _ends_year(until) else f"until {day_words(until)}"]
    return []


def _between(since: date, until: date) -> str:
    if since == until:
        return f"on {day_words(since)}"
    if _begins_year(since) and _ends_year(until):
        return f"in {since.year}" if since.year == until.year else f"from {since.year} to {until.year}"
    first = str(since.year) if _begins_year(since) else day_words(since)
    return f"from {first} to {f'the end of {until.year}' if _ends_year(until) else day_words(until)}"


def _begins_year(day: date) -> bool:
    return (day.month, day.day) == (1, 1)


def _ends_year(day: date) -> bool:
    return (day.month, day.day) == (12, 31)


def _unknown(totals: Totals) -> str:
    unknown, projects = totals.unknown_amounts, totals.projects
    if not unknown:
        return ""
    if unknown == projects:
        return "; the amount is not known" if unknown == 1 else "; the amounts are not known"
    return (
        f"; the amount{'' if unknown == 1 else 's'} of {unknown:,} of them {'is' if unknown == 1 else 'are'} not known"
    )


def remarks(totals: Totals) -> list[str]:
    """What must be said beside the total: money that came back, and illustrative rows."""
    return [text for text in (_returned(totals), illustrative_words(totals)) if text]


def _returned(totals: Totals) -> str:
    if not totals.returned_pence:
        return ""
    back = f"{pounds(totals.returned_pence)} came back"
    if totals.unknown_amounts:
        return f"{back}."
    return f"Of that, {back}, which leaves {pounds(totals.net_pence)}."


def illustrative_words(totals: Totals) -> str:
    """How many of the rows are made up, or nothing.

    >>> illustrative_words(Totals(projects=20, illustrative=3))
    '3 of the 20 rows behind it are illustrative.'
    """
    some, projects = totals.illustrative, totals.projects
    if not some:
        return ""
    if some == projects:
        return f"The row{'' if some == 1 else 's'} behind it {'is' if some == 1 else 'are'} illustrative."
    return f"{some:,} of the {projects:,} rows behind it {'is' if some == 1 else 'are'} illustrative."


def day_words(day: date) -> str:
    """A date with plain spaces, so that text that is searched or read out holds it as typed.

    >>> day_words(date(2017, 5, 2))
    '2 May 2017'
    """
    return f"{day.day} {MONTHS[day.month]} {day.year}"


def instant_words(instant: datetime) -> str:
    """An instant as people in Europe/London say it.

    >>> instant_words(clock.parse_instant("2017-05-02T12:05:00Z"))
    'at 13:05 on 2 May 2017'
    """
    local = clock.london(instant)
    if local.time() == time.max:
        return f"at the end of {day_words(local.date())}"
    return f"at {local:%H:%M} on {day_words(local.date())}"
