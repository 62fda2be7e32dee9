"""What the URLs of review name: to somebody who does not stand apart from it, it is not there."""

from __future__ import annotations

from flask import abort

from grants.accounts.access import current_person
from grants.accounts.models import Person
from grants.funds.models import Round, RoundStatus
from grants.funds.queries import round_by_slug

from . import queries, rules
from .queries import ReviewCase


def case_of(reference: str) -> tuple[Person, ReviewCase]:
    """The person and the application, where the person stands apart from it; to any other it is not there."""
    person = current_person()
    case = queries.case(person, reference)
    if case is None or not rules.stands_apart(person, case.application):
        abort(404)
    return person, case


def round_of(slug: str) -> tuple[Person, Round]:
    """The person and the round; one that is still being prepared has nothing to review."""
    found = round_by_slug(slug)
    if found is None or found.status == RoundStatus.DRAFT:
        abort(404)
    return current_person(), found
