"""What the mails about the members of a group say: each reader is "you" in the one about themselves."""

from __future__ import annotations

from collections.abc import Sequence

from grants.accounts.letters import Letter, did, if_not_you, letter_to
from grants.accounts.models import Membership, Organisation, Person
from grants.accounts.rights import MemberRole
from grants.accounts.rules import is_usable_owner
from grants.foundation.web.addresses import public_address


def member_changed(to: Person, by: Person, member: Membership) -> Letter:
    """To somebody of a group when an owner changes what a member may do."""
    group = member.organisation
    return letter_to(
        to,
        f"{_is(to, member.person)} {member.what.one} of {group.name} now",
        f"{did(by, to)} made {_whom(to, member.person, by)} {member.what.one} of {group.name}. {member.what.may_do}",
        *_what_to_do(to, by, group),
    )


def handed_over(to: Person, by: Person, member: Membership) -> Letter:
    """To somebody of a group when its owner hands it over."""
    group = member.organisation
    return letter_to(
        to,
        f"{did(by, to)} handed {group.name} over to {_whom(to, member.person, by)}",
        f"{_is(to, member.person)} an owner of {group.name} now, and {_is(to, by, begins=False)} an editor. "
        f"{MemberRole.OWNER.may_do}",
        *_what_to_do(to, by, group),
    )


def member_removed(to: Person, by: Person, member: Membership) -> Letter:
    """To somebody of a group, and to whom an owner takes out of it."""
    group = member.organisation
    return letter_to(
        to,
        f"{_was(to, member.person)} removed from {group.name}",
        f"{did(by, to)} removed {_whom(to, member.person, by)} from {group.name}. {_cannot(to, member)}",
        *_what_to_do(to, by, group, gone=member.person),
    )


def member_left(to: Person, member: Membership) -> Letter:
    """To somebody of a group, and to who leaves it."""
    group, who = member.organisation, did(member.person, to)
    return letter_to(
        to,
        f"{who} left {group.name}",
        f"{who} left {group.name}. {_cannot(to, member)}",
        *_what_to_do(to, member.person, group, gone=member.person),
    )


def owner_named(to: Person, by: Person, member: Membership) -> Letter:
    """To somebody of a group when an administrator names an owner of it."""
    group = member.organisation
    return letter_to(
        to,
        f"{_is(to, member.person)} an owner of {group.name} now",
        f"{group.name} had no owner who could sign in, so {by.name} of our office made "
        f"{_whom(to, member.person, by)} one. {MemberRole.OWNER.may_do} You find your group here:",
        _page(group),
        "If that is not right, write to us at once.",
    )


def _is(to: Person, who: Person, *, begins: bool = True) -> str:
    you = "You are" if begins else "you are"
    return you if who.id == to.id else f"{who.name} is"


def _was(to: Person, who: Person) -> str:
    return "You were" if who.id == to.id else f"{who.name} was"


def _whom(to: Person, who: Person, by: Person) -> str:
    if who.id == to.id:
        return "yourself" if by.id == to.id else "you"
    return "themselves" if by.id == who.id else who.name


def _cannot(to: Person, member: Membership) -> str:
    """What somebody who is gone cannot do any more, and what stays of theirs."""
    who = "You" if member.person_id == to.id else "They"
    return (
        f"{who} cannot see or do anything there any more. What {who.lower()} wrote and signed stays with the group. "
        f"{who} can come back when an owner invites {'you' if who == 'You' else 'them'} again."
    )


def _what_to_do(to: Person, by: Person, group: Organisation, *, gone: Person | None = None) -> Sequence[str]:
    """What the reader does where it is not right: who did it, an owner, another member, and who is gone differ."""
    ask = f"If that is not right, ask {_owners(group, but=gone)}, or write to us."
    if gone is not None and gone.id == to.id:
        account = public_address("accounts.account")
        return "You find your account, and your other groups, here:", account, if_not_you() if by.id == to.id else ask
    if by.id == to.id:
        return "You find your group here:", _page(group), if_not_you()
    if any(is_usable_owner(one) and one.person_id == to.id for one in group.memberships):
        return "If that is not right, you can change it here, or write to us:", _page(group)
    return "You find your group here:", _page(group), ask


def _owners(group: Organisation, *, but: Person | None) -> str:
    """The names of those who can put it right."""
    owners = [one.person for one in group.memberships if is_usable_owner(one)]
    names = [one.name for one in owners if but is None or one.id != but.id]
    return " or ".join(names) or "an owner of the group"


def _page(group: Organisation) -> str:
    return public_address("accounts.organisation", organisation_id=group.id)
