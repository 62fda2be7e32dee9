"""What the URLs of reports name, fetched through its owner: to anybody else it is not there."""

from __future__ import annotations

from flask import abort

from grants.accounts.access import allowed, refuse_without
from grants.accounts.models import Person
from grants.accounts.rights import GroupRight

from . import queries, rules
from .models import Report
from .rules import ReportCase


def readable(reference: str) -> tuple[Person, ReportCase]:
    """The person and the case, where the person may read it; to any other it is not there."""
    return allowed(queries.case_of(reference), rules.can_view)


def of_group(reference: str, right: GroupRight | None = None) -> tuple[Person, ReportCase]:
    """The person and the case of one of their groups, in which they may do this; to any other it is not there."""
    person, case = allowed(queries.case_of(reference), rules.can_view, rules.is_own)
    refuse_without(right, person, case.snapshot.organisation_id)
    return person, case


def begun(reference: str, right: GroupRight | None = None) -> tuple[Person, ReportCase, Report]:
    """The same with the report; where it is not begun, there is no page of it yet."""
    person, case = of_group(reference, right)
    return person, case, case.report or abort(404)
