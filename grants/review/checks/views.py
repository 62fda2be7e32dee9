"""The officer's check of an application."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for

from grants.accounts.access import needs
from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.applications import contents as bids
from grants.applications.rules import can_ask
from grants.foundation.records import once
from grants.foundation.records.db import Refused
from grants.review import rules
from grants.review.access import Answered, case_of
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
        else:
            try:
                where = once.once(
                    key=form.idempotency_key.data,
                    actor=person.actor,
                    purpose="check application",
                    make=lambda: _check(person, case, form),
                )
                flash(f"{case.application.reference} is checked.", "yes")
                return redirect(where)
            except Refused as refused:
                form.refuse(str(refused))
    page = render_template(
        "review/checks/check.html",
        case=case,
        bid=bids.of_submission(case.submission),
        form=form,
        may=rules.can_check(person, case.application),
        ask=can_ask(person, case.application, case.application.clarifications),
    )
    return page, 422 if request.method == "POST" else 200


def _check(person: Person, case: ReviewCase, form: forms.CheckForm) -> str:
    operations.check(
        person=person, application=case.application, passed=form.outcome.data == "pass", reason=form.reason.data
    )
    return url_for(".review")
