"""Who corrects an award, asked of people in no database."""

from __future__ import annotations

import pytest

from grants.accounts.models import Person
from grants.accounts.rights import Role
from grants.applications.apart.rules import Ties
from grants.awards.corrections.rules import can_correct
from tests.support.rulings import says, somebody


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        (somebody(Role.FINANCE, Role.AUDITOR), "Only a grants officer corrects an award."),
        (somebody(Role.OFFICER, of=7), "This is an award of your own group"),
        (somebody(Role.OFFICER, once_of=7), "This is an award of a group that you belonged to"),
        (somebody(Role.OFFICER, of=8), ""),
    ],
)
def test_officer_without_a_tie_corrects(person: Person, reason: str) -> None:
    says(can_correct(person, Ties(frozenset({7}))), reason)
