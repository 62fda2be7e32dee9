"""Days as the records know them: exact, a month, a year, or no later than a day."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

from .clock import today

MONTHS = list(calendar.month_name)


class BadDay(ValueError):
    """The text is not a day as the records write it; the message says why."""


@dataclass(frozen=True, order=False)
class Day:
    """A day that is kept as no more exact than it was given.

    `last` is the last possible day, by which totals count it; `first` is the first
    possible day, or None where only a latest day is known ("by 2015-06-29").
    """

    text: str
    first: date | None
    last: date

    @classmethod
    def parse(cls, text: str) -> Day:
        """YYYY-MM-DD, `by YYYY-MM-DD`, YYYY-MM or YYYY. Raises BadDay.

        >>> Day.parse("2015-03").last, Day.parse("by 2015-06-29").first
        (datetime.date(2015, 3, 31), None)
        """
        tidy = text.strip()
        if not tidy.isascii():
            raise BadDay(_HOW)
        try:
            return _parse(tidy)
        except ValueError as error:
            raise BadDay(_HOW if not re.search(r"\d{4}-\d\d-\d\d", tidy) else "is not a day of the calendar") from error

    @classmethod
    def exactly(cls, day: date) -> Day:
        """An exact day."""
        return cls(day.isoformat(), day, day)

    @property
    def is_exact(self) -> bool:
        """Whether the day itself is known."""
        return self.first == self.last

    @property
    def is_future(self) -> bool:
        """Whether its first possible day is after today in Europe/London."""
        return self.first is not None and self.first > today()

    def __str__(self) -> str:
        """As people read it: 22 October 2014, March 2015, 2015, by 29 June 2015."""
        if self.text.startswith("by "):
            return f"by {long_date(self.last)}"
        if self.is_exact:
            return long_date(self.last)
        if len(self.text) == 7:
            return f"{MONTHS[self.last.month]} {self.last.year}"
        return str(self.last.year)


_HOW = "must be YYYY-MM-DD, by YYYY-MM-DD, YYYY-MM or YYYY"


def _parse(text: str) -> Day:
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return Day.exactly(date.fromisoformat(text))
    if found := re.fullmatch(r"by (\d{4}-\d\d-\d\d)", text):
        return Day(text, None, date.fromisoformat(found[1]))
    if found := re.fullmatch(r"(\d{4})-(\d\d)", text):
        year, month = int(found[1]), int(found[2])
        return Day(text, date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))
    if re.fullmatch(r"\d{4}", text):
        return Day(text, date(int(text), 1, 1), date(int(text), 12, 31))
    raise ValueError(text)


def long_date(day: date) -> str:
    """A date with non-breaking spaces.

    >>> long_date(date(2017, 5, 2)).replace(chr(160), " ")
    '2 May 2017'
    """
    return f"{day.day}\u00a0{MONTHS[day.month]}\u00a0{day.year}"


def financial_year(day: date) -> str:
    """The year, April to March, that a day is in.

    >>> financial_year(date(2027, 3, 31)), financial_year(date(2027, 4, 1))
    ('2026-27', '2027-28')
    """
    first = day.year if day.month >= 4 else day.year - 1
    return f"{first}-{(first + 1) % 100:02}"


def known_financial_year(day: Day) -> str | None:
    """The financial year in which a day lies, however exact it is, or None where the day does not say.

    >>> [known_financial_year(Day.parse(text)) for text in ("2015-03", "2015-04-01", "2015", "by 2015-06-29")]
    ['2014-15', '2015-16', None, None]
    """
    year = financial_year(day.last)
    return year if day.first is not None and financial_year(day.first) == year else None


def exact_day(text: str) -> date:
    """A day of the calendar written YYYY-MM-DD. Raises BadDay."""
    day = Day.parse(text)
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text.strip()):
        raise BadDay("must be YYYY-MM-DD")
    return day.last
