"""The statuses of things: one value, one set of words and one colour each, wherever it is shown."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Status(StrEnum):
    """Where a thing is in its life. A member is its value in the database, the words on its tag, and the tag's colour.

    The colour is the tag's modifier: yes, wait, no or quiet.
    """

    _value_: str
    label: str
    colour: str

    def __new__(cls, value: str, label: str = "", colour: str = "") -> Self:
        """A member with its words and its colour. They have defaults only for the type checker: `Status(value)`."""
        made = str.__new__(cls, value)
        made._value_ = value
        made.label = label
        made.colour = colour
        return made
