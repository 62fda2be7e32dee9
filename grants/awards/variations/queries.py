"""Named reads of variations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ScalarSelect, Select, select
from sqlalchemy.orm import contains_eager, joinedload

from grants.accounts.models import Person
from grants.accounts.rights import GroupRight, Right
from grants.applications.contents import BidLine
from grants.applications.models import Submission
from grants.awards.around.queries import apart_from, around
from grants.awards.models import (
    Award,
    AwardSnapshot,
    DecisionNotice,
    Level,
    NoticeDecision,
    Variation,
    VariationKind,
    VariationStatus,
)
from grants.awards.rules import Around
from grants.foundation.records.db import db

from . import contents


@dataclass(frozen=True)
class VariationCase:
    """An award with who is around it, and one of its variations or none."""

    award: Award
    snapshot: AwardSnapshot
    around: Around
    variation: Variation | None


def award_case(reference: str) -> VariationCase | None:
    """An award by its reference, as its variations ask for it. Two queries."""
    row = db.session.execute(
        select(Award, AwardSnapshot)
        .join(AwardSnapshot, AwardSnapshot.award_id == Award.id)
        .where(Award.reference == reference.upper())
        .options(joinedload(Award.decision), joinedload(Award.round))
    ).first()
    return VariationCase(row[0], row[1], around([row[0].id])[row[0].id], None) if row else None


def variation_case(reference: str) -> VariationCase | None:
    """A variation by its reference, like SCF-21-0003-V1, with its award and people. Two queries."""
    row = db.session.execute(
        select(Variation, AwardSnapshot)
        .join(Variation.award)
        .join(AwardSnapshot, AwardSnapshot.award_id == Variation.award_id)
        .where(Variation.reference == reference.upper())
        .options(
            contains_eager(Variation.award),
            joinedload(Variation.begun_by),
            joinedload(Variation.judged_by),
            joinedload(Variation.agreed_by),
        )
    ).first()
    if row is None:
        return None
    variation, snapshot = row
    return VariationCase(variation.award, snapshot, around([variation.award_id])[variation.award_id], variation)


@dataclass(frozen=True)
class PublicVariation:
    """A variation with what it changes: the award, and the notice that published it ("" where there is none)."""

    variation: Variation
    award: str
    title: str
    notice: str


def public_variation(reference: str) -> PublicVariation | None:
    """A variation by its reference, as the public reads it once it is in force. One query."""
    row = db.session.execute(
        select(Variation, Award.reference, AwardSnapshot.title, DecisionNotice.reference)
        .join(Award, Award.id == Variation.award_id)
        .join(AwardSnapshot, AwardSnapshot.award_id == Award.id)
        .outerjoin(NoticeDecision, NoticeDecision.decision_id == Award.decision_id)
        .outerjoin(DecisionNotice, DecisionNotice.id == NoticeDecision.notice_id)
        .where(Variation.reference == reference.upper())
        .order_by(DecisionNotice.id.desc())
        .limit(1)
    ).first()
    return PublicVariation(row[0], row[1], row[2], row[3] or "") if row else None


def variations_of(award_id: int) -> Sequence[Variation]:
    """Every variation of an award, the newest first. One query."""
    return db.session.scalars(
        select(Variation)
        .where(Variation.award_id == award_id)
        .options(joinedload(Variation.begun_by))
        .order_by(Variation.number.desc())
    ).all()


def change_in_force() -> ScalarSelect[str]:
    """What the last change of an `Award` that is in force froze, which holds its terms; NULL where nothing changed."""
    return (
        select(Variation.content)
        .where(
            Variation.award_id == Award.id,
            Variation.status == VariationStatus.IN_FORCE,
            Variation.kind == VariationKind.CHANGE,
        )
        .order_by(Variation.number.desc())
        .limit(1)
        .correlate(Award)
        .scalar_subquery()
    )


def budget_of(award_id: int) -> tuple[BidLine, ...]:
    """What an award that was decided here is to be spent on, as it holds now. One query."""
    row = db.session.execute(_bid_of(award_id).add_columns(change_in_force())).one()
    return contents.budget_of(row[0], row[1])


def budget_of_bid(award_id: int) -> tuple[BidLine, ...]:
    """What the bid of an award that was decided here asked for. One query."""
    return contents.budget_of(db.session.scalars(_bid_of(award_id)).one(), None)


def _bid_of(award_id: int) -> Select[Submission]:
    return select(Submission).join(Award, Award.application_id == Submission.application_id).where(Award.id == award_id)


Found = Select[*tuple[Any, ...]]


ORDER = ((Variation.id, True),)


def listed(status: VariationStatus | None = None) -> Select[Variation]:
    """The variations of all awards, of a status where one is given, with who began them. Order is the caller's."""
    found = select(Variation).options(joinedload(Variation.award), joinedload(Variation.begun_by))
    return found.where(Variation.status == status) if status else found


def waiting_for(person: Person) -> Found:
    """The variations that this person may approve, as rows for a desk. Order and number are the caller's."""
    levels = [
        level
        for level, right in (
            (Level.OFFICER, Right.APPROVE_VARIATIONS),
            (Level.DECISION_MAKER, Right.DECIDE_VARIATIONS),
        )
        if person.may(right)
    ]
    return _listed().where(
        Variation.status == VariationStatus.WAITING,
        Variation.level.in_(levels),
        Variation.begun_by_id != person.id,
        *apart_from(person),
    )


def to_be_agreed(person: Person) -> Found:
    """The variations that wait for the person's groups to agree. Order and number are the caller's."""
    return _listed().where(
        Variation.needs_agreement,
        Variation.agreed_at.is_(None),
        AwardSnapshot.is_project,
        AwardSnapshot.organisation_id.in_(sorted(person.groups_where(GroupRight.AGREE_TO_VARIATIONS))),
    )


def _listed() -> Found:
    found: Found = select(
        Variation.id,
        Variation.reference,
        AwardSnapshot.title,
        AwardSnapshot.organisation_name,
        Variation.begun_at,
    ).join(AwardSnapshot, AwardSnapshot.award_id == Variation.award_id)
    return found
