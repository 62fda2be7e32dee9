"""Who is signed in, and the doors that ask."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import abort, request
from flask_login import current_user
from werkzeug.wrappers import Response

from grants.foundation.records import audit
from grants.foundation.records.acts import Act
from grants.foundation.records.db import noting
from grants.foundation.values.words import count_characters

from . import queries, rules
from .models import BrowserSession, Organisation, Person
from .rights import GroupRight, Right

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
F = TypeVar("F", bound=Response)
Asked = Callable[[Person, T], object]
"""A rule about a person and a thing; what it answers is taken as yes or no."""

LONGEST_PATH = 2000


def session_or_none() -> BrowserSession | None:
    """The session in which somebody is signed in, or None."""
    found = current_user._get_current_object()
    return found if isinstance(found, BrowserSession) else None


def person_or_none() -> Person | None:
    """Who is signed in, or None."""
    found = session_or_none()
    return found.person if found is not None else None


def current_session() -> BrowserSession:
    """The session in which somebody is signed in. Somebody signed out is led to the sign-in page (401)."""
    found = session_or_none()
    return found if found is not None else abort(401)


def current_person() -> Person:
    """Who is signed in. Somebody signed out is led to the sign-in page (401)."""
    person = person_or_none()
    return person if person is not None else abort(401)


def signed_in(view: Callable[P, R]) -> Callable[P, R]:
    """A page for everybody with an account."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        current_person()
        return view(*args, **kwargs)

    return guarded


def needs(*rights: Right) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A page for people with one of these rights. To any other it is not there (404)."""

    def door(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if current_person().rights.isdisjoint(rights):
                abort(404)
            return view(*args, **kwargs)

        return guarded

    return door


GIVEN = frozenset({200, 206})
"""The answers that hold something of the file that was asked for."""


def hands_out(act: Act, *, kind: str, named: str = "") -> Callable[[Callable[P, F]], Callable[P, F]]:
    """A file that is not for everybody: that somebody took it stands in the audit trail before its first byte leaves.

    `kind` is the table of what it tells of, `named` the part of the address that names the one thing.
    """

    def door(view: Callable[P, F]) -> Callable[P, F]:
        @wraps(view)
        def noted(*args: P.args, **kwargs: P.kwargs) -> F:
            answer = view(*args, **kwargs)
            if answer.status_code in GIVEN and request.method != "HEAD":
                with noting():
                    reference = str(kwargs[named]).upper() if named else ""
                    audit.record(
                        actor=current_person().actor, verb=act, kind=kind, reference=reference, changes=_asked_of_file()
                    )
            return answer

        noted.__dict__["hands_out"] = act
        return noted

    return door


def _asked_of_file() -> audit.Changes:
    """What kind of file it is, and what of the list it holds."""
    asked = {name: value for name, value in request.args.items() if value}
    changes = {"file": ("", request.path.rpartition(".")[2])}
    return changes | {"selection": ("", asked)} if asked else changes


def there(thing: T | None, is_open: Callable[[T], object]) -> T:
    """What a URL names, where the rule opens it to whoever asks; else there is no such page (404)."""
    return thing if thing is not None and is_open(thing) else abort(404)


def allowed(thing: T | None, may: Asked[T], *also: Asked[T]) -> tuple[Person, T]:
    """The person who is signed in, and what a URL names, where each of the rules lets them; to any other it is not
    there (404).
    """
    person = current_person()
    return person, there(thing, lambda one: all(rule(person, one) for rule in (may, *also)))


def own_organisation(organisation_id: int, right: GroupRight | None = None) -> Organisation:
    """A group of the person, who may do this there; to any other it is not there (404)."""
    person, found = allowed(queries.organisation_of(current_person(), organisation_id), rules.can_see_organisation)
    refuse_without(right, person, organisation_id)
    return found


def others_can(right: GroupRight, person: Person, organisation_id: int) -> str:
    """Who can do this in a person's group, where they cannot, as sentences; nothing to anybody else."""
    ruling = rules.is_for(person, right, organisation_id, "")
    return f"{ruling.reason} {whom_to_ask(organisation_id)}" if ruling.reason else ""


def whom_to_ask(organisation_id: int) -> str:
    """Whom of a group its other members ask. One query."""
    owners = queries.owners_of(organisation_id)
    return f"Ask {' or '.join(owners)}." if owners else "It has no owner who can sign in: ask the office to name one."


def refuse_without(right: GroupRight | None, person: Person, organisation_id: int) -> None:
    """Tell a member of a group who may not do this there who can (403)."""
    if right is not None and (said := others_can(right, person, organisation_id)):
        abort(403, said)


def local_path(text: str | None) -> str:
    """The text where it is a path of this site, else nothing: a link never leads elsewhere after signing in.

    >>> local_path("/desk?page=2"), local_path("//evil.example"), local_path("https://evil.example")
    ('/desk?page=2', '', '')
    """
    if not text or count_characters(text) > LONGEST_PATH or not text.startswith("/") or text.startswith("//"):
        return ""
    if "\\" in text or any(ord(letter) <= 32 or ord(letter) == 127 for letter in text):
        return ""
    return text
