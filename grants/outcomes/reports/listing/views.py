"""The office's list of reports, on a page and as files."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template, request

from grants.accounts.access import current_person, hands_out, needs, signed_in
from grants.accounts.rights import Right
from grants.awards.models import AwardSnapshot
from grants.foundation.documents.exports import csv_response, rows_of, xlsx_response
from grants.foundation.web.filters import Parameters, clean_filter, name_filter, takes
from grants.foundation.web.posting import Answered
from grants.foundation.web.tables import page_from_request, query_of, url_with
from grants.outcomes.acts import OutcomeAct
from grants.outcomes.blueprint import bp
from grants.outcomes.reports import queries
from grants.outcomes.reports.queries import ReportFilters

from .columns import COLUMNS, state_of

LIST_SIZE = 60
CHOICES, SEARCHES = ("state", "round"), ("q",)


# Lists


@bp.get("/reports")
@signed_in
@takes(*CHOICES, searches=SEARCHES, turns=True)
def reports() -> Answered:
    """The office's list; for everybody else, the reports of their groups."""
    person = current_person()
    if not person.may(Right.LIST_REPORTS):
        Parameters().check()
        rows = queries.of_groups(person)
        return render_template("outcomes/reports/listing/own_list.html", rows=rows, state_of=state_of)
    filters = _filters()
    found = queries.listed(person, filters)
    return render_template(
        "outcomes/reports/listing/list.html",
        page=page_from_request(found, order=_order(), size=LIST_SIZE, outer_joins=True),
        count=queries.count(person, filters),
        rounds=queries.round_codes(),
        states=queries.STATES,
        filters=filters,
        filter_words=_words(filters),
        state_of=state_of,
        query=query_of(),
    )


@bp.get("/reports.csv")
@needs(Right.LIST_REPORTS)
@takes(*CHOICES, searches=SEARCHES)
@hands_out(OutcomeAct.EXPORT_REPORTS, kind="reports")
def reports_csv() -> Response:
    """The same list as CSV."""
    filters = _filters()
    return csv_response(_rows(filters), COLUMNS, _name(filters))


@bp.get("/reports.xlsx")
@needs(Right.LIST_REPORTS)
@takes(*CHOICES, searches=SEARCHES)
@hands_out(OutcomeAct.EXPORT_REPORTS, kind="reports")
def reports_xlsx() -> Response:
    """The same list as XLSX."""
    filters = _filters()
    return xlsx_response(_rows(filters), COLUMNS, _name(filters), title="Reports")


def _order() -> list[tuple[Any, bool]]:
    return [(queries.due_on(), False), (AwardSnapshot.award_id, False)]


def _rows(filters: ReportFilters) -> Any:
    return rows_of(queries.listed(current_person(), filters).order_by(*(column for column, _down in _order())))


def _filters() -> ReportFilters:
    return ReportFilters(
        q=clean_filter(request.args.get("q")),
        state=name_filter(request.args.get("state"), lambda: queries.STATES, name="The status"),
        round=name_filter(request.args.get("round"), queries.round_codes, name="The round"),
    )


def _words(filters: ReportFilters) -> list[tuple[str, str, str]]:
    words = [
        ("Words", filters.q, "q"),
        ("Status", queries.STATES.get(filters.state, ""), "state"),
        ("Round", filters.round, "round"),
    ]
    return [(label, value, url_with(**{name: None, "after": None})) for label, value, name in words if value]


def _name(filters: ReportFilters) -> str:
    return " ".join(part for part in ("reports", filters.round, filters.state) if part)
