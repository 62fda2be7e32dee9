"""What the mails about people of the office, their roles and their accounts say."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from grants.accounts.letters import Letter, did, letter_to
from grants.accounts.models import Organisation, Person
from grants.accounts.rights import Role
from grants.foundation.records.office import the_office, whom_to_ask
from grants.foundation.web.addresses import public_address
from grants.foundation.web.pages import instant

SEEN = "You get this mail because nobody should get or lose power here unseen."
SECOND_STEP = (
    "Your work here needs a second step when you sign in: a code from an app on your phone, or a passkey. We show you "
    "how to set it up when you sign in."
)


def colleague_invited(person: Person, by: Person | None, link: str, *, needs_second_step: bool) -> Letter:
    """To a colleague for whom an administrator has made an account."""
    return letter_to(
        person,
        "Your account is ready",
        f"{did(by, person)} made an account for you. {_what_you_are(person.roles)}",
        "Open this page to choose your password:",
        link,
        "The link works for 14 days, and once.",
        SECOND_STEP if needs_second_step else "",
    )


def account_made(to: Person, person: Person, by: Person | None) -> Letter:
    """To every administrator when one of them has made an account."""
    return letter_to(
        to,
        f"There is a new account for {person.name}",
        f"{did(by, to)} made an account for {person.name} ({_listed(person.roles) or 'no role'}). You find it here:",
        _page(person),
        SEEN,
    )


def role_granted(to: Person, person: Person, role: Role, by: Person | None, *, needs_second_step: bool) -> Letter:
    """To somebody who gets a role, and to the administrators."""
    if to.id == person.id:
        return letter_to(
            to,
            f"You have a new role: {role.label}",
            f"{did(by, to)} gave you the role “{role.label}”. You find what you can do on your desk:",
            public_address("desk.desk"),
            SECOND_STEP if needs_second_step else "",
            "If this is a mistake, write to us.",
        )
    return letter_to(
        to,
        f"{person.name} has a new role: {role.label}",
        f"{did(by, to)} gave {person.name} the role “{role.label}”. You can change that here:",
        _page(person),
        SEEN,
    )


def role_revoked(to: Person, person: Person, role: Role, by: Person | None) -> Letter:
    """To somebody who loses a role, and to the administrators."""
    if to.id == person.id:
        return letter_to(
            to,
            f"Your role has ended: {role.label}",
            f"{did(by, to)} took the role “{role.label}” away from you. What you did in it stays on record. You find "
            "your account here:",
            public_address("accounts.account"),
            "If this is a mistake, write to us.",
        )
    return letter_to(
        to,
        f"{person.name} lost a role: {role.label}",
        f"{did(by, to)} took the role “{role.label}” away from {person.name}. You can change that here:",
        _page(person),
        SEEN,
    )


def second_step_reset_for(to: Person, person: Person, by: Person | None) -> Letter:
    """To every administrator, when the second step of somebody was taken away."""
    return letter_to(
        to,
        f"The second step of {person.name} was taken off",
        f"{did(by, to)} took every second step off the account of {person.name}. At the next sign-in they set up a "
        "new one with their password alone.",
        "If none of you meant to do that, close the account at once:",
        _page(person),
    )


def closed(person: Person, by: Person | None, at: datetime, reason: str) -> Letter:
    """To somebody whose account is closed."""
    return letter_to(
        person,
        "Your account is closed",
        f"{did(by, person)} closed your account at {instant(at, zone=True)}. You cannot sign in any more"
        f"{', and you get no more mail about your groups' if person.memberships else ''}. "
        "What you wrote and did stays on record.",
        f"The reason: {reason}" if reason else "",
        f"If you think that this is wrong, write to {whom_to_ask(the_office())}.",
    )


def opened(person: Person, by: Person | None) -> Letter:
    """To somebody whose account is open again."""
    return letter_to(
        person,
        "Your account is open again",
        f"{did(by, person)} opened your account again. You can sign in with your password here:",
        public_address("accounts.sign_in"),
        "If you have forgotten it, choose a new one here:",
        public_address("accounts.forgotten_password"),
    )


def owner_is_gone(to: Person, owner: Person, group: Organisation) -> Letter:
    """To the people of a group when the account of its only owner is closed."""
    return letter_to(
        to,
        f"{group.name} has no owner now",
        f"The account of {owner.name} is closed, who was the only owner of {group.name}. "
        "Until there is another, nobody can accept a grant, give bank details or invite people.",
        f"Write to {whom_to_ask(the_office())}, and say which of you should be an owner. You see who belongs to "
        "your group here:",
        public_address("accounts.organisation", organisation_id=group.id),
    )


def _what_you_are(roles: Collection[Role]) -> str:
    if not roles:
        return ""
    return f"{'Your roles are' if len(roles) > 1 else 'Your role is'}: {_listed(roles)}."


def _listed(roles: Collection[Role]) -> str:
    return ", ".join(role.label for role in sorted(roles))


def _page(person: Person) -> str:
    return public_address("accounts.person", person_id=person.id)
