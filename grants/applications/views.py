"""The pages of an application: its task list, its sections, checking and submitting it."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from grants.accounts.access import current_person, signed_in
from grants.accounts.models import Person
from grants.foundation import once, pages
from grants.foundation.db import LostUpdate, Refused
from grants.funds import queries as funds

from . import bid as bids
from . import clarifications, document, forms, letters, operations, queries, rules, sections
from .models import Application
from .operations import Incomplete, OverLimit
from .sections import Section

bp = Blueprint("applications", __name__)

Answered = str | Response | tuple[str, int]


def arrived() -> datetime:
    """When the application received this request (UTC): a deadline is held against it."""
    at: datetime = g.arrived_at
    return at


def readable(reference: str) -> tuple[Person, Application]:
    """The person and the application, where the person may read it; to any other it is not there."""
    person = current_person()
    application = queries.with_parts(reference)
    if application is None or not rules.can_view(person, application):
        abort(404)
    return person, application


def of_group(reference: str) -> tuple[Person, Application]:
    """The person and the application of one of their groups; to any other it is not there."""
    person, application = readable(reference)
    if not rules.is_member(person, application):
        abort(404)
    return person, application


# Starting


@bp.get("/rounds/<string:slug>/apply")
@signed_in
def start(slug: str) -> Answered:
    """For which group somebody applies in a round."""
    person = current_person()
    a_round = funds.round_by_slug(slug) or abort(404)
    if not person.organisation_ids:
        return redirect(f"/organisations/new?next={url_for('.start', slug=slug)}")
    answer = rules.can_start(person, a_round, arrived())
    return render_template("applications/start.html", a_round=a_round, form=_start_form(person), answer=answer)


@bp.post("/rounds/<string:slug>/apply")
@signed_in
def start_post(slug: str) -> Answered:
    """Start an application; sent twice, or from two tabs, it is one."""
    person = current_person()
    a_round = funds.round_by_slug(slug) or abort(404)
    form = _start_form(person)
    answer = rules.can_start(person, a_round, arrived())
    if form.validate():
        try:
            where = once.once(
                key=form.idempotency_key.data, actor=person.actor, purpose="start application",
                make=lambda: url_for(".application", reference=operations.start(
                    person=person, a_round=a_round, organisation_id=form.organisation.data, at=arrived()
                ).reference),
            )  # fmt: skip
            return redirect(where)
        except Refused as refused:
            form.refuse(str(refused))
    return render_template("applications/start.html", a_round=a_round, form=form, answer=answer), 422


def _start_form(person: Person) -> forms.StartForm:
    groups = [(row.organisation_id, row.organisation.name) for row in person.memberships]
    form = forms.StartForm()
    form.organisation.choices = groups
    if len(groups) == 1 and form.organisation.data is None:
        form.organisation.data = groups[0][0]
    return form


# One application


@bp.get("/applications/<string:reference>")
@signed_in
def application(reference: str) -> Answered:
    """The task list of a draft; for what was submitted, the bid as it was frozen."""
    person, found = readable(reference)
    is_member = rules.is_member(person, found)
    submission = queries.submission_of(found) if found.submitted_at else None
    asked = clarifications.of_application(found) if submission else []
    if submission is None:
        the_bid = queries.draft_bid(found)
        problems = rules.problems(the_bid, found.round)
        tasks = sections.tasks(the_bid, rules.missing_by_section(problems))
        template = "tasks.html" if is_member else "bid.html"
    else:
        the_bid, tasks, template = bids.of_submission(submission), [], "bid.html"
    return render_template(
        f"applications/{template}",
        application=found,
        bid=the_bid,
        tasks=tasks,
        submission=submission,
        clarifications=asked,
        ask=rules.can_ask(person, found, asked),
        answer=next((one for one in asked if rules.can_answer(person, found, one)), None),
        is_member=is_member,
        status=rules.told_status(person, found),
        letters=letters.result_letters(found) if found.status in rules.ANNOUNCED else [],
        edit=rules.can_edit(person, found, arrived()),
        withdraw=rules.can_withdraw(person, found),
    )


@bp.get("/applications/<string:reference>/application.pdf")
@signed_in
def pdf(reference: str) -> Response:
    """The same as a document: what was submitted as it was frozen, or the draft as it stands."""
    _person, found = readable(reference)
    submission = queries.submission_of(found) if found.submitted_at else None
    if submission is None:
        body = document.draft_pdf(queries.draft_bid(found), office=pages.office())
    else:
        body = document.submission_pdf(found, submission, office=pages.office())
    return document.pdf_response(body, found.reference)


@bp.route(
    "/applications/<string:reference>/<any(project, dates, people, aims, budget):section>", methods=["GET", "POST"]
)
@signed_in
def section(reference: str, section: str) -> Answered:
    """One section of a draft."""
    person, found = of_group(reference)
    return _section(person, found, sections.open_section(person, found, section))


@bp.route("/applications/<string:reference>/questions/<string:key>", methods=["GET", "POST"])
@signed_in
def question(reference: str, key: str) -> Answered:
    """One question of the round."""
    person, found = of_group(reference)
    asked = queries.answer_to(found, key) or abort(404)
    return _section(person, found, sections.open_answer(person, found, *asked))


def _section(person: Person, found: Application, the_section: Section) -> Answered:
    form, stored, code = the_section.form, None, 200
    edit = rules.can_edit(person, found, arrived())
    if request.method == "POST":
        code = 422
        if form.validate():
            try:
                saved = the_section.save(form, form.version.data, arrived())
                return _after_save(saved, the_section)
            except LostUpdate:
                stored, form.version.data = the_section.tell(the_section.content), the_section.fingerprint
                form.refuse("Somebody of your group saved this page while you were writing. Both texts are below.")
            except OverLimit as refused:
                form.refuse_total(str(refused))
            except Refused as refused:
                form.refuse(str(refused))
    elif edit:
        the_section.show(rules.problems(queries.draft_bid(found), found.round))
    page = render_template(
        f"applications/{the_section.template}.html",
        application=found,
        section=the_section,
        form=form,
        stored=stored,
        edit=edit,
    )
    return page, code


def _after_save(saved: Application, the_section: Section) -> Response:
    """On to the task list; back to the page where what was saved does not fit yet."""
    problems = rules.problems(queries.draft_bid(saved), saved.round)
    if any(problem.section == the_section.name and not problem.missing for problem in problems):
        flash("Saved. Something on this page must be mended before you submit.", "wait")
        return redirect(f"/applications/{saved.reference}/{the_section.name}")
    flash("Saved.", "yes")
    return redirect(url_for(".application", reference=saved.reference))


# Submitting


@bp.route("/applications/<string:reference>/check", methods=["GET", "POST"])
@signed_in
def check(reference: str) -> Answered:
    """Check the answers, declare, and submit once."""
    person, found = of_group(reference)
    form = forms.SubmitForm()
    if found.submitted_at is not None:
        return redirect(url_for(".receipt", reference=found.reference))
    if request.method == "POST" and form.validate():
        try:
            where = once.once(
                key=form.idempotency_key.data, actor=person.actor, purpose="submit application",
                make=lambda: _submit(person, found, form.declared_name.data),
            )  # fmt: skip
            return redirect(where)
        except Incomplete:
            form.refuse("The application is not complete yet. What is missing is listed below.")
        except Refused as refused:
            form.refuse(str(refused))
    the_bid = queries.draft_bid(found)
    page = render_template(
        "applications/check.html",
        application=found,
        bid=the_bid,
        problems=rules.problems(the_bid, found.round),
        form=form,
        submit=rules.can_submit(person, found, arrived()),
    )
    return page, 422 if request.method == "POST" else 200


def _submit(person: Person, found: Application, declared_name: str) -> str:
    operations.submit(person=person, application=found, declared_name=declared_name, at=arrived())
    return url_for(".receipt", reference=found.reference)


@bp.get("/applications/<string:reference>/receipt")
@signed_in
def receipt(reference: str) -> Answered:
    """That we have it."""
    _person, found = of_group(reference)
    submission = queries.submission_of(found) or abort(404)
    return render_template("applications/receipt.html", application=found, submission=submission)


@bp.route("/applications/<string:reference>/withdraw", methods=["GET", "POST"])
@signed_in
def withdraw(reference: str) -> Answered:
    """Take an application back."""
    person, found = of_group(reference)
    form = forms.WithdrawForm()
    answer = rules.can_withdraw(person, found)
    if request.method == "POST" and form.validate():
        try:
            where = once.once(
                key=form.idempotency_key.data, actor=person.actor, purpose="withdraw application",
                make=lambda: _withdraw(person, found, form.reason.data),
            )  # fmt: skip
            flash("Your application is withdrawn.", "yes")
            return redirect(where)
        except Refused as refused:
            form.refuse(str(refused))
    page = render_template("applications/withdraw.html", application=found, form=form, answer=answer)
    return page, 422 if request.method == "POST" else 200


def _withdraw(person: Person, found: Application, why: str) -> str:
    operations.withdraw(person=person, application=found, why=why)
    return url_for(".application", reference=found.reference)
