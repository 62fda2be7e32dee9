"""Named reads of batches and payments."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, exists, func, literal, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload, selectinload, with_expression

from grants.accounts.models import Person
from grants.applications.apart.rules import GrantStep
from grants.awards.around.queries import apart_from, around, is_held_back, untouched_by
from grants.awards.models import Award, AwardSnapshot, AwardStatus
from grants.foundation.records.db import db
from grants.foundation.values.money import Pence
from grants.funds.models import Fund, Round
from grants.payments.bank.queries import last_failed_id
from grants.payments.models import (
    BankDetails,
    BankStatus,
    Batch,
    BatchFile,
    BatchStatus,
    FileKind,
    Payment,
    PaymentStatus,
    Reversal,
    ReversalStatus,
)
from grants.payments.rules import Payee

ORDER = ((Batch.id, True),)


@dataclass(frozen=True)
class Payable:
    """An award that can be paid: what of it is in no payment yet (pence), and to which details it would go."""

    snapshot: AwardSnapshot
    details: BankDetails
    fund: Fund
    a_round: Round | None
    has_change: bool

    @property
    def rest(self) -> Pence:
        """What is in no payment yet, in pence."""
        return Pence((self.snapshot.awarded_pence or 0) - (self.snapshot.committed_pence or 0))


@dataclass(frozen=True)
class Hindered:
    """An award that cannot be paid now, with what there is to say why: the sets of details of its group, the last
    payment to the blocked set that failed, the batch that a payment of it is in, and whether an earlier one is being
    put right."""

    snapshot: AwardSnapshot
    status: str
    given: BankDetails | None
    verified: BankDetails | None
    is_blocked: bool
    failed: Payment | None
    batch_number: str | None
    is_in_doubt: bool


def _payable(person: Person) -> tuple[ColumnElement[bool], ...]:
    """The conditions under which a person may put an award into a batch: `rules.can_prepare` for whole lists."""
    waits = exists().where(Payment.award_id == Award.id, Payment.status == PaymentStatus.WAITING)
    return (
        Award.status == AwardStatus.ACCEPTED,
        *apart_from(person),
        *untouched_by(person, GrantStep.PREPARE),
        AwardSnapshot.awarded_pence > AwardSnapshot.committed_pence,
        ~waits,
        AwardSnapshot.award_id.not_in(in_doubt()),
        ~is_held_back(),
    )


def in_doubt() -> Select[int]:
    """The awards of which a payment is being put right: until that is approved or refused, its money may be out."""
    other = aliased(Payment)
    return (
        select(other.award_id)
        .join(Reversal, Reversal.payment_id == other.id)
        .where(Reversal.status == ReversalStatus.RECORDED)
    )


def is_in_doubt(award_id: int) -> bool:
    """Whether a payment of the award is being put right."""
    return bool(db.session.scalar(select(literal(award_id).in_(in_doubt()))))


def payable(person: Person, *, most: int, award_ids: Collection[int] | None = None) -> list[Payable]:
    """The awards that this person may put into a batch now, the oldest first. One query."""
    other = aliased(BankDetails)
    change = exists().where(other.organisation_id == BankDetails.organisation_id, other.status == BankStatus.GIVEN)
    query = (
        select(AwardSnapshot, BankDetails, Fund, Round, change)
        .join(Award, Award.id == AwardSnapshot.award_id)
        .join(
            BankDetails,
            (BankDetails.organisation_id == AwardSnapshot.organisation_id)
            & (BankDetails.status == BankStatus.VERIFIED),
        )
        .join(Fund, Fund.id == AwardSnapshot.fund_id)
        .outerjoin(Round, Round.id == AwardSnapshot.round_id)
        .where(*_payable(person))
        .order_by(AwardSnapshot.award_last, AwardSnapshot.award_id)
        .limit(most)
    )
    if award_ids is not None:
        query = query.where(AwardSnapshot.award_id.in_(award_ids))
    return [Payable(*row) for row in db.session.execute(query)]


def hindered(person: Person, *, most: int) -> tuple[list[Hindered], int]:
    """Awards that are due and that this person cannot put into a batch now, the oldest first; how many there are.

    One query.
    """
    given, verified, blocked = (aliased(BankDetails) for _ in range(3))
    waiting, failed = aliased(Payment), aliased(Payment)
    query = (
        select(
            AwardSnapshot,
            Award.status,
            given,
            verified,
            blocked.id.is_not(None),
            failed,
            Batch.number,
            AwardSnapshot.award_id.in_(in_doubt()),
            func.count().over(),
        )
        .join(Award, Award.id == AwardSnapshot.award_id)
        .outerjoin(given, _set(given, BankStatus.GIVEN))
        .outerjoin(verified, _set(verified, BankStatus.VERIFIED))
        .outerjoin(blocked, _set(blocked, BankStatus.BLOCKED))
        .outerjoin(failed, failed.id == last_failed_id(blocked))
        .outerjoin(waiting, (waiting.award_id == Award.id) & (waiting.status == PaymentStatus.WAITING))
        .outerjoin(Batch, Batch.id == waiting.batch_id)
        .where(
            Award.status.in_([AwardStatus.OFFERED, AwardStatus.ACCEPTED]),
            AwardSnapshot.awarded_pence > AwardSnapshot.committed_pence,
            or_(verified.id.is_(None), ~and_(*_payable(person))),
        )
        .order_by(AwardSnapshot.award_last, AwardSnapshot.award_id)
        .limit(most)
    )
    rows = db.session.execute(query).all()
    return [Hindered(*row[:-1]) for row in rows], rows[0][-1] if rows else 0


def _set(details: Any, status: BankStatus) -> ColumnElement[bool]:
    """That these are the details of the award's group in a state: there is one set at most."""
    found: ColumnElement[bool] = (details.organisation_id == AwardSnapshot.organisation_id) & (details.status == status)
    return found


def ready_count(person: Person) -> ScalarSelect[Any]:
    """How many awards this person may put into a batch now, for a select of counts."""
    return (
        select(func.count())
        .select_from(Award)
        .join(AwardSnapshot, AwardSnapshot.award_id == Award.id)
        .join(
            BankDetails,
            (BankDetails.organisation_id == AwardSnapshot.organisation_id)
            & (BankDetails.status == BankStatus.VERIFIED),
        )
        .where(*_payable(person))
        .scalar_subquery()
    )


def listed(status: BatchStatus | None = None) -> Select[Batch]:
    """The batches, of a status where one is given, with who prepared and approved them. Order is the caller's."""
    query = select(Batch).options(joinedload(Batch.prepared_by), joinedload(Batch.approved_by))
    return query.where(Batch.status == status) if status else query


def by_number(number: str) -> Batch | None:
    """A batch with its payments, their awards and payees, and who did what. Two queries."""
    return db.session.scalars(
        select(Batch)
        .where(Batch.number == number)
        .options(
            joinedload(Batch.prepared_by),
            joinedload(Batch.approved_by),
            joinedload(Batch.exported_by),
            joinedload(Batch.cancelled_by),
            _with_payees(),
        )
    ).first()


def _with_payees() -> Any:
    payments, other = selectinload(Batch.payments), aliased(BankDetails)
    of_payment = select(BankDetails.organisation_id).where(BankDetails.id == Payment.bank_details_id)
    group = of_payment.correlate(Payment).scalar_subquery()
    awarded = select(AwardSnapshot.awarded_pence).where(AwardSnapshot.award_id == Payment.award_id)
    change = exists().where(other.organisation_id == group, other.status == BankStatus.GIVEN)
    return payments.options(
        with_expression(Payment.is_in_doubt, Payment.award_id.in_(in_doubt())),
        with_expression(Payment.has_change, change),
        with_expression(Payment.awarded_pence, awarded.scalar_subquery()),
        joinedload(Payment.bank_details).joinedload(BankDetails.checked_by),
        joinedload(Payment.award),
        joinedload(Payment.bank_details).joinedload(BankDetails.organisation),
    )


def files_of(batch: Batch) -> Sequence[Any]:
    """The kind, SHA-256 and size of the files that a batch was frozen to; not their bytes."""
    return db.session.execute(
        select(BatchFile.kind, BatchFile.sha256, BatchFile.size)
        .where(BatchFile.batch_id == batch.id)
        .order_by(BatchFile.kind.desc())
    ).all()


def payees_of(batch: Batch) -> list[Payee]:
    """Whom a batch pays, with who is around each award now, in the order of its payments.

    One query for a batch that `by_number` or `locked` gave.
    """
    found = around([payment.award_id for payment in batch.payments])
    return [
        Payee(payment.bank_details, found[payment.award_id], is_in_doubt=_is_in_doubt(payment))
        for payment in batch.payments
    ]


def _is_in_doubt(payment: Payment) -> bool:
    return is_in_doubt(payment.award_id) if payment.is_in_doubt is None else payment.is_in_doubt


def locked(batch_id: int) -> Batch:
    """A batch as it stands now, with its payments and payees, held until the end of the transaction."""
    db.session.execute(select(Batch.id).where(Batch.id == batch_id).with_for_update())
    return db.session.scalars(
        select(Batch).where(Batch.id == batch_id).options(_with_payees()).execution_options(populate_existing=True)
    ).one()


def file_of(batch: Batch, kind: FileKind) -> BatchFile:
    """One of the files that a batch was frozen to."""
    return db.session.scalars(select(BatchFile).where(BatchFile.batch_id == batch.id, BatchFile.kind == kind)).one()


def live_payment(award_id: int) -> Payment | None:
    """The payment of an award that waits, with its batch."""
    return db.session.scalars(
        select(Payment)
        .join(Payment.batch)
        .options(contains_eager(Payment.batch))
        .where(Payment.award_id == award_id, Payment.status == PaymentStatus.WAITING)
    ).first()


def payment_count(award_id: int) -> int:
    """How many payments of an award there ever were."""
    return db.session.scalar(select(func.count()).where(Payment.award_id == award_id)) or 0
