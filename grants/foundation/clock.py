"""The one clock. Everything that asks what time it is asks here."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

_offset = timedelta(0)


class BadInstant(ValueError):
    """The text is not an ISO instant with a time zone."""


def now() -> datetime:
    """The current instant, UTC and aware. In a demonstration it may run with a fixed offset."""
    return datetime.now(UTC) + _offset


def today() -> date:
    """Today's date in Europe/London."""
    return now().astimezone(LONDON).date()


def end_of_day(day: date) -> datetime:
    """The last microsecond of a day in Europe/London, as UTC.

    >>> end_of_day(date(2017, 5, 2)).isoformat()
    '2017-05-02T22:59:59.999999+00:00'
    """
    return datetime.combine(day, time.max, tzinfo=LONDON).astimezone(UTC)


def start_of_day(day: date) -> datetime:
    """The first instant of a day in Europe/London, as UTC."""
    return datetime.combine(day, time.min, tzinfo=LONDON).astimezone(UTC)


def london(instant: datetime) -> datetime:
    """The same instant on a clock in Europe/London."""
    return instant.astimezone(LONDON)


def parse_instant(text: str) -> datetime:
    """An ISO instant, or a day, which means its end in Europe/London; returned as UTC.

    Raises BadInstant.

    >>> parse_instant("2017-05-02").isoformat()
    '2017-05-02T22:59:59.999999+00:00'
    >>> parse_instant("2017-05-02T12:00:00Z").isoformat()
    '2017-05-02T12:00:00+00:00'
    """
    try:
        return end_of_day(date.fromisoformat(text)) if len(text) == 10 else _aware(text)
    except (ValueError, OverflowError) as error:
        raise BadInstant(text) from error


def _aware(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=LONDON)
    return instant.astimezone(UTC)


def run_on_from(start: str, *, kept_in: Path) -> None:
    """Make the demonstration's clock run on from `start`, across restarts.

    The real instant at which `start` was first seen is kept in a file, so a second start
    with the same value goes on where the first stopped. Raises BadInstant.
    """
    global _offset  # noqa: PLW0603 - the one clock has one offset
    instant = parse_instant(start)
    real = datetime.now(UTC)
    first_seen = _first_seen(start, kept_in)
    if first_seen is None:
        draft = kept_in.with_suffix(f".{os.getpid()}.tmp")
        draft.write_text(json.dumps({"starts_at": start, "first_seen": real.isoformat()}))
        draft.replace(kept_in)
        first_seen = _first_seen(start, kept_in) or real
    _offset = instant - first_seen


def _first_seen(start: str, kept_in: Path) -> datetime | None:
    """When the demonstration first ran from `start`, or None where the file says nothing of it or is damaged."""
    try:
        kept = json.loads(kept_in.read_text())
        return datetime.fromisoformat(kept["first_seen"]) if kept["starts_at"] == start else None
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def run_true() -> None:
    """Let the clock show the real time again."""
    global _offset  # noqa: PLW0603
    _offset = timedelta(0)
