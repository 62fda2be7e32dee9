"""The pages of decisions: what waits for one, and the decision itself. They belong to the awards' blueprint."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from grants.accounts.access import current_person, needs
from grants.accounts.models import Person, Role
from grants.applications import bid as bids
from grants.foundation import once
from grants.foundation.db import Refused
from grants.foundation.money import Pence
from grants.review.operations import BadGrant
from grants.review.queries import Case, case, locked_sheets
from grants.review.rules import can_see_scores, result_of, stands_apart

from . import decision_queries as queries
from . import decisions as verbs
from .decision_forms import DecisionForm
from .decisions import OverPot, WhyLess
from .models import Outcome
from .views import bp

Answered = str | Response | tuple[str, int]


def _case(reference: str) -> tuple[Person, Case]:
    """The person and the application, where the person stands apart from it; to any other it is not there."""
    person = current_person()
    found = case(person, reference)
    if found is None or not stands_apart(person, found.application):
        abort(404)
    return person, found


@bp.get("/decisions")
@needs(Role.DECISION_MAKER)
def decisions() -> str:
    """What waits for a decision of this person, what waits to be signed, and the latest notices."""
    person = current_person()
    return render_template(
        "awards/decisions.html",
        waiting=queries.waiting_for_decision(person),
        unsigned=queries.waiting_to_be_signed(person),
        notices=queries.latest_notices(),
    )


@bp.route("/decisions/<string:reference>", methods=["GET", "POST"])
@needs(Role.DECISION_MAKER)
def decide(reference: str) -> Answered:
    """The bid, what the panel and the officer said, and the decision."""
    person, found = _case(reference)
    form = DecisionForm()
    if request.method == "POST" and form.validate():
        try:
            where = once.once(
                key=form.idempotency_key.data, actor=person.actor, purpose="decide",
                make=lambda: _decide(person, found, form),
            )  # fmt: skip
            flash(f"{found.application.reference} is decided. Sign the notice to announce it.", "yes")
            return redirect(where)
        except BadGrant as refused:
            form.amount.errors = [str(refused)]
        except WhyLess as refused:
            form.less_reason.errors = [str(refused)]
        except OverPot as refused:
            form.over_pot_reason.errors = [str(refused)]
        except Refused as refused:
            form.refuse(str(refused))
    return _page(person, found, form)


def _decide(person: Person, found: Case, form: DecisionForm) -> str:
    outcome = Outcome(form.outcome.data)
    verbs.decide(
        person=person,
        application=found.application,
        outcome=outcome,
        amount=form.amount.data or Pence(0) if outcome == Outcome.APPROVED else Pence(0),
        reasons=form.reasons.data,
        conditions=form.conditions.data,
        less_reason=form.less_reason.data,
        feedback=form.feedback.data,
        interests=form.interests.data,
        over_pot_reason=form.over_pot_reason.data,
    )
    return url_for(".decide", reference=found.application.reference)


def _page(person: Person, found: Case, form: DecisionForm) -> Answered:
    application = found.application
    decision, notice_number = queries.decision_and_notice(application)
    sees = can_see_scores(person, application, found.sheet)
    sheets = locked_sheets(application.id) if sees else []
    may = verbs.can_decide(
        person, application, locked=found.locked, checked_by=found.check.officer_id if found.check else None,
        scored=found.sheet is not None,
    )  # fmt: skip
    page = render_template(
        "awards/decision.html",
        case=found,
        bid=bids.of_submission(found.submission),
        decision=decision,
        notice_number=notice_number,
        form=form,
        may=may,
        may_declare=verbs.can_declare_interest(person, application),
        pot=verbs.pot_of(application.round),
        sees=sees,
        sheets=sheets,
        result=result_of(sheets),
    )
    return page, 422 if request.method == "POST" else 200


@bp.post("/decisions/<string:reference>/declare-interest")
@needs(Role.DECISION_MAKER)
def declare_interest(reference: str) -> Answered:
    """Leave the decision to another, because of an interest."""
    person, found = _case(reference)
    verbs.declare_interest(person=person, application=found.application)
    flash(f"Thank you. {found.application.reference} stays closed to you, and another decides it.", "yes")
    return redirect(url_for(".decisions"))
