"""The columns of every score with its comment. The file holds what the person may see, no more."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from grants.accounts.models import Organisation, Person
from grants.applications.models import Application, ApplicationStatus
from grants.foundation.documents.exports import Column
from grants.funds.models import Criterion, Round
from grants.review.models import Score, ScoreSheet
from grants.review.queries import scores_are_open_to

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
