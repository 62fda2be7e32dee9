"""Named reads of bank details. Nothing here opens what is sealed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, exists, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from grants.accounts.models import Organisation, Person, RoleGrant
from grants.accounts.queries import members_of
from grants.accounts.rights import HOLDERS, Right
from grants.applications.apart.rules import Ties, all_ties, join_hands
from grants.awards.around.queries import around
from grants.awards.models import Award, AwardSnapshot, AwardStatus
from grants.awards.rules import Around
from grants.foundation.records.audit import AuditLine
from grants.foundation.records.db import db
from grants.payments.acts import PaymentAct
from grants.payments.models import (
    BankDetails,
    BankStatus,
    Payment,
    PaymentStatus,
    Reversal,
    ReversalKind,
    ReversalStatus,
)

MOST_SETS = 20
"""Sets of details that a group's page shows, the newest first."""
ACCEPTED = (AwardStatus.ACCEPTED, AwardStatus.PAID)
"""Awards whose group may be paid, or be paid again."""
ORDER = ((BankDetails.given_at, False), (BankDetails.id, False))


def accepted_references(organisation_id: int) -> list[str]:
    """The accepted awards of a group by reference, the oldest first."""
    return list(
        db.session.scalars(
            select(AwardSnapshot.reference)
            .join(Award, Award.id == AwardSnapshot.award_id)
            .where(AwardSnapshot.organisation_id == organisation_id, Award.status.in_(ACCEPTED))
            .order_by(AwardSnapshot.award_id)
            .limit(MOST_SETS)
        )
    )


def sets_of(organisation_id: int) -> Sequence[BankDetails]:
    """The sets of details that a group gave, the newest first, with who gave them. One query."""
    return db.session.scalars(
        select(BankDetails)
        .where(BankDetails.organisation_id == organisation_id)
        .options(joinedload(BankDetails.given_by))
        .order_by(BankDetails.id.desc())
        .limit(MOST_SETS)
    ).all()


def set_of(organisation_id: int, status: BankStatus) -> BankDetails | None:
    """The set of a group that is given, or that is in force (verified), as it stands now."""
    return db.session.scalars(
        select(BankDetails)
        .where(BankDetails.organisation_id == organisation_id, BankDetails.status == status)
        .execution_options(populate_existing=True)
    ).one_or_none()


def set_to_replace(organisation_id: int) -> BankDetails | None:
    """The set of a group that verifying another replaces: the one in force, else the one that is blocked."""
    return set_of(organisation_id, BankStatus.VERIFIED) or set_of(organisation_id, BankStatus.BLOCKED)


def has_come_back(details_id: Any) -> ColumnElement[bool]:
    """Whether a payment to this set of details failed, or two officers found that one came back from its bank."""
    came_back = exists().where(
        Reversal.payment_id == Payment.id,
        Payment.bank_details_id == details_id,
        Reversal.kind == ReversalKind.BOUNCE,
        Reversal.status == ReversalStatus.APPROVED,
    )
    return or_(came_back, exists().where(*_failed(details_id)))


def _failed(details_id: Any) -> tuple[ColumnElement[bool], ...]:
    return Payment.bank_details_id == details_id, Payment.status == PaymentStatus.FAILED


def last_failed(details_id: int) -> Payment | None:
    """The last payment to a set of details that failed. One query."""
    return db.session.scalars(select(Payment).where(*_failed(details_id)).order_by(Payment.id.desc()).limit(1)).first()


def last_failed_id(details: Any) -> ScalarSelect[Any]:
    """The id of the last payment that failed to the set of details of an outer select."""
    return select(func.max(Payment.id)).where(*_failed(details.id)).correlate(details).scalar_subquery()


def keeps_blocked(payment: Payment, *, but: Reversal) -> bool:
    """Whether another payment to the same details failed, came back, or waits to be found so: they stay blocked then.

    `but` is the reversal by which this one is put right.
    """
    details_id = payment.bank_details_id
    bounced = exists().where(
        Reversal.payment_id == Payment.id,
        Payment.bank_details_id == details_id,
        Reversal.id != but.id,
        Reversal.kind == ReversalKind.BOUNCE,
        Reversal.status != ReversalStatus.REFUSED,
    )
    failed = exists().where(*_failed(details_id), Payment.id != payment.id)
    return bool(db.session.scalar(select(or_(bounced, failed))))


def is_refused_by_bank(details: BankDetails) -> bool:
    """`has_come_back` of one set. One query."""
    return bool(db.session.scalar(select(has_come_back(details.id))))


def with_old_set(details_id: int) -> tuple[BankDetails, BankDetails | None] | None:
    """A set of details with who dealt with it, and the set of its group that it would replace. One query."""
    in_force = aliased(BankDetails)
    row = db.session.execute(
        select(BankDetails, in_force)
        .join(BankDetails.organisation)
        .outerjoin(
            in_force,
            (in_force.organisation_id == BankDetails.organisation_id)
            & in_force.status.in_([BankStatus.VERIFIED, BankStatus.BLOCKED])
            & (in_force.id != BankDetails.id),
        )
        .options(
            contains_eager(BankDetails.organisation),
            joinedload(BankDetails.given_by),
            joinedload(BankDetails.checked_by),
            joinedload(in_force.checked_by),
        )
        .where(BankDetails.id == details_id)
        .order_by(in_force.status.desc())
    ).first()
    return (row[0], row[1]) if row else None


def locked_group(organisation_id: int) -> Organisation:
    """The group, held until the end of the transaction against others who deal with its details."""
    return db.session.scalars(
        select(Organisation)
        .where(Organisation.id == organisation_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def fresh(details_id: int) -> BankDetails:
    """A set of details as it stands now."""
    return db.session.get_one(BankDetails, details_id, populate_existing=True)


def around_group(organisation_id: int) -> Around:
    """Who is around a group and all its grants: who may not deal with its bank details. One query."""
    grants = select(AwardSnapshot.award_id).where(AwardSnapshot.organisation_id == organisation_id)
    every = list(around(grants).values())
    ties = all_ties([Ties(frozenset({organisation_id})), *(one.ties for one in every)])
    return Around(organisation_id, ties, join_hands(one.hands for one in every))


def listed(*, status: BankStatus | None = None) -> Select[BankDetails]:
    """The sets of details of a status, or those that wait with their proof. Order is the caller's."""
    query = (
        select(BankDetails)
        .join(BankDetails.organisation)
        .options(contains_eager(BankDetails.organisation), joinedload(BankDetails.given_by))
    )
    if status is None:
        return query.where(BankDetails.status == BankStatus.GIVEN, BankDetails.proof_id.is_not(None))
    return query.where(BankDetails.status == status)


def seen_by(person: Person, details_id: int) -> frozenset[str]:
    """What the trail says that a person opened of a set of details since its proof was given: the acts. One query."""
    of_it = (AuditLine.kind == BankDetails.__tablename__, AuditLine.thing_id == details_id)
    proven = (
        select(func.coalesce(func.max(AuditLine.id), 0))
        .where(*of_it, AuditLine.verb == PaymentAct.GIVE_PROOF_OF_BANK_DETAILS)
        .scalar_subquery()
    )
    opened = (PaymentAct.SHOW_BANK_DETAILS, PaymentAct.OPEN_PROOF_OF_BANK_DETAILS)
    query = select(AuditLine.verb).where(
        *of_it, AuditLine.actor == person.actor.key, AuditLine.verb.in_(opened), AuditLine.id > proven
    )
    return frozenset(db.session.scalars(query))


def others_with(digests: Sequence[str], organisation_id: int) -> list[str]:
    """The names of the other groups that gave an account, by its digests. One query."""
    return list(
        db.session.scalars(
            select(Organisation.name)
            .join(BankDetails, BankDetails.organisation_id == Organisation.id)
            .where(BankDetails.account_digest.in_(digests), Organisation.id != organisation_id)
            .distinct()
            .order_by(Organisation.name)
        )
    )


def people_with(right: Right, *, but: int) -> list[Person]:
    """Whom mail to the office goes to: everybody with a right whose account is open, but this person."""
    holds = select(RoleGrant.person_id).where(RoleGrant.role.in_(sorted(HOLDERS[right])))
    return list(
        db.session.scalars(
            select(Person)
            .where(Person.id.in_(holds), Person.id != but, Person.disabled_at.is_(None))
            .order_by(Person.id)
        )
    )


def people_of(organisation_id: int, *others: int) -> list[Person]:
    """Whom mail to a group goes to: every member, and these other people, whose accounts are open."""
    also = db.session.scalars(select(Person).where(Person.id.in_(others), Person.disabled_at.is_(None)))
    people = {one.id: one for one in [*members_of(organisation_id), *also]}
    return [people[number] for number in sorted(people)]
