"""Signing in and out, and what a browser's session is worth."""

from __future__ import annotations

import secrets
from collections.abc import Callable
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
from grants.accounts.factors import operations as factors
from grants.accounts.factors.queries import app_of, has_any
from grants.accounts.factors.rules import is_waited_for
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
from .forms import SecondStepForm, SignInForm

login_manager = LoginManager()
login_manager.session_protection = None  # a phone changes its address on the way home

KIND = Person.__tablename__
KEPT = "kept-"
"""The beginning of the names of fields that wait for somebody to sign in again."""

Typed = list[tuple[str, str]]


def load(secret: str) -> BrowserSession | None:
    """The session of a cookie and its person, in one query. None where it has run out, was ended, waits for the second
    step, or the account is closed.
    """
    found = _live(secret)
    return None if found is None or factors.is_half(found) else found


def half_session() -> BrowserSession | None:
    """The session of this request whose person gave their password only. It opens nothing but the second step."""
    found = _live(str(session.get("_user_id", "")))
    if found is None or not factors.is_half(found):
        return None
    return found if is_waited_for(found, at=clock.now()) else None


def to_prove() -> BrowserSession | None:
    """The session in which somebody may prove that it is them: one that waits for it, or the one they are in."""
    return session_or_none() or half_session()


def _live(secret: str) -> BrowserSession | None:
    found = queries.browser_session(digest(secret))
    if found is None or not found.person.is_active:
        return None
    now, longest, idle = clock.now(), rules.longest(found.person), idle_time(found.person)
    if now >= found.made_at + longest or (idle and now >= found.seen_at + idle):
        return None
    found.secret = secret
    return found


def idle_minutes(person: Person) -> int:
    """After how many minutes alone a session of the person ends, 0 for never: IDLE_MINUTES, for the office."""
    return current_app.config["IDLE_MINUTES"] if person.roles else 0


def idle_time(person: Person) -> timedelta | None:
    """The same as it is reckoned: that a session is used is noted every SEEN_EVERY only. None for never."""
    minutes = idle_minutes(person)
    return timedelta(minutes=minutes) + SEEN_EVERY if minutes else None


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


def enter(person: Person) -> bool:
    """Sign somebody in, in a session that holds nothing from before. They are told of a browser that is new.

    False where their password is not enough: the session is a half one, until `prove` makes it whole.
    """
    device = request.cookies.get(device_cookie()) or secrets.token_urlsafe(16)
    browser = rules.words_of(request.user_agent.string)
    with noting():
        if queries.has_used(person, digest(device)) is False:
            _tell_of_new_browser(person, browser)
        begun = begin(person, browser=browser, device=device, needs_proof=has_any(person))
        is_whole = not factors.is_half(begun)
        if is_whole:
            audit.record(actor=person.actor, verb=AccountAct.SIGN_IN, thing=person, changes={})
    after_this_request(partial(_remember_browser, device))
    _take(begun, is_whole=is_whole)
    return is_whole


def _take(found: BrowserSession, *, is_whole: bool) -> None:
    """Let this browser be in a session, and in nothing from before."""
    session.clear()
    g.pop("csrf_token", None)  # the page that this request may still make needs a token of the new session
    if is_whole:
        login_user(found)
        limits.forgive(found.person.email)
    else:
        session["_user_id"] = found.secret


def prove(here: BrowserSession, do: Callable[[], None]) -> str:
    """Let somebody prove that it is them by `do`; a half session becomes a whole one. It has a new secret.

    What is wrong, as a sentence, where it is refused: that counts as a failed try, and is written down.
    """
    person, was_half = here.person, factors.is_half(here)
    try:
        with transaction():
            do()
            renew(here)
            if was_half:
                audit.record(actor=person.actor, verb=AccountAct.SIGN_IN, thing=person, changes={})
    except Refused as refused:
        note_failure(person.email, person, AccountAct.FAIL_SECOND_STEP)
        return str(refused)
    if was_half:
        _take(here, is_whole=True)
    return ""


def renew(here: BrowserSession) -> None:
    """Give a session another secret, after its person proved who they are: a cookie from before is worth nothing."""
    with transaction():
        here.secret = secrets.token_urlsafe(32)
        here.digest = digest(here.secret)
    session["_user_id"] = here.secret


def begin(
    person: Person, *, browser: str = rules.UNKNOWN_BROWSER, device: str = "", needs_proof: bool = False
) -> BrowserSession:
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
            needs_proof=needs_proof,
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
    if found := to_prove():
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
    """Lead to the sign-in page, or to the second step where that is what is missing; what was typed waits there."""
    if half_session() is not None:
        return answer_unproved(_error)
    if request.method in SAFE_METHODS:
        return redirect(url_for("accounts.sign_in", next=_address()))
    return sign_in_page(SignInForm(formdata=None), status=401, kept=_typed(), kept_for=_address())


def answer_unproved(_error: Exception) -> Response:
    """Lead to the second step; what was typed into a form waits there."""
    here = to_prove()
    if here is None or request.method in SAFE_METHODS:
        return redirect(url_for("accounts.second_step_asked", next=_address()))
    return second_step_page(here, SecondStepForm(formdata=None), status=401, kept=_typed(), kept_for=_address())


def second_step_page(
    here: BrowserSession, form: Form, *, status: int | None = None, kept: Typed, kept_for: str
) -> Response:
    """The page that asks for the second step, with what waits for the person."""
    page = render_template(
        "accounts/sessions/second_step.html",
        form=form,
        person_asked=here.person,
        is_again=not factors.is_half(here),
        passkey=factors.ask_for_passkey(here=here),
        has_app=app_of(here.person) is not None,
        kept=kept,
        kept_for=kept_for,
        next_path=next_path(),
    )
    return make_response(page, status or (422 if form.errors else 200))


def _typed() -> Typed:
    typed = [(f"{KEPT}{name}", value) for name, value in request.form.items(multi=True) if not _is_secret(name)]
    return typed[:MOST_FIELDS]


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
