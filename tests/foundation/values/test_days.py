"""Days are kept as exact as they were given, and counted as their last possible day."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.foundation.values.days import BadDay, Day, exact_day, long_date

days = st.dates(min_value=date(1, 1, 1))


@given(days)
def test_exact_day_is_itself(day: date) -> None:
    found = Day.parse(day.isoformat())
    assert (found.first, found.last, found.is_exact) == (day, day, True)
    assert found == Day.exactly(day)
    assert exact_day(f" {day.isoformat()} ") == day


@given(days)
def test_latest_day_is_known_by_its_end_only(day: date) -> None:
    found = Day.parse(f"by {day.isoformat()}")
    assert (found.first, found.last, found.is_exact) == (None, day, False)
    assert not found.is_future
    assert str(found) == f"by {long_date(day)}"


@given(days)
def test_month_and_year_end_on_their_last_day(day: date) -> None:
    month, year = Day.parse(f"{day:%Y-%m}".rjust(7, "0")), Day.parse(f"{day.year:04}")
    assert month.first == day.replace(day=1)
    assert month.last == day.replace(day=calendar.monthrange(day.year, day.month)[1])
    assert (year.first, year.last) == (date(day.year, 1, 1), date(day.year, 12, 31))
    assert not month.is_exact
    assert not year.is_exact


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2014-10-22", "22 October 2014"),
        ("2015-03", "March 2015"),
        ("2015", "2015"),
        ("by 2015-06-29", "by 29 June 2015"),
    ],
)
def test_day_is_shown_as_people_read_it(text: str, shown: str) -> None:
    assert str(Day.parse(text)).replace("\u00a0", " ") == shown


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("31/02/2015", "must be"),
        ("2015-02-31", "not a day of the calendar"),
        ("by 2015-02-31", "not a day of the calendar"),
        ("2015-13", "must be"),
        ("0000", "must be"),
        ("", "must be"),
        ("2015-1-1", "must be"),
        ("20150101", "must be"),
        ("by 2015", "must be"),
        ("٢٠١٥-٠١-٠١", "must be"),
        ("2015-01-01T00:00", "must be|not a day"),
        ("2015\x00", "must be"),
    ],
)
def test_text_that_is_no_day_is_refused(text: str, why: str) -> None:
    with pytest.raises(BadDay, match=why):
        Day.parse(text)


@given(st.text(max_size=20))
def test_any_text_is_a_day_or_refused(text: str) -> None:
    try:
        day = Day.parse(text)
    except BadDay:
        return
    assert day.first is None or day.first <= day.last
    assert Day.parse(day.text) == day


@pytest.mark.parametrize("text", ["2015", "2015-03", "by 2015-03-01"])
def test_exact_day_refuses_what_is_not_exact(text: str) -> None:
    with pytest.raises(BadDay, match="YYYY-MM-DD"):
        exact_day(text)


def test_future_begins_with_the_first_possible_day(clock: object) -> None:
    today = date(2026, 11, 22)
    assert not Day.exactly(today).is_future
    assert Day.exactly(today + timedelta(days=1)).is_future
    assert not Day.parse("2026-11").is_future
    assert Day.parse("2026-12").is_future
    assert not Day.parse("2026").is_future
    assert Day.parse("2027").is_future
