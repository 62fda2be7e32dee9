"""When what happens in the demonstration: reckoned from the day of loading, in Europe/London, weekends left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from grants.foundation.values import clock

OPEN_FOR = timedelta(weeks=5)
OPENED_AGO = timedelta(days=7)
CLOSED_AGO = timedelta(weeks=12)
FRIDAY = 4

OFFICE_HOURS = time(9, 5), time(16, 55)
DAYTIME = time(10), time(21, 30)
MORNING = time(9, 30), time(12, 30)
AFTERNOON = time(13), time(16, 55)
LATE_AFTERNOON = time(17), time(17, 55)
EVENING = time(18), time(21, 30)
MINUTES_APART = 47
"""Deeds of the same kind on one day are this many minutes apart, round the hours in which they may be."""


@dataclass(frozen=True)
class Dates:
    """When a round opens and closes (UTC), the day from which its timetable counts, and the day of loading."""

    opens_at: datetime
    closes_at: datetime
    counted_from: date
    loaded_on: date


@dataclass(frozen=True)
class Window:
    """The working days, counted from a round's day, and the hours in which a deed is done."""

    first: int
    last: int
    hours: tuple[time, time] = OFFICE_HOURS
    before_loading: bool = False
    """Whether the days are counted from the day of loading instead, weekends with them."""

    def instant(self, dates: Dates, *, number: int, most: int) -> datetime:
        """When the deed is done to bid `number` of `most`: the earlier the number, the earlier the day."""
        days = self.first + number * (self.last - self.first + 1) // most
        first, last = (hour.hour * 60 + hour.minute for hour in self.hours)
        minute = first + (number + self.last) * MINUTES_APART % (last - first)
        day = dates.loaded_on + timedelta(days=days) if self.before_loading else working_day(dates.counted_from, days)
        return at(day, time(*divmod(minute, 60)))


def open_round() -> Dates:
    """The open round: since a week ago, until 12 noon on a Friday weeks ahead; counted back from today."""
    today = clock.today()
    opens = today - OPENED_AGO
    closes = friday_from(opens + OPEN_FOR)
    if (closes.month, closes.day) >= (12, 22) or (closes.month, closes.day) <= (1, 3):
        closes += timedelta(weeks=2)  # nobody is in over Christmas
    return Dates(at(opens, time(9)), at(closes, time(12)), today, today)


def closed_round() -> Dates:
    """The round before it: closed at 12 noon on a Friday, twelve weeks ago or a little more; counted from there."""
    today = clock.today()
    closes = friday_from(today - CLOSED_AGO - timedelta(days=6))
    return Dates(at(closes - OPEN_FOR, time(9)), at(closes, time(12)), closes, today)


def days_before(dates: Dates, count: int) -> datetime:
    """Nine in the morning, that many working days before a round opens (UTC)."""
    return at(working_day(clock.london(dates.opens_at).date(), -count), time(9))


def after_closing(dates: Dates) -> datetime:
    """When an officer closes a round: a quarter of an hour after its closing time (UTC)."""
    return dates.closes_at + timedelta(minutes=15)


def friday_from(day: date) -> date:
    """The first Friday on or after a day."""
    return day + timedelta(days=(FRIDAY - day.weekday()) % 7)


def working_day(day: date, count: int) -> date:
    """The working day that many after a day, or before it where `count` is negative; 0 is the day itself.

    >>> working_day(date(2026, 11, 20), 1), working_day(date(2026, 11, 22), -1)
    (datetime.date(2026, 11, 23), datetime.date(2026, 11, 20))
    """
    step = timedelta(days=1 if count > 0 else -1)
    for _ in range(abs(count)):
        day += step
        while day.weekday() > FRIDAY:
            day += step
    return day


def at(day: date, hour: time) -> datetime:
    """A time of day in Europe/London, as UTC."""
    return datetime.combine(day, hour, tzinfo=clock.LONDON).astimezone(UTC)
