"""Who may do what with people and organisations, and what an address, a name and a number must be."""

from __future__ import annotations

import re
from collections.abc import Collection

from email_validator import EmailNotValidError, validate_email

from grants.foundation.records.db import Refused
from grants.foundation.records.lifecycle import YES, Ruling, no
from grants.foundation.values.words import count_characters, has_hidden, tidy_line

from .models import LONGEST_NAME, Organisation, Person
from .rights import DoneBy, GroupRight, Right, Role, RolePairs, who_can

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


NOT_YOURS = "You do not belong to this organisation."


def can_see_organisation(person: Person, organisation: Organisation) -> Ruling:
    """Its own people see an organisation's details; to any other it is not there."""
    return YES if organisation.id in person.organisation_ids else no(NOT_YOURS)


def can_edit_organisation(person: Person, organisation: Organisation) -> Ruling:
    """Its owners keep an organisation's details."""
    return is_for(person, GroupRight.CHANGE_DETAILS, organisation.id, NOT_YOURS)


def can_manage_members(person: Person, organisation: Organisation) -> Ruling:
    """Its owners invite others, and say what each may do."""
    return is_for(person, GroupRight.MANAGE_MEMBERS, organisation.id, NOT_YOURS)


def is_for(person: Person, who: DoneBy, organisation_id: int | None, otherwise: str) -> Ruling:
    """Whether what a life cycle gives to `who` is the person's; the thing belongs to this organisation.

    `otherwise` is said to whoever is no member of it, or has not the right of the office.
    """
    if isinstance(who, Right):
        return YES if person.may(who) else no(otherwise)
    if organisation_id is None or organisation_id not in person.organisation_ids:
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
