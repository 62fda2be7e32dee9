"""What is done to a second step: set up, proved, taken away."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, InvalidToken
from flask import current_app
from sqlalchemy import delete
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from grants.accounts import letters
from grants.accounts import queries as people
from grants.accounts.acts import AccountAct
from grants.accounts.models import BrowserSession, Person, fresh_session_key
from grants.accounts.rights import Role
from grants.accounts.tokens import digest
from grants.foundation.records import audit, outbox
from grants.foundation.records.actors import Actor
from grants.foundation.records.db import Refused, noting, transaction
from grants.foundation.records.office import the_office
from grants.foundation.values import clock
from grants.foundation.values.keys import fernet_key
from grants.foundation.web.addresses import public_address

from . import queries, rules
from .models import MOST_PASSKEYS, AuthenticatorApp, Passkey, RecoveryCode

WRONG_CODE = "That code is not right, or was used already. Wait for the next one in your app and type its 6 digits."
WRONG_PASSKEY = "That passkey is none of yours here, or did not answer what we asked. Try again."
LAST_ONE = "Your work needs a second step when you sign in. Add another one first, then take this one away."


def needed_of() -> frozenset[Role]:
    """The roles that need a second step: the setting SECOND_STEP_ROLES."""
    roles: frozenset[Role] = current_app.extensions["second step roles"]
    return roles


def is_half(session: BrowserSession) -> bool:
    """Whether only the password was given in a session that needs more."""
    return rules.is_half(session, needed_of())


def asks_again(session: BrowserSession) -> bool:
    """Whether somebody has to prove again that it is them, before something that counts."""
    return rules.asks_again(session, needed_of(), at=clock.now())


def set_up_app(*, here: BrowserSession, secret: str, code: str) -> None:
    """Make an authenticator app the person's, in place of an earlier one. Raises Refused where its code is wrong."""
    step = rules.step_of(secret, code, at=clock.now())
    if step is None:
        raise Refused(WRONG_CODE)
    person = here.person
    with transaction() as session:
        session.execute(delete(AuthenticatorApp).where(AuthenticatorApp.person_id == person.id))
        sealed = _box().encrypt(secret.encode()).decode("ascii")
        session.add(AuthenticatorApp(person_id=person.id, sealed=sealed, last_step=step, made_at=clock.now()))
        _added(here, AccountAct.SET_UP_APP, "an authenticator app")


def prove_by_code(*, here: BrowserSession, code: str) -> None:
    """Prove by the app that it is the person. Each code counts once. Raises Refused."""
    with transaction():
        app = queries.app_of(here.person, lock=True)
        step = rules.step_of(_opened(app), code, at=clock.now()) if app else None
        if app is None or step is None or step <= app.last_step:
            raise Refused(WRONG_CODE)
        app.last_step = step
        _prove(here)


def prove_by_recovery_code(*, here: BrowserSession, code: str) -> None:
    """Prove by a code from paper that it is the person, who is told. Each works once. Raises Refused."""
    with transaction():
        kept = queries.recovery_code(here.person, digest(rules.tidy_code(code)))
        if kept is None:
            raise Refused("That recovery code is not right, or was used already. Try another of yours.")
        kept.used_at = clock.now()
        _prove(here)
        audit.record(actor=here.person.actor, verb=AccountAct.USE_RECOVERY_CODE, thing=here.person, changes={})
        _tell(here.person, *letters.recovery_code_used(here.person.name, _page()))


def passkeys_work() -> bool:
    """Whether the site has a name: devices keep no passkey for an address of numbers, as the demonstration's is."""
    return not _domain().replace(".", "").isdecimal() and ":" not in _domain()


def ask_for_new_passkey(*, here: BrowserSession) -> str:
    """What the browser has to ask a device for, as JSON, to make a passkey."""
    person = here.person
    options = generate_registration_options(
        rp_id=_domain(),
        rp_name=the_office().name,
        user_name=person.email,
        user_id=str(person.id).encode(),
        user_display_name=person.name,
        exclude_credentials=_described(queries.passkeys_of(person)),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
    )
    _expect(here, options.challenge)
    return options_to_json(options)


def add_passkey(*, here: BrowserSession, label: str, answer: str) -> None:
    """Keep the passkey that a device made. Raises Refused."""
    person, challenge, given = here.person, _asked(here), _read(answer)
    try:
        made = verify_registration_response(
            credential=given,
            expected_challenge=challenge,
            expected_rp_id=_domain(),
            expected_origin=current_app.config["PUBLIC_URL"],
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise Refused(WRONG_PASSKEY) from error
    with transaction() as session:
        if len(queries.passkeys_of(person)) >= MOST_PASSKEYS:
            raise Refused(f"You have {MOST_PASSKEYS} passkeys. Take one away first.")
        session.add(
            Passkey(
                person_id=person.id,
                label=label,
                credential_id=bytes_to_base64url(made.credential_id),
                public_key=bytes_to_base64url(made.credential_public_key),
                sign_count=made.sign_count,
                made_at=clock.now(),
            )
        )
        session.flush()
        _added(here, AccountAct.ADD_PASSKEY, "a passkey")


def ask_for_passkey(*, here: BrowserSession) -> str:
    """What the browser has to ask the person's devices for, as JSON. Nothing where they have no passkey."""
    passkeys = queries.passkeys_of(here.person)
    if not passkeys:
        return ""
    options = generate_authentication_options(rp_id=_domain(), allow_credentials=_described(passkeys))
    _expect(here, options.challenge)
    return options_to_json(options)


def prove_by_passkey(*, here: BrowserSession, answer: str) -> None:
    """Prove by a passkey that it is the person. Each question is answered once. Raises Refused."""
    challenge, given = _asked(here), _read(answer)
    with transaction():
        kept = queries.passkey_of(here.person, str(given.get("id", "")), lock=True)
        if kept is None:
            raise Refused(WRONG_PASSKEY)
        try:
            proved = verify_authentication_response(
                credential=given,
                expected_challenge=challenge,
                expected_rp_id=_domain(),
                expected_origin=current_app.config["PUBLIC_URL"],
                credential_public_key=base64url_to_bytes(kept.public_key),
                credential_current_sign_count=kept.sign_count,
            )
        except (WebAuthnException, ValueError, TypeError, KeyError) as error:
            raise Refused(WRONG_PASSKEY) from error
        kept.sign_count, kept.used_at = proved.new_sign_count, clock.now()
        _prove(here)


def make_recovery_codes(*, here: BrowserSession) -> list[str]:
    """Make a new set of recovery codes; those from before stop working, which their owner is told.

    They are readable now and never again.
    """
    person = here.person
    codes, now = rules.new_codes(), clock.now()
    with transaction() as session:
        had_some = queries.had_codes(person)
        session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
        session.add_all(
            [RecoveryCode(person_id=person.id, digest=digest(rules.tidy_code(code)), made_at=now) for code in codes]
        )
        audit.record(actor=person.actor, verb=AccountAct.MAKE_RECOVERY_CODES, thing=person, changes={})
        if had_some:
            _tell(person, *letters.recovery_codes_made(person.name, _page()))
    return codes


def remove_app(*, here: BrowserSession) -> None:
    """Take the authenticator app away. Raises Refused where it is the last step of somebody who needs one."""
    with transaction() as session:
        session.execute(delete(AuthenticatorApp).where(AuthenticatorApp.person_id == here.person.id))
        _removed(here, AccountAct.REMOVE_APP, "the authenticator app")


def remove_passkey(*, here: BrowserSession, passkey: Passkey) -> None:
    """Take a passkey away. Raises Refused where it is the last step of somebody who needs one."""
    with transaction() as session:
        session.delete(passkey)
        session.flush()
        _removed(here, AccountAct.REMOVE_PASSKEY, "a passkey")


def forget(*, actor: Actor, person: Person) -> None:
    """Take away all with which a person proves that it is them, after it was lost; every session of theirs ends.

    They are told. Who needs a second step sets one up anew at the next sign-in.
    """
    with transaction() as session:
        by = people.who_did(actor)
        for table in (AuthenticatorApp, Passkey, RecoveryCode):
            session.execute(delete(table).where(table.person_id == person.id))
        person.session_key = fresh_session_key()
        person.version += 1
        audit.record(actor=actor, verb=AccountAct.RESET_SECOND_STEP, thing=person, changes={})
        _tell(person, *letters.second_step_reset(person, by, public_address("accounts.sign_in")))


def _added(here: BrowserSession, verb: AccountAct, what: str) -> None:
    """Whoever adds a step has proved it: here they go on, everywhere else they are asked for it."""
    person = here.person
    here.person_key = person.session_key = fresh_session_key()
    person.version += 1
    here.needs_proof, here.proved_at = True, clock.now()
    audit.record(actor=person.actor, verb=verb, thing=person, changes={})
    _tell(person, *letters.second_step_added(person.name, what, _page()))


def _removed(here: BrowserSession, verb: AccountAct, what: str) -> None:
    """Here the person goes on; everywhere else they sign in anew."""
    person = here.person
    if person.roles & needed_of() and not queries.has_any(person):
        raise Refused(LAST_ONE)
    here.person_key = person.session_key = fresh_session_key()
    person.version += 1
    audit.record(actor=person.actor, verb=verb, thing=person, changes={})
    _tell(person, *letters.second_step_removed(person.name, what, _page()))


def _prove(here: BrowserSession) -> None:
    if here.proved_at is not None:
        audit.record(actor=here.person.actor, verb=AccountAct.PROVE_AGAIN, thing=here.person, changes={})
    here.proved_at = clock.now()


def _expect(here: BrowserSession, challenge: bytes) -> None:
    with noting():
        here.challenge = bytes_to_base64url(challenge)


def _asked(here: BrowserSession) -> bytes:
    """What a passkey has to answer; it is asked once. Raises Refused."""
    with transaction():
        challenge, here.challenge = here.challenge, ""
    if not challenge:
        raise Refused(WRONG_PASSKEY)
    return base64url_to_bytes(challenge)


def _read(answer: str) -> dict[str, Any]:
    try:
        read = json.loads(answer)
    except ValueError as error:
        raise Refused(WRONG_PASSKEY) from error
    if not isinstance(read, dict):
        raise Refused(WRONG_PASSKEY)
    return read


def _described(passkeys: Any) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(passkey.credential_id)) for passkey in passkeys]


def _domain() -> str:
    return str(urlsplit(current_app.config["PUBLIC_URL"]).hostname)


def _page() -> str:
    return public_address("accounts.second_step")


def _box() -> Fernet:
    return Fernet(fernet_key(current_app.config["SECRET_KEY"], b"grants: authenticator apps"))


def _opened(app: AuthenticatorApp) -> str:
    """The secret of an app. Raises Refused where SECRET_KEY was changed since: nobody can know it any more."""
    try:
        return _box().decrypt(app.sealed).decode()
    except InvalidToken as error:
        raise Refused("Your app has to be set up anew. Use a passkey or a recovery code, or ask us.") from error


def _tell(person: Person, subject: str, body: str) -> None:
    outbox.queue(to=person.email, subject=subject, body=body, purpose="session", about=f"person:{person.id}")
