"""Named reads of offers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import joinedload

from grants.accounts.models import Person
from grants.accounts.rights import GroupRight
from grants.applications.apart.rules import Ties
from grants.applications.models import Bar
from grants.awards.around.queries import apart_from, around
from grants.awards.models import (
    Agreement,
    Award,
    AwardSnapshot,
    AwardStatus,
    Offer,
    OfferStatus,
    Variation,
    VariationStatus,
)
from grants.foundation.records.db import db

from .contents import content_of


@dataclass(frozen=True)
class OfferCase:
    """An award with its latest offer and, where that was accepted, the agreement."""

    award: Award
    snapshot: AwardSnapshot
    offer: Offer
    agreement: Agreement | None
    is_varied: bool
    ties: Ties

    @property
    def accepted_for(self) -> str:
        """The group that the agreement names, which another may have taken over since."""
        return dict(content_of(self.agreement)["signature"])["Accepted for"] if self.agreement else ""

    @property
    def status(self) -> AwardStatus:
        """Where the award is in its life."""
        return AwardStatus(self.award.status)


def offer_case(person: Person, reference: str) -> OfferCase | None:
    """What was offered under a reference, unless the person declared an interest in its application. Two queries."""
    row = db.session.execute(
        select(Award, AwardSnapshot, Offer, Agreement, _varied())
        .join(AwardSnapshot, AwardSnapshot.award_id == Award.id)
        .join(Offer, Offer.award_id == Award.id)
        .outerjoin(Agreement, Agreement.offer_id == Offer.id)
        .where(Award.reference == reference, _not_barred(person))
        .order_by(Offer.id.desc())
        .limit(1)
        .options(joinedload(Award.round), joinedload(Award.fund), joinedload(Award.decision))
    ).first()
    return OfferCase(*row, ties=around([row[0].id])[row[0].id].ties) if row else None


def offers_of(person: Person) -> Select[*tuple[Any, ...]]:
    """The offers that wait for the person's groups. Order and number are the caller's."""
    return _open_offers(AwardSnapshot.organisation_id.in_(sorted(person.groups_where(GroupRight.ANSWER_OFFERS))))


def offers_ending(person: Person, *, by: datetime | ColumnElement[datetime]) -> Select[*tuple[Any, ...]]:
    """The offers that end by an instant, or have, that an officer deals with. Order and number are the caller's."""
    return _open_offers(Offer.expires_at <= by, *apart_from(person))


def _open_offers(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    found: Select[*tuple[Any, ...]] = (
        select(
            Offer.id,
            Award.reference,
            AwardSnapshot.title,
            AwardSnapshot.organisation_name,
            Offer.amount_pence,
            Offer.expires_at,
        )
        .join(Award, Award.id == Offer.award_id)
        .join(AwardSnapshot, AwardSnapshot.award_id == Offer.award_id)
        .where(Offer.status == OfferStatus.MADE, *conditions)
    )
    return found


def _varied() -> ColumnElement[bool]:
    return exists().where(Variation.award_id == Award.id, Variation.status == VariationStatus.IN_FORCE)


def _not_barred(person: Person) -> ColumnElement[bool]:
    barred = select(Bar.application_id).where(Bar.person_id == person.id)
    return Award.application_id.is_(None) | Award.application_id.not_in(barred)
