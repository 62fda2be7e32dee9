"""Numbers that make what the factories make different from each other, also from what another worker has made."""

from __future__ import annotations

_last = 0


def next_number() -> int:
    """One that nothing in the test's database bears."""
    global _last  # noqa: PLW0603 (one row of numbers for all factories of a process)
    _last += 1
    return _last


def last_number() -> int:
    """The last that was given; kept beside a copy of the database."""
    return _last


def go_past(number: int) -> None:
    """Give none again that is in a copy which another worker has made."""
    global _last  # noqa: PLW0603
    _last = max(_last, number)
