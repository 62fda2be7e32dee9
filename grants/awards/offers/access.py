"""What the URLs of offers name, fetched through its owner: to anybody else it is not there."""

from __future__ import annotations

from grants.accounts.access import allowed, current_person, refuse_without
from grants.accounts.models import Person
from grants.accounts.rights import GroupRight, Right
from grants.applications.apart.rules import stands_apart
from grants.foundation.records.lifecycle import Ruling

from .queries import OfferCase, offer_case
from .rules import can_read_offer


def readable(reference: str) -> tuple[Person, OfferCase]:
    """The person and the offer, where the person may read it; to any other it is not there."""
    return allowed(offer_case(current_person(), reference), _can_read)


def of_group(reference: str, right: GroupRight | None = None) -> tuple[Person, OfferCase]:
    """The person and the offer of one of their groups, in which they may do this; to any other it is not there."""
    person, case = allowed(offer_case(current_person(), reference), _can_read, is_own)
    refuse_without(right, person, case.snapshot.organisation_id)
    return person, case


def of_office(reference: str) -> tuple[Person, OfferCase]:
    """The officer and an offer that is not of their own groups; to any other it is not there."""
    return allowed(offer_case(current_person(), reference), _can_read, _manages)


def is_own(person: Person, case: OfferCase) -> bool:
    """Whether the person belongs to the group that it is made to."""
    return case.snapshot.organisation_id in person.organisation_ids


def _can_read(person: Person, case: OfferCase) -> Ruling:
    return can_read_offer(person, {case.snapshot.organisation_id, case.award.organisation_id})


def _manages(person: Person, case: OfferCase) -> bool:
    return person.may(Right.MANAGE_OFFERS) and bool(stands_apart(person, case.ties))
