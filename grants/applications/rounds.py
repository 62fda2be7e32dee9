"""How far a round has come, and completing it: its last step needs every application to be decided and announced."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select

from grants.accounts.models import Person
from grants.foundation import audit
from grants.foundation.db import db, transaction
from grants.foundation.lifecycle import take_step
from grants.funds.models import Round, RoundStatus
from grants.funds.rules import ROUND_STEPS

from . import queries, rules
from .models import Application, ApplicationStatus


def complete_round(*, person: Person, a_round: Round) -> Round:
    """Complete a closed round. Raises Refused while an application of it waits for anything."""
    with transaction():
        current = queries.locked_round(a_round.id)
        rules.can_complete_round(person, current, unfinished=unfinished(current)).or_refuse()
        current.status = take_step(ROUND_STEPS, RoundStatus(current.status), "complete", thing="round")
        current.version += 1
        audit.record(actor=person.actor, verb="complete round", thing=current, reference=current.code)
        return current


def unfinished(a_round: Round) -> int:
    """How many applications of a round are sent and neither announced nor closed in another way. One query."""
    found = db.session.scalar(
        select(func.count())
        .select_from(Application)
        .where(Application.round_id == a_round.id, Application.status.in_(sorted(rules.UNFINISHED)))
    )
    return found or 0


def progress(person: Person, a_round: Round) -> Mapping[ApplicationStatus, int]:
    """How many applications of a round are where, as the person is told, in the order of their life. One query."""
    status = queries.told_status_of(person).label("status")
    found = {
        row.status: row.number
        for row in db.session.execute(
            select(status, func.count().label("number")).where(Application.round_id == a_round.id).group_by(status)
        )
    }
    return {status: found[status.value] for status in ApplicationStatus if status.value in found}
