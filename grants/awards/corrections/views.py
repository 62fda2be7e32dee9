"""The pages of an award's corrections, for officers."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for

from grants.accounts.access import allowed, current_person, needs, there
from grants.accounts.models import Person
from grants.accounts.organisations.queries import MOST_FOUND
from grants.accounts.rights import Right
from grants.awards.around.queries import around
from grants.awards.blueprint import bp
from grants.awards.ledger.queries import AwardSeen, award_seen
from grants.awards.models import Award, AwardSnapshot
from grants.foundation.records.db import db
from grants.foundation.records.lifecycle import Ruling
from grants.foundation.web.filters import clean_filter, takes
from grants.foundation.web.posting import Answered, done, refused

from .forms import not_after_today
from .kinds import KINDS, KINDS_BY_KEY, CorrectionKind, correct_by_hand
from .queries import recipients_like
from .rules import can_correct

CHANGED = (
    "Somebody entered something about this award after you opened the page. Check how it stands now, and send it again."
)


@bp.get("/awards/<string:reference>/corrections")
@needs(Right.CORRECT_AWARDS)
def corrections(reference: str) -> str:
    """What of an award can be corrected."""
    snapshot = _seen(reference).snapshot
    award = db.session.get_one(Award, snapshot.award_id)
    kinds = [kind for kind in KINDS if kind.fits(award)]
    return render_template(
        "awards/corrections/corrections.html", award=snapshot, kinds=kinds, is_varied=award.is_paid_here
    )


@bp.get("/awards/<string:reference>/corrections/group/choose")
@needs(Right.CORRECT_AWARDS)
@takes(searches=("q",))
def groups_to_correct_to(reference: str) -> str:
    """Choose the group that a past award went to."""
    snapshot = there(_seen(reference).snapshot, KINDS_BY_KEY["group"].is_of)
    words = clean_filter(request.args.get("q"))
    return render_template(
        "awards/corrections/groups.html",
        award=snapshot,
        words=words,
        found=recipients_like(words, but=snapshot.organisation_id) if words else [],
        most=MOST_FOUND,
    )


@needs(Right.CORRECT_AWARDS)
def correct(reference: str, key: str) -> Answered:
    """One correction: the form, and its dated entries."""
    seen, kind = _seen(reference), KINDS_BY_KEY[key]
    snapshot = seen.snapshot
    form: Any = kind.form(data={**kind.start(snapshot), "version": seen.story_length})
    if hasattr(form, "offer"):
        form.offer()
    not_after_today(form)
    if request.method == "GET":
        there(snapshot, kind.is_of)
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
    return _page(_seen(reference).snapshot, kind, form), refused(form)


def _do(snapshot: AwardSnapshot, kind: CorrectionKind, form: Any) -> str:
    correct_by_hand(kind, person=current_person(), award_id=snapshot.award_id, form=form)
    return url_for("register.award", reference=snapshot.reference)


def _page(snapshot: AwardSnapshot, kind: CorrectionKind, form: Any) -> str:
    return render_template("awards/corrections/correction.html", award=snapshot, kind=kind, form=form)


def _seen(reference: str) -> AwardSeen:
    return allowed(award_seen(reference), _may_correct)[1]


def _may_correct(person: Person, seen: AwardSeen) -> Ruling:
    award_id = seen.snapshot.award_id
    return can_correct(person, around([award_id])[award_id].ties)


for _key in KINDS_BY_KEY:
    bp.add_url_rule(
        f"/awards/<string:reference>/corrections/{_key}",
        f"correct_{_key}",
        correct,
        methods=["GET", "POST"],
        defaults={"key": _key},
    )
