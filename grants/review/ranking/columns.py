"""The columns of the ranking as a file. It holds what the person may see, no more."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from grants.accounts.models import Person
from grants.foundation.documents.exports import Column, rows_of
from grants.funds.models import Round

from .queries import Ranked, as_ranked, ranking


def ranking_columns(a_round: Round) -> tuple[Column, ...]:
    """The ranking as it stands on its page. Shares are of the most points that there are, in per cent."""
    return (
        Column("Place", lambda bid: bid.place, "number"),
        Column("Reference", lambda bid: bid.reference),
        Column("Project", lambda bid: bid.title),
        Column("Group", lambda bid: bid.organisation),
        Column("Status", lambda bid: bid.status.label),
        Column("Grant", lambda bid: bid.grant.label if bid.grant else ""),
        Column("Median (%)", lambda bid: bid.result and bid.result.median, "decimal"),
        Column("Mean (%)", lambda bid: bid.result and bid.result.mean, "decimal"),
        Column("Lowest (%)", lambda bid: bid.result and bid.result.low, "decimal"),
        Column("Highest (%)", lambda bid: bid.result and bid.result.high, "decimal"),
        Column("Wide disagreement", lambda bid: bid.result and bid.result.is_wide),
        Column("Locked score sheets", lambda bid: bid.sheets, "number"),
        Column("Score sheets needed", lambda _bid: a_round.scores_needed, "number"),
        Column("Asked for (£)", lambda bid: bid.requested_pence, "pounds"),
        Column("Recommended (£)", lambda bid: bid.recommended_pence, "pounds"),
        Column("Approved (£)", lambda bid: bid.approved_pence, "pounds"),
        Column("Approved, as it stands now (£)", lambda bid: bid.taken_pence, "pounds"),
        Column("Running total (£)", lambda bid: bid.running_pence, "pounds"),
        Column("Illustrative", lambda bid: bid.illustrative),
    )


def ranked_rows(person: Person, a_round: Round) -> Iterator[Ranked]:
    """The whole ranking, read some rows at a time."""
    ranked = ranking(person, a_round)
    rows = rows_of(select(ranked).order_by(ranked.c.place.asc().nulls_last(), ranked.c.reference))
    return (as_ranked(row) for row in rows)
