"""The public front, and each person's start page."""

from __future__ import annotations

from flask import Blueprint, render_template
from sqlalchemy import select

from grants.accounts.access import current_person, needs, signed_in
from grants.accounts.models import Role
from grants.foundation import clock
from grants.foundation.audit import AuditLine
from grants.foundation.tables import page_from_request
from grants.funds.queries import open_rounds
from grants.outcomes import queries as outcomes
from grants.outcomes.pictures import year_chart
from grants.outcomes.rules import Filters, bars

from . import waiting

bp = Blueprint("desk", __name__)


# The public front


@bp.get("/")
def front() -> str:
    """What is open, what the fund gave, and what came of it."""
    picture = outcomes.picture(Filters(as_at=clock.today()))
    return render_template(
        "desk/front.html",
        rounds=open_rounds(),
        picture=picture,
        chart=year_chart(picture),
        years=bars(picture.years),
    )


# Signed in


@bp.get("/desk")
@signed_in
def desk() -> str:
    """What waits for the person, and how their own applications stand."""
    person = current_person()
    return render_template(
        "desk/desk.html",
        heaps=waiting.heaps_for(person),
        own=waiting.own_applications(person) if person.organisation_ids else [],
        rounds=open_rounds() if not person.roles else [],
        now=clock.now(),
    )


@bp.get("/audit")
@needs(Role.AUDITOR)
def audit() -> str:
    """The audit trail, newest first."""
    return render_template("desk/audit.html", page=page_from_request(select(AuditLine), order=[(AuditLine.id, True)]))
