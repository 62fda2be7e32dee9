"""The arithmetic of totals: what a choice is called, which years a chart shows, what counted on a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from grants.outcomes.totals.rules import (
    Delta,
    FilterChoice,
    FilterKind,
    Filters,
    TotalEvent,
    TotalQuestion,
    TotalRow,
    Totals,
    Vocabulary,
    added,
    bars,
    held,
    negative,
    since_of,
    story,
)

SCF = FilterChoice(FilterKind.FUND, 1, "SCF", "Safer Communities Fund", "open")
SAFE = FilterChoice(FilterKind.PRIORITY, 1, "safe", "Safeguarding", "Plan 2016", ("keep safe",))
NIGHT = FilterChoice(FilterKind.TOPIC, 1, "safe", "Night-time  safety")
ONE = Totals(projects=1, total_pence=500)
ENTERED, CHANGED, LATER = date(2016, 3, 3), date(2017, 1, 1), date(2018, 1, 1)


def test_choice_is_found_among_those_of_its_kind() -> None:
    words = Vocabulary((SCF, SAFE, NIGHT))

    assert words.find(FilterKind.PRIORITY, " Keep  SAFE ") is SAFE
    assert words.find(FilterKind.PRIORITY, "safe") is SAFE
    assert words.find(FilterKind.TOPIC, "safe") is NIGHT
    assert words.find(FilterKind.FUND, "safe") is None
    assert words.of(FilterKind.FUND) == [SCF]


def test_priority_alone_is_listed_with_its_plan() -> None:
    assert (SAFE.label, SCF.label) == ("Safeguarding (Plan 2016)", "Safer Communities Fund")


def test_filters_as_plain_text() -> None:
    filters = Filters(as_at=LATER, known_by=datetime(2018, 1, 2, tzinfo=UTC), fund=SCF)

    assert filters.chosen() == {FilterKind.FUND: SCF}
    assert {name: word for name, word in filters.as_words().items() if word is not None} == {
        "as_at": "2018-01-01",
        "known_by": "2018-01-02T00:00:00+00:00",
        "fund": "SCF",
    }


def test_net_is_what_was_awarded_less_what_came_back() -> None:
    assert Totals(total_pence=500, returned_pence=200).net_pence == 300


@pytest.mark.parametrize(
    ("awarded", "is_unknown", "amount"), [(0, True, None), (500, True, 500), (0, False, 0), (500, False, 500)]
)
def test_amount_is_not_known_where_nothing_of_it_is(awarded: int, is_unknown: bool, amount: int | None) -> None:
    assert TotalRow(1, "A-1", LATER, awarded, 0, is_unknown, illustrative=False).amount == amount


def test_chart_shows_thirty_years_and_takes_those_before_together() -> None:
    thirty, more = bars({1991: ONE, 2020: ONE}), bars({1989: ONE, 1990: ONE, 1991: ONE, 2020: ONE})

    assert ([bar.label for bar in thirty][:2], len(thirty)) == (["1991", "1992"], 30)
    assert ([bar.label for bar in more][:2], len(more)) == (["before 1991", "1991"], 31)
    assert [bar.totals.projects for bar in more] == [2, 1, *[0] * 28, 1]
    assert bars({}) == []


def test_parts_add_up_but_for_organisations() -> None:
    part = Totals(1, 2, 3, 4, 5, 6, 7)

    assert added([part, part]) == Totals(2, 0, 6, 8, 10, 12, 14)
    assert added([]) == Totals()
    assert negative(part) == Totals(-1, -2, -3, -4, -5, -6, -7)


@pytest.mark.parametrize(
    ("words", "since"),
    [("awarded since 2014", date(2014, 1, 1)), ("awarded", date.min), ("awarded since 0000", date.min)],
)
def test_announced_figure_says_since_when(words: str, since: date) -> None:
    assert since_of(words) == since


QUESTION = TotalQuestion(fund_id=1, topic_id=2, since=ENTERED, as_at=CHANGED)
DELTA = Delta(1, 2, ENTERED, CHANGED, ONE)


@pytest.mark.parametrize(
    ("delta", "projects"),
    [
        ({}, 1),
        ({"effective": LATER}, 0),
        ({"award_last": date(2016, 3, 2)}, 0),
        ({"fund_id": 2}, 0),
        ({"topic_id": 1}, 0),
        ({"topic_id": None}, 0),
    ],
)
def test_announced_figure_holds_what_belongs_to_it(delta: dict[str, Any], projects: int) -> None:
    assert held(QUESTION, [replace(DELTA, **delta)]).projects == projects


def test_announced_figure_of_all_topics_holds_each() -> None:
    of_all = replace(QUESTION, topic_id=None)

    assert held(of_all, [DELTA, replace(DELTA, topic_id=None), replace(DELTA, topic_id=1)]).projects == 3


def _entry(number: int, effective: date, totals: Totals, *, fund: int = 1) -> TotalEvent:
    return TotalEvent(7, number, "", fund, 2, ENTERED, effective, totals)


def _change(number: int, effective: date, field: str, **to: Any) -> TotalEvent:
    new = {"fund_id": None, "topic_id": None, "award_last": None, **to}
    return TotalEvent(7, number, field, effective=effective, totals=Totals(), **new)


def _counted(*events: TotalEvent) -> list[tuple[date, int, int | None, date, int, int]]:
    return [
        (one.effective, one.fund_id, one.topic_id, one.award_last, one.totals.projects, one.totals.total_pence)
        for one in story(events)
    ]


def test_award_counts_from_its_day_and_ceases_to_when_it_is_withdrawn() -> None:
    withdrawn = _entry(3, LATER, Totals(projects=-1, total_pence=-700))

    assert _counted(_entry(1, ENTERED, ONE), _entry(2, CHANGED, Totals(total_pence=200)), withdrawn) == [
        (ENTERED, 1, 2, ENTERED, 1, 500),
        (CHANGED, 1, 2, ENTERED, -1, -500),
        (CHANGED, 1, 2, ENTERED, 1, 700),
        (LATER, 1, 2, ENTERED, -1, -700),
    ]


def test_award_that_moves_counts_at_its_new_place_from_that_day() -> None:
    moves = [
        _change(2, CHANGED, "fund", fund_id=3),
        _change(3, CHANGED, "fund", fund_id=4),
        _change(4, CHANGED, "topics", topic_id=5),
    ]

    assert _counted(_entry(1, ENTERED, ONE), *moves, _entry(5, LATER, Totals(), fund=9)) == [
        (ENTERED, 1, 2, ENTERED, 1, 500),
        (CHANGED, 1, 2, ENTERED, -1, -500),
        (CHANGED, 4, 5, ENTERED, 1, 500),
        (LATER, 4, 5, ENTERED, -1, -500),
        (LATER, 4, 5, ENTERED, 1, 500),
    ]


def test_entry_of_a_later_line_does_not_name_the_first_place() -> None:
    assert _counted(_entry(1, ENTERED, ONE), _entry(2, ENTERED, Totals(), fund=9)) == [(ENTERED, 1, 2, ENTERED, 1, 500)]


def test_corrected_day_holds_from_the_start_by_the_latest_correction() -> None:
    corrections = [
        _change(2, LATER, "award_date", award_last=date(2016, 4, 4)),
        _change(3, CHANGED, "award_date", award_last=date(2016, 5, 5)),
    ]

    assert _counted(_entry(1, ENTERED, ONE), *corrections)[0] == (ENTERED, 1, 2, date(2016, 5, 5), 1, 500)


def test_change_before_the_award_begins_counts_nothing() -> None:
    assert _counted(_change(1, ENTERED, "fund", fund_id=3), _entry(2, CHANGED, ONE)) == [
        (CHANGED, 3, 2, ENTERED, 1, 500)
    ]
