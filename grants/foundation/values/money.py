"""Whole pence, and how people write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NewType

Pence = NewType("Pence", int)

MOST_PENCE = 10**13
"""The largest amount that any column holds: a hundred thousand million pounds, in pence."""

_TYPED = re.compile(r"(?P<pounds>\d{1,3}(?:[ ,]\d{3})+|\d+)(?:\.(?P<pence>\d{1,2}))?")
_STRICT = re.compile(r"(?P<pounds>\d+)(?:\.(?P<pence>\d{1,2}))?")
_BREAKS = re.compile("[\u00a0\u2009\u202f\t ]+")


class BadAmount(ValueError):
    """The text is not an amount in pounds; the message says why."""


def parse_typed(text: str) -> Pence:
    """What a person types: £3,400, 3 400 or 3400.50. Raises BadAmount.

    >>> parse_typed("£3,400"), parse_typed("£3 400.5")
    (340000, 340050)
    """
    tidy = _BREAKS.sub(" ", text.strip()).removeprefix("£").strip()
    return _read(tidy, _TYPED, "must be an amount in pounds, like 3400 or 3,400.50")


def parse_strict(text: str) -> Pence:
    """What a file holds: digits, and at most two after a point. Raises BadAmount.

    >>> parse_strict("5925.5")
    592550
    """
    return _read(text.strip(), _STRICT, "must be pounds as digits, like 5925 or 5925.50")


def _read(text: str, pattern: re.Pattern[str], what: str) -> Pence:
    found = pattern.fullmatch(text)
    if not found or not text.isascii():
        raise BadAmount(what)
    pounds = re.sub("[ ,]", "", found["pounds"])
    if len(pounds) > 12:
        raise BadAmount("is larger than any grant")
    pence = Pence(int(pounds) * 100 + int((found["pence"] or "0").ljust(2, "0")))
    if pence > MOST_PENCE:
        raise BadAmount("is larger than any grant")
    return pence


def pounds(amount: int | None, *, unknown: str = "not known") -> str:
    """An amount in pence as people read it; whole pounds without pence.

    >>> pounds(10309600), pounds(592550), pounds(-20000), pounds(None)
    ('£103,096', '£5,925.50', '−£200', 'not known')
    """
    if amount is None:
        return unknown
    sign = "−" if amount < 0 else ""
    whole, rest = divmod(abs(amount), 100)
    return f"{sign}£{whole:,}" + (f".{rest:02}" if rest else "")


def pounds_exact(amount: int | None, *, unknown: str = "not known") -> str:
    """An amount in pence with its pence always shown, for columns that add up.

    >>> pounds_exact(540000)
    '£5,400.00'
    """
    if amount is None:
        return unknown
    sign = "−" if amount < 0 else ""
    whole, rest = divmod(abs(amount), 100)
    return f"{sign}£{whole:,}.{rest:02}"


def plain(amount: int | None) -> str:
    """An amount in pence as digits for a file; an unknown amount is blank.

    >>> plain(592550), plain(None)
    ('5925.50', '')
    """
    if amount is None:
        return ""
    sign = "-" if amount < 0 else ""
    whole, rest = divmod(abs(amount), 100)
    return f"{sign}{whole}.{rest:02}"


def shares(parts: Sequence[int], total: int) -> list[Pence]:
    """A total shared out as the parts are to each other, to the penny.

    >>> shares([400_000, 200_000], 540_000), shares([1, 1, 1], 100)
    ([360000, 180000], [34, 33, 33])
    """
    whole = sum(parts)
    if not whole:
        return [Pence(0) for _ in parts]
    shared = [divmod(total * part, whole) for part in parts]
    left = total - sum(part for part, _ in shared)
    by_rest = sorted(range(len(shared)), key=lambda at: (-shared[at][1], at))
    more = set(by_rest[:left])
    return [Pence(part + (at in more)) for at, (part, _) in enumerate(shared)]
