"""The files of review: every score with its comment, and the ranking. They hold what the person may see, no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, select

from grants.accounts.models import Organisation, Person
from grants.applications.models import Application, ApplicationStatus
from grants.foundation.exports import Column, rows_of
from grants.funds.models import Criterion, Round

from .models import Score, ScoreSheet
from .queries import scores_are_open_to
from .ranking import Ranked, as_ranked, ranking

SCORE_COLUMNS = (
    Column("Reference", lambda row: row.reference),
    Column("Group", lambda row: row.organisation),
    Column("Project", lambda row: row.project),
    Column("Status", lambda row: ApplicationStatus(row.status).label),
    Column("Panel member", lambda row: row.member),
    Column("Criterion", lambda row: row.criterion),
    Column("Counts times", lambda row: row.weight, "number"),
    Column("Score", lambda row: row.score, "number"),
    Column("Comment", lambda row: row.reason, width=60),
    Column("Locked", lambda row: row.locked_at, "date"),
    Column("Illustrative", lambda row: row.illustrative),
)
"""A line for each criterion of each locked sheet."""


def ranking_columns(a_round: Round) -> tuple[Column, ...]:
    """The ranking as it stands on its page. Shares are of the most points that there are, in per cent."""
    return (
        Column("Place", lambda bid: bid.place, "number"),
        Column("Reference", lambda bid: bid.reference),
        Column("Project", lambda bid: bid.title),
        Column("Group", lambda bid: bid.organisation),
        Column("Status", lambda bid: bid.status.label),
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
        Column("Running total (£)", lambda bid: bid.running_pence, "pounds"),
        Column("Illustrative", lambda bid: bid.illustrative),
    )


def scores_of(person: Person, a_round: Round) -> Select[*tuple[Any, ...]]:
    """Every score of the locked sheets of a round that are open to the person, in the order of the file."""
    return (
        select(
            Application.reference,
            Organisation.name.label("organisation"),
            Application.title.label("project"),
            Application.status,
            Person.name.label("member"),
            Criterion.title.label("criterion"),
            Criterion.weight,
            Score.score,
            Score.reason,
            ScoreSheet.locked_at,
            Application.illustrative,
        )
        .select_from(ScoreSheet)
        .join(Application, Application.id == ScoreSheet.application_id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(Person, Person.id == ScoreSheet.person_id)
        .join(Score, Score.sheet_id == ScoreSheet.id)
        .join(Criterion, Criterion.id == Score.criterion_id)
        .where(Application.round_id == a_round.id, ScoreSheet.locked_at.is_not(None), *scores_are_open_to(person))
        .order_by(Application.reference, ScoreSheet.locked_at, ScoreSheet.id, Criterion.position)
    )


def ranked_rows(person: Person, a_round: Round) -> Iterator[Ranked]:
    """The whole ranking, read some rows at a time."""
    ranked = ranking(person, a_round)
    rows = rows_of(select(ranked).order_by(ranked.c.place.asc().nulls_last(), ranked.c.reference))
    return (as_ranked(row) for row in rows)
