"""Signing in and out, and what a browser's session is worth."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from flask import current_app, g, make_response, redirect, render_template, request, session, url_for
from flask_login import LoginManager, login_user
from werkzeug.wrappers import Response

from grants.accounts import demo, limits, queries
from grants.accounts.access import local_path, person_or_none
from grants.accounts.acts import AccountAct
from grants.accounts.models import LONGEST_SESSION, LONGEST_STAFF_SESSION, Person
from grants.accounts.passwords import matches
from grants.foundation.records import audit
from grants.foundation.records.actors import ANYONE
from grants.foundation.records.db import SAFE_METHODS, noting, reading
from grants.foundation.values import clock
from grants.foundation.web.errors import MOST_FIELDS, SECRET_WORDS
from grants.foundation.web.forms import Form

login_manager = LoginManager()
login_manager.session_protection = None  # a phone changes its address on the way home

KIND = Person.__tablename__
KEPT = "kept-"
"""The beginning of the names of fields that wait for somebody to sign in again."""

Typed = list[tuple[str, str]]


def load(key: str) -> Person | None:
    """The person of a session, in one query. None where it has run out, was ended, or the account is closed."""
    number, _, rest = key.partition(".")
    session_key, _, since = rest.rpartition(".")
    if not (number.isdecimal() and since.isdecimal()):
        return None
    person = queries.person_by_session(int(number), session_key)
    if person is None or not person.is_active:
        return None
    longest = LONGEST_STAFF_SESSION if person.roles else LONGEST_SESSION
    return person if clock.now() < datetime.fromtimestamp(int(since), UTC) + longest else None


def find_for_sign_in(email: str, password: str) -> tuple[Person | None, bool]:
    """The person with this address, and whether this is their password. It takes as long where there is none."""
    with reading():
        person = queries.person_by_email(email)
    return person, matches(password, person.password_hash if person else "")


def note_failure(email: str, person: Person | None, act: AccountAct = AccountAct.FAIL_TO_SIGN_IN) -> None:
    """Count a wrong password at an address, and write it down: about the account, or about none where there is none.

    Nothing of what was typed is kept. A lock-out of an account is always told, other failures so many an hour.
    """
    is_last = limits.note_failure(email)
    actor = ANYONE if person is None or act == AccountAct.FAIL_TO_SIGN_IN else person.actor
    with noting():
        if is_told := limits.is_told():
            audit.record(actor=actor, verb=act, thing=person, kind=KIND, changes={})
        if is_last and (person or is_told):
            audit.record(actor=actor, verb=AccountAct.LOCK_OUT, thing=person, kind=KIND, changes={})


def note_closed(person: Person) -> None:
    """Write down that the right password was given for an account that is closed or not confirmed."""
    if limits.is_told():
        why = "the account is closed" if person.disabled_at else "the address is not confirmed"
        with noting():
            audit.record(actor=ANYONE, verb=AccountAct.FAIL_TO_SIGN_IN, thing=person, changes={}, why=why)


def enter(person: Person) -> None:
    """Sign somebody in, in a session that holds nothing from before."""
    with noting():
        audit.record(actor=person.actor, verb=AccountAct.SIGN_IN, thing=person, changes={})
    session.clear()
    g.pop("csrf_token", None)  # the page that this request may still make needs a token of the new session
    login_user(person)
    limits.forgive(person.email)


def leave() -> None:
    """Sign out in this browser."""
    if person := person_or_none():
        with noting():
            audit.record(actor=person.actor, verb=AccountAct.SIGN_OUT, thing=person, changes={})
    session.clear()


def browser_secret() -> str:
    """A secret that only this browser has."""
    if "browser" not in session:
        session["browser"] = secrets.token_urlsafe(16)
    return str(session["browser"])


def known_browser() -> str:
    """The secret of this browser, or nothing where it has none yet."""
    return str(session.get("browser", ""))


def next_path() -> str:
    """Where the person was on the way to, or nothing."""
    return local_path(request.values.get("next"))


def answer_signed_out(_error: Exception) -> Response:
    """Lead to the sign-in page; what was typed into a form waits there."""
    if request.method in SAFE_METHODS:
        return redirect(url_for("accounts.sign_in", next=_address()))
    from .forms import SignInForm

    typed = [(f"{KEPT}{name}", value) for name, value in request.form.items(multi=True) if not _is_secret(name)]
    return sign_in_page(SignInForm(formdata=None), status=401, kept=typed[:MOST_FIELDS], kept_for=_address())


def sign_in_page(form: Form, *, status: int | None = None, kept: Typed, kept_for: str) -> Response:
    """The sign-in page, with what waits for the person."""
    page = render_template(
        "accounts/sessions/sign_in.html",
        form=form,
        kept=kept,
        kept_for=kept_for,
        next_path=next_path(),
        demo_people=_demo_people(),
        demo_password=demo.PASSWORD,
    )
    return make_response(page, status or (422 if form.errors else 200))


def _demo_people() -> list[Person]:
    return queries.people_by_email(demo.EMAILS) if current_app.config["DEMO"] else []


def kept_fields() -> Typed:
    """What waits for the person, under its names on the sign-in page."""
    return [pair for pair in request.form.items(multi=True) if pair[0].startswith(KEPT)][:MOST_FIELDS]


def _address() -> str:
    return local_path("/" + request.full_path.rstrip("?").lstrip("/"))


def _is_secret(name: str) -> bool:
    return name == "csrf_token" or any(word in name.lower() for word in SECRET_WORDS)
