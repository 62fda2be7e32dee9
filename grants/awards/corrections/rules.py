"""Who corrects what the records say of an award. Pure."""

from __future__ import annotations

from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.applications.apart.rules import Ties, stands_apart
from grants.foundation.records.lifecycle import Ruling, no


def can_correct(person: Person, ties: Ties) -> Ruling:
    """Whether the person may correct an award: an officer without a tie to it."""
    if not person.may(Right.CORRECT_AWARDS):
        return no("Only a grants officer corrects an award.")
    return stands_apart(person, ties, "This is an award")
