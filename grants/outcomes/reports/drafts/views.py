"""The pages of a report for its group: beginning it, its sections, checking and sending it."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for

from grants.accounts.access import signed_in
from grants.accounts.models import Person
from grants.accounts.rights import GroupRight
from grants.applications import contents as bids
from grants.foundation.records.db import Refused
from grants.foundation.records.drafts import Incomplete
from grants.foundation.web.arrival import arrived
from grants.foundation.web.posting import Answered, done, sent, shown
from grants.foundation.web.sections import any_of, edited
from grants.outcomes.blueprint import bp
from grants.outcomes.reports import contents as told
from grants.outcomes.reports import queries, rules
from grants.outcomes.reports.access import begun, of_group
from grants.outcomes.reports.rules import ReportCase
from grants.outcomes.reports.sections import ReportSection

from . import forms, operations, sections
from .sections import Opened

PAGE = "outcomes/reports/drafts/"


@bp.post("/reports/<string:reference>/start")
@signed_in
def start_report(reference: str) -> Answered:
    """Begin the report; sent twice, or from two tabs, it is one."""
    person, case = of_group(reference, GroupRight.WRITE_REPORTS)
    form = forms.StartReportForm()
    here = url_for(".report", reference=case.award.reference)
    if not form.validate():
        flash("The page was open for too long. Press the button again.", "wait")
        return redirect(here)
    gone_on = done(
        form,
        lambda: _open(person, case),
        once=(person.actor, "open report"),
        beside={Refused: lambda refused: flash(str(refused), "no")},
    )
    return gone_on or redirect(here)


def _open(person: Person, case: ReportCase) -> str:
    operations.open_report(person=person, award=case.award)
    return url_for(".report", reference=case.award.reference)


@bp.route(f"/reports/<string:reference>/{any_of(ReportSection)}", methods=["GET", "POST"])
@signed_in
def report_section(reference: str, section: str) -> Answered:
    """One section of a report."""
    person, case, the_report = begun(reference, GroupRight.WRITE_REPORTS)
    opened = sections.open_section(person, case, the_report, section)
    edit = rules.can_edit(person, case)
    return edited(
        opened,
        may=edit,
        problems=lambda: rules.problems(case.told),
        page=lambda stored: render_template(
            f"{PAGE}{opened.template}.html",
            case=case,
            bid=bids.of_submission(case.submission),
            told=case.told,
            section=opened,
            form=opened.form,
            stored=stored,
            edit=edit,
        ),
        done=lambda _saved: _after_save(case, opened),
    )


def _after_save(case: ReportCase, section: Opened) -> str:
    """On to the task list; back to the page where what was saved does not fit yet."""
    the_report = case.told
    wrong = [problem for problem in rules.problems(the_report) if problem.section == section.name]
    if any(not problem.missing for problem in wrong) or (wrong and section.name == ReportSection.SPENDING):
        flash(f"Saved. Before you can send the report: {wrong[0].message}.", "wait")
        return url_for(".report_section", reference=case.award.reference, section=section.name)
    flash(sections.saved_words(the_report) if section.name == ReportSection.SPENDING else "Saved.", "yes")
    return url_for(".report", reference=case.award.reference)


@bp.route("/reports/<string:reference>/check", methods=["GET", "POST"])
@signed_in
def check_report(reference: str) -> Answered:
    """Check the answers, declare, and send once."""
    person, case, the_report = begun(reference, GroupRight.SUBMIT_REPORTS)
    form = forms.SubmitReportForm()
    may = rules.can_submit(person, case)
    if the_report.submitted_at and not may and request.method == "GET":
        return redirect(url_for(".report_receipt", reference=case.award.reference))
    if gone_on := sent(
        form,
        lambda: _submit(person, case, form.declared_name.data),
        once=(person.actor, "submit report"),
        beside={
            Incomplete: lambda _lacks: form.refuse("The report is not complete yet. What is missing is listed below.")
        },
    ):
        return gone_on
    the_told = case.told
    return shown(f"{PAGE}check.html", case=case, told=the_told, problems=rules.problems(the_told), form=form, may=may)


def _submit(person: Person, case: ReportCase, declared_name: str) -> str:
    operations.submit(person=person, award=case.award, declared_name=declared_name, at=arrived())
    return url_for(".report_receipt", reference=case.award.reference)


@bp.get("/reports/<string:reference>/receipt")
@signed_in
def report_receipt(reference: str) -> Answered:
    """That we have it."""
    _person, case, the_report = begun(reference)
    submission = queries.last_version(the_report) or abort(404)
    return render_template(f"{PAGE}receipt.html", case=case, submission=submission, told=told.of_submission(submission))
