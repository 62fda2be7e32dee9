"""The end of an award."""

from __future__ import annotations

from grants.foundation import audit, clock
from grants.foundation.actors import Actor
from grants.foundation.db import Refused, transaction

from . import rules
from .ledger import latest_offer, lock, touch
from .models import Award


def complete(*, actor: Actor, award: Award, reason: str) -> Award:
    """Complete an award that is paid. Raises Refused."""
    with transaction():
        lock(award)
        rules.can_move(award.status, "complete").or_refuse()
        offer = latest_offer(award)
        if offer is None:
            raise Refused("This award was never offered.")
        offer.completed_at = clock.now()
        touch(award)
        audit.record(actor=actor, verb="complete award", thing=award, changes={}, why=reason)
        return award
