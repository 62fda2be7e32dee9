"""How far a round has come."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select

from grants.accounts.models import Person
from grants.applications import rules
from grants.applications.listing import queries
from grants.applications.models import Application, ApplicationStatus
from grants.foundation.records.db import db
from grants.funds.models import Round


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
