"""What of the register somebody asks for, read from the address: without a database."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from grants.awards.models import AwardStatus
from grants.outcomes.totals.rules import FilterChoice, FilterKind, Vocabulary
from grants.register.filters import RegisterAsked, RegisterFilters, read_register_filters

SCF = FilterChoice(FilterKind.FUND, 1, "SCF", "Safer Communities Fund")
CSE = FilterChoice(FilterKind.TOPIC, 1, "CSE", "child sexual exploitation")
WORDS = Vocabulary((SCF, CSE))


def _read(**given: str) -> RegisterAsked:
    return read_register_filters({name: [value] for name, value in given.items()}, WORDS)


def test_everything_can_be_asked_for_at_once_and_is_named_in_the_order_of_the_page() -> None:
    typed = {
        "illustrative": "NO",
        "amount": " unknown ",
        "status": "Withdrawn",
        "year": "2014",
        "since": "2014",
        "until": "31 May 2016",
        "other_topics": "yes",
        "topic": "cse",
        "fund": "scf",
        "q": " blast   off ",
        "page": "2",
    }

    asked = _read(**typed)

    assert asked.filters == RegisterFilters(
        q="blast off",
        fund=SCF,
        topic=CSE,
        other_topics=True,
        year=2014,
        since=date(2014, 1, 1),
        until=date(2016, 5, 31),
        status=AwardStatus.WITHDRAWN,
        amount="unknown",
        illustrative=False,
    )
    assert list(asked.given.items()) == [
        ("q", "blast off"),
        ("fund", "SCF"),
        ("topic", "CSE"),
        ("since", "2014-01-01"),
        ("until", "2016-05-31"),
        ("other_topics", "yes"),
        ("year", "2014"),
        ("status", "withdrawn"),
        ("amount", "unknown"),
        ("illustrative", "no"),
    ]
    assert asked.typed == {name: value for name, value in typed.items() if name != "page"}
    assert asked.in_words() == [
        ("q", "Search", "blast off"),
        ("fund", "Fund", "Safer Communities Fund"),
        ("topic", "Main topic", "child sexual exploitation"),
        ("since", "Awarded since", "1\N{NO-BREAK SPACE}January\N{NO-BREAK SPACE}2014"),
        ("until", "Awarded until", "31\N{NO-BREAK SPACE}May\N{NO-BREAK SPACE}2016"),
        ("other_topics", "Other topics", "yes"),
        ("year", "Year", "2014"),
        ("status", "Status", "Withdrawn"),
        ("amount", "Amount", "not known"),
        ("illustrative", "Illustrative", "no"),
    ]
    assert _read(**dict(asked.given)).filters == asked.filters


def test_nothing_is_asked_for_by_blanks() -> None:
    asked = read_register_filters({"q": [" ", ""], "fund": [""], "status": []}, WORDS)

    assert asked.filters == RegisterFilters(other_topics=False)
    assert (asked.typed, asked.given, asked.in_words()) == ({}, {}, [])


def test_words_of_an_amount_are_nothing_else_where_they_are_searched_for() -> None:
    assert _read(q="unknown").in_words() == [("q", "Search", "unknown")]


def test_wrong_filter_is_shown_as_it_was_typed_beside_those_that_are_right() -> None:
    asked = _read(amount="some", fund="scf", year="20,14", until="never")

    assert asked.filters is None
    assert list(asked.errors) == ["until", "year", "amount"]
    assert asked.given == {"fund": "SCF"}
    assert [(name, words) for name, _, words in asked.in_words()] == [
        ("fund", "SCF"),
        ("until", "never"),
        ("year", "20,14"),
        ("amount", "some"),
    ]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("q", "a\0b", "This holds a character that cannot be searched for. Type the words again."),
        ("q", "x" * 201, "This is too long: give at most 200 characters."),
        ("other_topics", "maybe", "“maybe” is none of yes, no."),
        ("year", "1799", "“1799” is not a year. Give one like 2017."),
        ("year", "02017", "“02017” is not a year. Give one like 2017."),
        ("year", "20x7", "“20x7” is not a year. Give one like 2017."),
        ("year", "٢٠١٧", "“٢٠١٧” is not a year. Give one like 2017."),
        ("amount", "nothing", "“nothing” is none of known, unknown."),
        ("illustrative", "1", "“1” is none of yes, no."),
    ],
)
def test_wrong_filter_is_answered_beside_it(name: str, value: str, message: str) -> None:
    asked = _read(**{name: value})

    assert asked.errors == {name: message}
    assert asked.typed == {name: value[:200].replace("\0", "")}


def test_status_is_one_of_those_that_are_public() -> None:
    (message,) = _read(status="secret").errors.values()

    assert message.startswith("“secret” is none of ")
    assert "withdrawn" in message


@pytest.mark.parametrize(
    ("given", "filters"), [({"year": "1800"}, {"year": 1800}), ({"q": "x" * 200}, {"q": "x" * 200})]
)
def test_filter_goes_as_far_as_it_says(given: dict[str, str], filters: dict[str, Any]) -> None:
    assert _read(**given).filters == RegisterFilters(**filters)


def test_filter_that_is_given_twice_is_shown_once() -> None:
    asked = read_register_filters({"q": ["a", "b"]}, WORDS)

    assert (asked.errors, asked.typed) == ({"q": "Give this filter once only."}, {"q": "a"})
