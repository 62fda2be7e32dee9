"""Who is what in a group: change it, hand over, remove, leave. All raise Refused.

Each holds the organisation first, so that two owners who go at once do not leave it without one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from grants.accounts import queries, rules
from grants.accounts.acts import AccountAct
from grants.accounts.letters import Letter
from grants.accounts.models import Membership, Organisation, Person
from grants.accounts.rights import MemberRole
from grants.foundation.records import audit, outbox
from grants.foundation.records.db import Refused, db, transaction

from . import letters

PURPOSE = "members"
"""The purpose of these messages in the outbox."""

LetterTo = Callable[[Person], Letter]
"""A letter as it is written to one reader."""


def change_role(*, person: Person, organisation: Organisation, member_id: int, seen: int, role: MemberRole) -> bool:
    """Make a member of one's group an owner, editor or reader; all of it are told. Raises LostUpdate.

    `seen` is the version of the group when the page was opened: who is what in it raises it. Returns whether anything
    was changed: nothing is where they are that already.
    """
    with transaction():
        person, group = _held(person, organisation)
        member = _member(group, member_id)
        rules.can_change_member(person, group, member, role).or_refuse()
        group.expect_version(seen)
        if (was := member.what) == role:
            return False
        _set(member, role)
        _tell(group, partial(letters.member_changed, by=person, member=member))
        _record(person, AccountAct.CHANGE_MEMBER, member, was=was, now=role)
        return True


def hand_over(*, person: Person, organisation: Organisation, member_id: int) -> None:
    """Make another member of one's group an owner, and oneself an editor; all of it are told."""
    with transaction():
        person, group = _held(person, organisation)
        mine, theirs = _member(group, person.id), _member(group, member_id)
        rules.can_hand_over(person, group, theirs).or_refuse()
        was = theirs.what
        _set(theirs, MemberRole.OWNER)
        _set(mine, MemberRole.EDITOR)
        _tell(group, partial(letters.handed_over, by=person, member=theirs))
        _record(person, AccountAct.HAND_OVER, theirs, was=was, now=MemberRole.OWNER)


def remove(*, person: Person, organisation: Organisation, member_id: int) -> None:
    """Take somebody out of one's group; they and all others of it are told."""
    with transaction():
        person, group = _held(person, organisation)
        member = _member(group, member_id)
        rules.can_remove_member(person, group, member).or_refuse()
        _end(person, AccountAct.REMOVE_MEMBER, member, partial(letters.member_removed, by=person, member=member))


def leave(*, person: Person, organisation: Organisation) -> None:
    """Leave a group; all of it are told. The last owner hands it over first."""
    with transaction():
        person, group = _held(person, organisation)
        member = _member(group, person.id)
        rules.can_leave(person, group).or_refuse()
        _end(person, AccountAct.LEAVE_ORGANISATION, member, partial(letters.member_left, member=member))


def name_owner(*, person: Person, organisation_id: int, member_id: int) -> None:
    """Make a member the owner of a group that has none who can sign in: an administrator does it; all are told."""
    with transaction():
        group = queries.locked_organisation(organisation_id)
        member = _member(group, member_id)
        rules.can_name_owner(person, group, member).or_refuse()
        was = member.what
        _set(member, MemberRole.OWNER)
        _tell(group, partial(letters.owner_named, by=person, member=member))
        _record(person, AccountAct.NAME_OWNER, member, was=was, now=MemberRole.OWNER)


def _held(person: Person, organisation: Organisation) -> tuple[Person, Organisation]:
    """The person and the group as they stand now, the group held until the end of the transaction."""
    group = queries.locked_organisation(organisation.id)
    return queries.person_by_id(person.id) or person, group


def _member(group: Organisation, person_id: int) -> Membership:
    found = next((one for one in group.memberships if one.person_id == person_id), None)
    if found is None:
        raise Refused("This person does not belong to the group any more.")
    return found


def _set(member: Membership, role: MemberRole) -> None:
    member.role = role
    member.organisation.version += 1


def _end(person: Person, act: AccountAct, member: Membership, letter: LetterTo) -> None:
    group = member.organisation
    _tell(group, letter)
    group.version += 1
    db.session.delete(member)
    _record(person, act, member, was=member.what, now=None)


def _tell(group: Organisation, letter: LetterTo) -> None:
    """Write to everybody of the group, to each in their own words."""
    for one in group.memberships:
        if one.person.is_active:
            subject, body = letter(one.person)
            about = f"organisation:{group.id}"
            outbox.queue(to=one.person.email, subject=subject, body=body, purpose=PURPOSE, about=about)


def _record(person: Person, act: AccountAct, member: Membership, *, was: MemberRole, now: MemberRole | None) -> None:
    who = f"person:{member.person_id}"
    changes: audit.Changes = {"member": (who, who if now else ""), "role": (was.value, now.value if now else "")}
    audit.record(actor=person.actor, verb=act, thing=member.organisation, changes=changes)
