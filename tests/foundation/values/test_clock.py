"""One clock, UTC inside and Europe/London outside."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from grants.foundation.values import clock
from grants.foundation.values.clock import BadInstant, NoPretence, end_of_day, london, parse_instant, start_of_day


@pytest.fixture
def _true_clock() -> Iterator[None]:
    yield
    clock.run_true()


@given(st.dates(min_value=date(1970, 1, 2), max_value=date(2100, 1, 1)))
def test_day_ends_where_the_next_begins(day: date) -> None:
    assert end_of_day(day) + timedelta(microseconds=1) == start_of_day(day + timedelta(days=1))
    assert london(start_of_day(day)).date() == london(end_of_day(day)).date() == day


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-22T09:00:00Z", datetime(2026, 11, 22, 9, tzinfo=UTC)),
        ("2026-07-01T09:00:00", datetime(2026, 7, 1, 8, tzinfo=UTC)),
        ("2026-07-01T09:00:00+05:30", datetime(2026, 7, 1, 3, 30, tzinfo=UTC)),
        ("2026-07-01", datetime(2026, 7, 1, 22, 59, 59, 999999, tzinfo=UTC)),
    ],
)
def test_instant_is_read_as_utc(text: str, instant: datetime) -> None:
    assert parse_instant(text) == instant
    assert parse_instant(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    ["", "today", "2026-02-30", "2026-13-01T00:00:00Z", "2026-11-22T25:00:00Z", "9999-12-31T23:00:00-09:00", "\x00"],
)
def test_text_that_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(BadInstant):
        parse_instant(text)


def test_today_is_the_day_in_london() -> None:
    with time_machine.travel(datetime(2026, 6, 30, 23, 30, tzinfo=UTC), tick=False):
        assert clock.today() == date(2026, 7, 1)


@pytest.mark.usefixtures("_true_clock")
def test_demonstration_clock_runs_on_across_restarts(tmp_path: Path) -> None:
    kept = tmp_path / "clock.json"
    with time_machine.travel(datetime(2030, 1, 1, tzinfo=UTC), tick=False) as real:
        clock.run_on_from("2026-11-22T09:00:00Z", kept_in=kept)
        assert clock.now() == datetime(2026, 11, 22, 9, tzinfo=UTC)
        real.shift(timedelta(hours=5))
        clock.run_true()
        clock.run_on_from("2026-11-22T09:00:00Z", kept_in=kept)
        assert clock.now() == datetime(2026, 11, 22, 14, tzinfo=UTC)


@pytest.mark.usefixtures("_true_clock")
@pytest.mark.parametrize(
    "damage", ["", "{", "[]", '{"starts_at": "2026-11-22T09:00:00Z"}', '{"first_seen": 5}', "null"]
)
def test_demonstration_clock_starts_again_where_its_file_is_damaged(tmp_path: Path, damage: str) -> None:
    kept = tmp_path / "clock.json"
    kept.write_text(damage)
    with time_machine.travel(datetime(2030, 1, 1, tzinfo=UTC), tick=False):
        clock.run_on_from("2026-11-22T09:00:00Z", kept_in=kept)
        assert clock.now() == datetime(2026, 11, 22, 9, tzinfo=UTC)


NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WEEK = timedelta(weeks=1)


@pytest.fixture
def _demonstration(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(app.config, "DEMO", True)
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.usefixtures("_demonstration")
def test_pretended_clock_stands_where_it_is_put_and_then_is_true_again() -> None:
    with clock.pretending(NOW - WEEK) as pretence:
        assert (clock.now(), clock.today()) == (NOW - WEEK, date(2026, 11, 15))
        pretence.go_to(NOW)
        assert clock.now() == NOW
    assert clock.now() == NOW


@pytest.mark.usefixtures("_demonstration")
def test_pretended_clock_is_true_again_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), clock.pretending(NOW - WEEK):
        raise ZeroDivisionError
    assert clock.now() == NOW


@pytest.mark.usefixtures("_demonstration")
@pytest.mark.parametrize("step", [-timedelta(seconds=1), WEEK + timedelta(seconds=1)])
def test_pretended_clock_runs_neither_backwards_nor_ahead_of_the_true_one(step: timedelta) -> None:
    """Entries of the ledger that are made under it stand in the order of their instants, none in the future."""
    with clock.pretending(NOW - WEEK) as pretence, pytest.raises(NoPretence):
        pretence.go_to(NOW - WEEK + step)
    with pytest.raises(NoPretence), clock.pretending(NOW + WEEK):
        pass


@pytest.mark.usefixtures("_demonstration")
def test_pretended_clock_is_seen_by_its_own_thread_only() -> None:
    with clock.pretending(NOW - WEEK), ThreadPoolExecutor() as others:
        assert others.submit(clock.now).result() == NOW


def test_nobody_pretends_outside_a_demonstration(app: Flask) -> None:
    """Who could move the clock of a real installation could date an award or a deadline back."""
    with pytest.raises(NoPretence), clock.pretending(NOW):
        pass


@pytest.mark.usefixtures("_demonstration")
def test_nobody_pretends_in_a_request_or_within_a_pretence(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(NoPretence), clock.pretending(NOW - WEEK):
        pass
    with clock.pretending(NOW - WEEK), pytest.raises(NoPretence), clock.pretending(NOW):
        pass
