"""Sealing everything anew under the first key."""

from __future__ import annotations

from sqlalchemy import select

from grants.foundation.records import audit
from grants.foundation.records.actors import Actor
from grants.foundation.records.db import transaction
from grants.payments.acts import PaymentAct
from grants.payments.models import BankDetails, BatchFile, ReturnFile
from grants.payments.sealing import digests_of, reseal, unseal_account


def reseal_all(*, actor: Actor) -> tuple[int, int, int]:
    """Seal every set of details, payment file and return file under the first key; returns how many of each.

    All or nothing. Raises sealing.Damaged where something opens with none of the keys.
    """
    with transaction() as session:
        counts = [0, 0, 0]
        for one in session.scalars(select(BankDetails).order_by(BankDetails.id).with_for_update()):
            account = unseal_account(one.sealed, organisation_id=one.organisation_id)
            one.sealed, one.account_digest = reseal(one.sealed), digests_of(account)[0]
            one.proof_key = reseal(one.proof_key) if one.proof_key else ""
            counts[0] += 1
        for file in session.scalars(select(BatchFile).order_by(BatchFile.id).with_for_update()):
            file.sealed = reseal(file.sealed)
            counts[1] += 1
        for returned in session.scalars(select(ReturnFile).order_by(ReturnFile.id).with_for_update()):
            returned.stored_key = reseal(returned.stored_key)
            counts[2] += 1
        names = ("bank_details", "batch_files", "return_files")
        numbers = {name: (None, count) for name, count in zip(names, counts, strict=True)}
        audit.record(actor=actor, verb=PaymentAct.SEAL_BANK_DETAILS_ANEW, kind="bank_details", changes=numbers)
        return counts[0], counts[1], counts[2]
