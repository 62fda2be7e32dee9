"""The columns of the file of reports, in the order in which they stand. Their select is in `reports/queries.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grants.awards.models import known_returned
from grants.foundation.documents.exports import Column
from grants.foundation.values import clock
from grants.foundation.values.money import pounds
from grants.outcomes.reports.models import ReportStatus


def state_of(row: Any) -> tuple[str, str]:
    """The word and the colour of a row of the list: where its report is, or how it is late."""
    if row.outstanding_pence > 0:
        return f"Accepted, {pounds(row.outstanding_pence)} to come back", "wait"
    if row.is_waiting and row.due_on < clock.today():
        return "Overdue", "no"
    if row.status is None:
        return "Not begun", "quiet"
    status = ReportStatus(row.status)
    return status.label, status.colour


def _sent(name: str) -> Callable[[Any], Any]:
    """What the group tells, once it is with the office: a draft is read by its group alone."""
    return lambda row: None if row.is_waiting else getattr(row, name)


COLUMNS = (
    Column("Reference", lambda row: row.reference),
    Column("Group", lambda row: row.organisation_name),
    Column("Project", lambda row: row.title),
    Column("Round", lambda row: row.round_code),
    Column("Due", lambda row: row.due_on, "date"),
    Column("Status", lambda row: state_of(row)[0]),
    Column("Sent", lambda row: row.submitted_at, "date"),
    Column("Accepted", lambda row: row.accepted_at, "date"),
    Column("People helped", _sent("people_helped"), "number"),
    Column("Estimated", _sent("people_estimated")),
    Column("Volunteers", _sent("volunteers"), "number"),
    Column("Sessions", _sent("sessions"), "number"),
    Column("Awarded (£)", lambda row: row.awarded_pence, "pounds"),
    Column("Paid (£)", lambda row: row.paid_pence, "pounds"),
    Column("Spent (£)", _sent("spent_pence"), "pounds"),
    Column("Returned (£)", lambda row: known_returned(row.paid_pence, row.returned_pence), "pounds"),
    Column("Waived (£)", lambda row: row.waived_pence, "pounds"),
    Column("To come back (£)", lambda row: max(0, row.outstanding_pence), "pounds"),
    Column("Illustrative", lambda row: row.illustrative),
)
"""The columns of the export, in the order in which they stand."""
