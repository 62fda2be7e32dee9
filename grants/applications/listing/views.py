"""The office's list of applications, on a page and as files."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response, render_template, request
from sqlalchemy import Select

from grants.accounts.access import current_person, hands_out, needs, signed_in
from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.applications import queries as bids
from grants.applications.acts import ApplicationAct
from grants.applications.blueprint import bp
from grants.applications.models import Application, ApplicationStatus
from grants.foundation.documents.exports import Column, csv_response, rows_of, xlsx_response
from grants.foundation.web.filters import Parameters, choice_filter, clean_filter, name_filter, takes
from grants.foundation.web.tables import page_from_request, url_with

from . import queries as listing
from .columns import columns_of, listed_whole
from .queries import ListChoices, ListFilters

LIST_SIZE = 60
STATUSES = {status.value: status for status in ApplicationStatus}
CHOICES, SEARCHES = ("status", "round", "district", "topic"), ("q",)
ORDER = [(Application.submitted_at, True), (Application.id, True)]


@bp.get("/applications")
@signed_in
@takes(*CHOICES, searches=SEARCHES, turns=True)
def applications() -> str:
    """The office's list; for everybody else, the applications of their groups."""
    person = current_person()
    if not person.may(Right.LIST_APPLICATIONS):
        Parameters().check()
        own = bids.of_groups(person)
        return render_template(
            "applications/listing/own.html",
            applications=own,
            grants=bids.grants_of(own),
            organisation_ids=person.organisation_ids,
        )
    choices = listing.list_choices()
    filters = _filters(choices)
    found = listing.listed(person, filters)
    return render_template(
        "applications/listing/list.html",
        page=page_from_request(found, order=ORDER, size=LIST_SIZE),
        count=listing.count(person, filters),
        choices=choices,
        filters=filters,
        filter_words=_filter_words(filters),
        states=STATUSES,
        statuses=[status for status in ApplicationStatus if _is_listed(person, status)],
        query={name: value for name, value in asdict(filters).items() if value},
    )


@bp.get("/applications.csv")
@needs(Right.LIST_APPLICATIONS)
@takes(*CHOICES, searches=SEARCHES)
@hands_out(ApplicationAct.EXPORT_APPLICATIONS, kind="applications")
def applications_csv() -> Response:
    """The same applications as CSV."""
    filters, rows, columns = _file()
    return csv_response(rows_of(rows), columns, _name(filters))


@bp.get("/applications.xlsx")
@needs(Right.LIST_APPLICATIONS)
@takes(*CHOICES, searches=SEARCHES)
@hands_out(ApplicationAct.EXPORT_APPLICATIONS, kind="applications")
def applications_xlsx() -> Response:
    """The same applications as XLSX."""
    filters, rows, columns = _file()
    return xlsx_response(rows_of(rows), columns, _name(filters), title="Applications")


def _file() -> tuple[ListFilters, Select[Any], list[Column]]:
    filters = _filters(listing.list_choices())
    questions = listing.questions_of(filters)
    return filters, listed_whole(current_person(), filters, questions), columns_of(questions)


def _is_listed(person: Person, status: ApplicationStatus) -> bool:
    return status != ApplicationStatus.DRAFT or person.may(Right.READ_DRAFTS)


def _filters(choices: ListChoices) -> ListFilters:
    status = choice_filter(request.args.get("status"), STATUSES, name="The status")
    rounds = dict(choices.rounds)
    return ListFilters(
        q=clean_filter(request.args.get("q")),
        status=status.value if status else "",
        round=name_filter(request.args.get("round"), lambda: rounds, name="The round"),
        district=name_filter(request.args.get("district"), lambda: choices.districts, name="The district"),
        topic=name_filter(request.args.get("topic"), lambda: choices.topics, name="The topic"),
    )


def _filter_words(filters: ListFilters) -> list[tuple[str, str, str]]:
    words = [
        ("Words", filters.q, "q"),
        ("Status", STATUSES[filters.status].label if filters.status else "", "status"),
        ("Round", filters.round.upper(), "round"),
        ("District", filters.district, "district"),
        ("Main topic", filters.topic, "topic"),
    ]
    return [(label, value, url_with(**{name: None, "after": None})) for label, value, name in words if value]


def _name(filters: ListFilters) -> str:
    return " ".join(part for part in ("applications", filters.round, filters.status, filters.district) if part)
