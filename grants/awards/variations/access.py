"""What the URLs of variations name, fetched through its owner: to anybody else it is not there."""

from __future__ import annotations

from grants.accounts.access import allowed, refuse_without
from grants.accounts.models import Person
from grants.accounts.rights import GroupRight
from grants.awards.models import Variation
from grants.foundation.records.lifecycle import Ruling

from . import queries, rules
from .queries import VariationCase


def award_of(reference: str) -> tuple[Person, VariationCase]:
    """The person and the award, where the person may read its variations; to any other it is not there."""
    return allowed(queries.award_case(reference), _can_read)


def variable(reference: str) -> tuple[Person, VariationCase]:
    """The officer and an award that they may vary."""
    return allowed(queries.award_case(reference), _can_begin)


def variation_of(reference: str) -> tuple[Person, VariationCase, Variation]:
    """The person, the award and a variation of it, where the person may read it."""
    person, case = allowed(queries.variation_case(reference), _can_read)
    assert case.variation is not None  # noqa: S101 - it was asked for by its reference
    return person, case, case.variation


def of_group(reference: str) -> tuple[Person, VariationCase, Variation]:
    """The person and a variation of an award that their group holds, who may agree to it."""
    person, case = allowed(queries.variation_case(reference), _is_own)
    refuse_without(GroupRight.AGREE_TO_VARIATIONS, person, case.around.group_id)
    assert case.variation is not None  # noqa: S101 - it was asked for by its reference
    return person, case, case.variation


def _is_own(person: Person, case: VariationCase) -> bool:
    return case.around.group_id in person.organisation_ids


def _can_read(person: Person, case: VariationCase) -> Ruling:
    return rules.can_read(person, case.around)


def _can_begin(person: Person, case: VariationCase) -> Ruling:
    return rules.can_begin(person, case.around, decided_here=case.award.is_paid_here)
