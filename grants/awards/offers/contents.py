"""The agreement that comes of an accepted offer: frozen as canonical JSON under its SHA-256, and as a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from grants.accounts.models import Organisation
from grants.awards.models import Agreement, Award, AwardSnapshot, Offer
from grants.foundation.documents.pdf import (
    in_words,
    letterhead,
    printable,
    refuse_unprintable,
    typst_pdf,
    unprintable,
)
from grants.foundation.records import audit
from grants.foundation.records.db import db
from grants.foundation.records.frozen import Content, Kind
from grants.foundation.records.office import the_office
from grants.foundation.values.days import long_date
from grants.foundation.values.money import Pence, pounds_exact
from grants.foundation.web.pages import instant

AGREEMENT: Kind[Content] = Kind("agreement", form=1)


def freeze(award: Award, snapshot: AwardSnapshot, offer: Offer) -> Agreement:
    """The agreement of an offer that was accepted, to be stored: everything that its document says.

    `amount_pence` and what ends in `_at` (UTC) is for machines; `facts` and `signature` say it as people read it.
    """
    assert offer.answered_at is not None  # noqa: S101 - it was accepted
    assert offer.answered_by_id is not None  # noqa: S101 - a CHECK holds it
    text, digest = freeze_terms(
        award,
        snapshot,
        offer,
        Signature(offer.answered_at, offer.answered_by_id, offer.signatory_name, offer.signatory_position),
        title=f"Grant agreement {award.reference}",
        amount=offer.amount_pence,
        conditions=offer.conditions,
    )
    return Agreement(offer_id=offer.id, content=text, sha256=digest, agreed_at=offer.answered_at)


@dataclass(frozen=True)
class Signature:
    """Who agreed for a group, and when (UTC)."""

    at: datetime
    person_id: int
    name: str
    position: str


def freeze_terms(
    award: Award,
    snapshot: AwardSnapshot,
    offer: Offer,
    signed: Signature,
    *,
    title: str,
    amount: Pence,
    conditions: str,
    more: Sequence[tuple[str, str]] = (),
) -> tuple[str, str]:
    """The canonical JSON of an agreement to what the snapshot says, and its SHA-256. The amount is in pence.

    `more` are facts that this agreement has beside those of every one. Raises Unprintable.
    """
    group = db.session.get_one(Organisation, snapshot.organisation_id)
    content: Content = printable(
        {
            "title": title,
            "reference": award.reference,
            "office": letterhead(the_office()),
            "facts": [
                [term, words] for term, words in [*_facts(award, snapshot, offer, group, amount), *more] if words
            ],
            "purpose": snapshot.purpose,
            "conditions": conditions,
            "terms": offer.terms,
            "signature": [
                ["Accepted for", group.name],
                ["By", signed.name],
                ["Position", signed.position],
                ["Accepted at", instant(signed.at, zone=True)],
            ],
            "amount_pence": amount,
            "offered_at": audit.as_text(offer.made_at),
            "accepted_at": audit.as_text(signed.at),
            "accepted_by": signed.person_id,
        }
    )
    refuse_unprintable(content)
    return AGREEMENT.freeze(content)


def cannot_be_printed(snapshot: AwardSnapshot, offer: Offer) -> str:
    """What to say to a group whose agreement would hold letters that no font of ours has, or nothing."""
    words = [snapshot.organisation_name, snapshot.title, snapshot.purpose, offer.conditions, offer.terms]
    missing = unprintable("\n".join(words))
    return in_words(missing) if missing else ""


def _facts(
    award: Award, snapshot: AwardSnapshot, offer: Offer, group: Organisation, amount: Pence
) -> list[tuple[str, str]]:
    decision, office = award.decision, the_office()
    numbers = [("charity", group.charity_number), ("company", group.company_number)]
    return [
        ("Grant", pounds_exact(amount)),
        ("To", group.name),
        ("Numbers", ", ".join(f"{what} {number}" for what, number in numbers if number)),
        ("Project", snapshot.title),
        ("First day", long_date(snapshot.starts_on) if snapshot.starts_on else ""),
        ("Last day", long_date(snapshot.ends_on) if snapshot.ends_on else ""),
        ("Fund", ", ".join(part for part in (award.fund.name, snapshot.round_code) if part)),
        ("From", office.name),
        ("Decided by", decision.decision_maker if decision else office.decision_maker),
        ("Decision", f"{decision.reference}, {instant(decision.decided_at)}" if decision else ""),
        ("Legal power", decision.legal_power if decision else office.legal_power),
        ("Offered at", instant(offer.made_at, zone=True)),
    ]


def agreement_pdf(agreement: Agreement) -> bytes:
    """The agreement as a document, the same bytes each time. The SHA-256 in its foot is the agreement's own."""
    return pdf_of(agreement.content)


def pdf_of(content: str) -> bytes:
    """An agreement as a document, from what was frozen. Raises UnknownForm."""
    return typst_pdf("agreement", AGREEMENT.read(content))


def content_of(agreement: Agreement) -> Content:
    """What was agreed, as it was frozen. Raises UnknownForm."""
    return AGREEMENT.read(agreement.content)


@AGREEMENT.reader(1)
def _first_form(content: Content) -> Content:
    return content
