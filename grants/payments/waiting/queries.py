"""What of payments waits: counted for the room, and for one person. Order and number are the caller's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from grants.accounts.models import Organisation, Person
from grants.accounts.rights import GroupRight
from grants.applications.apart.rules import GrantStep
from grants.awards.around.queries import apart_from, untouched_by
from grants.awards.models import Award, AwardSnapshot, AwardStatus
from grants.foundation.records.db import db
from grants.foundation.values import clock
from grants.payments.bank.queries import has_come_back
from grants.payments.batches.queries import in_doubt, ready_count
from grants.payments.models import (
    BankDetails,
    BankStatus,
    Batch,
    BatchStatus,
    Payment,
    ReturnFile,
    ReturnLine,
    Reversal,
    ReversalStatus,
)
from grants.payments.returns.queries import is_to_record


@dataclass(frozen=True)
class Counts:
    """How many things wait: details that one may verify now, those that are held, until when the first of them is, and
    those that are for others; awards to pay, batches to approve, to send, and to hear of; payments to
    put right, and lines of return files that say that a payment came back."""

    to_verify: int
    held: int
    held_until: datetime | None
    for_others: int
    ready: int
    prepared: int
    approved: int
    exported: int
    to_put_right: int
    to_record: int


def counts(person: Person) -> Counts:
    """What waits, as this person may deal with it."""
    own, proven = (
        to_verify(person).subquery(),
        (BankDetails.status == BankStatus.GIVEN, BankDetails.proof_id.is_not(None)),
    )
    is_held = own.c.held_until > clock.now()
    details = (
        select(func.count().filter(or_(own.c.held_until.is_(None), ~is_held))).select_from(own).scalar_subquery(),
        select(func.count().filter(is_held)).select_from(own).scalar_subquery(),
        select(func.min(own.c.held_until).filter(is_held)).scalar_subquery(),
        select(func.count()).where(*proven, BankDetails.id.not_in(select(own.c.id))).scalar_subquery(),
    )
    batches = (
        select(func.count()).where(Batch.status == status).scalar_subquery()
        for status in (BatchStatus.PREPARED, BatchStatus.APPROVED, BatchStatus.EXPORTED)
    )
    others = (_open_reversals(), _lines_to_record())
    row: Sequence[Any] = db.session.execute(select(*details, ready_count(person), *batches, *others)).one()
    return Counts(*row)


def _open_reversals() -> ScalarSelect[Any]:
    return select(func.count()).where(Reversal.status == ReversalStatus.RECORDED).scalar_subquery()


def _lines_to_record() -> ScalarSelect[Any]:
    return select(func.count()).select_from(ReturnLine).join(Payment).where(is_to_record()).scalar_subquery()


Found = Select[*tuple[Any, ...]]


def details_missing(person: Person) -> Found:
    """The accepted awards of the person's groups whose bank details, or proof of them (`given`), are not there.

    A set that is blocked is asked for anew once two officers found that a payment came back from it.
    """
    given, others = aliased(BankDetails), aliased(BankDetails)
    is_known = or_(
        others.status == BankStatus.VERIFIED, and_(others.status == BankStatus.BLOCKED, ~has_come_back(others.id))
    )
    is_given = (given.organisation_id == AwardSnapshot.organisation_id) & (given.status == BankStatus.GIVEN)
    in_force = exists().where(others.organisation_id == AwardSnapshot.organisation_id, is_known)
    found: Found = (
        select(
            AwardSnapshot.reference,
            AwardSnapshot.organisation_id,
            AwardSnapshot.organisation_name,
            given.status.label("given"),
        )
        .join(Award, Award.id == AwardSnapshot.award_id)
        .outerjoin(given, is_given)
        .where(
            AwardSnapshot.organisation_id.in_(sorted(person.groups_where(GroupRight.GIVE_BANK_DETAILS))),
            Award.status == AwardStatus.ACCEPTED,
            given.proof_id.is_(None),
            ~in_force,
        )
    )
    return found


def to_verify(person: Person) -> Found:
    """The details that this person may verify, now or after their hold: `rules.can_verify` for whole lists."""
    old = aliased(BankDetails)
    own = exists().where(old.id == BankDetails.changes_id, old.checked_by_id == person.id)
    found: Found = (
        select(
            BankDetails.id,
            Organisation.name.label("organisation_name"),
            BankDetails.given_at,
            BankDetails.held_until,
        )
        .join(Organisation, Organisation.id == BankDetails.organisation_id)
        .where(
            BankDetails.status == BankStatus.GIVEN,
            BankDetails.proof_id.is_not(None),
            *_may_judge(person),
            ~own,
        )
    )
    return found


def _may_judge(person: Person) -> tuple[ColumnElement[bool], ...]:
    """The conditions on details that leave out the groups which a person is tied to, or on whose grants they worked."""
    snapshot = aliased(AwardSnapshot)
    near = (
        select(AwardSnapshot.award_id)
        .join(Award, Award.id == AwardSnapshot.award_id)
        .where(~and_(*apart_from(person), *untouched_by(person, GrantStep.VERIFY)))
    )
    touched = exists().where(snapshot.organisation_id == BankDetails.organisation_id, snapshot.award_id.in_(near))
    return BankDetails.organisation_id.not_in(sorted(person.tied_ids)), ~touched


def batches_waiting(person: Person) -> Found:
    """The batches that this person may approve, and those to send and to hear of."""
    since = case(
        (Batch.status == BatchStatus.PREPARED, Batch.prepared_at),
        (Batch.status == BatchStatus.APPROVED, Batch.approved_at),
        else_=Batch.exported_at,
    )
    found: Found = select(
        Batch.number, Batch.status, since.label("since"), Batch.total_pence, Batch.payment_count
    ).where(
        or_(
            Batch.status.in_([BatchStatus.APPROVED, BatchStatus.EXPORTED]),
            (Batch.status == BatchStatus.PREPARED) & (Batch.prepared_by_id != person.id) & ~_bound(person),
        )
    )
    return found


def _bound(person: Person) -> ColumnElement[bool]:
    """Whether the person verified a payee of a batch, is tied to a grant of it or judged one, or one is in doubt."""
    return (
        exists()
        .where(Payment.batch_id == Batch.id, Payment.bank_details_id == BankDetails.id)
        .where(Payment.award_id == Award.id, Payment.award_id == AwardSnapshot.award_id)
        .where(
            or_(
                BankDetails.checked_by_id == person.id,
                Payment.award_id.in_(in_doubt()),
                ~and_(*apart_from(person), *untouched_by(person, GrantStep.APPROVE)),
            )
        )
        .correlate(Batch)
    )


def to_put_right(person: Person) -> Found:
    """What another officer recorded of a payment, which this person may approve: `can_approve` for whole lists."""
    found: Found = (
        select(Reversal.id, Payment.reference, Payment.payee, Reversal.recorded_at)
        .join(Payment, Payment.id == Reversal.payment_id)
        .join(AwardSnapshot, AwardSnapshot.award_id == Payment.award_id)
        .where(Reversal.status == ReversalStatus.RECORDED, Reversal.recorded_by_id != person.id, *apart_from(person))
    )
    return found


def to_record(person: Person) -> Found:
    """What return files say came back, which this person may record: `reversals.rules.can_record` for whole lists."""
    found: Found = (
        select(ReturnLine.id, Payment.reference, Payment.payee, ReturnFile.received_at)
        .join(Payment, Payment.id == ReturnLine.payment_id)
        .join(ReturnFile, ReturnFile.id == ReturnLine.return_file_id)
        .join(AwardSnapshot, AwardSnapshot.award_id == Payment.award_id)
        .where(is_to_record(), *apart_from(person))
    )
    return found


def ready_to_pay(person: Person) -> Found:
    """How many awards this person may put into a batch now, where there is one."""
    ready = ready_count(person)
    found: Found = select(ready.label("ready")).where(ready > 0)
    return found
