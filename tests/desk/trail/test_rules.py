"""What of a line of the trail somebody sees: every refusal, and its reason."""

from __future__ import annotations

import pytest

from grants.accounts.models import Person, RoleGrant
from grants.accounts.rights import Role
from grants.desk.trail.rules import can_see_changes

TIED = "You are tied to this grant, so what changed is not shown to you."
SCORES = "You score applications, so the scores of others are not shown to you here."
NOT_HERE = "What changed in such a thing is not shown here."
OTHERS = "What changed is for people with another role."


def _person(*roles: Role) -> Person:
    return Person(id=1, name="Ada", grants=[RoleGrant(role=role) for role in roles], memberships=[])


@pytest.mark.parametrize(
    ("roles", "kind", "is_tied", "why"),
    [
        ([Role.AUDITOR], "score_sheets", False, ""),
        ([Role.AUDITOR], "score_sheets", True, TIED),
        ([Role.AUDITOR, Role.PANEL], "score_sheets", False, SCORES),
        ([Role.AUDITOR, Role.PANEL], "applications", False, ""),
        ([Role.PANEL], "applications", True, TIED),
        ([Role.AUDITOR], "nothing we know", False, NOT_HERE),
        ([Role.FINANCE], "score_sheets", False, OTHERS),
        ([Role.ADMINISTRATOR], "payments", False, OTHERS),
        ([Role.AUDITOR], "funds", False, ""),
    ],
)
def test_what_changed_is_for_who_may_read_all_of_that_kind(
    roles: list[Role], kind: str, is_tied: bool, why: str
) -> None:
    answer = can_see_changes(_person(*roles), kind, is_tied=is_tied)

    assert (answer.allowed, answer.reason) == (not why, why)
