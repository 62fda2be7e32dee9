"""What the mails of accounts say: a subject and a body, in plain and kind English."""

from __future__ import annotations

from datetime import datetime

from grants.foundation.records.office import the_office, whom_to_ask
from grants.foundation.web.addresses import public_address
from grants.foundation.web.pages import instant

from .models import Person

Letter = tuple[str, str]


def letter(subject: str, *paragraphs: str) -> Letter:
    """A letter of these paragraphs; who wrote it, and how to reach them, stands below every mail that is queued."""
    return subject, "\n\n".join(part for part in paragraphs if part) + "\n"


def letter_to(person: Person | None, subject: str, *paragraphs: str) -> Letter:
    """A letter to somebody by name, where it is known who reads it."""
    return letter(subject, f"Hello {person.name}," if person else "Hello,", *paragraphs)


def did(by: Person | None, to: Person | None) -> str:
    """Who did it, as the letter to a reader begins a sentence. What a command at the office's machine did, we did."""
    if by is None:
        return "We"
    return "You" if to is not None and by.id == to.id else by.name


def if_not_you() -> str:
    """What somebody does who reads that they did what they did not do."""
    page = public_address("accounts.forgotten_password")
    return f"If it was not you, choose a new password now, and write to us at once:\n{page}"


def confirm(name: str, link: str) -> Letter:
    """To somebody who has just registered."""
    return letter(
        "Confirm your e-mail address",
        f"Hello {name},",
        "Thank you for registering. To finish, open this page and press the button on it:",
        link,
        "The link works for 3 days. If you did not register, you need not do anything: "
        "without the button there is no account.",
    )


def known_already(name: str, sign_in: str, reset: str) -> Letter:
    """To somebody who registered again with an address that has an account."""
    return letter(
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
    return letter(
        "Choose a new password",
        f"Hello {name},",
        "You asked for a new password. Open this page to choose one:",
        link,
        "The link works for 2 hours, and once. If you did not ask, you need not do anything: your password stays.",
    )


def new_browser(name: str, browser: str, at: datetime, sessions: str, reset: str) -> Letter:
    """To somebody who signed in with a browser that they never used before."""
    return letter(
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
    return letter(
        "You can sign in with your office account",
        f"Hello {name},",
        "You signed in with your account of the office for the first time. From now on it opens your account here, "
        "as your password does. If it was not you, tell us at once.",
    )


def second_step_added(name: str, what: str, page: str) -> Letter:
    """To somebody who added a second step to their account."""
    return letter(
        "Your account has a new second step",
        f"Hello {name},",
        f"You added {what} to your account. From now on you need it, or another second step of yours, to sign in. "
        "Everywhere else you were signed out.",
        "If it was not you, tell us at once: somebody knows your password. You see your second steps here:",
        page,
    )


def second_step_removed(name: str, what: str, page: str) -> Letter:
    """To somebody who took a second step off their account."""
    return letter(
        "A second step was taken off your account",
        f"Hello {name},",
        f"You took {what} off your account. If it was not you, tell us at once. You see your second steps here:",
        page,
    )


def second_step_reset(person: Person, by: Person | None, sign_in: str) -> Letter:
    """To somebody whose second steps the office took away, since they were lost."""
    return letter_to(
        person,
        "The second step was taken off your account",
        f"{did(by, person)} took every second step off your account, so that you can sign in with your password alone "
        "and set up a new one. You were signed out everywhere. You can sign in here:",
        sign_in,
        "If you did not ask for this, write to us at once.",
    )


def recovery_code_used(name: str, page: str) -> Letter:
    """To somebody who signed in with a recovery code."""
    return letter(
        "A recovery code of your account was used",
        f"Hello {name},",
        "Somebody signed in to your account with one of your recovery codes. It works no more. If your phone or key is "
        "lost, take it off your account here, and set up a new one:",
        page,
        "If it was not you, choose a new password and tell us at once.",
    )


def recovery_codes_made(name: str, page: str) -> Letter:
    """To somebody who made new recovery codes in place of earlier ones."""
    return letter(
        "Your account has new recovery codes",
        f"Hello {name},",
        "You made new recovery codes for your account. Those that you had before do not work any more.",
        "If it was not you, choose a new password and tell us at once. You see your second steps here:",
        page,
    )


def account_is_closed(name: str, asked: str) -> Letter:
    """To somebody whose account is closed, when they asked for what only an open one has: `asked` says for what."""
    return letter(
        "Your account is closed",
        f"Hello {name},",
        f"Somebody, probably you, {asked}. Your account is closed: nothing was changed, and you cannot sign in.",
        f"If you think that it should be open, write to {whom_to_ask(the_office())}.",
        "If it was not you who asked, you need not do anything.",
    )


def no_account(register: str) -> Letter:
    """To an address without an account for which somebody asked for a new password."""
    return letter(
        "There is no account with this address",
        "Hello,",
        "Somebody, probably you, asked for a new password for this e-mail address. It has no account with us. "
        "You may have registered with another address; try that one, or register here:",
        register,
        "If this was not you, you need not do anything.",
    )


def password_changed(name: str, reset_page: str) -> Letter:
    """To somebody whose password was changed."""
    return letter(
        "Your password was changed",
        f"Hello {name},",
        "Your password was changed, and you were signed out everywhere else.",
        "If this was not you, choose a new password now, and tell us:",
        reset_page,
    )


def confirm_new_address(name: str, link: str) -> Letter:
    """To the new address of somebody who wants to change theirs."""
    return letter(
        "Confirm your new e-mail address",
        f"Hello {name},",
        "You asked us to use this address for your account. Open this page and press the button on it:",
        link,
        "The link works for 3 days. Until then your old address stays. Your applications stay as they are.",
    )


def address_changing(name: str, new: str, page: str) -> Letter:
    """To the old address of somebody who wants to change theirs."""
    return letter(
        "Your e-mail address is about to change",
        f"Hello {name},",
        f"Somebody with your password asked us to use another e-mail address for your account: {new}. "
        "It changes when somebody presses the button in the mail that we sent there.",
        "If this was you, you need not do anything here.",
        "If it was not you, choose a new password now. That stops the change, too. Then write to us:",
        page,
    )


def address_changed(name: str, new: str) -> Letter:
    """To the old address of somebody whose address has changed."""
    return letter(
        "Your e-mail address was changed",
        f"Hello {name},",
        f"The e-mail address of your account is {new} now. You sign in with it, and our mails go there. "
        "This is the last one to your old address.",
        f"If you did not change it, write to {whom_to_ask(the_office())} at once.",
    )


def address_taken(name: str) -> Letter:
    """To an address with an account that somebody else wanted to change theirs to."""
    return letter(
        "This address has an account already",
        f"Hello {name},",
        "Somebody asked us to use this e-mail address for another account. "
        "It belongs to yours, and nothing was changed.",
        "If this was you, sign in with this address, or choose another one for the other account.",
    )
