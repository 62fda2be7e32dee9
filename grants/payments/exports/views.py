"""What finance reads and takes away: the awards and the payments, on pages and as files."""

from __future__ import annotations

from functools import partial

from flask import Response, render_template, request

from grants.accounts.access import current_person, hands_out, needs
from grants.accounts.rights import Right
from grants.awards.models import AwardSnapshot, AwardStatus
from grants.foundation.documents.exports import csv_response, rows_of, xlsx_response
from grants.foundation.values.days import financial_year, known_financial_year
from grants.foundation.web.filters import BadFilter, choice_filter, clean_filter, echo, name_filter, takes
from grants.foundation.web.tables import page_from_request, query_of, url_with
from grants.payments import rules
from grants.payments.acts import PaymentAct
from grants.payments.blueprint import bp
from grants.payments.models import Payment, PaymentStatus, TakenState

from . import columns, operations, queries
from .queries import AwardFilters, Facets, PaymentFilters, ToEnter

LIST_SIZE = 60
AWARD_CHOICES = ("fund", "round", "year", "status", "topic", "district", "entry")
PAYMENT_CHOICES = ("year", "status")

ORDER = [(AwardSnapshot.award_last, True), (AwardSnapshot.award_id, True)]
PAYMENT_ORDER = [(Payment.id, True)]

# The awards


@bp.get("/payments/awards")
@needs(Right.READ_PAYMENTS)
@takes(*AWARD_CHOICES, searches=("words",), turns=True)
def awards() -> str:
    """The awards, by fund, round, financial year, state, topic, district and words, and their files."""
    facets = queries.facets()
    filters = _filters(facets)
    found = queries.awards(filters)
    page = page_from_request(found, order=ORDER, size=LIST_SIZE, outer_joins=True, whole=AwardSnapshot)
    return render_template(
        "payments/exports/awards.html",
        page=page,
        sums=queries.sums_of(filters),
        filters=filters,
        facets=facets,
        years=rules.years_between(facets.first, facets.last),
        filter_words=_words(filters),
        year_of=known_financial_year,
        statuses={status.value: status for status in AwardStatus},
        taken={state.value: state for state in TakenState},
        entries=list(ToEnter),
        may_take=current_person().may(Right.EXPORT_PAYMENTS),
        query=query_of(),
    )


@bp.get("/payments/awards.csv")
@needs(Right.READ_PAYMENTS)
@takes(*AWARD_CHOICES, searches=("words",))
@hands_out(PaymentAct.EXPORT_AWARDS, kind="awards")
def awards_csv() -> Response:
    """The same awards as CSV."""
    filters = _filters(queries.facets())
    query = queries.awards(filters).order_by(*(column.desc() for column, _down in ORDER))
    return csv_response(rows_of(query), columns.AWARDS, _name(filters))


@bp.get("/payments/awards.xlsx")
@needs(Right.READ_PAYMENTS)
@takes(*AWARD_CHOICES, searches=("words",))
@hands_out(PaymentAct.EXPORT_AWARDS, kind="awards")
def awards_xlsx() -> Response:
    """The same awards as XLSX."""
    filters = _filters(queries.facets())
    query = queries.awards(filters).order_by(*(column.desc() for column, _down in ORDER))
    return xlsx_response(rows_of(query), columns.AWARDS, _name(filters), title="Awards")


@bp.post("/payments/awards/take.xlsx")
@needs(Right.EXPORT_PAYMENTS)
@takes(*AWARD_CHOICES, searches=("words",))
def take_awards_xlsx() -> Response:
    """The new and changed awards of the selection as XLSX: they count as taken."""
    filters = _filters(queries.facets())
    rows = operations.take_awards(person=current_person(), filters=filters)
    return xlsx_response(rows, columns.AWARDS, f"{_name(filters)} to enter", title="Awards to enter")


@bp.post("/payments/awards/take.csv")
@needs(Right.EXPORT_PAYMENTS)
@takes(*AWARD_CHOICES, searches=("words",))
def take_awards_csv() -> Response:
    """The same as CSV."""
    filters = _filters(queries.facets())
    rows = operations.take_awards(person=current_person(), filters=filters)
    return csv_response(rows, columns.AWARDS, f"{_name(filters)} to enter")


def _filters(facets: Facets) -> AwardFilters:
    known = {"fund": facets.funds, "round": facets.rounds, "topic": facets.topics, "district": facets.districts}
    return AwardFilters(
        year=_year(),
        status=choice_filter(request.args.get("status"), {one.value: one for one in AwardStatus}, name="The status"),
        words=clean_filter(request.args.get("words")),
        entry=choice_filter(request.args.get("entry"), {one.value: one for one in ToEnter}, name="What finance has"),
        **{
            name: name_filter(request.args.get(name), partial(list, names), name=f"The {name}")
            for name, names in known.items()
        },
    )


def _year() -> str:
    year = clean_filter(request.args.get("year"), name="The financial year")
    if year and rules.days_of_year(year) is None:
        raise BadFilter(f"The financial year “{echo(year)}” is not known. Give one like 2026-27.")
    return year


def _words(filters: AwardFilters) -> list[tuple[str, str, str]]:
    words = [
        ("Fund", filters.fund, "fund"),
        ("Round", filters.round, "round"),
        ("Financial year", filters.year, "year"),
        ("Status", filters.status.label if filters.status else "", "status"),
        ("Main topic", filters.topic, "topic"),
        ("District", filters.district, "district"),
        ("Finance has", filters.entry.label if filters.entry else "", "entry"),
        ("Words", filters.words, "words"),
    ]
    return [(label, value, url_with(**{name: None, "after": None})) for label, value, name in words if value]


def _name(filters: AwardFilters) -> str:
    parts = ("awards", filters.fund, filters.round, filters.year, filters.status or "", filters.topic, filters.district)
    return " ".join(part for part in parts if part)


# The payments


@bp.get("/payments/all")
@needs(Right.READ_PAYMENTS)
@takes(*PAYMENT_CHOICES, turns=True)
def all_payments() -> str:
    """Every payment, the newest first, and their files."""
    filters = _payment_filters()
    return render_template(
        "payments/exports/payments.html",
        page=page_from_request(queries.payments(filters), order=PAYMENT_ORDER, size=LIST_SIZE),
        filters=filters,
        years=queries.payment_years(),
        year_of=financial_year,
        statuses={status.value: status for status in PaymentStatus},
        query=query_of(),
    )


@bp.get("/payments/all.csv")
@needs(Right.READ_PAYMENTS)
@takes(*PAYMENT_CHOICES)
@hands_out(PaymentAct.EXPORT_PAYMENTS, kind="payments")
def all_payments_csv() -> Response:
    """The same payments as CSV."""
    query = queries.payments(_payment_filters()).order_by(Payment.id.desc())
    return csv_response(rows_of(query), columns.PAYMENTS, "payments")


@bp.get("/payments/all.xlsx")
@needs(Right.READ_PAYMENTS)
@takes(*PAYMENT_CHOICES)
@hands_out(PaymentAct.EXPORT_PAYMENTS, kind="payments")
def all_payments_xlsx() -> Response:
    """The same payments as XLSX."""
    query = queries.payments(_payment_filters()).order_by(Payment.id.desc())
    return xlsx_response(rows_of(query), columns.PAYMENTS, "payments", title="Payments")


def _payment_filters() -> PaymentFilters:
    known = {one.value: one for one in PaymentStatus}
    return PaymentFilters(year=_year(), status=choice_filter(request.args.get("status"), known, name="The status"))
