"""What the mails about who belongs to a group say: who is asked to join it, and who has."""

from __future__ import annotations

from grants.accounts.letters import Letter, did, if_not_you, letter_to
from grants.accounts.models import Invitation, Organisation, Person
from grants.accounts.rights import MemberRole
from grants.foundation.web.addresses import public_address


def invited(to: Person | None, inviter: Person, group: Organisation, role: MemberRole, link: str) -> Letter:
    """To somebody whom an owner invites to a group; who it is is known where they have an account."""
    return letter_to(
        to,
        f"{inviter.name} invites you to join {group.name}",
        f"{inviter.name} asks you to work with them on the grant applications of {group.name}. "
        f"You would be {role.one} of the group. {role.may_do} Open this page to accept:",
        link,
        "The link works for 14 days. If you do not know them, you need not do anything.",
    )


def invitation_sent(to: Person, by: Person, group: Organisation, email: str, role: MemberRole) -> Letter:
    """To the owners of a group, when one of them has invited somebody."""
    return letter_to(
        to,
        f"{email} is invited to {group.name}",
        f"{did(by, to)} invited {email} to be {role.one} of {group.name}. Whoever reads the mail to that address can "
        "join. You can take the invitation back here, as long as nobody has accepted it:",
        _page(group),
        if_not_you() if by.id == to.id else "",
    )


def invitation_undone(to: Person, by: Person, group: Organisation, invitation: Invitation) -> Letter:
    """To the owners of a group, when one of them has taken an invitation back."""
    return letter_to(
        to,
        f"The invitation of {invitation.email} to {group.name} is taken back",
        f"{did(by, to)} took back the invitation of {invitation.email} to {group.name}. Its link does not work any "
        "more. You can invite people here:",
        _page(group),
        if_not_you() if by.id == to.id else "",
    )


def joined(to: Person, newcomer: Person, group: Organisation, role: MemberRole) -> Letter:
    """To the people of a group when somebody joins."""
    return letter_to(
        to,
        f"{newcomer.name} joined {group.name}",
        f"{newcomer.name} is {role.one} of {group.name} now. {role.may_do} You see who belongs to your group here:",
        _page(group),
        "If you do not know them, tell us at once.",
    )


def _page(group: Organisation) -> str:
    return public_address("accounts.organisation", organisation_id=group.id)
