"""What is done, as the audit trail names it. Each room lists its acts in `acts.py`, with the words of a story."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache


class Act(StrEnum):
    """An act of a room: its value is what the trail keeps for ever, `told` is what a story says.

    `run` is what a story says of several in a row by one person, where these are saves. An act that has a `detail`
    is kept with a word after it, like the question that was answered: see `audit.record`. One that `only_gives` hands
    somebody something to read and changes nothing: no story tells it.
    """

    told: str
    run: str
    detail: bool
    only_gives: bool

    def __new__(cls, value: str, told: str = "", run: str = "", detail: bool = False, only_gives: bool = False) -> Act:
        """One act with its words."""
        act = str.__new__(cls, value)
        act._value_ = value
        act.told, act.run, act.detail, act.only_gives = told, run, detail, only_gives
        return act


GIVES = ("", False, True)
"""The end of an act that only gives: `EXPORT_REPORTS = "export reports", "Took the list of reports", *GIVES`."""


class OfficeAct(Act):
    """What is done to the office itself."""

    SET_OFFICE = "set office", "Changed the settings of the office"


class RecordAct(Act):
    """What the records do by themselves."""

    HOLD_ROWS = "hold rows", "Stored rows that had no line of their own"
    TAKE_IN_ROWS = "take in rows", "Took the rows of an older version into the trail"


def all_acts() -> Mapping[str, Act]:
    """Every act of every room that is loaded, by what the trail calls it."""
    return _acts_of(tuple(Act.__subclasses__()))


@cache
def _acts_of(rooms: tuple[type[Act], ...]) -> Mapping[str, Act]:
    return {act.value: act for room in rooms for act in room}


@cache
def _with_detail(rooms: tuple[type[Act], ...]) -> tuple[Act, ...]:
    return tuple(act for act in _acts_of(rooms).values() if act.detail)


def act_of(verb: str) -> Act | None:
    """The act that a line of the trail is about, or None: an older version may have done what no room does today."""
    if found := all_acts().get(verb):
        return found
    return next((act for act in _with_detail(tuple(Act.__subclasses__())) if verb.startswith(f"{act.value} ")), None)
