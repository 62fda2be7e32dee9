"""What waits in review for this person, and what they have locked."""

from __future__ import annotations

from flask import render_template, request

from grants.accounts.access import current_person, needs
from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.applications.models import Application
from grants.foundation.web.filters import choice_filter, name_filter, takes
from grants.foundation.web.tables import page_from_request, url_with
from grants.funds.queries import round_slugs
from grants.review import rules
from grants.review.blueprint import bp
from grants.review.models import ScoreSheet

from . import queries as work
from .queries import ReviewTask

LIST_SIZE = 60
DEEDS = {deed.value: deed for deed in ReviewTask}
OLDEST_FIRST = [(Application.submitted_at, False), (Application.id, False)]


# What waits


@bp.get("/review")
@needs(Right.CHECK_APPLICATIONS, Right.SCORE_APPLICATIONS)
@takes("what", "round", turns=True)
def review() -> str:
    """What waits for this person, oldest first, and how far each round is."""
    person = current_person()
    deed = choice_filter(request.args.get("what"), DEEDS, name="What to do")
    round_slug = name_filter(request.args.get("round"), round_slugs, name="The round")
    found = work.waiting(person, deed=deed, round_slug=round_slug)
    return render_template(
        "review/waiting/waiting.html",
        page=page_from_request(found, order=OLDEST_FIRST, size=LIST_SIZE, outer_joins=True),
        rounds=work.work_by_round(person),
        deeds=[deed for deed in work.ReviewTask if _does(person, deed)],
        deed=deed,
        round_slug=round_slug,
        filter_words=_filter_words(deed, round_slug),
        scores=person.may(Right.SCORE_APPLICATIONS),
        recommends=bool(rules.can_draft(person)),
    )


@bp.get("/review/locked")
@needs(Right.SCORE_APPLICATIONS)
@takes(turns=True)
def locked() -> str:
    """What this person has scored and locked, the last locked first."""
    order = [(ScoreSheet.locked_at, True), (ScoreSheet.id, True)]
    page = page_from_request(work.locked_by(current_person()), order=order, size=LIST_SIZE)
    return render_template("review/waiting/locked.html", page=page)


def _does(person: Person, deed: ReviewTask) -> bool:
    return person.may(Right.SCORE_APPLICATIONS if deed == ReviewTask.SCORE else Right.CHECK_APPLICATIONS)


def _filter_words(deed: ReviewTask | None, round_slug: str) -> list[tuple[str, str, str]]:
    words = [("What to do", deed.label if deed else "", "what"), ("Round", round_slug.upper(), "round")]
    return [
        (label, value, url_with(**{name: None, "after": None, "before": None})) for label, value, name in words if value
    ]
