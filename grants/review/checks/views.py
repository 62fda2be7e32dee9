"""The officer's check of an application."""

from __future__ import annotations

from flask import request, url_for

from grants.accounts.access import needs
from grants.accounts.models import Person
from grants.accounts.organisations import queries as organisations
from grants.accounts.rights import Right
from grants.applications import contents as bids
from grants.applications.rules import can_ask
from grants.foundation.web.posting import Answered, done, shown
from grants.review import rules
from grants.review.access import case_of
from grants.review.blueprint import bp
from grants.review.queries import ReviewCase

from . import forms, operations

# The officer's check


@bp.route("/review/<string:reference>/check", methods=["GET", "POST"])
@needs(Right.CHECK_APPLICATIONS)
def check(reference: str) -> Answered:
    """Pass an application to the panel, or fail it with the reason."""
    person, case = case_of(reference)
    form = forms.CheckForm()
    if request.method == "POST" and form.validate():
        passed = form.outcome.data == "pass"
        if not passed and not form.reason.data:
            form.reason.errors = ["Enter the reason why it is not eligible"]
        elif gone_on := done(
            form,
            lambda: _check(person, case, form),
            once=(person.actor, "check application"),
            said=f"{case.application.reference} is checked.",
            beside={operations.NotAnswered: "reason"},
        ):
            return gone_on
    of = case.application.organisation
    return shown(
        "review/checks/check.html",
        case=case,
        bid=bids.of_submission(case.submission),
        form=form,
        may=rules.can_check(person, case.application, case.hands),
        like=organisations.like(of.name, [of.charity_number, of.company_number], but=of.id),
        ask=can_ask(person, case.application, case.application.clarifications),
    )


def _check(person: Person, case: ReviewCase, form: forms.CheckForm) -> str:
    operations.check(
        person=person, application=case.application, passed=form.outcome.data == "pass", reason=form.reason.data
    )
    return url_for(".review")
