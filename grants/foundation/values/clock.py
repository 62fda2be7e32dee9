"""The one clock. Everything that asks what time it is asks here."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import current_app, has_request_context

LONDON = ZoneInfo("Europe/London")

_offset = timedelta(0)
_pretence: ContextVar[Pretence | None] = ContextVar("pretence", default=None)


class BadInstant(ValueError):
    """The text is not an ISO instant with a time zone."""


class NoPretence(RuntimeError):
    """The clock does not pretend: this is no demonstration, or time would run backwards or ahead."""


def now() -> datetime:
    """The current instant, UTC and aware. In a demonstration it may run with a fixed offset, or pretend."""
    pretence = _pretence.get()
    return pretence.instant if pretence else _shown()


def _shown() -> datetime:
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


class Pretence:
    """A clock that stands where the loader of a demonstration puts it, and goes forwards only."""

    def __init__(self, instant: datetime) -> None:
        self._latest = _shown()
        self.instant = instant.astimezone(UTC)
        self.go_to(instant)

    def go_to(self, instant: datetime) -> None:
        """Stand at an aware instant. Raises NoPretence where it is before the last one, or ahead of the true clock."""
        if not self.instant <= instant <= self._latest:
            raise NoPretence("A pretended clock goes forwards, and never ahead of the true one.")
        self.instant = instant.astimezone(UTC)


@contextmanager
def pretending(start: datetime) -> Iterator[Pretence]:
    """Let this thread see a past instant while a demonstration is loaded. Raises NoPretence.

    It serves the loader of the demonstration alone: in a real installation and in a request it is refused, so that
    nobody dates a deed back. Who loads sees to it that nothing was recorded before it begins.
    """
    if has_request_context() or not current_app.config["DEMO"] or _pretence.get():
        raise NoPretence("Only the loader of a demonstration pretends what time it is.")
    pretence = Pretence(start)
    token = _pretence.set(pretence)
    try:
        yield pretence
    finally:
        _pretence.reset(token)


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
