"""Who does a deed, as a value: the foundation knows no person."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """A person by number, or a command by name.

    The audit chain holds `key` and never a name, so that a person can be forgotten.
    """

    key: str
    person_id: int | None = None

    @classmethod
    def person(cls, person_id: int) -> Actor:
        """Somebody with an account."""
        return cls(f"person:{person_id}", person_id)

    @classmethod
    def command(cls, name: str) -> Actor:
        """A command at the office's own machine, like `awards import`."""
        return cls(f"command:{name}")


ANYONE = Actor("anyone")
"""Somebody who is not signed in."""
NOBODY = Actor("nobody")
"""The system itself, where no deed says who."""
