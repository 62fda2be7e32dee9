"""Loading the demonstration: where it goes, when what happens in it, and how far each bid goes."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest
from flask import Flask

from grants.desk.demo import courses, timetable
from grants.desk.demo import operations as demo
from grants.foundation.records.db import Refused, transaction
from grants.foundation.records.office import set_office
from grants.foundation.values.clock import LONDON
from tests.conftest import MovedClock, Runner
from tests.support import factories as make


@pytest.fixture
def _demonstration(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "DEMO", True)


@pytest.mark.usefixtures("_demonstration")
def test_demonstration_is_refused_where_there_are_people() -> None:
    make.officer()

    with pytest.raises(Refused, match="empty installation"):
        demo.load()


@pytest.mark.usefixtures("_demonstration")
def test_demonstration_is_refused_where_anything_was_recorded() -> None:
    with transaction():
        set_office(actor=demo.ACTOR, name="An office")

    with pytest.raises(Refused, match="empty installation"):
        demo.load()


def test_demo_load_outside_a_demonstration_is_refused(runner: Runner) -> None:
    result = runner.invoke(args=["demo", "load"])

    assert result.exit_code == 1
    assert "GRANTS_DEMO=1" in result.output


@pytest.mark.parametrize("day", [1, 8, 15, 20, 22, 30])
def test_demonstration_never_closes_over_christmas_and_always_on_a_friday_noon(clock: MovedClock, day: int) -> None:
    clock.move_to(datetime(2026, 11, day, 12, tzinfo=UTC))

    dates = timetable.open_round()

    assert dates.opens_at < datetime(2026, 11, day, 12, tzinfo=UTC) < dates.closes_at
    assert (dates.closes_at.weekday(), dates.closes_at.hour) == (4, 12)
    assert not (dates.closes_at.month == 12 and dates.closes_at.day >= 22)


_DAYS = [datetime(2026, 3, 23, tzinfo=UTC) + timedelta(days=days, minutes=5) for days in (0, 1, 2, 3, 4, 5, 6, 7, 30)]
_DAYS += [datetime(2026, 10, 19, tzinfo=UTC) + timedelta(days=days, hours=23) for days in range(0, 14, 3)]


@pytest.mark.parametrize("now", _DAYS, ids=[f"{day:%a %d %b %H:%M}" for day in _DAYS])
def test_every_deed_comes_after_the_one_before_it_on_a_working_day_whenever_it_is_loaded(
    clock: MovedClock, now: datetime
) -> None:
    """Somebody starts it at a weekend, in the first minutes of a day, and around both changes of the clocks."""
    clock.move_to(now)
    dates = {"closed": timetable.closed_round(), "open": timetable.open_round()}

    for name, those in courses.COURSES.items():
        for course in those.values():
            for number in (0, 1, 17, 38, 39):
                instants = {
                    deed: courses.when(name, deed, dates[name], number=number, most=40).astimezone(LONDON)
                    for deed in course.split()
                }
                in_order = list(instants.values())
                assert all(earlier < later for earlier, later in pairwise(in_order))
                assert in_order[-1] < now
                assert dates[name].opens_at < in_order[0]
                assert instants.get("submit", in_order[0]) < dates[name].closes_at
                assert all(time(9) <= each.time() < time(21, 30) for each in in_order)
                assert all(each.weekday() < 5 for deed, each in instants.items() if deed != "change-bank")


def test_every_course_is_taken_by_some_bid() -> None:
    for name, files in demo.BIDS.items():
        taken = {row["course"] for file in files for row in demo.read(file)}
        assert taken == set(courses.COURSES[name])
