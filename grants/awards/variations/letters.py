"""Who is told of a variation by mail, in the deed's own transaction: who approves it, the groups, and finance."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import select

from grants.accounts.models import Membership, Person, RoleGrant
from grants.accounts.rights import HOLDERS, Right
from grants.awards.models import Award, Level, Variation, VariationKind
from grants.foundation.records import outbox
from grants.foundation.records.db import db
from grants.foundation.records.office import the_office
from grants.foundation.web.addresses import public_address

from .contents import before_and_after, differences

PURPOSE = "variation"
"""The purpose of these messages in the outbox."""


def tell_begun(variation: Variation, award: Award, by: Person) -> None:
    """To whoever can approve it: that it waits."""
    right = Right.DECIDE_VARIATIONS if variation.level == Level.DECISION_MAKER else Right.APPROVE_VARIATIONS
    _write(
        variation,
        (person for person in _with_right(right) if person.id != by.id),
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
    office = [*_with_right(Right.PREPARE_PAYMENTS), *_with_right(Right.DECIDE_VARIATIONS)]
    _write(
        variation,
        [*_members(group_ids), *office],
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
        [*_members([after.organisation_id]), *_with_right(Right.PREPARE_PAYMENTS)],
        f"The change of grant {award.reference} is agreed",
        f"{after.organisation} agreed to the change {variation.reference} of its grant.",
        f"The fingerprint (SHA-256) of the new agreement is {variation.agreement_sha256}. You find it here:",
    )


def tell_ended(variation: Variation, award: Award) -> None:
    """To who began it: that it was refused, or taken back."""
    ended = "refused" if variation.why else "taken back"
    _write(
        variation,
        [db.session.get_one(Person, variation.begun_by_id)],
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


def _with_right(right: Right) -> list[Person]:
    holds = select(RoleGrant.person_id).where(RoleGrant.role.in_(sorted(HOLDERS[right])))
    return list(
        db.session.scalars(select(Person).where(Person.id.in_(holds), Person.disabled_at.is_(None)).order_by(Person.id))
    )


def _members(group_ids: Collection[int]) -> list[Person]:
    member = select(Membership.person_id).where(Membership.organisation_id.in_(group_ids))
    able = (Person.disabled_at.is_(None), Person.email_confirmed_at.is_not(None))
    return list(db.session.scalars(select(Person).where(Person.id.in_(member), *able).order_by(Person.id)))


def _write(variation: Variation, people: Iterable[Person], subject: str, *paragraphs: str) -> None:
    office = the_office()
    contact = ", ".join(part for part in (office.contact_email, office.contact_phone) if part)
    signature = "\n".join(part for part in (office.service, office.name, contact) if part)
    link = public_address("awards.variation", reference=variation.reference)
    for person in {person.id: person for person in people}.values():
        body = "\n\n".join([f"Hello {person.name},", *paragraphs, link, signature]) + "\n"
        outbox.queue(to=person.email, subject=subject, body=body, purpose=PURPOSE, about=f"award:{variation.award_id}")
