"""Sealing everything anew under the first key."""

from __future__ import annotations

from sqlalchemy import select

from grants.foundation.records import audit
from grants.foundation.records.actors import Actor
from grants.foundation.records.db import transaction
from grants.payments.acts import PaymentAct
from grants.payments.models import BankDetails, BatchFile
from grants.payments.sealing import digests_of, reseal, unseal_account


def reseal_all(*, actor: Actor) -> tuple[int, int]:
    """Seal every set of details and every payment file under the first key; returns how many of each.

    All or nothing. Raises sealing.Damaged where something opens with none of the keys.
    """
    with transaction() as session:
        counts = [0, 0]
        for one in session.scalars(select(BankDetails).order_by(BankDetails.id).with_for_update()):
            account = unseal_account(one.sealed, organisation_id=one.organisation_id)
            one.sealed, one.account_digest = reseal(one.sealed), digests_of(account)[0]
            one.proof_key = reseal(one.proof_key) if one.proof_key else ""
            counts[0] += 1
        for file in session.scalars(select(BatchFile).order_by(BatchFile.id).with_for_update()):
            file.sealed = reseal(file.sealed)
            counts[1] += 1
        numbers = {"bank_details": (None, counts[0]), "batch_files": (None, counts[1])}
        audit.record(actor=actor, verb=PaymentAct.SEAL_BANK_DETAILS_ANEW, kind="bank_details", changes=numbers)
        return counts[0], counts[1]
