"""The office's page of a round: how far it has come, closing it and completing it."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from grants.accounts.access import current_person, needs, there
from grants.accounts.rights import Right
from grants.applications import rules
from grants.applications.blueprint import bp
from grants.foundation.records.lifecycle import find_step
from grants.foundation.values import clock
from grants.funds.models import Round, RoundStatus
from grants.funds.operations import close_round
from grants.funds.queries import round_by_slug
from grants.funds.rules import ROUND_STEPS, can_close, is_asked

from . import operations, queries


def _run_here(slug: str) -> Round:
    """The round of an address, unless only facts of the past are known of it."""
    return there(round_by_slug(slug), is_asked)


@bp.get("/rounds/<string:slug>/progress")
@needs(Right.FOLLOW_ROUNDS)
def round_progress(slug: str) -> str:
    """How many applications are where, and what can be done with the round now."""
    person, a_round = current_person(), _run_here(slug)
    status = RoundStatus(a_round.status)
    return render_template(
        "applications/rounds/round.html",
        a_round=a_round,
        status=status,
        counts=queries.progress(person, a_round),
        lists=person.may(Right.LIST_APPLICATIONS),
        runs=person.may(Right.RUN_ROUNDS),
        closes=find_step(ROUND_STEPS, status, "close") is not None,
        may_close=can_close(a_round, clock.now()),
        completes=find_step(ROUND_STEPS, status, "complete") is not None,
        may_complete=rules.can_complete_round(person, a_round, unfinished=queries.unfinished(a_round)),
    )


@bp.post("/rounds/<string:slug>/close")
@needs(Right.RUN_ROUNDS)
def close(slug: str) -> Response:
    """Close a round after its closing time."""
    a_round = _run_here(slug)
    close_round(actor=current_person().actor, a_round=a_round)
    flash(f"{a_round.code} is closed.", "yes")
    return redirect(url_for(".round_progress", slug=slug))


@bp.post("/rounds/<string:slug>/complete")
@needs(Right.RUN_ROUNDS)
def complete(slug: str) -> Response:
    """Complete a round in which everything is decided and announced."""
    a_round = _run_here(slug)
    operations.complete_round(person=current_person(), a_round=a_round)
    flash(f"{a_round.code} is complete.", "yes")
    return redirect(url_for(".round_progress", slug=slug))
