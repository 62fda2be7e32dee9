"""How awards stand, held against their ledger."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from grants.awards.models import Award, AwardSnapshot
from grants.foundation.records.db import db

from .operations import BATCH, compute


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
