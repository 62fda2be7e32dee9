"""What waits in the room, counted in one query."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from grants.accounts.models import Person
from grants.foundation.db import db
from grants.payments.models import BankDetails, BankStatus, Batch, BatchStatus

from .batches import ready_count


@dataclass(frozen=True)
class Counts:
    """How many things wait: details with proof, awards to pay, batches to approve, to send, and to hear of."""

    to_verify: int
    ready: int
    prepared: int
    approved: int
    exported: int


def counts(person: Person) -> Counts:
    """What waits, as this person may deal with it."""
    verify = select(func.count()).where(
        BankDetails.status == BankStatus.GIVEN, BankDetails.proof_id.is_not(None),
        BankDetails.organisation_id.not_in(sorted(person.organisation_ids)),
    )  # fmt: skip
    batches = (
        select(func.count()).where(Batch.status == status).scalar_subquery()
        for status in (BatchStatus.PREPARED, BatchStatus.APPROVED, BatchStatus.EXPORTED)
    )
    row = db.session.execute(select(verify.scalar_subquery(), ready_count(person), *batches)).one()
    return Counts(*(int(number) for number in row))
