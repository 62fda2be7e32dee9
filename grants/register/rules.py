"""Who may do what from the pages of the register."""

from __future__ import annotations

from grants.accounts.models import Person
from grants.accounts.rights import Right


def can_correct(person: Person | None) -> bool:
    """Whether the award's page offers the forms that correct it."""
    return person is not None and person.may(Right.CORRECT_AWARDS)
