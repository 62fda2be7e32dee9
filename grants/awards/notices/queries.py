"""What waits to be signed, and the notices that were."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ScalarSelect, Select, case, cast, func, select
from sqlalchemy.orm import contains_eager, joinedload

from grants.accounts.models import Person
from grants.applications.apart.rules import GrantStep
from grants.applications.models import Application, ApplicationStatus, Submission
from grants.applications.queries import not_own
from grants.awards.models import (
    MOST_IN_NOTICE,
    Award,
    AwardSnapshot,
    Decision,
    DecisionNotice,
    NoticeDecision,
    Outcome,
    Variation,
    VariationStatus,
)
from grants.foundation.records.db import db
from grants.foundation.values.money import Pence
from grants.funds.models import Round
from grants.review.models import Recommendation
from grants.review.queries import did, met_by


def _unsigned() -> Select[Decision]:
    """The decisions that no notice announces yet, each with its application."""
    return (
        select(Decision)
        .join(Decision.application)
        .join(Application.organisation)
        .outerjoin(NoticeDecision, NoticeDecision.decision_id == Decision.id)
        .where(NoticeDecision.decision_id.is_(None))
    )


@dataclass(frozen=True)
class Unsigned:
    """The decisions of a round that a person may sign: how many of which outcome, what they come to, and since when."""

    code: str
    slug: str
    approved: int
    approved_pence: Pence
    declined: int
    since: datetime


def waiting_to_be_signed(person: Person) -> Sequence[Unsigned]:
    """What a person may sign, by round, the one that has waited longest first. One query."""
    found = unsigned_rounds(person)
    rows = db.session.execute(found.order_by(found.selected_columns.since, Round.slug)).all()
    return [Unsigned(code, slug, many, Pence(pence), few, at) for code, slug, many, pence, few, at in rows]


def unsigned_rounds(person: Person) -> Select[*tuple[Any, ...]]:
    """The rounds with decisions that a person may sign: see `Unsigned`. Order and number are the caller's."""
    approved = Decision.outcome == Outcome.APPROVED
    return (
        _may_be_signed(person)
        .join(Round, Round.id == Application.round_id)
        .with_only_columns(
            Round.code,
            Round.slug,
            func.count(case((approved, 1))).label("approved"),
            cast(func.sum(Decision.amount_pence), BigInteger).label("approved_pence"),
            func.count(case((~approved, 1))).label("declined"),
            func.min(Decision.decided_at).label("since"),
        )
        .group_by(Round.code, Round.slug)
    )


def _may_be_signed(person: Person) -> Select[Decision]:
    free = (*not_own(person), ~met_by(GrantStep.SIGN, did(person)))
    return _unsigned().where(Application.status == ApplicationStatus.DECIDED, *free)


@dataclass(frozen=True)
class Signable:
    """A decision to be signed, with what the notice says of it and what was recommended."""

    decision: Decision
    submission: Submission
    recommended: Pence | None

    @property
    def application(self) -> Application:
        """What was decided on."""
        return self.decision.application

    @property
    def is_approved(self) -> bool:
        """Whether it becomes an award."""
        return self.decision.outcome == Outcome.APPROVED


def to_sign(person: Person, a_round: Round) -> Sequence[Signable]:
    """The decisions of a round that the person may sign, by reference, as many as one notice takes. One query."""
    rows = db.session.execute(
        _may_be_signed(person)
        .join(Submission, Submission.application_id == Application.id)
        .outerjoin(Recommendation, Recommendation.application_id == Application.id)
        .where(Application.round_id == a_round.id)
        .options(contains_eager(Decision.application).contains_eager(Application.organisation))
        .add_columns(Submission, Recommendation.amount_pence)
        .order_by(Application.reference)
        .limit(MOST_IN_NOTICE)
    ).all()
    return [Signable(*row) for row in rows]


@dataclass(frozen=True)
class LeftOut:
    """Decisions of a round that the notice leaves out: of withdrawn bids, and those that another must sign."""

    withdrawn: Sequence[str]
    others: int


def left_out(person: Person, a_round: Round) -> LeftOut:
    """What of a round a person's notice leaves out, and why. One query.

    A bid of their own group is no part of it: they must not learn here that it is decided.
    """
    mine = _may_be_signed(person).with_only_columns(Decision.id)
    rows = db.session.execute(
        _unsigned()
        .where(Application.round_id == a_round.id, Decision.id.not_in(mine))
        .where(Application.status.in_([ApplicationStatus.DECIDED, ApplicationStatus.WITHDRAWN]))
        .where(Application.organisation_id.not_in(sorted(person.tied_ids)))
        .with_only_columns(Application.reference, Application.status)
        .order_by(Application.reference)
    ).all()
    withdrawn = [reference for reference, status in rows if status == ApplicationStatus.WITHDRAWN]
    return LeftOut(withdrawn, len(rows) - len(withdrawn))


def announced_approvals(a_round: Round) -> Sequence[tuple[Pence, str]]:
    """What is awarded in a round and public: what each award is worth now, in pence, and why the pot may be exceeded.

    An award that was withdrawn is worth nothing, and its reason stands no more.
    """
    rows = db.session.execute(
        select(AwardSnapshot.awarded_pence, func.coalesce(Decision.over_pot_reason, ""))
        .join(Award, Award.id == AwardSnapshot.award_id)
        .outerjoin(Decision, Decision.id == Award.decision_id)
        .where(AwardSnapshot.round_id == a_round.id, AwardSnapshot.awarded_pence > 0)
        .order_by(Award.id)
    )
    return [(Pence(pence or 0), why) for pence, why in rows]


def notices() -> Select[DecisionNotice]:
    """Every notice, with its round. Order and page are the caller's."""
    return select(DecisionNotice).join(DecisionNotice.round).options(contains_eager(DecisionNotice.round))


def latest_notices(*, most: int = 10) -> Sequence[DecisionNotice]:
    """The notices that were signed last. One query."""
    return db.session.scalars(notices().order_by(DecisionNotice.id.desc()).limit(most)).all()


def notice_by_reference(reference: str) -> DecisionNotice | None:
    """The notice of a number like DN-2026-0001, with its round and the one that it corrects."""
    return db.session.scalars(
        notices().options(joinedload(DecisionNotice.corrects)).where(DecisionNotice.reference == reference.upper())
    ).first()


def corrected_by(notice: DecisionNotice) -> str:
    """The number of the notice that corrects this one, or nothing."""
    found = db.session.scalar(select(DecisionNotice.reference).where(DecisionNotice.corrects_id == notice.id))
    return found or ""


def notice_of_award() -> ScalarSelect[str]:
    """The number of the notice that announced the award of the surrounding query."""
    return (
        select(DecisionNotice.reference)
        .join(NoticeDecision, NoticeDecision.notice_id == DecisionNotice.id)
        .where(NoticeDecision.decision_id == Award.decision_id)
        .correlate(Award)
        .scalar_subquery()
    )


def variations_of_award() -> ScalarSelect[str]:
    """The references of the variations in force of the award of the surrounding query, in one text, spaces between."""
    return (
        select(func.aggregate_strings(Variation.reference, " "))
        .where(Variation.award_id == Award.id, Variation.status == VariationStatus.IN_FORCE)
        .correlate(Award)
        .scalar_subquery()
    )


def varied_since(references: Collection[str]) -> Mapping[str, Sequence[str]]:
    """The variations in force of awards, oldest first: award reference to theirs. One query."""
    found: dict[str, list[str]] = defaultdict(list)
    rows = db.session.execute(
        select(Award.reference, Variation.reference)
        .join(Award, Award.id == Variation.award_id)
        .where(Award.reference.in_(references), Variation.status == VariationStatus.IN_FORCE)
        .order_by(Variation.id)
    )
    for award, variation in rows:
        found[award].append(variation)
    return found
