"""What of payments waits for one person, the oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from grants.accounts.models import Organisation, Person
from grants.awards.models import Award, AwardStanding, AwardStatus
from grants.foundation.db import db
from grants.payments.models import BankDetails, BankStatus, Batch, BatchStatus, Payment

from .batches import ready_count


@dataclass(frozen=True)
class Missing:
    """An accepted award whose group has not given bank details, or (`given`) no proof of them."""

    reference: str
    organisation_id: int
    organisation: str
    given: bool


def details_missing(person: Person, *, most: int) -> list[Missing]:
    """The accepted awards of the person's groups that wait for bank details. One query."""
    given, others = aliased(BankDetails), aliased(BankDetails)
    is_given = (given.organisation_id == AwardStanding.organisation_id) & (given.status == BankStatus.GIVEN)
    in_force = exists().where(
        others.organisation_id == AwardStanding.organisation_id, others.status == BankStatus.VERIFIED
    )
    rows = db.session.execute(
        select(AwardStanding.reference, AwardStanding.organisation_id, AwardStanding.organisation_name, given.id)
        .join(Award, Award.id == AwardStanding.award_id)
        .outerjoin(given, is_given)
        .where(
            AwardStanding.organisation_id.in_(sorted(person.organisation_ids)),
            Award.status == AwardStatus.ACCEPTED,
            given.proof_id.is_(None),
            ~in_force,
        )
        .order_by(AwardStanding.award_id)
        .limit(most)
    )
    return [Missing(reference, number, name, given_id is not None) for reference, number, name, given_id in rows]


@dataclass(frozen=True)
class Verifiable:
    """Details that a finance officer may look at: whose, since when, and until when a change is held (UTC)."""

    id: int
    organisation: str
    given_at: datetime
    held_until: datetime | None


def to_verify(person: Person, *, most: int) -> tuple[list[Verifiable], int]:
    """The details that this person may verify, now or after their hold, and how many there are. One query."""
    old = aliased(BankDetails)
    own = exists().where(old.id == BankDetails.changes_id, old.checked_by_id == person.id)
    rows = db.session.execute(
        select(
            BankDetails.id, Organisation.name, BankDetails.given_at, BankDetails.held_until, func.count().over()
        )
        .join(Organisation, Organisation.id == BankDetails.organisation_id)
        .where(
            BankDetails.status == BankStatus.GIVEN,
            BankDetails.proof_id.is_not(None),
            BankDetails.organisation_id.not_in(sorted(person.organisation_ids)),
            ~own,
        )
        .order_by(BankDetails.given_at, BankDetails.id)
        .limit(most)
    ).all()  # fmt: skip
    return [Verifiable(*row[:4]) for row in rows], rows[0][4] if rows else 0


def batches_waiting(person: Person, *, most: int) -> tuple[list[Batch], int]:
    """The batches that this person may approve, and those to send and to hear of; and how many awards they may pay.

    One query.
    """
    waits = or_(
        Batch.status.in_([BatchStatus.APPROVED, BatchStatus.EXPORTED]),
        (Batch.status == BatchStatus.PREPARED) & (Batch.prepared_by_id != person.id) & ~_bound(person),
    )
    always = select(literal(1).label("one")).subquery()
    rows = db.session.execute(
        select(Batch, ready_count(person))
        .select_from(always)
        .outerjoin(Batch, waits)
        .order_by(Batch.id)
        .limit(most)
    ).all()  # fmt: skip
    return [row[0] for row in rows if row[0] is not None], int(rows[0][1])


def _bound(person: Person) -> ColumnElement[bool]:
    """Whether the person verified a payee of a batch, or acts for one."""
    return (
        exists()
        .where(Payment.batch_id == Batch.id, Payment.bank_details_id == BankDetails.id)
        .where(
            or_(
                BankDetails.checked_by_id == person.id,
                BankDetails.organisation_id.in_(sorted(person.organisation_ids)),
            )
        )
        .correlate(Batch)
    )
