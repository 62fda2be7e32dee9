"""The pages of a whole round in review: its ranking, its recommendations against the pot, and the files of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from grants.accounts.access import current_person, needs
from grants.accounts.models import Person, Role
from grants.foundation import once
from grants.foundation.db import Refused
from grants.foundation.exports import csv_response, rows_of, xlsx_response
from grants.foundation.lifecycle import Answer
from grants.foundation.money import Pence
from grants.foundation.tables import page_from_request
from grants.funds.models import Round, RoundStatus
from grants.funds.queries import round_by_slug

from . import drafting, files, forms, ranking, rules, work
from .drafting import BadRows, DraftRow, NotWaiting, Overtaken
from .models import MOST_AT_ONCE, RecommendationDraft
from .operations import BadGrant, OverPot
from .ranking import Ready
from .views import Answered, bp

RANKING_SIZE = 50


def _round(slug: str) -> tuple[Person, Round]:
    """The person and the round; one that is still being prepared has nothing to review."""
    found = round_by_slug(slug)
    if found is None or found.status == RoundStatus.DRAFT:
        abort(404)
    return current_person(), found


# The ranking


@bp.get("/review/rounds/<string:slug>")
@needs(*rules.RANKERS)
def ranked(slug: str) -> str:
    """The applications of a round by what the panel said, against its pot."""
    person, a_round = _round(slug)
    may = _may_see_ranking(person, a_round)
    if not may:
        return render_template("review/no_ranking.html", a_round=a_round, may=may)
    found = ranking.ranking(person, a_round)
    page = page_from_request(select(found), order=ranking.order_of(found), size=RANKING_SIZE)
    return render_template(
        "review/ranking.html",
        a_round=a_round,
        page=replace(page, rows=[ranking.as_ranked(row) for row in page.rows]),
        summary=ranking.summary_of(person, a_round),
        door=_door(person),
        may_draft=rules.can_draft(person),
        may_export=rules.can_export_scores(person),
    )


@bp.get("/review/rounds/<string:slug>/ranking.csv")
@needs(*rules.RANKERS)
def ranking_csv(slug: str) -> Response:
    """The whole ranking as CSV. Raises Refused for a panel member who still scores."""
    person, a_round = _round(slug)
    _may_see_ranking(person, a_round).or_refuse()
    return csv_response(files.ranked_rows(person, a_round), files.ranking_columns(a_round), f"ranking {a_round.code}")


@bp.get("/review/rounds/<string:slug>/ranking.xlsx")
@needs(*rules.RANKERS)
def ranking_xlsx(slug: str) -> Response:
    """The whole ranking as XLSX. Raises Refused for a panel member who still scores."""
    person, a_round = _round(slug)
    _may_see_ranking(person, a_round).or_refuse()
    rows, columns = files.ranked_rows(person, a_round), files.ranking_columns(a_round)
    return xlsx_response(rows, columns, f"ranking {a_round.code}", title=f"Ranking {a_round.code}")


def _may_see_ranking(person: Person, a_round: Round) -> Answer:
    blind = person.roles.isdisjoint(rules.OVERSEERS)
    return rules.can_see_ranking(person, left=work.left_to_score(person, a_round) if blind else 0)


def _door(person: Person) -> str:
    """Where an application of the ranking leads for this person."""
    doors = {
        Role.OFFICER: "/review/{}/recommend",
        Role.DECISION_MAKER: "/decisions/{}",
        Role.AUDITOR: "/applications/{}",
        Role.PANEL: "/review/{}",
    }
    return next(door for role, door in doors.items() if role in person.roles)


# Every score and comment, as files


@bp.get("/review/rounds/<string:slug>/scores.csv")
@needs(Role.OFFICER, Role.AUDITOR)
def scores_csv(slug: str) -> Response:
    """Every locked score with its comment as CSV."""
    person, a_round = _round(slug)
    rules.can_export_scores(person).or_refuse()
    return csv_response(rows_of(files.scores_of(person, a_round)), files.SCORE_COLUMNS, f"scores {a_round.code}")


@bp.get("/review/rounds/<string:slug>/scores.xlsx")
@needs(Role.OFFICER, Role.AUDITOR)
def scores_xlsx(slug: str) -> Response:
    """Every locked score with its comment as XLSX."""
    person, a_round = _round(slug)
    rules.can_export_scores(person).or_refuse()
    rows = rows_of(files.scores_of(person, a_round))
    return xlsx_response(rows, files.SCORE_COLUMNS, f"scores {a_round.code}", title=f"Scores {a_round.code}")


# What is about to be recommended


@dataclass(frozen=True)
class Line:
    """An application with its fields. `stands` is what somebody else saved meanwhile."""

    ready: Ready
    form: Any
    stands: RecommendationDraft | None = None


@bp.get("/review/rounds/<string:slug>/recommendations")
@needs(Role.OFFICER)
def recommendations(slug: str) -> Answered:
    """What stands ready to be recommended, some at a time, with its drafts."""
    person, a_round = _round(slug)
    found = ranking.ranking(person, a_round)
    page = page_from_request(ranking.ready(found, a_round), order=ranking.order_of(found), size=forms.MOST_DRAFTS)
    rows = [ranking.as_ready(row) for row in page.rows]
    form = forms.DraftsForm(
        formdata=None,
        data={
            "rows": [
                {
                    "application_id": row.bid.id,
                    "version": row.version,
                    "amount": row.amount_pence,
                    "reason": row.reason,
                    "chosen": row.chosen,
                }
                for row in rows
            ]
        },
    )
    lines = [Line(row, entry.form) for row, entry in zip(rows, form.rows.entries, strict=True)]
    return _drafts_page(person, a_round, form, lines, 200, after=page.next, before=page.previous)


@bp.post("/review/rounds/<string:slug>/recommendations")
@needs(Role.OFFICER)
def save_recommendations(slug: str) -> Answered:
    """Keep what was typed, all or nothing; then stay, turn the page, or go to the list to confirm."""
    person, a_round = _round(slug)
    form = forms.DraftsForm()
    typed = {entry.form.application_id.data: entry.form for entry in form.rows.entries}
    there = ranking.ready_among(person, a_round, typed)
    for application_id, row in there.items():
        typed[application_id].named(row.bid.reference)
    missing = typed.keys() - there.keys()
    gone = drafting.not_waiting(person, a_round, missing) if missing else {}
    stands: dict[int, RecommendationDraft] = {}
    if form.validate() and not gone:
        try:
            drafting.save_drafts(person=person, a_round=a_round, rows=[_row(entry) for entry in typed.values()])
            flash("Your draft is saved.", "yes")
            return redirect(_onward(slug))
        except BadRows as bad:
            for application_id, (name, message) in bad.errors.items():
                typed[application_id][name].errors = form.rows.errors = [message]
        except Overtaken as overtaken:
            stands = dict(overtaken.drafts)
            _take_versions(form, typed, stands)
        except NotWaiting as refused:
            gone = dict(refused.reasons)
    for reason in gone.values():
        form.refuse(reason)
    lines = [Line(there[key], typed[key], stands.get(key)) for key in typed if key in there and key not in gone]
    left_out = [(reason, typed[key]) for key, reason in gone.items()]
    cursors = {name: request.form.get(name, "") for name in ("after", "before")}
    return _drafts_page(person, a_round, form, lines, 422, gone=left_out, **cursors)


def _row(entry: Any) -> DraftRow:
    return DraftRow(
        application_id=entry.application_id.data,
        seen=entry.version.data,
        amount=entry.amount.data,
        reason=entry.reason.data,
        chosen=entry.chosen.data,
    )


def _take_versions(form: forms.DraftsForm, typed: dict[int, Any], stands: dict[int, RecommendationDraft]) -> None:
    form.refuse("Somebody else changed some of these since you opened the page. Check them and save again.")
    for application_id, draft in stands.items():
        typed[application_id].version.data = draft.version


def _onward(slug: str) -> str:
    """Where the button that was pressed leads: to the list to confirm, to a neighbouring page, or to the same page."""
    deed, _, cursor = request.form.get("go", "").partition(":")
    if deed == "confirm":
        return url_for(".confirm", slug=slug)
    if deed == "after":
        return url_for(".recommendations", slug=slug, after=cursor)
    if deed == "before":
        return url_for(".recommendations", slug=slug, before=cursor)
    after, before = request.args.get("after"), request.args.get("before")
    return url_for(".recommendations", slug=slug, after=after, before=before)


def _drafts_page(
    person: Person,
    a_round: Round,
    form: forms.DraftsForm,
    lines: list[Line],
    code: int,
    *,
    after: str,
    before: str,
    gone: Sequence[tuple[str, Any]] = (),
) -> Answered:
    page = render_template(
        "review/recommendations.html",
        a_round=a_round,
        form=form,
        lines=lines,
        heap=ranking.heap_of(person, a_round),
        pot=ranking.pot_use(a_round),
        gone=gone,
        after=after,
        before=before,
        query=request.query_string.decode("ascii", "replace"),
    )
    return page, code


# The list to confirm


@bp.route("/review/rounds/<string:slug>/recommendations/confirm", methods=["GET", "POST"])
@needs(Role.OFFICER)
def confirm(slug: str) -> Answered:
    """What is chosen, all of it, before it is recommended; then it is."""
    person, a_round = _round(slug)
    form = forms.ConfirmSetForm()
    if request.method == "POST" and form.validate():
        try:
            where = once.once(
                key=form.idempotency_key.data, actor=person.actor, purpose="recommend together",
                make=lambda: _recommend_chosen(person, a_round, form),
            )  # fmt: skip
            flash("They wait for a decision now.", "yes")
            return redirect(where)
        except OverPot as refused:
            form.over_pot_reason.errors = [str(refused)]
        except NotWaiting as refused:
            for reason in refused.reasons.values():
                form.refuse(reason)
            form.refuse("Nothing was recommended. The list below is as it stands now: check it and confirm it again.")
        except (BadGrant, Refused) as refused:
            form.refuse(str(refused))
    return _confirm_page(person, a_round, form)


def _recommend_chosen(person: Person, a_round: Round, form: forms.ConfirmSetForm) -> str:
    drafting.recommend_chosen(
        person=person, a_round=a_round, listed=form.pairs(), over_pot_reason=form.over_pot_reason.data
    )
    return url_for(".ranked", slug=a_round.slug)


def _confirm_page(person: Person, a_round: Round, form: forms.ConfirmSetForm) -> Answered:
    rows, pot = ranking.chosen(person, a_round), ranking.pot_use(a_round)
    total = Pence(sum(row.amount_pence or 0 for row in rows))
    form.listed.data = " ".join(f"{row.bid.id}:{row.version}" for row in rows)
    form.over_pot_reason.required = bool(total and pot.excess(total))
    page = render_template(
        "review/confirm.html",
        a_round=a_round,
        form=form,
        rows=rows,
        total=total,
        pot=pot,
        heap=ranking.heap_of(person, a_round),
        most=MOST_AT_ONCE,
    )
    return page, 422 if request.method == "POST" else 200
