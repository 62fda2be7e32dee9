"""What the mails of accounts say: a subject and a body, in plain and kind English."""

from __future__ import annotations

from datetime import datetime

from grants.foundation.records.office import the_office
from grants.foundation.web.pages import instant

from .models import Membership, Organisation, Person
from .rights import MemberRole, Role

Letter = tuple[str, str]


def confirm(name: str, link: str) -> Letter:
    """To somebody who has just registered."""
    return _letter(
        "Confirm your e-mail address",
        f"Hello {name},",
        "Thank you for registering. To finish, open this page and press the button on it:",
        link,
        "The link works for 3 days. If you did not register, you need not do anything: "
        "without the button there is no account.",
    )


def known_already(name: str, sign_in: str, reset: str) -> Letter:
    """To somebody who registered again with an address that has an account."""
    return _letter(
        "You have an account already",
        f"Hello {name},",
        "Somebody, probably you, registered with this e-mail address. It has an account already, "
        "and nothing about it was changed. You can sign in here:",
        sign_in,
        "If you have forgotten your password, choose a new one here:",
        reset,
    )


def reset(name: str, link: str) -> Letter:
    """To somebody who forgot their password."""
    return _letter(
        "Choose a new password",
        f"Hello {name},",
        "You asked for a new password. Open this page to choose one:",
        link,
        "The link works for 2 hours, and once. If you did not ask, you need not do anything: your password stays.",
    )


def new_browser(name: str, browser: str, at: datetime, sessions: str, reset: str) -> Letter:
    """To somebody who signed in with a browser that they never used before."""
    return _letter(
        "A new sign-in to your account",
        f"Hello {name},",
        f"Somebody signed in to your account at {instant(at, zone=True)}, with a browser that you had not used here "
        f"before: {browser}. If it was you, you need not do anything.",
        "If it was not you, choose a new password now: that ends every session of yours.",
        reset,
        "You see everywhere that you are signed in, and can end each, here:",
        sessions,
    )


def provider_linked(name: str) -> Letter:
    """To somebody who signed in by the office's provider for the first time."""
    return _letter(
        "You can sign in with your office account",
        f"Hello {name},",
        "You signed in with your account of the office for the first time. From now on it opens your account here, "
        "as your password does. If it was not you, tell us at once.",
    )


def second_step_added(name: str, what: str, page: str) -> Letter:
    """To somebody who added a second step to their account."""
    return _letter(
        "Your account has a new second step",
        f"Hello {name},",
        f"You added {what} to your account. From now on you need it, or another second step of yours, to sign in. "
        "Everywhere else you were signed out.",
        "If it was not you, tell us at once: somebody knows your password. You see your second steps here:",
        page,
    )


def second_step_removed(name: str, what: str, page: str) -> Letter:
    """To somebody who took a second step off their account."""
    return _letter(
        "A second step was taken off your account",
        f"Hello {name},",
        f"You took {what} off your account. If it was not you, tell us at once. You see your second steps here:",
        page,
    )


def second_step_reset(name: str, sign_in: str) -> Letter:
    """To somebody whose second steps the office took away, since they were lost."""
    return _letter(
        "The second step was taken off your account",
        f"Hello {name},",
        "An administrator took every second step off your account, so that you can sign in with your password and set "
        "up a new one. You were signed out everywhere. If you did not ask for this, tell us at once.",
        sign_in,
    )


def second_step_reset_for(person: Person) -> Letter:
    """To every administrator, when the second step of somebody was taken away."""
    return _letter(
        f"The second step of {person.name} was taken off",
        "Hello,",
        f"An administrator took every second step off the account of {person.name}. At the next sign-in they set up a "
        "new one with their password alone. If nobody of you did that, close the account at once.",
    )


def recovery_code_used(name: str, page: str) -> Letter:
    """To somebody who signed in with a recovery code."""
    return _letter(
        "A recovery code of your account was used",
        f"Hello {name},",
        "Somebody signed in to your account with one of your recovery codes. It works no more. If your phone or key is "
        "lost, take it off your account here, and set up a new one:",
        page,
        "If it was not you, choose a new password and tell us at once.",
    )


def no_account(register: str) -> Letter:
    """To an address without an account for which somebody asked for a new password."""
    return _letter(
        "There is no account with this address",
        "Hello,",
        "Somebody, probably you, asked for a new password for this e-mail address. It has no account with us. "
        "You may have registered with another address; try that one, or register here:",
        register,
        "If this was not you, you need not do anything.",
    )


def password_changed(name: str, reset_page: str) -> Letter:
    """To somebody whose password was changed."""
    return _letter(
        "Your password was changed",
        f"Hello {name},",
        "Your password was changed, and you were signed out everywhere else.",
        "If this was not you, choose a new password now, and tell us:",
        reset_page,
    )


def confirm_new_address(name: str, link: str) -> Letter:
    """To the new address of somebody who wants to change theirs."""
    return _letter(
        "Confirm your new e-mail address",
        f"Hello {name},",
        "You asked us to use this address for your account. Open this page and press the button on it:",
        link,
        "The link works for 3 days. Until then your old address stays. Your applications stay as they are.",
    )


def address_changing(name: str) -> Letter:
    """To the old address of somebody who wants to change theirs."""
    return _letter(
        "Your e-mail address is about to change",
        f"Hello {name},",
        "Somebody with your password asked us to use another e-mail address for your account. "
        "If this was you, you need not do anything here.",
        "If it was not you, change your password now and tell us.",
    )


def address_taken(name: str) -> Letter:
    """To an address with an account that somebody else wanted to change theirs to."""
    return _letter(
        "This address has an account already",
        f"Hello {name},",
        "Somebody asked us to use this e-mail address for another account. "
        "It belongs to yours, and nothing was changed.",
        "If this was you, sign in with this address, or choose another one for the other account.",
    )


def colleague_invited(person: Person, link: str) -> Letter:
    """To a colleague for whom an administrator has made an account."""
    return _letter(
        "Your account is ready",
        f"Hello {person.name},",
        "An account was made for you. Open this page to choose your password:",
        link,
        "The link works for 14 days, and once.",
    )


def account_made(person: Person) -> Letter:
    """To all administrators when one of them has made an account."""
    held = ", ".join(Role(role).label for role in sorted(person.roles)) or "no role"
    return _letter(
        "An account was made",
        "Hello,",
        f"An administrator made an account for {person.name} ({held}).",
        "You get this so that power is never given unseen.",
    )


def role_granted(person: Person, role: Role) -> Letter:
    """To somebody who gets a role, and to the administrators."""
    return _letter(
        f"New role: {role.label}",
        "Hello,",
        f"{person.name} now has the role “{role.label}”.",
        "If this is a mistake, tell an administrator.",
    )


def role_revoked(person: Person, role: Role) -> Letter:
    """To somebody who loses a role, and to the administrators."""
    return _letter(
        f"Role ended: {role.label}",
        "Hello,",
        f"{person.name} no longer has the role “{role.label}”.",
        "If this is a mistake, tell an administrator.",
    )


def invited(inviter: Person, organisation: Organisation, role: MemberRole, link: str) -> Letter:
    """To somebody whom a member invites to act for an organisation."""
    return _letter(
        f"{inviter.name} invites you to join {organisation.name}",
        "Hello,",
        f"{inviter.name} asks you to work with them on the grant applications of {organisation.name}. "
        f"You would be {role.one} of the group. {role.may_do} Open this page to accept:",
        link,
        "The link works for 14 days. If you do not know them, you need not do anything.",
    )


def joined(member: Person, newcomer: Person, organisation: Organisation, role: MemberRole) -> Letter:
    """To the people of an organisation when somebody joins."""
    return _letter(
        f"{newcomer.name} joined {organisation.name}",
        f"Hello {member.name},",
        f"{newcomer.name} is {role.one} of {organisation.name} now. {role.may_do}",
        "If you do not know them, tell us at once.",
    )


IF_NOT_RIGHT = "If that is not right, ask an owner of the group, or tell us."


def member_changed(by: Person, member: Membership) -> Letter:
    """To the people of an organisation when an owner changes what one of them may do."""
    name, organisation = member.person.name, member.organisation.name
    return _letter(
        f"{name} is {member.what.one} of {organisation} now",
        "Hello,",
        f"{by.name} made {name} {member.what.one} of {organisation}. {member.what.may_do}",
        IF_NOT_RIGHT,
    )


def handed_over(by: Person, member: Membership) -> Letter:
    """To the people of an organisation when its owner hands it over."""
    name, organisation = member.person.name, member.organisation.name
    return _letter(
        f"{by.name} handed {organisation} over to {name}",
        "Hello,",
        f"{name} is an owner of {organisation} now, and {by.name} an editor. {MemberRole.OWNER.may_do}",
        IF_NOT_RIGHT,
    )


def member_removed(by: Person, member: Membership) -> Letter:
    """To the people of an organisation, and to whom an owner takes out of it."""
    name, organisation = member.person.name, member.organisation.name
    return _letter(
        f"{name} was removed from {organisation}",
        "Hello,",
        f"{by.name} removed {name} from {organisation}. They do not read or do anything of the group any more. "
        "What they wrote and signed stays.",
        IF_NOT_RIGHT,
    )


def member_left(member: Membership) -> Letter:
    """To the people of an organisation, and to who leaves it."""
    name, organisation = member.person.name, member.organisation.name
    return _letter(
        f"{name} left {organisation}",
        "Hello,",
        f"{name} left {organisation}, and does not read or do anything of the group any more. "
        "What they wrote and signed stays.",
        IF_NOT_RIGHT,
    )


def owner_named(member: Membership) -> Letter:
    """To the people of an organisation when an administrator names an owner of it."""
    name, organisation = member.person.name, member.organisation.name
    return _letter(
        f"{name} is an owner of {organisation} now",
        "Hello,",
        f"{organisation} had no owner who could sign in, so we made {name} one. {MemberRole.OWNER.may_do}",
        "If that is not right, tell us at once.",
    )


def owner_is_gone(owner: Person, organisation: Organisation) -> Letter:
    """To the people of an organisation when the account of its only owner is closed."""
    return _letter(
        f"{organisation.name} has no owner now",
        "Hello,",
        f"The account of {owner.name} is closed, who was the only owner of {organisation.name}. "
        "Until there is another, nobody can accept a grant, give bank details or invite people.",
        "Write to us, and say which of you should be an owner.",
    )


def _letter(subject: str, *paragraphs: str) -> Letter:
    office = the_office()
    contact = ", ".join(part for part in (office.contact_email, office.contact_phone) if part)
    signature = "\n".join(part for part in (office.service, office.name, contact) if part)
    return subject, "\n\n".join([*paragraphs, signature]) + "\n"
