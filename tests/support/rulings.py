"""People and answers for the tests of rules, in no database."""

from __future__ import annotations

from grants.accounts.models import FormerMembership, Membership, Person, RoleGrant
from grants.accounts.rights import MemberRole, Role
from grants.foundation.records.lifecycle import Ruling


def somebody(*roles: Role, of: int = 0, once_of: int = 0, number: int = 1) -> Person:
    """A person with these roles, who may belong to the organisation of a number, or may have."""
    return Person(
        id=number,
        grants=[RoleGrant(role=role) for role in roles],
        memberships=[Membership(organisation_id=of, role=MemberRole.OWNER)] if of else [],
        former_memberships=[FormerMembership(organisation_id=once_of)] if once_of else [],
    )


def says(ruling: Ruling, reason: str) -> None:
    """See that a rule says yes where no reason is given, and else no, with words that begin so."""
    assert bool(ruling) is not bool(reason)
    assert ruling.reason.startswith(reason)
