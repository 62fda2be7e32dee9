"""The pages of a whole application: its task list or the bid as it was frozen; checking, submitting, withdrawing."""

from __future__ import annotations

from flask import abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from grants.accounts.access import hands_out, others_can, signed_in
from grants.accounts.models import Person
from grants.accounts.rights import GroupRight
from grants.applications import contents as bids
from grants.applications import document, letters, queries, rules
from grants.applications.access import of_group, readable
from grants.applications.acts import ApplicationAct
from grants.applications.blueprint import bp
from grants.applications.clarifications import queries as clarifications
from grants.applications.drafts import sections
from grants.applications.models import Application
from grants.foundation.records.drafts import Incomplete
from grants.foundation.web import pages
from grants.foundation.web.arrival import arrived
from grants.foundation.web.posting import Answered, sent, shown
from grants.foundation.web.sections import tasks as tasks_of

from . import forms, operations

# One application


@bp.get("/applications/<string:reference>")
@signed_in
def application(reference: str) -> Answered:
    """The task list of a draft; for what was submitted, the bid as it was frozen."""
    person, found = readable(reference)
    is_member = rules.is_member(person, found)
    reads_only = others_can(GroupRight.WRITE_APPLICATIONS, person, found.organisation_id)
    submission = queries.submission_of(found) if found.submitted_at else None
    asked = clarifications.of_application(found) if submission else []
    grant = queries.grants_of([found]).get(found.id)
    if submission is None:
        the_bid = queries.draft_bid(found)
        tasks = tasks_of(sections.in_order(the_bid), rules.problems(the_bid, found.round))
        template = "tasks.html" if is_member and not reads_only else "bid.html"
    else:
        the_bid, tasks, template = bids.of_submission(submission), [], "bid.html"
    return render_template(
        f"applications/submissions/{template}",
        application=found,
        bid=the_bid,
        tasks=tasks,
        submission=submission,
        clarifications=asked,
        ask=rules.can_ask(person, found, asked),
        answer=next((one for one in asked if rules.can_answer(person, found, one)), None),
        is_member=is_member,
        reads_only=reads_only,
        status=rules.told_status(person, found),
        grant=grant,
        holds=grant is None or not is_member or grant.organisation_id in person.organisation_ids,
        letters=letters.result_letters(found) if found.status in rules.ANNOUNCED else [],
        edit=rules.can_edit(person, found, arrived()),
        withdraw=rules.can_withdraw(person, found),
    )


@bp.get("/applications/<string:reference>/application.pdf")
@signed_in
@hands_out(ApplicationAct.DOWNLOAD_APPLICATION, kind="applications", named="reference")
def pdf(reference: str) -> Response:
    """The same as a document: what was submitted as it was frozen, or the draft as it stands."""
    _person, found = readable(reference)
    submission = queries.submission_of(found) if found.submitted_at else None
    if submission is None:
        body = document.draft_pdf(queries.draft_bid(found), office=pages.office())
    else:
        body = document.submission_pdf(found, submission, office=pages.office())
    return document.pdf_response(body, found.reference)


# Submitting


@bp.route("/applications/<string:reference>/check", methods=["GET", "POST"])
@signed_in
def check(reference: str) -> Answered:
    """Check the answers, declare, and submit once."""
    person, found = of_group(reference, GroupRight.SUBMIT_APPLICATIONS)
    form = forms.SubmitForm()
    if found.submitted_at is not None:
        return redirect(url_for(".receipt", reference=found.reference))
    if gone_on := sent(
        form,
        lambda: _submit(person, found, form.declared_name.data),
        once=(person.actor, "submit application"),
        beside={
            Incomplete: lambda _lacks: form.refuse(
                "The application is not complete yet. What is missing is listed below."
            )
        },
    ):
        return gone_on
    the_bid = queries.draft_bid(found)
    return shown(
        "applications/submissions/check.html",
        application=found,
        bid=the_bid,
        problems=rules.problems(the_bid, found.round),
        form=form,
        submit=rules.can_submit(person, found, arrived()),
    )


def _submit(person: Person, found: Application, declared_name: str) -> str:
    operations.submit(person=person, application=found, declared_name=declared_name, at=arrived())
    return url_for(".receipt", reference=found.reference)


@bp.get("/applications/<string:reference>/receipt")
@signed_in
def receipt(reference: str) -> Answered:
    """That we have it."""
    _person, found = of_group(reference)
    submission = queries.submission_of(found) or abort(404)
    return render_template("applications/submissions/receipt.html", application=found, submission=submission)


@bp.route("/applications/<string:reference>/withdraw", methods=["GET", "POST"])
@signed_in
def withdraw(reference: str) -> Answered:
    """Take an application back."""
    person, found = of_group(reference, GroupRight.WITHDRAW_APPLICATIONS)
    form = forms.WithdrawForm()
    answer = rules.can_withdraw(person, found)
    if gone_on := sent(
        form,
        lambda: _withdraw(person, found, form.reason.data),
        once=(person.actor, "withdraw application"),
        said="Your application is withdrawn.",
    ):
        return gone_on
    return shown("applications/submissions/withdraw.html", application=found, form=form, answer=answer)


def _withdraw(person: Person, found: Application, why: str) -> str:
    operations.withdraw(person=person, application=found, why=why)
    return url_for(".application", reference=found.reference)
