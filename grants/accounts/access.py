"""Who is signed in, and the doors that ask."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import abort
from flask_login import current_user

from grants.foundation.values.words import count_characters

from . import queries, rules
from .models import Organisation, Person
from .rights import Right

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
Asked = Callable[[Person, T], object]
"""A rule about a person and a thing; what it answers is taken as yes or no."""

LONGEST_PATH = 2000


def person_or_none() -> Person | None:
    """Who is signed in, or None."""
    person = current_user._get_current_object()
    return person if isinstance(person, Person) else None


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


def there(thing: T | None, is_open: Callable[[T], object]) -> T:
    """What a URL names, where the rule opens it to whoever asks; else there is no such page (404)."""
    return thing if thing is not None and is_open(thing) else abort(404)


def allowed(thing: T | None, may: Asked[T], *also: Asked[T]) -> tuple[Person, T]:
    """The person who is signed in, and what a URL names, where each of the rules lets them; to any other it is not
    there (404).
    """
    person = current_person()
    return person, there(thing, lambda one: all(rule(person, one) for rule in (may, *also)))


def own_organisation(organisation_id: int) -> Organisation:
    """A group of the person; to any other it is not there (404)."""
    return allowed(queries.organisation_of(current_person(), organisation_id), rules.can_see_organisation)[1]


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
