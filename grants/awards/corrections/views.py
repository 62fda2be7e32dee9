"""The pages of an award's corrections, for officers."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import abort, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from grants.accounts.access import current_person, needs
from grants.accounts.models import Role
from grants.awards.blueprint import bp
from grants.awards.ledger.queries import standing_by_reference, status_of, story_length
from grants.awards.models import AwardStanding
from grants.foundation.records import once
from grants.foundation.records.db import LostUpdate, Refused

from .forms import not_after_today
from .kinds import KINDS, KINDS_BY_KEY, Kind, correct_by_hand

CHANGED = (
    "Somebody entered something about this award after you opened the page. Check how it stands now, and send it again."
)


@bp.get("/awards/<string:reference>/corrections")
@needs(Role.OFFICER)
def corrections(reference: str) -> str:
    """What of an award can be corrected."""
    standing = _standing(reference)
    status = status_of(standing.award_id)
    kinds = [kind for kind in KINDS if kind.fits(status)]
    return render_template("awards/corrections/corrections.html", award=standing, kinds=kinds)


@needs(Role.OFFICER)
def correct(reference: str, key: str) -> str | Response | tuple[str, int]:
    """One correction: the form, and its dated entries."""
    standing, kind = _standing(reference), KINDS_BY_KEY[key]
    form: Any = kind.form(data={**kind.start(standing), "version": story_length(standing.award_id)})
    if hasattr(form, "offer"):
        form.offer()
    not_after_today(form)
    if request.method == "GET":
        return _page(standing, kind, form)
    if form.validate_on_submit():
        person = current_person()
        try:
            where = once.once(
                key=form.idempotency_key.data,
                actor=person.actor,
                purpose=f"correct {kind.key}",
                make=lambda: _do(standing, kind, form),
            )
            flash("The correction is in the ledger.", "yes")
            return redirect(where)
        except LostUpdate as lost:
            form.version.data = lost.args[1]
            form.refuse(CHANGED)
            standing = _standing(reference)
        except Refused as refused:
            form.refuse(str(refused))
    return _page(standing, kind, form), 422


def _do(standing: AwardStanding, kind: Kind, form: Any) -> str:
    correct_by_hand(kind, actor=current_person().actor, award_id=standing.award_id, form=form)
    return f"/awards/{quote(standing.reference)}"


def _page(standing: AwardStanding, kind: Kind, form: Any) -> str:
    return render_template("awards/corrections/correction.html", award=standing, kind=kind, form=form)


def _standing(reference: str) -> AwardStanding:
    return standing_by_reference(reference) or abort(404)


for _key in KINDS_BY_KEY:
    bp.add_url_rule(
        f"/awards/<string:reference>/corrections/{_key}",
        f"correct_{_key}",
        correct,
        methods=["GET", "POST"],
        defaults={"key": _key},
    )
