"""What the URLs of requests name, fetched through its owner: to anybody else it is not there."""

from __future__ import annotations

from grants.accounts.access import allowed, refuse_without
from grants.accounts.models import Person
from grants.accounts.rights import GroupRight, Right
from grants.applications.apart.rules import stands_apart
from grants.awards.models import VariationRequest

from . import queries
from .queries import RequestCase


def own_award(reference: str) -> tuple[Person, RequestCase]:
    """The person and an award that their group holds, for which they may ask."""
    return _who_may_ask(*allowed(queries.award_case(reference), _is_own))


def own_request(number: int) -> tuple[Person, RequestCase, VariationRequest]:
    """The person and a request of a group of theirs."""
    return _with_request(*_who_may_ask(*allowed(queries.request_case(number), _is_own)))


def request_to_answer(number: int) -> tuple[Person, RequestCase, VariationRequest]:
    """The officer and a request of an award that they have no tie to."""
    return _with_request(*allowed(queries.request_case(number), _answers))


def _who_may_ask(person: Person, case: RequestCase) -> tuple[Person, RequestCase]:
    refuse_without(GroupRight.ASK_FOR_VARIATIONS, person, case.around.group_id)
    return person, case


def _with_request(person: Person, case: RequestCase) -> tuple[Person, RequestCase, VariationRequest]:
    assert case.request is not None  # noqa: S101 - it was asked for by its number
    return person, case, case.request


def _is_own(person: Person, case: RequestCase) -> bool:
    return case.around.group_id in person.organisation_ids


def _answers(person: Person, case: RequestCase) -> bool:
    return person.may(Right.BEGIN_VARIATIONS) and bool(stands_apart(person, case.around.ties))
