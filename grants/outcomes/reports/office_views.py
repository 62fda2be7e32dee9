"""The office's pages of reports: the list and its files, answering, more time, and money that comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response as FlaskResponse
from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from grants.accounts.access import current_person, needs, signed_in
from grants.accounts.models import Person, Role
from grants.awards.models import AwardStanding
from grants.foundation import clock, once
from grants.foundation.db import LostUpdate, Refused
from grants.foundation.exports import Column, csv_response, rows_of, xlsx_response
from grants.foundation.lifecycle import Answer
from grants.foundation.money import pounds
from grants.foundation.tables import BadFilter, choice_filter, clean_filter, count_of, page_from_request, url_with
from grants.outcomes.views import bp

from . import forms, judging, queries, rules
from .judging import TooMuch
from .models import ReportStatus
from .queries import ReportFilters
from .rules import Case
from .views import PAGE, Answered, page_of, readable

LIST_SIZE = 60


def state_of(row: Any) -> tuple[str, str]:
    """The word and the colour of a row of the list: where its report is, or how it is late."""
    if row.outstanding_pence > 0:
        return f"Accepted, {pounds(row.outstanding_pence)} to come back", "wait"
    if row.is_waiting and row.due_on < clock.today():
        return "Overdue", "no"
    if row.status is None:
        return "Not begun", "quiet"
    status = ReportStatus(row.status)
    return status.label, status.colour


def _sent(name: str) -> Callable[[Any], Any]:
    """What the group tells, once it is with the office: a draft is read by its group alone."""
    return lambda row: None if row.is_waiting else getattr(row, name)


COLUMNS = (
    Column("Reference", lambda row: row.reference),
    Column("Group", lambda row: row.organisation_name),
    Column("Project", lambda row: row.title),
    Column("Round", lambda row: row.round_code),
    Column("Due", lambda row: row.due_on, "date"),
    Column("Status", lambda row: state_of(row)[0]),
    Column("Sent", lambda row: row.submitted_at, "date"),
    Column("Accepted", lambda row: row.accepted_at, "date"),
    Column("People helped", _sent("people_helped"), "number"),
    Column("Estimated", _sent("people_estimated")),
    Column("Volunteers", _sent("volunteers"), "number"),
    Column("Sessions", _sent("sessions"), "number"),
    Column("Awarded (£)", lambda row: row.awarded_pence, "pounds"),
    Column("Paid (£)", lambda row: row.paid_pence, "pounds"),
    Column("Spent (£)", _sent("spent_pence"), "pounds"),
    Column("Returned (£)", lambda row: row.returned_pence, "pounds"),
    Column("Waived (£)", lambda row: row.waived_pence, "pounds"),
    Column("To come back (£)", lambda row: max(0, row.outstanding_pence), "pounds"),
    Column("Illustrative", lambda row: row.illustrative),
)
"""The columns of the export, in the order in which they stand."""


# Lists


@bp.get("/reports")
@signed_in
def reports() -> Answered:
    """The office's list; for everybody else, the reports of their groups."""
    person = current_person()
    if person.roles.isdisjoint(rules.LISTERS):
        rows = queries.of_groups(person)
        return render_template(f"{PAGE}own_list.html", rows=rows, state_of=state_of)
    refusal, filters = "", ReportFilters()
    try:
        filters = _filters()
    except BadFilter as error:
        refusal = str(error)
    found = queries.listed(person, filters)
    return render_template(
        f"{PAGE}list.html",
        page=page_from_request(found, order=_order(), size=LIST_SIZE),
        count=count_of(found),
        rounds=queries.round_codes(),
        states=queries.STATES,
        filters=filters,
        filter_words=_words(filters),
        refusal=refusal,
        state_of=state_of,
        query=request.query_string.decode("ascii", "replace"),
    )


@bp.get("/reports.csv")
@needs(*rules.LISTERS)
def reports_csv() -> FlaskResponse:
    """The same list as CSV."""
    filters = _file_filters()
    return csv_response(_rows(filters), COLUMNS, _name(filters))


@bp.get("/reports.xlsx")
@needs(*rules.LISTERS)
def reports_xlsx() -> FlaskResponse:
    """The same list as XLSX."""
    filters = _file_filters()
    return xlsx_response(_rows(filters), COLUMNS, _name(filters), title="Reports")


def _order() -> list[tuple[Any, bool]]:
    return [(queries.due_on(), False), (AwardStanding.award_id, False)]


def _rows(filters: ReportFilters) -> Any:
    return rows_of(queries.listed(current_person(), filters).order_by(*(column for column, _down in _order())))


def _filters() -> ReportFilters:
    state = clean_filter(request.args.get("state"), name="The status")
    choice_filter(state, queries.STATES, name="The status")
    return ReportFilters(
        q=clean_filter(request.args.get("q")),
        state=state,
        round=clean_filter(request.args.get("round"), name="The round"),
    )


def _file_filters() -> ReportFilters:
    try:
        return _filters()
    except BadFilter as error:
        abort(400, str(error))


def _words(filters: ReportFilters) -> list[tuple[str, str, str]]:
    words = [
        ("Words", filters.q, "q"),
        ("Status", queries.STATES.get(filters.state, ""), "state"),
        ("Round", filters.round, "round"),
    ]
    return [(label, value, url_with(**{name: None, "after": None})) for label, value, name in words if value]


def _name(filters: ReportFilters) -> str:
    return " ".join(part for part in ("reports", filters.round, filters.state) if part)


# One report


@bp.post("/reports/<string:reference>/answer")
@needs(Role.OFFICER)
def answer_report(reference: str) -> Answered:
    """Accept the report, or ask the group for changes."""
    person, case = readable(reference)
    form = forms.AnswerForm()
    if form.validate() and not form.lacks_words():
        accepts = form.outcome.data == "accept"
        done = _once(
            person, case, form, "answer report",
            lambda seen: judging.answer(
                person=person, award=case.award, seen=seen, accepts=accepts, words=form.words.data
            ),
        )  # fmt: skip
        if done:
            flash("The report is accepted." if accepts else "The group is asked for changes.", "yes")
            return done
    return page_of(person, case, form, 422)


@bp.post("/reports/<string:reference>/close")
@needs(Role.OFFICER)
def close_report(reference: str) -> Answered:
    """Complete the award where nothing is left to do."""
    person, case = readable(reference)
    form = forms.CloseForm()
    if form.validate():
        done = _once(
            person, case, form, "close report",
            lambda seen: judging.close(person=person, award=case.award, seen=seen),
        )  # fmt: skip
        if done:
            flash("The award is complete.", "yes")
            return done
    for error in form.errors_in_order():
        flash(error.text, "no")
    return redirect(url_for(".report", reference=case.award.reference))


@bp.route("/reports/<string:reference>/extend", methods=["GET", "POST"])
@needs(Role.OFFICER)
def extend_report(reference: str) -> Answered:
    """Give the group more time."""
    person, case = readable(reference)
    form = forms.ExtendForm(data={"version": judging.version_of(case)})

    def make(seen: int) -> None:
        assert form.due_on.data is not None  # noqa: S101 - it is required
        judging.extend(person=person, award=case.award, seen=seen, due_on=form.due_on.data, reason=form.reason.data)

    deed = Deed("extend", rules.can_extend(person, case), "The group has more time, and a mail says so.", make)
    return _deed(person, case, form, deed)


@bp.route("/reports/<string:reference>/repayment", methods=["GET", "POST"])
@needs(Role.FINANCE)
def repay(reference: str) -> Answered:
    """Record what came back of the unspent money."""
    person, case = readable(reference)
    due = case.money.outstanding
    form = forms.RepaymentForm(data={"version": judging.version_of(case), "amount": due or None})
    form.offer(case.standing.award_last)

    def make(seen: int) -> None:
        amount, arrived_on = form.amount.data, form.arrived_on.data
        assert amount is not None and arrived_on is not None  # noqa: S101,PT018 - they are required
        judging.record_repayment(person=person, award=case.award, seen=seen, amount=amount, arrived_on=arrived_on)

    may = rules.can_record_repayment(person, case)
    return _deed(person, case, form, Deed("repayment", may, "The repayment is in the ledger.", make))


@bp.route("/reports/<string:reference>/waive", methods=["GET", "POST"])
@needs(Role.OFFICER)
def waive(reference: str) -> Answered:
    """Let the group keep a small amount."""
    person, case = readable(reference)
    form = forms.WaiveForm(data={"version": judging.version_of(case)})

    def make(seen: int) -> None:
        judging.waive(person=person, award=case.award, seen=seen, reason=form.reason.data)

    return _deed(person, case, form, Deed("waive", rules.can_waive(person, case), "The group may keep it.", make))


@dataclass(frozen=True)
class Deed:
    """One thing that a page does: its name in the address, whether it may be done, what is said after, and the verb."""

    name: str
    may: Answer
    said: str
    make: Callable[[int], object]


def _deed(person: Person, case: Case, form: Any, deed: Deed) -> Answered:
    """A page with a form that does one thing to the report."""
    if request.method == "POST" and form.validate():
        done = _once(person, case, form, f"{deed.name} report", deed.make)
        if done:
            flash(deed.said, "yes")
            return done
    page = render_template(f"{PAGE}{deed.name}.html", case=case, form=form, may=deed.may, money=case.money)
    return page, 422 if request.method == "POST" else 200


def _once(person: Person, case: Case, form: Any, purpose: str, make: Callable[[int], object]) -> Response | None:
    """Do it once; None where it is refused, which the form then says."""

    def deed() -> str:
        make(form.version.data)
        return url_for(".report", reference=case.award.reference)

    try:
        return redirect(once.once(key=form.idempotency_key.data, actor=person.actor, purpose=purpose, make=deed))
    except LostUpdate as lost:
        form.version.data = lost.args[1]
        form.refuse(forms.AGAIN)
    except TooMuch as refused:
        form.amount.errors = [str(refused)]
    except Refused as refused:
        form.refuse(str(refused))
    return None
