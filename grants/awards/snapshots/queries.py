"""How awards stand, held against their ledger."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import BigInteger, ScalarSelect, case, cast, func, select

from grants.applications.models import Application
from grants.awards.models import Award, AwardSnapshot
from grants.foundation.records.db import db
from grants.foundation.values.money import Pence

from .operations import BATCH, compute


def pence_of_bid() -> ScalarSelect[Pence]:
    """What the award of an `Application` takes now from the pot of its round, in pence: nothing once it is withdrawn,
    lapsed or declined, or counts in another round. NULL where there is no award.
    """
    takes = case((AwardSnapshot.round_id == Application.round_id, AwardSnapshot.awarded_pence), else_=0)
    return (
        select(takes)
        .join(Award, Award.id == AwardSnapshot.award_id)
        .where(Award.application_id == Application.id)
        .correlate(Application)
        .scalar_subquery()
    )


def pence_beside(round_id: int) -> ScalarSelect[Pence]:
    """What awards take from a round's pot, in pence, that came of no application of it: of older records, or moved."""
    return (
        select(cast(func.coalesce(func.sum(AwardSnapshot.awarded_pence), 0), BigInteger))
        .join(Award, Award.id == AwardSnapshot.award_id)
        .outerjoin(Application, Application.id == Award.application_id)
        .where(AwardSnapshot.round_id == round_id, Application.round_id.is_distinct_from(round_id))
        .correlate(None)
        .scalar_subquery()
    )


def that_differ() -> Iterator[str]:
    """Each standing that is not what the ledger makes of its award, by what is different."""
    table = AwardSnapshot.__table__
    last = 0
    while ids := db.session.scalars(select(Award.id).where(Award.id > last).order_by(Award.id).limit(BATCH)).all():
        rows = db.session.execute(select(table).where(table.c.award_id.in_(ids))).mappings()
        kept = {row["award_id"]: row for row in rows}
        for values in compute(ids):
            found = kept.get(values["award_id"])
            wrong = sorted(name for name, value in values.items() if found is None or found[name] != value)
            if wrong:
                yield f"{values['reference']} is not what its ledger says: {', '.join(wrong)}"
        last = ids[-1]
    of_no_award = table.c.award_id.not_in(select(Award.id))
    for reference in db.session.scalars(select(table.c.reference).where(of_no_award).order_by(table.c.award_id)):
        yield f"{reference} stands for no award"
