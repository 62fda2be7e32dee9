"""What finance reads: the awards as commitments, on a page and as files."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template, request

from grants.accounts.access import needs
from grants.awards.models import AwardStanding, AwardStatus
from grants.foundation.exports import Column, csv_response, rows_of, xlsx_response
from grants.foundation.tables import BadFilter, clean_filter, page_from_request, url_with

from . import queries, rules
from .queries import AwardFilters

bp = Blueprint("payments", __name__)

LIST_SIZE = 60

COLUMNS = (
    Column("Reference", lambda row: row.reference),
    Column("Group", lambda row: row.organisation_name),
    Column("Project", lambda row: row.title),
    Column("Amount (£)", lambda row: row.awarded_pence, "pounds"),
    Column("Fund", lambda row: row.fund_code),
    Column("Round", lambda row: row.round_code),
    Column("Award date", lambda row: row.award_day, "date"),
    Column("Financial year", lambda row: rules.financial_year(row.award_last)),
    Column("Decision", lambda row: row.decision_reference),
    Column("Decision date", lambda row: row.decided_at, "date"),
    Column("Status", lambda row: AwardStatus(row.status).label),
    Column("Cost centre", lambda row: row.cost_centre),
    Column("Account code", lambda row: row.account_code),
    Column("Project code", lambda row: row.project_code),
    Column("Illustrative", lambda row: row.illustrative),
)
"""The columns of the export, in the order in which they stand."""

ORDER = [(AwardStanding.award_last, True), (AwardStanding.award_id, True)]


@bp.get("/payments")
@needs(*rules.READERS)
def awards() -> str | tuple[str, int]:
    """The awards, by round and financial year, and their files."""
    refusal, filters = "", AwardFilters()
    try:
        filters = _filters()
    except BadFilter as error:
        refusal = str(error)
    page = page_from_request(queries.commitments(filters), order=ORDER, size=LIST_SIZE)
    return render_template(
        "payments/awards.html",
        page=page,
        sums=queries.sums_of(filters),
        filters=filters,
        rounds=queries.round_codes(),
        years=rules.years_between(*queries.span()),
        filter_words=_words(filters),
        refusal=refusal,
        year_of=rules.financial_year,
        statuses={status.value: status for status in AwardStatus},
        query=request.query_string.decode("ascii", "replace"),
    )


@bp.get("/payments/awards.csv")
@needs(*rules.READERS)
def awards_csv() -> Response:
    """The same awards as CSV."""
    filters = _file_filters()
    query = queries.commitments(filters).order_by(*(column.desc() for column, _down in ORDER))
    return csv_response(rows_of(query), COLUMNS, _name(filters))


@bp.get("/payments/awards.xlsx")
@needs(*rules.READERS)
def awards_xlsx() -> Response:
    """The same awards as XLSX."""
    filters = _file_filters()
    query = queries.commitments(filters).order_by(*(column.desc() for column, _down in ORDER))
    return xlsx_response(rows_of(query), COLUMNS, _name(filters), title="Awards")


def _filters() -> AwardFilters:
    a_round = clean_filter(request.args.get("round"), name="The round")
    year = clean_filter(request.args.get("year"), name="The financial year")
    if year and rules.days_of_year(year) is None:
        raise BadFilter("The financial year must be like 2026-27.")
    return AwardFilters(round=a_round, year=year)


def _file_filters() -> AwardFilters:
    try:
        return _filters()
    except BadFilter as error:
        abort(400, str(error))


def _words(filters: AwardFilters) -> list[tuple[str, str, str]]:
    words = [("Round", filters.round, "round"), ("Financial year", filters.year, "year")]
    return [(label, value, url_with(**{name: None, "after": None})) for label, value, name in words if value]


def _name(filters: AwardFilters) -> str:
    return " ".join(part for part in ("awards", filters.round, filters.year) if part)
