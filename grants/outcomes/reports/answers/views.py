"""The page of one report, and what the office does with it: answering it, more time, and money that comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from grants.accounts.access import hands_out, needs, others_can, signed_in
from grants.accounts.models import Person
from grants.accounts.rights import GroupRight, Right
from grants.applications import contents as bids
from grants.foundation.records.lifecycle import Ruling
from grants.foundation.values import clock
from grants.foundation.web import pages
from grants.foundation.web.posting import Answered, Beside, done, refused, shown
from grants.foundation.web.sections import SectionTask, tasks
from grants.outcomes.acts import OutcomeAct
from grants.outcomes.blueprint import bp
from grants.outcomes.reports import contents as told
from grants.outcomes.reports import document, letters, queries, rules
from grants.outcomes.reports.access import readable
from grants.outcomes.reports.drafts.forms import StartReportForm
from grants.outcomes.reports.rules import ReportCase
from grants.outcomes.reports.sections import ReportSection

from . import forms
from . import operations as judging
from .operations import TooMuch

# Reading


@bp.get("/reports/<string:reference>")
@signed_in
def report(reference: str) -> Answered:
    """For the group its task list, and what became of the report; for the office the report beside the bid."""
    person, case = readable(reference)
    return page_of(person, case, forms.AnswerReportForm(data={"version": judging.version_of(case)}))


def page_of(person: Person, case: ReportCase, form: forms.AnswerReportForm, code: int = 200) -> Answered:
    """The page of a report, with the form by which an officer answers it."""
    the_bid = bids.of_submission(case.submission)
    versions = queries.versions_of(case.report) if case.report else []
    own = rules.is_own(person, case)
    is_with_group = case.report is not None and rules.is_with_group(case.report)
    if case.report and (is_with_group or not versions):
        the_report = case.told if own else None
    else:
        the_report = told.of_submission(versions[-1]) if versions else None
    page = render_template(
        f"outcomes/reports/answers/{'own' if own else 'read'}.html",
        case=case,
        bid=the_bid,
        told=the_report,
        tasks=_tasks(the_report) if the_report and is_with_group and own else [],
        versions=versions,
        last=told.of_submission(versions[-1]) if versions else None,
        form=form,
        start=StartReportForm() if own else None,
        close=forms.CloseForm(data={"version": judging.version_of(case)}),
        how_to_repay=letters.how_to_repay(pages.office()),
        **_may(person, case),
    )
    return page, code


def _tasks(the_report: told.Told) -> list[SectionTask]:
    return tasks([(section.value, section.label) for section in ReportSection], rules.problems(the_report))


def _may(person: Person, case: ReportCase) -> dict[str, Any]:
    """What the page lets the person do."""
    return {
        "overdue": rules.is_overdue(case, clock.today()),
        "can_open": rules.can_open(person, case),
        "others_can": others_can(GroupRight.WRITE_REPORTS, person, case.snapshot.organisation_id),
        "edit": rules.can_edit(person, case),
        "can_answer": rules.can_answer(person, case),
        "can_extend": rules.can_extend(person, case),
        "can_repay": rules.can_record_repayment(person, case),
        "can_waive": rules.can_waive(person, case),
        "can_close": rules.can_close(person, case),
    }


@bp.get("/reports/<string:reference>/versions/<int:number>/report.pdf")
@signed_in
@hands_out(OutcomeAct.DOWNLOAD_REPORT, kind="reports", named="reference")
def report_pdf(reference: str, number: int) -> Response:
    """One version as it was sent, as PDF."""
    _person, case = readable(reference)
    found = queries.version_of(case.report, number) if case.report else None
    submission = found or abort(404)
    answer = Response(document.report_pdf(submission, office=pages.office()), mimetype="application/pdf")
    name = f"{case.award.reference.lower()}-report-{number}.pdf"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


# What the office does


@bp.post("/reports/<string:reference>/answer")
@needs(Right.ANSWER_REPORTS)
def answer_report(reference: str) -> Answered:
    """Accept the report, or ask the group for changes."""
    person, case = readable(reference)
    form = forms.AnswerReportForm()
    if form.validate() and not form.lacks_words():
        accepts = form.outcome.data == "accept"
        said = "The report is accepted." if accepts else "The group is asked for changes."
        act = ReportAct(
            "answer",
            rules.can_answer(person, case),
            said,
            lambda seen: judging.answer(
                person=person, award=case.award, seen=seen, accepts=accepts, words=form.words.data
            ),
        )
        if gone_on := _once(person, case, form, act):
            return gone_on
    return page_of(person, case, form, refused(form))


@bp.post("/reports/<string:reference>/close")
@needs(Right.CLOSE_AWARDS)
def close_report(reference: str) -> Answered:
    """Complete the award where nothing is left to do."""
    person, case = readable(reference)
    form = forms.CloseForm()
    act = ReportAct(
        "close",
        rules.can_close(person, case),
        "The award is complete.",
        lambda seen: judging.close(person=person, award=case.award, seen=seen),
    )
    if form.validate() and (gone_on := _once(person, case, form, act)):
        return gone_on
    for error in form.errors_in_order():
        flash(error.text, "no")
    return redirect(url_for(".report", reference=case.award.reference))


@bp.route("/reports/<string:reference>/extend", methods=["GET", "POST"])
@needs(Right.ANSWER_REPORTS)
def extend_report(reference: str) -> Answered:
    """Give the group more time."""
    person, case = readable(reference)
    form = forms.ExtendReportForm(data={"version": judging.version_of(case)})

    def make(seen: int) -> None:
        assert form.due_on.data is not None  # noqa: S101 - it is required
        judging.extend(person=person, award=case.award, seen=seen, due_on=form.due_on.data, reason=form.reason.data)

    act = ReportAct("extend", rules.can_extend(person, case), "The group has more time, and a mail says so.", make)
    return _page_of_act(person, case, form, act)


@bp.route("/reports/<string:reference>/repayment", methods=["GET", "POST"])
@needs(Right.RECORD_REPAYMENTS)
def repay(reference: str) -> Answered:
    """Record what came back of the unspent money."""
    person, case = readable(reference)
    due = case.money.outstanding
    form = forms.ReportRepaymentForm(data={"version": judging.version_of(case), "amount": due or None})
    form.offer(case.snapshot.award_last)

    def make(seen: int) -> None:
        amount, arrived_on = form.amount.data, form.arrived_on.data
        assert amount is not None and arrived_on is not None  # noqa: S101,PT018 - they are required
        judging.record_repayment(
            person=person,
            award=case.award,
            seen=seen,
            amount=amount,
            arrived_on=arrived_on,
            bank_reference=form.bank_reference.data,
        )

    may = rules.can_record_repayment(person, case)
    return _page_of_act(person, case, form, ReportAct("repayment", may, "The repayment is in the ledger.", make))


@bp.route("/reports/<string:reference>/waive", methods=["GET", "POST"])
@needs(Right.WAIVE_REPAYMENTS)
def waive(reference: str) -> Answered:
    """Let the group keep a small amount."""
    person, case = readable(reference)
    form = forms.WaiveForm(data={"version": judging.version_of(case)})

    def make(seen: int) -> None:
        judging.waive(person=person, award=case.award, seen=seen, reason=form.reason.data)

    return _page_of_act(
        person, case, form, ReportAct("waive", rules.can_waive(person, case), "The group may keep it.", make)
    )


@dataclass(frozen=True)
class ReportAct:
    """One thing that a page does: its name in the address, whether it may be done, what is said after, and the verb."""

    name: str
    may: Ruling
    said: str
    make: Callable[[int], object]


def _page_of_act(person: Person, case: ReportCase, form: Any, act: ReportAct) -> Answered:
    """A page with a form that does one thing to the report."""
    if request.method == "POST" and form.validate() and (gone_on := _once(person, case, form, act)):
        return gone_on
    return shown(f"outcomes/reports/answers/{act.name}.html", case=case, form=form, may=act.may, money=case.money)


def _once(person: Person, case: ReportCase, form: Any, act: ReportAct) -> Response | None:
    """Do it once; None where it is refused, which the form then says."""

    def do() -> str:
        act.make(form.version.data)
        return url_for(".report", reference=case.award.reference)

    beside: Beside = {TooMuch: "amount"}
    purpose = f"{act.name} report"
    return done(form, do, once=(person.actor, purpose), said=act.said, beside=beside, changed=forms.AGAIN)
