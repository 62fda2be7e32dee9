"""Financial years, and who reads what finance reads. Pure."""

from __future__ import annotations

import re
from datetime import date

from grants.accounts.models import Person, Role
from grants.foundation.lifecycle import YES, Answer, no

READERS = (Role.FINANCE, Role.AUDITOR)
"""Who exports commitments and payments."""

_YEAR = re.compile(r"(\d{4})-(\d{2})")


def can_export(person: Person) -> Answer:
    """Whether the person may read and export commitments."""
    return YES if not person.roles.isdisjoint(READERS) else no("Only finance officers and auditors export awards.")


def financial_year(day: date) -> str:
    """The year, April to March, that a day is in.

    >>> financial_year(date(2027, 3, 31)), financial_year(date(2027, 4, 1))
    ('2026-27', '2027-28')
    """
    first = day.year if day.month >= 4 else day.year - 1
    return f"{first}-{(first + 1) % 100:02}"


def days_of_year(text: str) -> tuple[date, date] | None:
    """The first and the last day of a financial year, or None where the text is none.

    >>> days_of_year("2026-27")
    (datetime.date(2026, 4, 1), datetime.date(2027, 3, 31))
    """
    found = _YEAR.fullmatch(text) if text.isascii() else None
    if not found or not 1900 <= int(found[1]) <= 2199 or (int(found[1]) + 1) % 100 != int(found[2]):
        return None
    return date(int(found[1]), 4, 1), date(int(found[1]) + 1, 3, 31)


def years_between(first: date | None, last: date | None) -> list[str]:
    """Every financial year from one day to another, the last first."""
    if first is None or last is None:
        return []
    begin, end = int(financial_year(first)[:4]), int(financial_year(last)[:4])
    return [financial_year(date(year, 4, 1)) for year in range(end, begin - 1, -1)]
