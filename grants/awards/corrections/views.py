"""The pages of an award's corrections, for officers."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for

from grants.accounts.access import allowed, current_person, needs
from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.awards.around.queries import around
from grants.awards.blueprint import bp
from grants.awards.ledger.queries import snapshot_by_reference, status_of, story_length
from grants.awards.models import AwardSnapshot
from grants.foundation.records.lifecycle import Ruling
from grants.foundation.web.posting import Answered, done, refused

from .forms import not_after_today
from .kinds import KINDS, KINDS_BY_KEY, CorrectionKind, correct_by_hand
from .rules import can_correct

CHANGED = (
    "Somebody entered something about this award after you opened the page. Check how it stands now, and send it again."
)


@bp.get("/awards/<string:reference>/corrections")
@needs(Right.CORRECT_AWARDS)
def corrections(reference: str) -> str:
    """What of an award can be corrected."""
    snapshot = _snapshot(reference)
    status = status_of(snapshot.award_id)
    kinds = [kind for kind in KINDS if kind.fits(status)]
    return render_template("awards/corrections/corrections.html", award=snapshot, kinds=kinds)


@needs(Right.CORRECT_AWARDS)
def correct(reference: str, key: str) -> Answered:
    """One correction: the form, and its dated entries."""
    snapshot, kind = _snapshot(reference), KINDS_BY_KEY[key]
    form: Any = kind.form(data={**kind.start(snapshot), "version": story_length(snapshot.award_id)})
    if hasattr(form, "offer"):
        form.offer()
    not_after_today(form)
    if request.method == "GET":
        return _page(snapshot, kind, form)
    if form.validate_on_submit():
        gone_on = done(
            form,
            lambda: _do(snapshot, kind, form),
            once=(current_person().actor, f"correct {kind.key}"),
            said="The correction is in the ledger.",
            changed=CHANGED,
        )
        if gone_on:
            return gone_on
    return _page(_snapshot(reference), kind, form), refused(form)


def _do(snapshot: AwardSnapshot, kind: CorrectionKind, form: Any) -> str:
    correct_by_hand(kind, person=current_person(), award_id=snapshot.award_id, form=form)
    return url_for("register.award", reference=snapshot.reference)


def _page(snapshot: AwardSnapshot, kind: CorrectionKind, form: Any) -> str:
    return render_template("awards/corrections/correction.html", award=snapshot, kind=kind, form=form)


def _snapshot(reference: str) -> AwardSnapshot:
    return allowed(snapshot_by_reference(reference), _may_correct)[1]


def _may_correct(person: Person, snapshot: AwardSnapshot) -> Ruling:
    return can_correct(person, around([snapshot.award_id])[snapshot.award_id].ties)


for _key in KINDS_BY_KEY:
    bp.add_url_rule(
        f"/awards/<string:reference>/corrections/{_key}",
        f"correct_{_key}",
        correct,
        methods=["GET", "POST"],
        defaults={"key": _key},
    )
