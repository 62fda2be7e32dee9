"""What the URLs of applications name, fetched through its owner: to anybody else it is not there."""

from __future__ import annotations

from grants.accounts.access import allowed
from grants.accounts.models import Person
from grants.accounts.rights import Right

from . import queries, rules
from .apart.rules import stands_apart, ties_of
from .models import Application


def readable(reference: str) -> tuple[Person, Application]:
    """The person and the application, where the person may read it; to any other it is not there."""
    return allowed(queries.with_parts(reference), rules.can_view)


def of_group(reference: str) -> tuple[Person, Application]:
    """The person and the application of one of their groups; to any other it is not there."""
    return allowed(queries.with_parts(reference), rules.can_view, rules.is_member)


def of_others(reference: str) -> tuple[Person, Application]:
    """The officer and an application that they may ask about: it is not of their own groups."""
    return allowed(queries.with_parts(reference), rules.can_view, _may_ask)


def _may_ask(person: Person, application: Application) -> bool:
    return person.may(Right.ASK_APPLICANTS) and bool(stands_apart(person, ties_of(application)))
