"""Signing in and out, and what a browser's session is worth."""

from __future__ import annotations

import secrets
from datetime import timedelta
from functools import partial

from flask import (
    after_this_request,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import LoginManager, login_user
from sqlalchemy import delete
from werkzeug.wrappers import Response

from grants.accounts import demo, letters, limits, queries
from grants.accounts.access import local_path, session_or_none
from grants.accounts.acts import AccountAct
from grants.accounts.models import SEEN_EVERY, SESSIONS_KEPT, BrowserSession, Person
from grants.accounts.passwords import matches
from grants.accounts.tokens import digest
from grants.foundation.records import audit, outbox
from grants.foundation.records.actors import ANYONE
from grants.foundation.records.db import SAFE_METHODS, Refused, noting, reading, transaction
from grants.foundation.values import clock
from grants.foundation.web.addresses import public_address
from grants.foundation.web.errors import MOST_FIELDS, SECRET_WORDS
from grants.foundation.web.forms import Form

from . import rules

login_manager = LoginManager()
login_manager.session_protection = None  # a phone changes its address on the way home

KIND = Person.__tablename__
KEPT = "kept-"
"""The beginning of the names of fields that wait for somebody to sign in again."""

Typed = list[tuple[str, str]]


def load(secret: str) -> BrowserSession | None:
    """The session of a cookie and its person, in one query. None where it has run out, was ended, or the account is
    closed.
    """
    found = queries.browser_session(digest(secret))
    if found is None or not found.person.is_active:
        return None
    now, longest, idle = clock.now(), rules.longest(found.person), idle_time(found.person)
    if now >= found.made_at + longest or (idle and now >= found.seen_at + idle):
        return None
    found.secret = secret
    return found


def idle_time(person: Person) -> timedelta | None:
    """After how long alone a session of the person ends, None for never: the setting IDLE_MINUTES, for the office."""
    minutes: int = current_app.config["IDLE_MINUTES"]
    return timedelta(minutes=minutes) + SEEN_EVERY if person.roles else None


def note_seen() -> None:
    """Note that the session of this request is used, where that was not noted for a while."""
    found = session_or_none() if "_user_id" in session else None
    if found is not None and clock.now() >= found.seen_at + SEEN_EVERY:
        with noting():
            found.seen_at = clock.now()


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
    """Sign somebody in, in a session that holds nothing from before. They are told of a browser that is new."""
    device = request.cookies.get(device_cookie()) or secrets.token_urlsafe(16)
    browser = rules.words_of(request.user_agent.string)
    with noting():
        if queries.has_used(person, digest(device)) is False:
            _tell_of_new_browser(person, browser)
        begun = begin(person, browser=browser, device=device)
        audit.record(actor=person.actor, verb=AccountAct.SIGN_IN, thing=person, changes={})
    session.clear()
    g.pop("csrf_token", None)  # the page that this request may still make needs a token of the new session
    login_user(begun)
    limits.forgive(person.email)
    after_this_request(partial(_remember_browser, device))


def begin(person: Person, *, browser: str = "", device: str = "") -> BrowserSession:
    """Make a session of a person: whoever has its secret is them. Their sessions of long ago are forgotten."""
    with transaction() as kept:
        now, secret = clock.now(), secrets.token_urlsafe(32)
        kept.execute(
            delete(BrowserSession).where(
                BrowserSession.person_id == person.id, BrowserSession.made_at < now - SESSIONS_KEPT
            )
        )
        begun = BrowserSession(
            person_id=person.id,
            person=person,
            digest=digest(secret),
            person_key=person.session_key,
            device_digest=digest(device),
            browser=browser,
            made_at=now,
            seen_at=now,
        )
        begun.secret = secret
        kept.add(begun)
        kept.flush()
        return begun


def device_cookie() -> str:
    """The name of the cookie by which a browser is known again."""
    return f"{current_app.config['SESSION_COOKIE_NAME']}-browser"


def _remember_browser(device: str, response: Response) -> Response:
    response.set_cookie(
        device_cookie(),
        device,
        max_age=SESSIONS_KEPT,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response


def _tell_of_new_browser(person: Person, browser: str) -> None:
    pages = public_address("accounts.sessions"), public_address("accounts.forgotten_password")
    subject, body = letters.new_browser(person.name, browser, clock.now(), *pages)
    outbox.queue(to=person.email, subject=subject, body=body, purpose="session", about=f"person:{person.id}")


def leave() -> None:
    """Sign out in this browser: its session ends, wherever the cookie went."""
    if found := session_or_none():
        with noting():
            found.ended_at = clock.now()
            audit.record(actor=found.person.actor, verb=AccountAct.SIGN_OUT, thing=found.person, changes={})
    session.clear()


def end(*, person: Person, session_id: int) -> None:
    """End one of one's own sessions. Nothing happens where it has ended. Raises Refused where it is another's."""
    with transaction():
        found = queries.session_of(person, session_id)
        if found is None:
            raise Refused("That is none of your sessions.")
        if found.ended_at is None:
            found.ended_at = clock.now()
            audit.record(actor=person.actor, verb=AccountAct.END_SESSION, thing=person, changes={})


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
