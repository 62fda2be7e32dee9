"""What the room of outcomes wants done with the app."""

from __future__ import annotations

from flask import Flask

from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.foundation.records import proof
from grants.foundation.web import pages

from .reports import queries as reports
from .reports.drafts.sections import report_section_address
from .reports.sections import ReportSection


def init_app(app: Flask) -> None:
    """Put the reports into the navigation of those who read them."""
    app.jinja_env.globals.update(report_sections=ReportSection, report_section_address=report_section_address)
    proof.compare(app, "reports", reports.whose_lines_differ)
    pages.add_tab(app, "Reports", "outcomes.reports", order=49, shown=_lists)


def _lists(person: Person | None) -> bool:
    return person is not None and person.may(Right.LIST_REPORTS)
