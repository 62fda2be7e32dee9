"""Who is told of a variation by mail, in the deed's own transaction: who approves it, the groups, and finance."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from grants.accounts.models import Person
from grants.accounts.queries import members_of
from grants.accounts.rights import Right
from grants.awards.letters import with_right, write_to
from grants.awards.models import Award, Level, Variation, VariationKind
from grants.awards.requests.queries import answered_by
from grants.foundation.records.db import db
from grants.foundation.web.addresses import public_address

from .contents import before_and_after, differences

PURPOSE = "variation"
"""The purpose of these messages in the outbox."""


def tell_begun(variation: Variation, award: Award, by: Person) -> None:
    """To whoever can approve it: that it waits."""
    right = Right.DECIDE_VARIATIONS if variation.level == Level.DECISION_MAKER else Right.APPROVE_VARIATIONS
    _write(
        variation,
        (person for person in with_right(right) if person.id != by.id),
        f"A variation of {award.reference} waits for approval",
        f"{by.name} began a variation of award {award.reference}.",
        *_what(variation),
        f"The reason: {variation.reason}",
        "Read it, and approve or refuse it here:",
    )


def tell_in_force(variation: Variation, award: Award, group_ids: Collection[int]) -> None:
    """To everybody of the groups, to finance and to the decision maker: what is changed, and what comes next."""
    more = (
        ["Before we pay anything more, the group has to agree to this. Sign in and open this page:"]
        if variation.needs_agreement
        else ["You find it here:"]
    )
    office = [*with_right(Right.PREPARE_PAYMENTS), *with_right(Right.DECIDE_VARIATIONS)]
    _write(
        variation,
        [*members_of(*group_ids), *office],
        f"The grant {award.reference} is changed",
        f"The grant {award.reference} is changed from today on.",
        *_what(variation),
        f"The reason: {variation.reason}",
        *more,
    )


def tell_agreed(variation: Variation, award: Award) -> None:
    """To the group that agreed, and to finance, which can pay again."""
    _before, after = before_and_after(variation)
    _write(
        variation,
        [*members_of(after.organisation_id), *with_right(Right.PREPARE_PAYMENTS)],
        f"The change of grant {award.reference} is agreed",
        f"{after.organisation} agreed to the change {variation.reference} of its grant.",
        f"The fingerprint (SHA-256) of the new agreement is {variation.agreement_sha256}. You find it here:",
    )


def tell_ended(variation: Variation, award: Award) -> None:
    """To who began it, and to the group that asked for it: that it was refused, or taken back."""
    ended = "refused" if variation.why else "taken back"
    before, _after = before_and_after(variation)
    asked = members_of(before.organisation_id) if answered_by(variation.id) else []
    _write(
        variation,
        [db.session.get_one(Person, variation.begun_by_id), *asked],
        f"The variation of {award.reference} was {ended}",
        f"The variation {variation.reference} was {ended}.",
        *([f"The reason: {variation.why}"] if variation.why else []),
        "You find it here:",
    )


def _what(variation: Variation) -> list[str]:
    kind = VariationKind(variation.kind)
    if kind != VariationKind.CHANGE:
        return [f"{kind.label}."]
    return ["\n".join(f"{what}: {now}\n(was: {was})" for what, was, now in differences(*before_and_after(variation)))]


def _write(variation: Variation, people: Iterable[Person], subject: str, *paragraphs: str) -> None:
    link = public_address("awards.variation", reference=variation.reference)
    write_to(people, subject, *paragraphs, link, purpose=PURPOSE, award_id=variation.award_id)
