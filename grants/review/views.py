"""The pages of review: what waits, the officer's check, the score sheet, and what the panel said.

The pages of a whole round, its ranking and its recommendations, are in `ranking_views.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from grants.accounts.access import current_person, needs
from grants.accounts.models import Person, Role
from grants.applications import bid as bids
from grants.applications import document
from grants.applications.models import Application
from grants.applications.rules import can_ask
from grants.foundation import once, pages
from grants.foundation.db import LostUpdate, Refused
from grants.foundation.money import Pence
from grants.foundation.tables import BadFilter, choice_filter, clean_filter, page_from_request, url_with
from grants.funds.models import Criterion

from . import forms, operations, queries, ranking, rules, work
from .models import RecommendationDraft, Score, ScoreSheet
from .operations import BadGrant, Marks, OverPot
from .queries import Case
from .work import Deed

bp = Blueprint("review", __name__)

LIST_SIZE = 60
DEEDS = {deed.value: deed for deed in Deed}
OLDEST_FIRST = [(Application.submitted_at, False), (Application.id, False)]

Scored = Sequence[tuple[Criterion, Score | None]]
Answered = str | Response | tuple[str, int]


def _case(reference: str) -> tuple[Person, Case]:
    """The person and the application, where the person stands apart from it; to any other it is not there."""
    person = current_person()
    case = queries.case(person, reference)
    if case is None or not rules.stands_apart(person, case.application):
        abort(404)
    return person, case


# What waits


@bp.get("/review")
@needs(Role.OFFICER, Role.PANEL)
def review() -> str:
    """What waits for this person, oldest first, and how far each round is."""
    person = current_person()
    refusal, deed, round_slug = "", None, ""
    try:
        deed = choice_filter(request.args.get("what"), DEEDS, name="What to do")
        round_slug = clean_filter(request.args.get("round"), name="The round")
    except BadFilter as error:
        refusal = str(error)
    found = work.waiting(person, deed=deed, round_slug=round_slug)
    return render_template(
        "review/waiting.html",
        page=page_from_request(found, order=OLDEST_FIRST, size=LIST_SIZE),
        rounds=work.work_by_round(person),
        deeds=[deed for deed in work.Deed if _does(person, deed)],
        deed=deed,
        round_slug=round_slug,
        filter_words=_filter_words(deed, round_slug),
        refusal=refusal,
        scores=Role.PANEL in person.roles,
        recommends=bool(rules.can_draft(person)),
    )


@bp.get("/review/locked")
@needs(Role.PANEL)
def locked() -> str:
    """What this person has scored and locked, the last locked first."""
    order = [(ScoreSheet.locked_at, True), (ScoreSheet.id, True)]
    page = page_from_request(work.locked_by(current_person()), order=order, size=LIST_SIZE)
    return render_template("review/locked.html", page=page)


def _does(person: Person, deed: Deed) -> bool:
    return (Role.PANEL if deed == Deed.SCORE else Role.OFFICER) in person.roles


def _filter_words(deed: Deed | None, round_slug: str) -> list[tuple[str, str, str]]:
    words = [("What to do", deed.label if deed else "", "what"), ("Round", round_slug.upper(), "round")]
    return [
        (label, value, url_with(**{name: None, "after": None, "before": None})) for label, value, name in words if value
    ]


# The officer's check


@bp.route("/review/<string:reference>/check", methods=["GET", "POST"])
@needs(Role.OFFICER)
def check(reference: str) -> Answered:
    """Pass an application to the panel, or fail it with the reason."""
    person, case = _case(reference)
    form = forms.CheckForm()
    if request.method == "POST" and form.validate():
        passed = form.outcome.data == "pass"
        if not passed and not form.reason.data:
            form.reason.errors = ["Enter the reason why it is not eligible"]
        else:
            try:
                where = once.once(
                    key=form.idempotency_key.data, actor=person.actor, purpose="check application",
                    make=lambda: _check(person, case, form),
                )  # fmt: skip
                flash(f"{case.application.reference} is checked.", "yes")
                return redirect(where)
            except Refused as refused:
                form.refuse(str(refused))
    page = render_template(
        "review/check.html",
        case=case,
        bid=bids.of_submission(case.submission),
        form=form,
        may=rules.can_check(person, case.application),
        ask=can_ask(person, case.application, case.application.clarifications),
    )
    return page, 422 if request.method == "POST" else 200


def _check(person: Person, case: Case, form: forms.CheckForm) -> str:
    operations.check(
        person=person, application=case.application, passed=form.outcome.data == "pass", reason=form.reason.data
    )
    return url_for(".review")


# The score sheet


@bp.get("/review/<string:reference>")
@needs(Role.PANEL)
def score(reference: str) -> Answered:
    """The declaration first; then the bid with its criteria; after locking, what all said."""
    person, case = _case(reference)
    if case.sheet is None:
        return _declaration(person, case, forms.DeclareForm(), 200)
    if not rules.can_read(person, case.application, case.sheet):
        abort(404)
    scored = queries.scored_criteria(case)
    return _sheet(person, case, scored, _scores_form(case, scored), 200)


@bp.get("/review/<string:reference>/application.pdf")
@needs(Role.PANEL)
def application_pdf(reference: str) -> Response:
    """The bid as a document, for a panel member who has declared no interest."""
    person, case = _case(reference)
    if not rules.can_read(person, case.application, case.sheet):
        abort(404)
    body = document.submission_pdf(case.application, case.submission, office=pages.office())
    return document.pdf_response(body, case.application.reference)


@bp.post("/review/<string:reference>/declare")
@needs(Role.PANEL)
def declare(reference: str) -> Answered:
    """Say whether one has an interest."""
    person, case = _case(reference)
    form = forms.DeclareForm()
    if form.validate():
        try:
            where = once.once(
                key=form.idempotency_key.data, actor=person.actor, purpose="declare interest",
                make=lambda: _declare(person, case, form),
            )  # fmt: skip
            if form.interest.data == "conflict":
                flash(f"Thank you. {case.application.reference} stays closed to you, and others score it.", "yes")
            return redirect(where)
        except Refused as refused:
            form.refuse(str(refused))
    return _declaration(person, case, form, 422)


def _declare(person: Person, case: Case, form: forms.DeclareForm) -> str:
    sheet = operations.declare(
        person=person,
        application=case.application,
        has_conflict=form.interest.data == "conflict",
        note=form.note.data,
    )
    return url_for(".review") if sheet.has_conflict else url_for(".score", reference=case.application.reference)


@bp.post("/review/<string:reference>/scores")
@needs(Role.PANEL)
def scores(reference: str) -> Answered:
    """Save the scores as they are, or lock them."""
    person, case = _case(reference)
    if case.sheet is None or not rules.can_read(person, case.application, case.sheet):
        abort(404)
    scored = queries.scored_criteria(case)
    form = _scores_form(case, scored)
    overtaken = False
    if form.validate():
        try:
            deed = operations.lock if request.form.get("do") == "lock" else operations.save_scores
            sheet = deed(
                person=person, application=case.application, seen=form.version.data, marks=_marks(form, scored)
            )
            flash("Your scores are locked." if sheet.locked_at else "Saved as a draft.", "yes")
            return redirect(url_for(".score", reference=case.application.reference))
        except LostUpdate:
            form.version.data = queries.version_of(case.sheet.id)
            form.refuse("You saved other scores in another window. Check these and send them again.")
            overtaken = True
        except Refused as refused:
            if _is_locked_so(case, form):
                return redirect(url_for(".score", reference=case.application.reference))
            form.refuse(str(refused))
    return _sheet(person, case, queries.scored_criteria(case), form, 422, overtaken=overtaken)


def _is_locked_so(case: Case, form: forms.ScoresForm) -> bool:
    """Whether just these scores are locked already, as after a double click: then nothing is wrong."""
    scored = queries.scored_criteria(case)
    kept = {criterion.id: (score.score, score.reason) for criterion, score in scored if score}
    return case.sheet is not None and case.sheet.locked_at is not None and kept == _marks(form, scored)


def _declaration(person: Person, case: Case, form: forms.DeclareForm, code: int) -> Answered:
    may = rules.can_declare(person, case.application, case.sheet, case.check)
    return render_template("review/declare.html", case=case, form=form, may=may), code


def _sheet(
    person: Person, case: Case, scored: Scored, form: forms.ScoresForm, code: int, *, overtaken: bool = False
) -> Answered:
    sees = rules.can_see_scores(person, case.application, case.sheet)
    sheets = queries.locked_sheets(case.application.id) if sees else []
    page = render_template(
        "review/score.html",
        case=case,
        bid=bids.of_submission(case.submission),
        form=form,
        scored=scored,
        done=sum(1 for mark in form.marks if mark.form.score.data is not None and mark.form.reason.data),
        overtaken=overtaken,
        may=rules.can_score(person, case.application, case.sheet),
        sheets=sheets,
        result=rules.result_of(sheets),
    )
    return page, code


def _scores_form(case: Case, scored: Scored) -> forms.ScoresForm:
    kept = [
        {"score": score.score if score else None, "reason": score.reason if score else ""}
        for _criterion, score in scored
    ]
    form = forms.ScoresForm(data={"marks": kept, "version": case.sheet.version if case.sheet else 0})
    for (criterion, _score), entry in zip(scored, form.marks.entries, strict=False):
        entry.form.reason.label.text = f"Reason for your score for {criterion.title}"
    return form


def _marks(form: forms.ScoresForm, scored: Scored) -> Marks:
    return {
        criterion.id: (entry.form.score.data, entry.form.reason.data)
        for (criterion, _score), entry in zip(scored, form.marks.entries, strict=False)
    }


# What the panel said, and what the officer recommends


@bp.route("/review/<string:reference>/recommend", methods=["GET", "POST"])
@needs(Role.OFFICER)
def recommend(reference: str) -> Answered:
    """What the panel said, and the officer's recommendation."""
    person, case = _case(reference)
    draft = queries.draft_of(case.application.id)
    form = forms.RecommendForm(data=_drafted(draft))
    if request.method == "POST" and form.validate():
        try:
            where = once.once(
                key=form.idempotency_key.data, actor=person.actor, purpose="recommend",
                make=lambda: _recommend(person, case, form),
            )  # fmt: skip
            flash(f"{case.application.reference} waits for a decision.", "yes")
            return redirect(where)
        except BadGrant as refused:
            form.amount.errors = [str(refused)]
        except OverPot as refused:
            form.over_pot_reason.errors = [str(refused)]
        except Refused as refused:
            form.refuse(str(refused))
    sees = rules.can_see_scores(person, case.application, case.sheet)
    sheets = queries.locked_sheets(case.application.id) if sees else []
    page = render_template(
        "review/recommend.html",
        case=case,
        draft=draft,
        form=form,
        sees=sees,
        sheets=sheets,
        result=rules.result_of(sheets),
        pot=ranking.pot_use(case.application.round),
        may=rules.can_recommend(person, case.application, locked=case.locked),
    )
    return page, 422 if request.method == "POST" else 200


def _recommend(person: Person, case: Case, form: forms.RecommendForm) -> str:
    operations.recommend(
        person=person,
        application=case.application,
        amount=form.amount.data or Pence(0),
        reason=form.reason.data,
        over_pot_reason=form.over_pot_reason.data,
    )
    return url_for(".review")


def _drafted(draft: RecommendationDraft | None) -> dict[str, Pence | str | None]:
    """What the office drafted for it, to begin with."""
    return {"amount": draft.amount_pence, "reason": draft.reason} if draft else {}
