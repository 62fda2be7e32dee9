"""The verb of what finance takes away: the awards that are new or changed, once for each state of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.foundation.records import audit
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.values import clock
from grants.payments.acts import PaymentAct
from grants.payments.models import TakenAward
from grants.payments.rules import has

from . import queries
from .queries import AwardFilters, ToEnter


def take_awards(*, person: Person, filters: AwardFilters) -> Sequence[Any]:
    """The awards of a selection that are new or changed, as rows of the file; they count as taken from now on.

    Raises Refused where there are none.
    """
    has(person, Right.EXPORT_PAYMENTS).or_refuse()
    with transaction() as session:
        query = queries.awards(replace(filters, entry=ToEnter.DUE))
        rows = db.session.execute(query.order_by(*queries.LATEST_FIRST)).all()
        if not rows:
            raise Refused("Finance has taken every award of this selection as it stands.")
        now = clock.now()
        session.add_all(
            TakenAward(
                award_id=row.award_id,
                taken_at=now,
                taken_by_id=person.id,
                **{name: getattr(row, name) for name in queries.KNOWN_TO_FINANCE},
            )
            for row in rows
        )
        audit.record(
            actor=person.actor,
            verb=PaymentAct.TAKE_AWARDS,
            kind=TakenAward.__tablename__,
            changes={"count": (None, len(rows))},
        )
        return rows
