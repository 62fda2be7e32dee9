"""The columns of the files of applications."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from grants.applications.models import ApplicationStatus
from grants.foundation.documents.exports import Column
from grants.funds.kinds.registry import kind_of
from grants.funds.models import Question

from .queries import answer_name, split

WORDS = {status.value: status.label for status in ApplicationStatus}

COLUMNS = (
    Column("Reference", attrgetter("reference"), width=16),
    Column("Round", attrgetter("round"), width=14),
    Column("Fund", attrgetter("fund"), width=10),
    Column("Group", attrgetter("organisation")),
    Column("Kind of group", attrgetter("kind"), width=16),
    Column("Charity number", attrgetter("charity_number"), width=16),
    Column("Company number", attrgetter("company_number"), width=16),
    Column("Project", attrgetter("title")),
    Column("Summary", attrgetter("summary"), width=48),
    Column("Status", lambda row: WORDS[row.status], width=20),
    Column("Submitted", attrgetter("submitted_at"), "date", 18),
    Column("Asked for (£)", attrgetter("requested_pence"), "pounds"),
    Column("Districts", lambda row: "; ".join(split(row.districts))),
    Column("Main topic", attrgetter("main_topic")),
    Column("Other topics", lambda row: "; ".join(split(row.other_topics))),
    Column("Priority", attrgetter("priority")),
    Column("People helped", attrgetter("people_helped"), "number"),
    Column("Starts", attrgetter("starts_on"), "date", 14),
    Column("Ends", attrgetter("ends_on"), "date", 14),
    Column("Illustrative", attrgetter("illustrative"), width=12),
)
"""The columns of the files, in the order in which they stand. How a check went is for the room of review to say."""


def columns_of(questions: Sequence[Question]) -> list[Column]:
    """The columns, with those of the questions of a round behind them."""
    return [*COLUMNS, *(kind_of(asked).column(asked, attrgetter(answer_name(asked))) for asked in questions)]
