"""The score sheet: the declaration, the scores, and every score as a file."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from grants.accounts.access import hands_out, needs, there
from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.applications import contents as bids
from grants.applications import document
from grants.applications.acts import ApplicationAct
from grants.foundation.documents.exports import csv_response, rows_of, xlsx_response
from grants.foundation.web import pages
from grants.foundation.web.filters import takes
from grants.foundation.web.posting import Answered, refused, sent
from grants.funds.models import Criterion
from grants.review import queries, rules
from grants.review.access import bid_of, case_of, round_of
from grants.review.acts import ReviewAct
from grants.review.blueprint import bp
from grants.review.models import Score
from grants.review.queries import ReviewCase

from . import columns as files
from . import forms, operations
from .operations import Marks

Scored = Sequence[tuple[Criterion, Score | None]]

OVERTAKEN = "You saved other scores in another window. Check these and send them again."


# The score sheet


@bp.get("/review/<string:reference>")
@needs(Right.SCORE_APPLICATIONS)
def score(reference: str) -> Answered:
    """The declaration first; then the bid with its criteria; after locking, what all said."""
    person, case = case_of(reference)
    if case.sheet is None:
        return _declaration(person, case, forms.DeclareForm(), 200)
    there(case, lambda one: rules.can_read(person, one.application, one.sheet))
    scored = queries.scored_criteria(case)
    return _sheet(person, case, scored, _scores_form(case, scored), 200)


@bp.get("/review/<string:reference>/application.pdf")
@needs(Right.SCORE_APPLICATIONS)
@hands_out(ApplicationAct.DOWNLOAD_APPLICATION, kind="applications", named="reference")
def application_pdf(reference: str) -> Response:
    """The bid as a document, for a panel member who has declared no interest."""
    _person, case = bid_of(reference)
    body = document.submission_pdf(case.application, case.submission, office=pages.office())
    return document.pdf_response(body, case.application.reference)


@bp.post("/review/<string:reference>/declare")
@needs(Right.SCORE_APPLICATIONS)
def declare(reference: str) -> Answered:
    """Say whether one has an interest."""
    person, case = case_of(reference)
    form = forms.DeclareForm()
    closed = f"Thank you. {case.application.reference} stays closed to you, and others score it."
    return sent(
        form,
        lambda: _declare(person, case, form),
        once=(person.actor, "declare interest"),
        said=closed if form.interest.data == "conflict" else "",
    ) or _declaration(person, case, form, 422)


def _declare(person: Person, case: ReviewCase, form: forms.DeclareForm) -> str:
    sheet = operations.declare(
        person=person,
        application=case.application,
        has_conflict=form.interest.data == "conflict",
        note=form.note.data,
    )
    return url_for(".review") if sheet.has_conflict else url_for(".score", reference=case.application.reference)


@bp.post("/review/<string:reference>/scores")
@needs(Right.SCORE_APPLICATIONS)
def scores(reference: str) -> Answered:
    """Save the scores as they are, or lock them."""
    person, case = bid_of(reference)
    scored = queries.scored_criteria(case)
    form, here = _scores_form(case, scored), url_for(".score", reference=case.application.reference)

    def save() -> str:
        deed = operations.lock if request.form.get("do") == "lock" else operations.save_scores
        sheet = deed(person=person, application=case.application, seen=form.version.data, marks=_marks(form, scored))
        flash("Your scores are locked." if sheet.locked_at else "Saved as a draft.", "yes")
        return here

    if gone_on := sent(form, save, changed=OVERTAKEN):
        return gone_on
    if form.form_errors and not form.is_overtaken and _is_locked_so(case, form):
        return redirect(here)
    return _sheet(person, case, queries.scored_criteria(case), form, refused(form))


def _is_locked_so(case: ReviewCase, form: forms.ScoresForm) -> bool:
    """Whether just these scores are locked already, as after a double click: then nothing is wrong."""
    scored = queries.scored_criteria(case)
    kept = {criterion.id: (score.score, score.reason) for criterion, score in scored if score}
    return case.sheet is not None and case.sheet.locked_at is not None and kept == _marks(form, scored)


def _declaration(person: Person, case: ReviewCase, form: forms.DeclareForm, code: int) -> Answered:
    may = rules.can_declare(person, case.application, case.sheet, case.hands)
    return render_template("review/scores/declare.html", case=case, form=form, may=may), code


def _sheet(person: Person, case: ReviewCase, scored: Scored, form: forms.ScoresForm, code: int) -> Answered:
    sees = rules.can_see_scores(person, case.application, case.sheet)
    sheets = queries.locked_sheets(case.application.id) if sees else []
    page = render_template(
        "review/scores/score.html",
        case=case,
        bid=bids.of_submission(case.submission),
        form=form,
        scored=scored,
        done=sum(1 for mark in form.marks if mark.form.score.data is not None and mark.form.reason.data),
        may=rules.can_score(person, case.application, case.sheet, case.hands),
        sheets=sheets,
        result=rules.result_of(sheets),
    )
    return page, code


def _scores_form(case: ReviewCase, scored: Scored) -> forms.ScoresForm:
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


# Every score and comment, as files


@bp.get("/review/rounds/<string:slug>/scores.csv")
@needs(Right.EXPORT_SCORES)
@takes()
@hands_out(ReviewAct.EXPORT_SCORES, kind="rounds", named="slug")
def scores_csv(slug: str) -> Response:
    """Every locked score with its comment as CSV."""
    person, a_round = round_of(slug)
    rules.can_export_scores(person).or_refuse()
    return csv_response(rows_of(files.scores_of(person, a_round)), files.SCORE_COLUMNS, f"scores {a_round.code}")


@bp.get("/review/rounds/<string:slug>/scores.xlsx")
@needs(Right.EXPORT_SCORES)
@takes()
@hands_out(ReviewAct.EXPORT_SCORES, kind="rounds", named="slug")
def scores_xlsx(slug: str) -> Response:
    """Every locked score with its comment as XLSX."""
    person, a_round = round_of(slug)
    rules.can_export_scores(person).or_refuse()
    rows = rows_of(files.scores_of(person, a_round))
    return xlsx_response(rows, files.SCORE_COLUMNS, f"scores {a_round.code}", title=f"Scores {a_round.code}")
