"""The pages of a report for its group: the task list, its sections, checking and sending it; and for all, reading it.

The office's own pages are in `office_views.py`.
"""

from __future__ import annotations

from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from grants.accounts.access import current_person, signed_in
from grants.accounts.models import Person
from grants.applications import bid as bids
from grants.foundation import clock, once, pages
from grants.foundation.db import LostUpdate, Refused
from grants.outcomes.views import bp

from . import document, forms, judging, letters, operations, queries, rules, sections, told
from .models import Report
from .operations import Incomplete
from .rules import Case
from .sections import Section

Answered = str | Response | tuple[str, int]
PAGE = "outcomes/reports/"


def readable(reference: str) -> tuple[Person, Case]:
    """The person and the case, where the person may read it; to any other it is not there."""
    person = current_person()
    case = queries.case_of(reference)
    if case is None or not rules.can_view(person, case):
        abort(404)
    return person, case


def _of_group(reference: str) -> tuple[Person, Case]:
    """The person and the case of one of their groups; to any other it is not there."""
    person, case = readable(reference)
    if not rules.is_own(person, case):
        abort(404)
    return person, case


def _writable(reference: str) -> tuple[Person, Case, Report]:
    """The same with the report; where it is not begun, there is no page of it yet."""
    person, case = _of_group(reference)
    return person, case, case.report or abort(404)


# Reading


@bp.get("/reports/<string:reference>")
@signed_in
def report(reference: str) -> Answered:
    """For the group its task list, and what became of the report; for the office the report beside the bid."""
    person, case = readable(reference)
    return page_of(person, case, forms.AnswerForm(data={"version": judging.version_of(case)}))


def page_of(person: Person, case: Case, form: forms.AnswerForm, code: int = 200) -> Answered:
    """The page of a report, with the form by which an officer answers it."""
    the_bid = bids.of_submission(case.submission)
    versions = queries.versions_of(case.report) if case.report else []
    own = rules.is_own(person, case)
    is_with_group = case.report is not None and rules.is_with_group(case.report)
    if case.report and (is_with_group or not versions):
        the_report = told.of_report(case.report, the_bid, case.standing) if own else None
    else:
        the_report = told.of_submission(versions[-1]) if versions else None
    page = render_template(
        f"{PAGE}{'own' if own else 'read'}.html",
        case=case,
        bid=the_bid,
        told=the_report,
        tasks=sections.tasks(rules.problems(the_report)) if the_report and is_with_group and own else [],
        versions=versions,
        last=told.of_submission(versions[-1]) if versions else None,
        form=form,
        start=forms.StartForm() if own else None,
        close=forms.CloseForm(data={"version": judging.version_of(case)}),
        how_to_repay=letters.how_to_repay(pages.office()),
        **_may(person, case),
    )
    return page, code


def _may(person: Person, case: Case) -> dict[str, Any]:
    """What the page lets the person do."""
    return {
        "overdue": rules.is_overdue(case, clock.today()),
        "can_open": rules.can_open(person, case),
        "edit": rules.can_edit(person, case),
        "can_answer": rules.can_answer(person, case),
        "can_extend": rules.can_extend(person, case),
        "can_repay": rules.can_record_repayment(person, case),
        "can_waive": rules.can_waive(person, case),
        "can_close": rules.can_close(person, case),
    }


@bp.get("/reports/<string:reference>/versions/<int:number>/report.pdf")
@signed_in
def report_pdf(reference: str, number: int) -> Response:
    """One version as it was sent, as PDF."""
    _person, case = readable(reference)
    found = queries.version_of(case.report, number) if case.report else None
    submission = found or abort(404)
    answer = Response(document.report_pdf(submission, office=pages.office()), mimetype="application/pdf")
    name = f"{case.award.reference.lower()}-report-{number}.pdf"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


# Writing


@bp.post("/reports/<string:reference>/start")
@signed_in
def start_report(reference: str) -> Answered:
    """Begin the report; sent twice, or from two tabs, it is one."""
    person, case = _of_group(reference)
    form = forms.StartForm()
    here = url_for(".report", reference=case.award.reference)
    if form.validate():
        try:
            return redirect(
                once.once(
                    key=form.idempotency_key.data, actor=person.actor, purpose="open report",
                    make=lambda: _open(person, case),
                )
            )  # fmt: skip
        except Refused as refused:
            flash(str(refused), "no")
            return redirect(here)
    flash("The page was open for too long. Press the button again.", "wait")
    return redirect(here)


def _open(person: Person, case: Case) -> str:
    operations.open_report(person=person, award=case.award)
    return url_for(".report", reference=case.award.reference)


@bp.route("/reports/<string:reference>/<any(people, difference, spending, story):section>", methods=["GET", "POST"])
@signed_in
def report_section(reference: str, section: str) -> Answered:
    """One section of a report."""
    person, case, the_report = _writable(reference)
    opened = sections.open_section(person, case, the_report, section)
    form, stored, code = opened.form, None, 200
    edit = rules.can_edit(person, case)
    if request.method == "POST":
        code = 422
        if form.validate():
            try:
                return _after_save(case, opened.save(form), opened)
            except LostUpdate:
                stored, form.version.data = opened.tell(opened.content), opened.fingerprint
                form.refuse("Somebody of your group saved this page while you were writing. Both texts are below.")
            except Refused as refused:
                form.refuse(str(refused))
    elif edit:
        opened.show(rules.problems(_told(case, the_report)))
    return _section_page(case, the_report, opened, stored=stored, edit=edit), code


def _section_page(case: Case, the_report: Report, opened: Section, **more: Any) -> str:
    return render_template(
        f"{PAGE}{opened.name}.html",
        case=case,
        bid=bids.of_submission(case.submission),
        told=_told(case, the_report),
        section=opened,
        form=opened.form,
        **more,
    )


def _told(case: Case, the_report: Report) -> told.Told:
    return told.of_report(the_report, bids.of_submission(case.submission), case.standing)


def _after_save(case: Case, saved: Report, section: Section) -> Response:
    """On to the task list; back to the page where what was saved does not fit yet."""
    the_report = _told(case, saved)
    wrong = [problem for problem in rules.problems(the_report) if problem.section == section.name]
    if any(not problem.missing for problem in wrong) or (wrong and section.name == "spending"):
        flash("Saved. Something on this page is still missing before you can send the report.", "wait")
        return redirect(url_for(".report_section", reference=case.award.reference, section=section.name))
    flash(sections.saved_words(the_report) if section.name == "spending" else "Saved.", "yes")
    return redirect(url_for(".report", reference=case.award.reference))


@bp.route("/reports/<string:reference>/check", methods=["GET", "POST"])
@signed_in
def check_report(reference: str) -> Answered:
    """Check the answers, declare, and send once."""
    person, case, the_report = _writable(reference)
    form = forms.SubmitForm()
    may = rules.can_submit(person, case)
    if request.method == "POST" and form.validate():
        try:
            where = once.once(
                key=form.idempotency_key.data, actor=person.actor, purpose="submit report",
                make=lambda: _submit(person, case, form.declared_name.data),
            )  # fmt: skip
            return redirect(where)
        except Incomplete:
            form.refuse("The report is not complete yet. What is missing is listed below.")
        except Refused as refused:
            form.refuse(str(refused))
    elif the_report.submitted_at and not may and request.method == "GET":
        return redirect(url_for(".report_receipt", reference=case.award.reference))
    the_told = _told(case, the_report)
    page = render_template(
        f"{PAGE}check.html", case=case, told=the_told, problems=rules.problems(the_told), form=form, may=may
    )
    return page, 422 if request.method == "POST" else 200


def _submit(person: Person, case: Case, declared_name: str) -> str:
    operations.submit(person=person, award=case.award, declared_name=declared_name, at=g.arrived_at)
    return url_for(".report_receipt", reference=case.award.reference)


@bp.get("/reports/<string:reference>/receipt")
@signed_in
def report_receipt(reference: str) -> Answered:
    """That we have it."""
    _person, case, the_report = _writable(reference)
    submission = queries.last_version(the_report) or abort(404)
    return render_template(f"{PAGE}receipt.html", case=case, submission=submission, told=told.of_submission(submission))
