"""Life cycles as readable tables, and the answers of rules.

A room writes its table in `rules.py`; the buttons, the guards, the drawing in docs/ and the tests of who must be
refused come from it. What is not in a table is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

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


Doer = TypeVar("Doer")
"""Who does a step, as the rooms name it: the foundation knows no people."""


@dataclass(frozen=True)
class Step(Generic[Doer]):
    """One row of a life cycle: in state `start`, `who` does `verb` and it is `end`, where the rule `may` allows it.

    The first line of the rule's docstring stands in the drawing.
    """

    start: StrEnum
    verb: str
    end: StrEnum
    who: Doer
    may: Callable[..., Ruling] | None = None

    def allows(self, *facts: Any, **named: Any) -> Ruling:
        """What the step's own rule says of these facts: yes where the row names none."""
        return self.may(*facts, **named) if self.may else YES


class AmbiguousStepError(LookupError):
    """More than one row of a table is meant: say which end."""


def steps_from(table: Sequence[Step[Doer]], start: str, verb: str) -> list[Step[Doer]]:
    """Every row for a state and a verb, one for each end that it may lead to."""
    return [step for step in table if step.start == start and step.verb == verb]


def find_step(table: Sequence[Step[Doer]], start: str, verb: str, end: str = "") -> Step[Doer] | None:
    """The one row for a state and a verb, or None: then the verb is not possible from there.

    `end` says which is meant where a verb leads to several states. Raises AmbiguousStepError where it does not say it.
    """
    found = [step for step in steps_from(table, start, verb) if end in {"", step.end}]
    if len(found) > 1:
        raise AmbiguousStepError(f"{verb} from {start}: {', '.join(step.end for step in found)}")
    return found[0] if found else None


def who_does(table: Sequence[Step[Doer]], verb: str) -> Doer:
    """Who the table says does a verb. Raises LookupError where its rows name nobody, or not the same."""
    doers = {step.who for step in table if step.verb == verb}
    if len(doers) != 1:
        raise LookupError(f"{verb}: {doers}")
    return doers.pop()


def take_step(table: Sequence[Step[Doer]], start: str, verb: str, *, thing: str) -> str:
    """The state that `verb` leads to from `start`. Raises Refused.

    `thing` is the word for what it is about, like "application".
    """
    step = find_step(table, start, verb)
    if step is None:
        raise Refused(f"This {thing} is {start!s}: you cannot {verb} it now.")
    return step.end
