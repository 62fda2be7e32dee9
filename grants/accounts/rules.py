"""Who may do what with people and organisations, and what an address, a name and a number must be."""

from __future__ import annotations

import re
from collections.abc import Collection

from email_validator import EmailNotValidError, validate_email

from grants.foundation.records.db import Refused
from grants.foundation.records.lifecycle import YES, Ruling, no
from grants.foundation.values.words import count_characters, has_hidden, tidy_line

from .models import LONGEST_NAME, Membership, Organisation, Person
from .rights import DoneBy, GroupRight, MemberRole, Right, Role, RolePairs, who_can

_CHARITY = re.compile(r"\d{6,7}(-\d{1,3})?|SC\d{6}|NIC?\d{6}")
_COMPANY = re.compile(r"\d{8}|[A-Z]{2}\d{6}|[A-Z]{2}\d{5}[A-Z]")


def tidy_email(text: str) -> str:
    """An e-mail address as it is kept: in lower case, in ASCII. Raises Refused."""
    try:
        found = validate_email(text.strip(), check_deliverability=False)
    except (EmailNotValidError, UnicodeError) as error:
        raise Refused(BAD_EMAIL) from error
    if not found.ascii_email:
        raise Refused(BAD_EMAIL)
    return found.ascii_email.lower()


BAD_EMAIL = "Enter an e-mail address in the right form, like name@example.org."


def tidy_name(text: str, *, thing: str) -> str:
    """A name in one line. `thing` is how the refusal calls it, like "your name". Raises Refused."""
    name = tidy_line(text)
    if not name:
        raise Refused(f"Enter {thing}.")
    if (count := count_characters(name)) > LONGEST_NAME:
        raise Refused(f"Shorten {thing} to {LONGEST_NAME} characters or fewer. It has {count}.")
    if has_hidden(name):
        raise Refused(f"Type {thing} again: it holds a character that cannot be shown.")
    return name


def tidy_charity_number(text: str) -> str:
    """A charity number without spaces, or nothing. Raises Refused.

    Registers: Charity Commission (6 or 7 digits), OSCR (SC and 6 digits), CCNI (NIC and 6 digits).
    """
    return _tidy_number(
        text, _CHARITY, "Enter a charity number in the right form, like 1123456, SC012345 or NIC100123."
    )


def tidy_company_number(text: str) -> str:
    """A number of Companies House without spaces, or nothing. Raises Refused."""
    return _tidy_number(
        text, _COMPANY, "Enter a company number in the right form: 8 digits, or 2 letters and 6 digits, like 01234567."
    )


def _tidy_number(text: str, pattern: re.Pattern[str], refusal: str) -> str:
    number = "".join(text.split()).upper()
    if number and not (number.isascii() and pattern.fullmatch(number)):
        raise Refused(refusal)
    return number


NOT_YOURS = "You do not belong to this group."


def can_see_organisation(person: Person, organisation: Organisation) -> Ruling:
    """Its own people see an organisation's details; to any other it is not there."""
    return YES if organisation.id in person.organisation_ids else no(NOT_YOURS)


def can_edit_organisation(person: Person, organisation: Organisation) -> Ruling:
    """Its owners keep an organisation's details."""
    return is_for(person, GroupRight.CHANGE_DETAILS, organisation.id, NOT_YOURS)


def can_manage_members(person: Person, organisation: Organisation) -> Ruling:
    """Its owners invite others, and say what each may do."""
    return is_for(person, GroupRight.MANAGE_MEMBERS, organisation.id, NOT_YOURS)


ONLY_OWNER = "You are the only owner of {}. First make somebody else an owner too, or hand over to them."
"""Said to the only owner: nobody else can ask for it."""


def keeps_an_owner(organisation: Organisation, member: Membership) -> Ruling:
    """Whether somebody else is an owner of it who can sign in, so that this member can go."""
    others = (one for one in organisation.memberships if one.person_id != member.person_id)
    if member.role != MemberRole.OWNER or any(is_usable_owner(one) for one in others):
        return YES
    return no(ONLY_OWNER.format(organisation.name))


def is_usable_owner(member: Membership) -> bool:
    """Whether a member is an owner whose account may be used."""
    return member.role == MemberRole.OWNER and member.person.is_active


def can_change_member(person: Person, organisation: Organisation, member: Membership, role: MemberRole) -> Ruling:
    """Owners say what each member may do, themselves too, as long as one owner stays."""
    answer = can_manage_members(person, organisation)
    return answer and (YES if role == MemberRole.OWNER else keeps_an_owner(organisation, member))


def can_hand_over(person: Person, organisation: Organisation, member: Membership) -> Ruling:
    """An owner makes another member the owner, who can sign in."""
    if not (answer := can_manage_members(person, organisation)):
        return answer
    if member.person_id == person.id:
        return no("You cannot hand over to yourself. Choose another member of your group.")
    return YES if member.person.is_active else no("Their account is closed, so they cannot be an owner.")


def can_remove_member(person: Person, organisation: Organisation, member: Membership) -> Ruling:
    """Owners take others out of the group, and leave it themselves."""
    if not (answer := can_manage_members(person, organisation)):
        return answer
    return no("You cannot remove yourself. Leave the group instead.") if member.person_id == person.id else YES


def can_leave(person: Person, organisation: Organisation) -> Ruling:
    """Everybody may leave a group, as long as one owner stays."""
    mine = next((one for one in organisation.memberships if one.person_id == person.id), None)
    if mine is None:
        return no(NOT_YOURS)
    return keeps_an_owner(organisation, mine)


def can_name_owner(person: Person, organisation: Organisation, member: Membership) -> Ruling:
    """An administrator names an owner of a group that has none who can sign in: one of its members who can."""
    if not (answer := can_manage_people(person)):
        return answer
    if member.person_id == person.id:
        return no("You cannot make yourself an owner. Ask another administrator.")
    if any(is_usable_owner(one) for one in organisation.memberships):
        return no("This group has an owner, who decides that.")
    return YES if member.person.is_active else no("Their account is closed, so they cannot be an owner.")


def is_for(person: Person, who: DoneBy, organisation_id: int | None, otherwise: str) -> Ruling:
    """Whether what a life cycle gives to `who` is the person's; the thing belongs to this organisation.

    `otherwise` is said to whoever is no member of it, or has not the right of the office.
    """
    if isinstance(who, Right):
        return YES if person.may(who) else no(otherwise)
    if organisation_id not in person.organisation_ids:
        return no(otherwise)
    return YES if organisation_id in person.groups_where(who) else no(f"{who_can(who)} can {who.value}.")


def can_manage_people(person: Person) -> Ruling:
    """Administrators see the list of people."""
    return YES if person.may(Right.MANAGE_PEOPLE) else no("Only an administrator can do that.")


def can_change_roles(person: Person, other: Person) -> Ruling:
    """Administrators grant and revoke roles, never their own: so nobody gives power to themselves, and one stays."""
    if person.id == other.id:
        return no("You cannot change your own roles. Ask another administrator.")
    return can_manage_people(person)


def can_close_account(person: Person, other: Person) -> Ruling:
    """Administrators close accounts and open them again, never their own."""
    if person.id == other.id:
        return no("You cannot close your own account. Ask another administrator.")
    return can_manage_people(person)


def may_meet(roles: Collection[Role], apart: RolePairs) -> Ruling:
    """Whether one person may hold all these roles: no two of them that the office keeps apart."""
    for pair in sorted(apart, key=sorted):
        if pair <= set(roles):
            one, other = sorted(pair)
            return no(f"Nobody here may be both {one.label.lower()} and {other.label.lower()}.")
    return YES
