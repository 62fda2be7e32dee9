"""Filters are read strictly and answered kindly."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from grants.foundation.values.clock import end_of_day, parse_instant
from grants.outcomes.totals.filters import Asked, read_filters
from grants.outcomes.totals.rules import FilterChoice, FilterKind, Vocabulary
from tests.conftest import MovedClock

SCF = FilterChoice(FilterKind.FUND, 1, "SCF", "Safer Communities Fund")
CSE = FilterChoice(FilterKind.TOPIC, 1, "CSE", "CSE", "", ("child sexual exploitation",))
LEEDS = FilterChoice(FilterKind.DISTRICT, 1, "Leeds", "Leeds", "", ("E08000035",))
ROUND = FilterChoice(FilterKind.ROUND, 1, "SCF 3", "SCF 3", "", ("scf-3",))
WORDS = Vocabulary((SCF, CSE, LEEDS, ROUND))
TODAY = date(2026, 11, 22)

pytestmark = pytest.mark.usefixtures("clock")


def read(**given: str) -> Asked:
    return read_filters({name: [value] for name, value in given.items()}, WORDS)


def test_without_filters_all_that_is_known_today_counts() -> None:
    asked = read()

    assert asked.filters is not None
    assert (asked.filters.as_at, asked.filters.known_by, asked.filters.chosen()) == (TODAY, None, {})
    assert asked.given == {}


@pytest.mark.parametrize(
    ("name", "value", "choice"),
    [
        ("fund", "SCF", SCF),
        ("fund", " scf ", SCF),
        ("fund", "safer communities  fund", SCF),
        ("topic", "Child Sexual Exploitation", CSE),
        ("district", "e08000035", LEEDS),
        ("round", "scf-3", ROUND),
    ],
)
def test_name_is_found_by_code_name_and_other_name(name: str, value: str, choice: FilterChoice) -> None:
    asked = read(**{name: value})

    assert asked.filters is not None
    assert getattr(asked.filters, name) == choice
    assert asked.given == {name: choice.key}


@pytest.mark.parametrize(
    ("name", "value", "day"),
    [
        ("since", "2014-01-01", date(2014, 1, 1)),
        ("since", "2014", date(2014, 1, 1)),
        ("since", "2014-05", date(2014, 5, 1)),
        ("since", "31 May 2014", date(2014, 5, 31)),
        ("since", "may 2014", date(2014, 5, 1)),
        ("since", "2/5/2014", date(2014, 5, 2)),
        ("since", "2 May 2014", date(2014, 5, 2)),
        ("since", "1800", date(1800, 1, 1)),
        ("until", "2014", date(2014, 12, 31)),
        ("until", "2016-02", date(2016, 2, 29)),
        ("as_at", "2 May 2017", date(2017, 5, 2)),
        ("as_at", "2016", date(2016, 12, 31)),
        ("as_at", "2026", TODAY),
        ("as_at", "2026-11-22", TODAY),
    ],
)
def test_day_is_read_as_people_write_it(name: str, value: str, day: date) -> None:
    asked = read(**{name: value})

    assert asked.errors == {}
    assert getattr(asked.filters, name) == day
    assert asked.given == {name: day.isoformat()}


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        ("2017-05-02", end_of_day(date(2017, 5, 2))),
        ("2017-05-02T12:00:00Z", parse_instant("2017-05-02T12:00:00Z")),
        ("2017-05-02T12:00:00+00:00", parse_instant("2017-05-02T12:00:00Z")),
        ("2017-05-02T12:00:00 00:00", parse_instant("2017-05-02T12:00:00Z")),
        ("2017-05-02T13:00", parse_instant("2017-05-02T12:00:00Z")),
        ("2026-11-22", end_of_day(TODAY)),
        ("2026", end_of_day(TODAY)),
        ("2017", end_of_day(date(2017, 12, 31))),
        ("1800-01-01T12:00Z", parse_instant("1800-01-01T12:00:00Z")),
    ],
)
def test_known_by_is_an_instant_or_the_end_of_a_day(value: str, instant: datetime) -> None:
    asked = read(known_by=value)

    assert asked.filters is not None
    assert asked.filters.known_by == instant
    assert read(**asked.given).filters == asked.filters


IMPOSSIBLE = "not a day of the calendar"


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("fund", "SFC", "There is no fund called “SFC”. Did you mean “SCF”?"),
        ("fund", "'; DROP TABLE awards; --", "There is no fund called “'; DROP TABLE awards; --”."),
        ("fund", "100%", "There is no fund called “100%”."),
        ("topic", "C\0SE", "There is no topic called “C\N{REPLACEMENT CHARACTER}SE”."),
        ("topic", "x" * 200, f"There is no topic called “{'x' * 39}…”."),
        ("topic", "x" * 201, "too long"),
        ("topic", "x" * 40, f"There is no topic called “{'x' * 40}”."),
        ("topic", "x" * 10_000, "too long"),
        ("since", "9" * 10_000, "too long"),
        ("known_by", "\0" * 10_000, "too long"),
        ("since", "2015-02-31", IMPOSSIBLE),
        ("since", "31/02/2015", IMPOSSIBLE),
        ("since", "30 February 2015", IMPOSSIBLE),
        ("until", "2015-13", IMPOSSIBLE),
        ("until", "0000-00-00", IMPOSSIBLE),
        ("since", "yesterday", "not a date"),
        ("since", "٢٠١٤", "not a date"),
        ("since", "by 2014-01-01", "not a date"),
        ("since", "ma 2014", "not a date"),
        ("since", "Mai 2014", "not a date"),
        ("since", "0001-01-01", "too long ago"),
        ("since", "1799", "too long ago"),
        ("as_at", "2026-11-23", "in the future: give today, 22\N{NO-BREAK SPACE}November\N{NO-BREAK SPACE}2026"),
        ("as_at", "9999-12-31", "in the future"),
        ("known_by", "2026-11-23", "in the future"),
        ("known_by", "9999-12-31T23:59:59-23:00", "not an instant"),
        ("known_by", "0001-01-01T00:00:00+14:00", "not an instant"),
        ("known_by", "0001-01-01T00:00:00Z", "too long ago"),
        ("known_by", "1799-12-31T12:00:00Z", "too long ago"),
        ("known_by", "2017-05-02T25:00", "not an instant"),
        ("known_by", "2017-02-31", IMPOSSIBLE),
    ],
)
def test_wrong_filter_is_answered_beside_it(name: str, value: str, part: str) -> None:
    asked = read(**{name: value})

    assert asked.filters is None
    assert list(asked.errors) == [name]
    assert part in asked.errors[name]
    assert len(asked.errors[name]) < 250
    assert asked.given == {}
    assert all(letter.isprintable() for letter in asked.typed[name])


def test_end_before_start_is_answered_beside_the_end() -> None:
    asked = read(since="2016", until="2015")

    assert asked.errors == {
        "until": "This is before the start, 1\N{NO-BREAK SPACE}January\N{NO-BREAK SPACE}2016: "
        "give the same day or a later one."
    }


def test_end_may_be_the_day_of_the_start() -> None:
    assert read(since="2016-05-31", until="2016-05-31").errors == {}


def test_same_question_is_remembered_by_its_hash() -> None:
    assert hash(read(fund="SCF")) == hash(read(fund="SCF")) != hash(read(fund="scf"))


def test_filter_that_is_given_twice_is_refused() -> None:
    asked = read_filters({"fund": ["SCF", "PEG"]}, WORDS)

    assert asked.errors == {"fund": "Give this filter once only."}
    assert asked.typed == {"fund": "SCF"}


def test_empty_and_unknown_parameters_are_left_alone() -> None:
    asked = read(fund=" ", since="", utm_source="mail")

    assert (asked.errors, asked.given, asked.typed) == ({}, {}, {})


def test_words_of_the_filters_in_use() -> None:
    asked = read(fund="SCF", since="2014", until="2016", as_at="2017-05-02", known_by="2018-01-03", topic="nothing")
    right = read(fund="SCF", since="2014", until="2016", as_at="2017-05-02", known_by="2018-01-03")

    assert dict(right.in_words()) == {
        "fund": "Safer Communities Fund",
        "since": "2014",
        "until": "2016",
        "as_at": "2\N{NO-BREAK SPACE}May\N{NO-BREAK SPACE}2017",
        "known_by": "at the end of 3 January 2018",
    }
    assert dict(asked.in_words())["topic"] == "nothing"
    assert "fund" not in right.without("fund")


def test_today_is_today_in_london(clock: MovedClock) -> None:
    clock.move_to(datetime.fromisoformat("2026-06-30T23:30:00+00:00"))

    asked: Any = read(as_at="2026-07-01")

    assert asked.filters.as_at == date(2026, 7, 1)
