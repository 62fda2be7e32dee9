"""Completing a round: its last step needs every application to be decided and announced."""

from __future__ import annotations

from grants.accounts.models import Person
from grants.applications import queries, rules
from grants.applications.acts import ApplicationAct
from grants.foundation.records import audit
from grants.foundation.records.db import transaction
from grants.foundation.records.lifecycle import take_step
from grants.funds.models import Round, RoundStatus
from grants.funds.rules import ROUND_STEPS

from .queries import unfinished


def complete_round(*, person: Person, a_round: Round) -> Round:
    """Complete a closed round. Raises Refused while an application of it waits for anything."""
    with transaction():
        current = queries.locked_round(a_round.id)
        rules.can_complete_round(person, current, unfinished=unfinished(current)).or_refuse()
        current.status = take_step(ROUND_STEPS, RoundStatus(current.status), "complete", thing="round")
        current.version += 1
        audit.record(actor=person.actor, verb=ApplicationAct.COMPLETE_ROUND, thing=current, reference=current.code)
        return current
