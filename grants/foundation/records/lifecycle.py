"""Life cycles as readable tables, and the answers of rules.

A room writes its table in `rules.py`; the buttons, the checks and the drawings in docs/ come from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from .db import Refused


@dataclass(frozen=True)
class Ruling:
    """What a rule says: allowed, or the reason why not, as a sentence for the person who asks."""

    allowed: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.allowed

    def or_refuse(self) -> None:
        """Raise Refused with the reason where it is not allowed."""
        if not self.allowed:
            raise Refused(self.reason)


YES = Ruling(True)


def no(reason: str) -> Ruling:
    """Not allowed, and why."""
    return Ruling(False, reason)


@dataclass(frozen=True)
class Step:
    """One row of a life cycle: in state `start`, `who` may `verb` it to `end`, if `guard` (in words) holds."""

    start: StrEnum
    verb: str
    end: StrEnum
    who: str
    guard: str = ""


def find_step(table: Sequence[Step], start: str, verb: str) -> Step | None:
    """The row for a state and a verb, or None: then the verb is not possible from there."""
    return next((step for step in table if step.start == start and step.verb == verb), None)


def take_step(table: Sequence[Step], start: str, verb: str, *, thing: str) -> str:
    """The state that `verb` leads to from `start`. Raises Refused.

    `thing` is the word for what it is about, like "application".
    """
    step = find_step(table, start, verb)
    if step is None:
        raise Refused(f"This {thing} is {start!s}: you cannot {verb} it now.")
    return step.end
