"""What the URLs of review name: to somebody who does not stand apart from it, it is not there."""

from __future__ import annotations

from grants.accounts.access import allowed, current_person, there
from grants.accounts.models import Person
from grants.foundation.records.lifecycle import Ruling
from grants.funds.models import Round
from grants.funds.queries import round_by_slug
from grants.funds.rules import is_public

from . import queries, rules
from .queries import ReviewCase


def case_of(reference: str) -> tuple[Person, ReviewCase]:
    """The person and the application, where the person stands apart from it; to any other it is not there."""
    return allowed(queries.case(current_person(), reference), _stands_apart)


def bid_of(reference: str) -> tuple[Person, ReviewCase]:
    """The same, where the person declared that they have no interest and scores it."""
    return allowed(queries.case(current_person(), reference), _stands_apart, _scores)


def _stands_apart(person: Person, case: ReviewCase) -> Ruling:
    return rules.stands_apart(person, case.application)


def _scores(person: Person, case: ReviewCase) -> Ruling:
    return rules.can_read(person, case.application, case.sheet)


def round_of(slug: str) -> tuple[Person, Round]:
    """The person and the round; one that is still being prepared has nothing to review."""
    return current_person(), there(round_by_slug(slug), is_public)
