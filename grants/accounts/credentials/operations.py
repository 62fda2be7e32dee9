"""What people do to their own account: sign up, prove an address, choose a password."""

from __future__ import annotations

from grants.accounts import guesses, letters, queries, rules, tokens
from grants.accounts.acts import AccountAct
from grants.accounts.models import BrowserSession, Person, Token, TokenPurpose, fresh_session_key
from grants.accounts.passwords import hash_password, matches
from grants.foundation.records import audit, outbox
from grants.foundation.records.actors import ANYONE
from grants.foundation.records.db import Refused, transaction
from grants.foundation.values import clock
from grants.foundation.web.addresses import public_address

WRONG_PASSWORD = "Enter the password that you sign in with now. The one that you typed is another."  # noqa: S105


def register(*, email: str, name: str, password: str, browser: str, next_path: str = "") -> None:
    """Sign up. The mail says what came of it; the page never says whether the address was known.

    `browser` is a secret that only this browser has: it tells the one who registered from another
    who registers in their name. Raises Refused where the address, name or password will not do.
    """
    email, name = rules.tidy_email(email), rules.tidy_name(name, thing="your name")
    guesses.refuse_bad_password(password, email=email, name=name)
    kept = hash_password(password)  # before the transaction: nobody waits for it
    with transaction():
        person = queries.person_by_email(email)
        if person and (person.email_confirmed_at or person.disabled_at):
            _answer_known(person)
        else:
            newcomer = person or Person(email=email, made_at=clock.now(), memberships=[], grants=[])
            newcomer.name, newcomer.password_hash, newcomer.session_key = name, kept, fresh_session_key()
            _sign_up(newcomer, browser=browser, next_path=next_path)


def _answer_known(person: Person) -> None:
    pages = public_address("accounts.sign_in"), public_address("accounts.forgotten_password")
    letter = letters.known_already(person.name, *pages)
    if person.disabled_at:
        letter = letters.account_is_closed(person.name, "registered with this e-mail address")
    _mail(person, "register", *letter)
    audit.record(actor=ANYONE, verb=AccountAct.REGISTER_AGAIN, thing=person, changes={})


def _sign_up(person: Person, *, browser: str, next_path: str) -> None:
    """Store a new account, or one that was never confirmed and is registered again."""
    with transaction() as session:
        session.add(person)
        changes = audit.diff(person)
        link = tokens.issue(person, TokenPurpose.CONFIRM, browser=browser, next_path=next_path)
        _mail(person, "confirm", *letters.confirm(person.name, link))
        audit.record(actor=ANYONE, verb=AccountAct.REGISTER, thing=person, changes=changes)


def confirm_email(*, secret: str, browser: str = "", password: str = "") -> Person:
    """Prove an address by the link that was mailed to it: that of a new account, or a new one of an old account.

    A new account opens in the browser that registered it, or by its password: so nobody can sign up in another's
    name and have them press the button. Raises Refused.
    """
    with transaction():
        token = tokens.use(secret, TokenPurpose.CONFIRM, TokenPurpose.CHANGE_EMAIL)
        person = token.person
        if token.purpose == TokenPurpose.CHANGE_EMAIL:
            _take_new_address(person, token)
        elif not (tokens.same_browser(token, browser) or matches(password, person.password_hash)):
            raise Refused("Enter the password that you chose when you registered.")
        person.email_confirmed_at = clock.now()
        person.version += 1
        audit.record(actor=person.actor, verb=AccountAct.CONFIRM_EMAIL, thing=person)
        return person


def _take_new_address(person: Person, token: Token) -> None:
    if queries.person_by_email(token.email) not in {None, person}:
        raise Refused("There is another account with this e-mail address by now. Choose another address.")
    _mail(person, "address", *letters.address_changed(person.name, token.email))
    person.email = token.email
    tokens.end_all(person)


def request_reset(*, email: str) -> None:
    """Mail a link to choose a new password; an address without an open account is told so by mail. Raises Refused."""
    email = rules.tidy_email(email)
    with transaction():
        person = queries.person_by_email(email)
        if person is None:
            subject, body = letters.no_account(public_address("accounts.register"))
            outbox.queue(to=email, subject=subject, body=body, purpose="reset")
        elif person.disabled_at:
            _mail(person, "reset", *letters.account_is_closed(person.name, "asked for a new password"))
        else:
            _mail(person, "reset", *letters.reset(person.name, tokens.issue(person, TokenPurpose.RESET)))
        audit.record(actor=ANYONE, verb=AccountAct.ASK_FOR_A_NEW_PASSWORD, thing=person, kind="people", changes={})


def reset_password(*, secret: str, password: str) -> Person:
    """Choose a new password by the mailed link, which proves the address too; every session ends. Raises Refused."""
    with transaction():
        token = tokens.use(secret, TokenPurpose.RESET, TokenPurpose.INVITE)
        person = token.person
        if person.disabled_at:
            raise Refused(tokens.STALE)
        _set_password(person, password)
        person.email_confirmed_at = person.email_confirmed_at or clock.now()
        audit.record(actor=person.actor, verb=AccountAct.RESET_PASSWORD, thing=person)
        return person


def change_password(*, here: BrowserSession, old: str, new: str) -> None:
    """Change one's own password; every session but the one `here` ends. Raises Refused."""
    person = here.person
    if not matches(old, person.password_hash):
        raise Refused(WRONG_PASSWORD)
    with transaction():
        _set_password(person, new)
        here.person_key = person.session_key
        audit.record(actor=person.actor, verb=AccountAct.CHANGE_PASSWORD, thing=person)


def _set_password(person: Person, password: str) -> None:
    guesses.refuse_bad_password_of(person, password)
    person.password_hash, person.session_key = hash_password(password), fresh_session_key()
    person.version += 1
    tokens.end_all(person)
    _mail(person, "password", *letters.password_changed(person.name, public_address("accounts.forgotten_password")))


def end_other_sessions(*, here: BrowserSession) -> None:
    """Sign out everywhere but here."""
    person = here.person
    with transaction():
        here.person_key = person.session_key = fresh_session_key()
        person.version += 1
        audit.record(actor=person.actor, verb=AccountAct.END_OTHER_SESSIONS, thing=person)


def request_email_change(*, person: Person, email: str, password: str) -> None:
    """Mail a link to the new address; until it is used the old one stays. Nobody learns whether it is taken.

    Raises Refused where the password is wrong or the address will not do.
    """
    if not matches(password, person.password_hash):
        raise Refused(WRONG_PASSWORD)
    email = rules.tidy_email(email)
    if email == person.email:
        raise Refused("This is your address already. Enter the new one.")
    with transaction():
        other = queries.person_by_email(email)
        if other:
            _answer_taken(other)
        else:
            link = tokens.issue(person, TokenPurpose.CHANGE_EMAIL, email=email)
            subject, body = letters.confirm_new_address(person.name, link)
            outbox.queue(to=email, subject=subject, body=body, purpose="address", about=f"person:{person.id}")
            page = public_address("accounts.forgotten_password")
            _mail(person, "address", *letters.address_changing(person.name, email, page))
        audit.record(
            actor=person.actor, verb=AccountAct.ASK_TO_CHANGE_EMAIL, thing=person, changes={"email": ("", email)}
        )


def _answer_taken(owner: Person) -> None:
    """To whom an address belongs that somebody else wanted."""
    letter = letters.address_taken(owner.name)
    if owner.disabled_at:
        letter = letters.account_is_closed(owner.name, "asked us to use this e-mail address for another account")
    _mail(owner, "address", *letter)


def _mail(person: Person, purpose: str, subject: str, body: str) -> None:
    outbox.queue(to=person.email, subject=subject, body=body, purpose=purpose, about=f"person:{person.id}")
