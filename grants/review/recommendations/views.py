"""What the officer recommends: for one application, and for the chosen ones of a round against its pot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from grants.accounts.access import needs
from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.foundation.values.money import Pence
from grants.foundation.web.filters import takes
from grants.foundation.web.posting import Answered, refused, sent, shown
from grants.foundation.web.tables import page_from_request
from grants.funds.models import Round
from grants.review import queries, rules
from grants.review.access import case_of, round_of
from grants.review.blueprint import bp
from grants.review.models import MOST_AT_ONCE, RecommendationDraft
from grants.review.queries import ReviewCase
from grants.review.ranking import queries as ranking
from grants.review.ranking.queries import Ready

from . import drafts as drafting
from . import forms, operations
from .drafts import BadRows, DraftRow, NotWaiting, Overtaken
from .operations import BadGrant, OverPot

# What the panel said, and what the officer recommends


@bp.route("/review/<string:reference>/recommend", methods=["GET", "POST"])
@needs(Right.RECOMMEND)
def recommend(reference: str) -> Answered:
    """What the panel said, and the officer's recommendation."""
    person, case = case_of(reference)
    draft = queries.draft_of(case.application.id)
    form = forms.RecommendForm(data=_drafted(draft))
    if gone_on := sent(
        form,
        lambda: _recommend(person, case, form),
        once=(person.actor, "recommend"),
        said=f"{case.application.reference} waits for a decision.",
        beside={BadGrant: "amount", OverPot: "over_pot_reason"},
    ):
        return gone_on
    sees = rules.can_see_scores(person, case.application, case.sheet)
    sheets = queries.locked_sheets(case.application.id) if sees else []
    return shown(
        "review/recommendations/recommend.html",
        case=case,
        draft=draft,
        form=form,
        sees=sees,
        sheets=sheets,
        result=rules.result_of(sheets),
        pot=ranking.pot_use(case.application.round),
        may=rules.can_recommend(person, case.application, locked=case.locked, hands=case.hands),
    )


def _recommend(person: Person, case: ReviewCase, form: forms.RecommendForm) -> str:
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


# What is about to be recommended


@dataclass(frozen=True)
class ReadyLine:
    """An application with its fields. `stands` is what somebody else saved meanwhile."""

    ready: Ready
    form: Any
    stands: RecommendationDraft | None = None


@bp.get("/review/rounds/<string:slug>/recommendations")
@needs(Right.RECOMMEND)
@takes(turns=True)
def recommendations(slug: str) -> Answered:
    """What stands ready to be recommended, some at a time, with its drafts."""
    person, a_round = round_of(slug)
    found = ranking.ranking(person, a_round)
    page = page_from_request(
        ranking.ready(found, a_round), order=ranking.order_of(found), size=forms.MOST_DRAFTS, outer_joins=True
    )
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
    lines = [ReadyLine(row, entry.form) for row, entry in zip(rows, form.rows.entries, strict=True)]
    return _drafts_page(person, a_round, form, lines, 200, after=page.next, before=page.previous)


@bp.post("/review/rounds/<string:slug>/recommendations")
@needs(Right.RECOMMEND)
def save_recommendations(slug: str) -> Answered:
    """Keep what was typed, all or nothing; then stay, turn the page, or go to the list to confirm."""
    person, a_round = round_of(slug)
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
            form.is_overtaken = True
            _take_versions(form, typed, stands)
        except NotWaiting as left:
            gone = dict(left.reasons)
    for reason in gone.values():
        form.refuse(reason)
    lines = [ReadyLine(there[key], typed[key], stands.get(key)) for key in typed if key in there and key not in gone]
    left_out = [(reason, typed[key]) for key, reason in gone.items()]
    cursors = {name: request.form.get(name, "") for name in ("after", "before")}
    return _drafts_page(person, a_round, form, lines, refused(form), gone=left_out, **cursors)


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
    lines: list[ReadyLine],
    code: int,
    *,
    after: str,
    before: str,
    gone: Sequence[tuple[str, Any]] = (),
) -> Answered:
    page = render_template(
        "review/recommendations/recommendations.html",
        a_round=a_round,
        form=form,
        lines=lines,
        task_list=ranking.ready_count(person, a_round),
        pot=ranking.pot_use(a_round),
        gone=gone,
        after=after,
        before=before,
        query=request.query_string.decode("ascii", "replace"),
    )
    return page, code


# The list to confirm


@bp.route("/review/rounds/<string:slug>/recommendations/confirm", methods=["GET", "POST"])
@needs(Right.RECOMMEND)
def confirm(slug: str) -> Answered:
    """What is chosen, all of it, before it is recommended; then it is."""
    person, a_round = round_of(slug)
    form = forms.ConfirmSetForm()

    def not_waiting(refused: Exception) -> None:
        for reason in refused.reasons.values() if isinstance(refused, NotWaiting) else ():
            form.refuse(reason)
        form.refuse("Nothing was recommended. The list below is as it stands now: check it and confirm it again.")

    return sent(
        form,
        lambda: _recommend_chosen(person, a_round, form),
        once=(person.actor, "recommend together"),
        said="They wait for a decision now.",
        beside={OverPot: "over_pot_reason", NotWaiting: not_waiting},
    ) or _confirm_page(person, a_round, form)


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
    return shown(
        "review/recommendations/confirm.html",
        a_round=a_round,
        form=form,
        rows=rows,
        total=total,
        pot=pot,
        task_list=ranking.ready_count(person, a_round),
        most=MOST_AT_ONCE,
    )
