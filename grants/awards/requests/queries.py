"""Named reads of requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload

from grants.accounts.models import Person
from grants.awards.around.queries import apart_from, around
from grants.awards.models import Award, AwardSnapshot, RequestStatus, VariationRequest
from grants.awards.rules import Around
from grants.foundation.records.db import db


@dataclass(frozen=True)
class RequestCase:
    """An award as its group asks for a change of it, with who is around it, and one of its requests or none."""

    award: Award
    snapshot: AwardSnapshot
    around: Around
    request: VariationRequest | None = None


def award_case(reference: str) -> RequestCase | None:
    """An award by its reference. Two queries."""
    row = db.session.execute(
        select(Award, AwardSnapshot)
        .join(AwardSnapshot, AwardSnapshot.award_id == Award.id)
        .where(Award.reference == reference.upper(), Award.decision_id.is_not(None))
    ).first()
    return RequestCase(row[0], row[1], around([row[0].id])[row[0].id]) if row else None


def request_case(number: int) -> RequestCase | None:
    """A request by its number, with its award. Two queries."""
    row = db.session.execute(
        select(VariationRequest, AwardSnapshot)
        .join(VariationRequest.award)
        .join(AwardSnapshot, AwardSnapshot.award_id == VariationRequest.award_id)
        .where(VariationRequest.id == number)
        .options(contains_eager(VariationRequest.award), joinedload(VariationRequest.asked_by))
    ).first()
    if row is None:
        return None
    request, snapshot = row
    return RequestCase(request.award, snapshot, around([request.award_id])[request.award_id], request)


def open_request(award_id: int) -> VariationRequest | None:
    """The request of an award that waits for an answer. One query."""
    return db.session.scalars(
        select(VariationRequest).where(
            VariationRequest.award_id == award_id, VariationRequest.status == RequestStatus.OPEN
        )
    ).first()


def request_of(number: str | None, award_id: int) -> VariationRequest | None:
    """The request of an award that a form names and that waits for an answer, or None."""
    found = open_request(award_id) if number else None
    return found if found and str(found.id) == number else None


def answered_by(variation_id: int) -> VariationRequest | None:
    """What the group asked for, for which a variation was begun, or None. One query."""
    return db.session.scalars(select(VariationRequest).where(VariationRequest.variation_id == variation_id)).first()


def requests_of(award_id: int) -> Sequence[VariationRequest]:
    """Every request of an award with its answer, the newest first. One query."""
    return db.session.scalars(
        select(VariationRequest)
        .where(VariationRequest.award_id == award_id)
        .options(
            joinedload(VariationRequest.asked_by),
            joinedload(VariationRequest.answered_by),
            joinedload(VariationRequest.variation),
        )
        .order_by(VariationRequest.id.desc())
    ).all()


def waiting(person: Person) -> Select[*tuple[Any, ...]]:
    """The requests that this officer may answer, as rows for a desk. Order and number are the caller's."""
    found: Select[*tuple[Any, ...]] = (
        select(
            VariationRequest.id,
            AwardSnapshot.reference,
            AwardSnapshot.title,
            AwardSnapshot.organisation_name,
            VariationRequest.asked_at,
        )
        .join(AwardSnapshot, AwardSnapshot.award_id == VariationRequest.award_id)
        .where(VariationRequest.status == RequestStatus.OPEN, *apart_from(person))
    )
    return found
