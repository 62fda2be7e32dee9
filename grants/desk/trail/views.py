"""The audit trail on its page and as files: the same lines, told in the same words."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response, render_template

from grants.accounts.access import current_person, hands_out, needs
from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.desk.acts import DeskAct
from grants.desk.blueprint import bp
from grants.foundation.documents.exports import csv_response, xlsx_response
from grants.foundation.records.audit import AuditLine
from grants.foundation.web.filters import takes
from grants.foundation.web.posting import Answered
from grants.foundation.web.tables import Page, page_from_request, query_of

from . import queries
from .columns import CSV, XLSX
from .contents import ToldLine, tell
from .filters import NAMES, WITHOUT_ACCOUNT, acts_by_room, kinds, read_filters
from .queries import ORDER, TrailFilters


@bp.get("/audit")
@needs(Right.READ_AUDIT_TRAIL)
@takes(*NAMES, turns=True)
def audit() -> Answered:
    """The audit trail, newest first: all of it, or what somebody asks for."""
    asked = read_filters()
    page: Page[AuditLine] = Page(rows=[])
    if not asked.errors:
        page = page_from_request(queries.lines(asked.filters), order=ORDER)
    words = render_template(
        "desk/trail/trail.html",
        form=asked,
        page=page,
        lines=tell(current_person(), page.rows),
        acts=acts_by_room(),
        kinds=kinds(),
        without_account=[(word, meant[0]) for word, meant in WITHOUT_ACCOUNT.items()],
        query=query_of(),
    )
    return words, 400 if asked.errors else 200


@bp.get("/audit.csv")
@needs(Right.READ_AUDIT_TRAIL)
@takes(*NAMES)
@hands_out(DeskAct.EXPORT_AUDIT_TRAIL, kind="audit_lines")
def audit_csv() -> Response:
    """The same lines as CSV."""
    return csv_response(_rows(current_person(), read_filters().or_refuse()), CSV, "audit trail")


@bp.get("/audit.xlsx")
@needs(Right.READ_AUDIT_TRAIL)
@takes(*NAMES)
@hands_out(DeskAct.EXPORT_AUDIT_TRAIL, kind="audit_lines")
def audit_xlsx() -> Response:
    """The same lines as XLSX."""
    rows = _rows(current_person(), read_filters().or_refuse())
    return xlsx_response(rows, XLSX, "audit trail", title="Audit trail")


def _rows(person: Person, filters: TrailFilters) -> Iterator[ToldLine]:
    """The lines up to now, some at a time: that they were taken away comes after them, and is not among them."""
    up_to = queries.last_number()
    return (told for found in queries.some_at_a_time(filters, up_to=up_to) for told in tell(person, found))
