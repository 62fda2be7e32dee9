"""What the URLs of applications name, fetched through its owner: to anybody else it is not there."""

from __future__ import annotations

from datetime import datetime

from flask import abort, g

from grants.accounts.access import current_person
from grants.accounts.models import Person

from . import queries, rules
from .models import Application


def arrived() -> datetime:
    """When the application received this request (UTC): a deadline is held against it."""
    at: datetime = g.arrived_at
    return at


def readable(reference: str) -> tuple[Person, Application]:
    """The person and the application, where the person may read it; to any other it is not there."""
    person = current_person()
    application = queries.with_parts(reference)
    if application is None or not rules.can_view(person, application):
        abort(404)
    return person, application


def of_group(reference: str) -> tuple[Person, Application]:
    """The person and the application of one of their groups; to any other it is not there."""
    person, application = readable(reference)
    if not rules.is_member(person, application):
        abort(404)
    return person, application
