"""What the URLs of applications name, fetched through its owner: to anybody else it is not there."""

from __future__ import annotations

from grants.accounts.access import allowed, refuse_without
from grants.accounts.models import Person
from grants.accounts.rights import GroupRight, Right

from . import queries, rules
from .apart.rules import stands_apart, ties_of
from .models import Application


def readable(reference: str) -> tuple[Person, Application]:
    """The person and the application, where the person may read it; to any other it is not there."""
    return allowed(queries.with_parts(reference), rules.can_view)


def of_group(reference: str, right: GroupRight | None = None) -> tuple[Person, Application]:
    """The person and the application of one of their groups, in which they may do this; else it is not there."""
    person, found = allowed(queries.with_parts(reference), rules.can_view, rules.is_member)
    refuse_without(right, person, found.organisation_id)
    return person, found


def of_others(reference: str) -> tuple[Person, Application]:
    """The officer and an application that they may ask about: it is not of their own groups."""
    return allowed(queries.with_parts(reference), rules.can_view, _may_ask)


def _may_ask(person: Person, application: Application) -> bool:
    return person.may(Right.ASK_APPLICANTS) and bool(stands_apart(person, ties_of(application)))
