"""The public register: its list and files, a page for each award, and its open data. Nobody needs to sign in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from flask import Response, abort, render_template, request, stream_with_context, url_for
from sqlalchemy import select

from grants.accounts.access import person_or_none
from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.awards.around.queries import around
from grants.awards.corrections.rules import can_correct
from grants.awards.models import PUBLIC_STATUSES, Award, AwardStatus
from grants.awards.offers.rules import can_read_offer
from grants.foundation.documents.exports import csv_response, xlsx_response
from grants.foundation.values import clock
from grants.foundation.values.days import known_financial_year
from grants.foundation.web.delivery import as_recorded
from grants.foundation.web.filters import takes
from grants.foundation.web.pages import office
from grants.foundation.web.posting import Answered
from grants.foundation.web.tables import Page, Sort, chosen_sort, page_from_request
from grants.outcomes.totals.queries import vocabulary
from grants.outcomes.totals.rules import FilterKind, Vocabulary

from . import opendata, queries
from .blueprint import bp
from .columns import COLUMNS, RegisterRow, for_machines, for_people, months
from .filters import AMOUNTS, CHOICES, LABELS, SEARCHES, YES_OR_NO, RegisterAsked, read_register_filters
from .story.queries import story_of, sum_of

# The list


@bp.get("/register")
@takes(*CHOICES, "sort", searches=SEARCHES, turns=True)
def register() -> Answered:
    """Every published award, as far as the filters let it through."""
    known = vocabulary()
    asked = _asked(known)
    sort = chosen_sort(queries.SORTS, request.args.get("sort"))
    found, page = queries.NOTHING, Page[Any](rows=[])
    if asked.filters:
        found = queries.find(asked.filters)
    if asked.filters and found.number:
        page = page_from_request(queries.listed(asked.filters, found), order=sort.order)
    words = render_template(
        "register/register.html",
        form=asked,
        asked=asked,
        choices=_choices(known),
        in_use=[
            (label, value, _address("register.register", asked, sort, **{name: None}))
            for name, label, value in asked.in_words()
        ],
        sort=sort,
        sorts=queries.SORTS,
        number=found.number,
        page=page,
        withdrawn=AwardStatus.WITHDRAWN,
        address=partial(_address, "register.register", asked, sort),
        file_address=partial(_address, asked=asked, chosen=sort),
    )
    return words, 400 if asked.errors else 200


def _choices(known: Vocabulary) -> dict[str, Sequence[tuple[str, str]]]:
    """What the lists of the filters offer, as (value, words)."""
    named = {kind.value: [(choice.key, choice.label) for choice in known.of(kind)] for kind in FilterKind}
    return {
        **named,
        "status": [(status.value, status.label) for status in PUBLIC_STATUSES],
        "amount": list(AMOUNTS.items()),
        "yes_or_no": list(YES_OR_NO.items()),
    }


# Its files: what the list shows, whole


@bp.get("/register.csv")
@takes(*CHOICES, "sort", searches=SEARCHES)
@as_recorded
def register_csv() -> Response:
    """The register as CSV: the same filters, the same order, every row."""
    rows, name = _rows_for_file()
    return csv_response(rows, for_machines(), name)


@bp.get("/register.xlsx")
@takes(*CHOICES, "sort", searches=SEARCHES)
def register_xlsx() -> Response:
    """The register as XLSX: the same filters, the same order, every row."""
    rows, name = _rows_for_file()
    return xlsx_response(rows, for_people(), name, title="Register of awards")


def _rows_for_file() -> tuple[Iterator[RegisterRow], str]:
    known = vocabulary()
    asked = _asked(known)
    if asked.filters is None:
        abort(400, description=" ".join(f"{LABELS[name]}: {error}" for name, error in asked.errors.items()))
    sort = chosen_sort(queries.SORTS, request.args.get("sort"))
    rows = queries.rows(queries.whole(asked.filters, sort.order), queries.codes_of(known))
    return rows, f"register {clock.today().isoformat()}"


def _asked(known: Vocabulary) -> RegisterAsked:
    return read_register_filters(request.args.to_dict(flat=False), known)


def _address(endpoint: str, asked: RegisterAsked, chosen: Sort, **changes: str | None) -> str:
    """A page with the filters in use, some of them changed; None takes one off."""
    kept: dict[str, Any] = {**asked.given, "sort": chosen.name, **changes}
    if kept["sort"] == queries.SORTS[0].name:
        del kept["sort"]
    return url_for(endpoint, **{name: value for name, value in kept.items() if value})


# One award


@bp.get("/awards/<string:reference>")
def award(reference: str) -> str:
    """Everything that is published about one award, and its story."""
    row = queries.row_of(reference) or abort(404)
    story = story_of(reference)
    person = person_or_none()
    return render_template(
        "register/award.html",
        award=row,
        status=AwardStatus(row.status),
        story=story,
        foot=sum_of(story),
        is_link=opendata.is_web_address,
        months=months(row.starts_on, row.ends_on),
        financial_year=known_financial_year(row.award_day),
        may_correct=person is not None and _may_correct(person, row),
        may_read_offer=person is not None and _may_read_offer(person, row),
        may_read_variations=person is not None and _may_read_variations(person, row),
    )


def _may_correct(person: Person, row: RegisterRow) -> bool:
    if not person.may(Right.CORRECT_AWARDS):
        return False
    (near,) = around(select(Award.id).where(Award.reference == row.reference)).values()
    return bool(can_correct(person, near.ties))


def _may_read_offer(person: Person, row: RegisterRow) -> bool:
    return row.is_offered and row.organisation_id is not None and bool(can_read_offer(person, {row.organisation_id}))


def _may_read_variations(person: Person, row: RegisterRow) -> bool:
    return bool(row.decision_reference) and (
        person.may(Right.READ_VARIATIONS) or row.organisation_id in person.organisation_ids
    )


# Open data


@bp.get("/register/open-data")
def open_data() -> str:
    """What is published for machines, how much of the register that is, and what its columns mean."""
    publisher = _publisher()
    return render_template(
        "register/open_data.html",
        publisher=publisher,
        counts=opendata.left_out(),
        columns=COLUMNS,
        licence=opendata.LICENCE,
    )


@bp.get("/register/360giving.json")
@takes()
@as_recorded
def giving_json() -> Response:
    """The complete awards in the 360Giving Data Standard, sent while they are read."""
    pieces = opendata.package(_publisher(), opendata.left_out(), queries.complete_awards())
    response = Response(stream_with_context(pieces), mimetype="application/json")
    response.headers["Content-Disposition"] = "inline; filename=360giving.json"
    return response


def _publisher() -> opendata.Publisher:
    return opendata.Publisher(office())
