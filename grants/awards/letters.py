"""What a group is told of its offer by mail, in the deed's own transaction: every member reads the same."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from grants.accounts.models import Person, RoleGrant
from grants.accounts.queries import members_of
from grants.accounts.rights import HOLDERS, Right
from grants.foundation.records import outbox
from grants.foundation.records.db import db
from grants.foundation.values.money import pounds
from grants.foundation.web.addresses import public_address
from grants.foundation.web.pages import deadline, instant

from .ledger.operations import Ledger
from .models import Agreement, Offer

PURPOSE = "offer"
"""The purpose of these messages in the outbox."""


def tell_offered(ledger: Ledger, offer: Offer) -> None:
    """That the award is offered again."""
    _tell(
        ledger,
        f"Your offer of {pounds(offer.amount_pence)}, {ledger.award.reference}",
        f"We offer {_group(ledger)} a grant of {pounds(offer.amount_pence)} for “{ledger.snapshot.title}” again.",
        f"Please accept or decline it by {deadline(offer.expires_at, zone=True)}:",
        _link(ledger),
    )


def tell_extended(ledger: Ledger, offer: Offer) -> None:
    """That there is more time to accept."""
    _tell(
        ledger,
        f"More time to accept your grant {ledger.award.reference}",
        f"{_group(ledger)} now has until {deadline(offer.expires_at, zone=True)} to accept its grant of "
        f"{pounds(offer.amount_pence)} for “{ledger.snapshot.title}”:",
        _link(ledger),
    )


def tell_accepted(ledger: Ledger, offer: Offer, agreement: Agreement) -> None:
    """That the grant is accepted, and what comes next."""
    _tell(
        ledger,
        f"You have accepted your grant {ledger.award.reference}",
        f"Thank you. {offer.signatory_name} accepted the grant of {pounds(offer.amount_pence)} for "
        f"“{ledger.snapshot.title}” at {instant(agreement.agreed_at, zone=True)}, for {_group(ledger)}.",
        "Next, we need the bank details of your group, unless we have them already. This page says how, and holds "
        "your agreement:",
        _link(ledger),
        f"The fingerprint (SHA-256) of your agreement is {agreement.sha256}.",
    )


def tell_declined(ledger: Ledger) -> None:
    """That the group has declined."""
    _tell(
        ledger,
        f"You have declined your grant {ledger.award.reference}",
        f"{_group(ledger)} has declined its grant for “{ledger.snapshot.title}”, so nothing is paid and there is "
        "nothing more to do.",
        "If that is a mistake, write to us at once.",
    )


def tell_lapsed(ledger: Ledger, offer: Offer) -> None:
    """That the offer has lapsed."""
    _tell(
        ledger,
        f"Your offer has lapsed, {ledger.award.reference}",
        f"We offered {_group(ledger)} a grant of {pounds(offer.amount_pence)} for “{ledger.snapshot.title}”. It was to "
        f"be accepted by {deadline(offer.expires_at, zone=True)}, and we have not heard from you. "
        "So the offer has lapsed, and the money goes back to the fund.",
        "If you still want the grant, write to us.",
    )


def tell_withdrawn(ledger: Ledger) -> None:
    """That the office has withdrawn the award. Offers that were not sent yet are not sent any more."""
    outbox.void(about=f"award:{ledger.award.id}", purpose=PURPOSE)
    _tell(
        ledger,
        f"Your grant is withdrawn, {ledger.award.reference}",
        f"We have withdrawn the grant to {_group(ledger)} for “{ledger.snapshot.title}”. The reason is:",
        ledger.reason,
        "If you have questions, or think that this is wrong, write to us.",
    )


def _tell(ledger: Ledger, subject: str, *paragraphs: str) -> None:
    people = members_of(ledger.snapshot.organisation_id)
    write_to(people, subject, *paragraphs, purpose=PURPOSE, award_id=ledger.award.id)


def with_right(right: Right) -> list[Person]:
    """Everybody with a right whose account is open."""
    holds = select(RoleGrant.person_id).where(RoleGrant.role.in_(sorted(HOLDERS[right])))
    return list(
        db.session.scalars(select(Person).where(Person.id.in_(holds), Person.disabled_at.is_(None)).order_by(Person.id))
    )


def write_to(people: Iterable[Person], subject: str, *paragraphs: str, purpose: str, award_id: int) -> None:
    """Queue a mail about an award to each of these people, once."""
    for person in {person.id: person for person in people}.values():
        body = "\n\n".join([f"Hello {person.name},", *paragraphs]) + "\n"
        outbox.queue(to=person.email, subject=subject, body=body, purpose=purpose, about=f"award:{award_id}")


def _group(ledger: Ledger) -> str:
    return ledger.snapshot.organisation_name


def _link(ledger: Ledger) -> str:
    return public_address("awards.offer", reference=ledger.award.reference)
