"""The page of one decision."""

from __future__ import annotations

from flask import flash, redirect, url_for

from grants.accounts.access import needs
from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.applications import contents as bids
from grants.awards.blueprint import bp
from grants.awards.models import Outcome
from grants.foundation.values.money import Pence
from grants.foundation.web.posting import Answered, sent, shown
from grants.review.access import case_of
from grants.review.queries import ReviewCase, locked_sheets
from grants.review.ranking.queries import pot_use
from grants.review.recommendations.operations import BadGrant, OverPot
from grants.review.rules import can_see_scores, result_of

from . import operations, queries
from . import rules as decisions
from .forms import DecisionForm
from .operations import WhyLess


@bp.route("/decisions/<string:reference>", methods=["GET", "POST"])
@needs(Right.DECIDE)
def decide(reference: str) -> Answered:
    """The bid, what the panel and the officer said, and the decision."""
    person, found = case_of(reference)
    form = DecisionForm(data={"amount": found.recommendation.amount_pence or None} if found.recommendation else None)
    if gone_on := sent(
        form,
        lambda: _decide(person, found, form),
        once=(person.actor, "decide"),
        said=f"{found.application.reference} is decided. Sign the notice to announce it.",
        beside={BadGrant: "amount", WhyLess: "less_reason", OverPot: "over_pot_reason"},
    ):
        return gone_on
    return _page(person, found, form)


def _decide(person: Person, found: ReviewCase, form: DecisionForm) -> str:
    outcome = Outcome(form.outcome.data)
    operations.decide(
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


def _page(person: Person, found: ReviewCase, form: DecisionForm) -> Answered:
    application = found.application
    decision, notice_number = queries.decision_and_notice(application)
    sees = can_see_scores(person, application, found.sheet)
    sheets = locked_sheets(application.id) if sees else []
    may = decisions.can_decide(person, application, locked=found.locked, hands=found.hands)
    return shown(
        "awards/decisions/decision.html",
        case=found,
        bid=bids.of_submission(found.submission),
        decision=decision,
        notice_number=notice_number,
        form=form,
        may=may,
        may_declare=decisions.can_declare_interest(person, application),
        pot=pot_use(application.round).decided,
        sees=sees,
        sheets=sheets,
        result=result_of(sheets),
    )


@bp.post("/decisions/<string:reference>/declare-interest")
@needs(Right.DECIDE)
def declare_interest(reference: str) -> Answered:
    """Leave the decision to another, because of an interest."""
    person, found = case_of(reference)
    operations.declare_interest(person=person, application=found.application)
    flash(f"Thank you. {found.application.reference} stays closed to you, and another decides it.", "yes")
    return redirect(url_for(".decisions"))
