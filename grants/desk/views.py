"""The public front, and each person's start page."""

from __future__ import annotations

from flask import render_template

from grants.accounts.access import current_person, signed_in
from grants.foundation.values import clock
from grants.funds.models import Fund
from grants.funds.queries import open_rounds
from grants.outcomes.totals import queries as outcomes
from grants.outcomes.totals.pictures import year_chart
from grants.outcomes.totals.rules import FilterChoice, FilterKind, Filters, bars
from grants.outcomes.totals.statements import sentence

from .blueprint import bp
from .waiting import queries as waiting

# The public front


@bp.get("/")
def front() -> str:
    """What is open, what the fund gave, and what came of it."""
    rounds = open_rounds()
    filters = _of_fund(rounds[0].fund if rounds else None)
    picture = outcomes.picture(filters)
    return render_template(
        "desk/front.html",
        rounds=rounds,
        picture=picture,
        sentence=sentence(filters, picture.totals),
        chart=year_chart(picture),
        years=bars(picture.years),
    )


def _of_fund(fund: Fund | None) -> Filters:
    chosen = FilterChoice(FilterKind.FUND, fund.id, fund.code, fund.name) if fund else None
    return Filters(as_at=clock.today(), fund=chosen)


# Signed in


@bp.get("/desk")
@signed_in
def desk() -> str:
    """What waits for the person, and how their own applications stand."""
    person = current_person()
    return render_template(
        "desk/desk.html",
        task_lists=waiting.task_lists_for(person),
        own=waiting.own_applications(person) if person.organisation_ids else [],
        rounds=open_rounds() if not person.roles else [],
        now=clock.now(),
    )
