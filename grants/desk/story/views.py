"""The page of a grant's story, and its files."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Response, render_template, url_for

from grants.accounts.access import allowed, current_person, hands_out, needs
from grants.accounts.rights import Right
from grants.awards.models import AwardStatus
from grants.desk.acts import DeskAct
from grants.desk.blueprint import bp
from grants.foundation.documents.exports import csv_response
from grants.foundation.documents.pdf import canonical
from grants.foundation.records import audit
from grants.foundation.values import clock
from grants.foundation.web.filters import takes

from . import queries, rules
from .columns import CSV
from .contents import COLUMNS, Item, Story, net, tell


def _story(reference: str) -> Story:
    """The story as the person may read it; to any other it is not there."""
    person, subject = allowed(
        queries.subject_of(current_person(), reference),
        lambda person, one: rules.can_read_story(person, one.application, one.award),
    )
    trail = queries.trail_of(subject)
    visibility = rules.visibility_of(person, subject.application, subject.sheet)
    kept = queries.kept_of(trail)
    return tell(
        subject, visibility, trail, queries.beside(subject), wrong=queries.what_is_wrong(trail, kept), kept=kept
    )


@bp.get("/grants/<string:reference>/story")
@needs(Right.READ_STORIES)
@takes()
def story(reference: str) -> str:
    """Everything that happened, from the first draft to the closed award."""
    told = _story(reference)
    award = told.subject.award
    return render_template(
        "desk/story/story.html", story=told, net=net(told.foot), status=AwardStatus(award.status) if award else None
    )


@bp.get("/grants/<string:reference>/story.json")
@needs(Right.READ_STORIES)
@takes()
@hands_out(DeskAct.EXPORT_STORY, kind="applications", named="reference")
def story_json(reference: str) -> Response:
    """The same for machines, with the hash of every audit line and the SHA-256 of the whole."""
    told = _story(reference)
    content = _content(told)
    digest = hashlib.sha256(canonical(content).encode()).hexdigest()
    body = canonical({"story": content, "sha256": digest, "read_at": audit.as_text(clock.now())})
    answer = Response(body, mimetype="application/json")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{told.subject.reference.lower()}-story.json")
    return answer


@bp.get("/grants/<string:reference>/story.csv")
@needs(Right.READ_STORIES)
@takes()
@hands_out(DeskAct.EXPORT_STORY, kind="applications", named="reference")
def story_csv(reference: str) -> Response:
    """The same as a table."""
    told = _story(reference)
    return csv_response(told.items, CSV, f"{told.subject.reference} story")


def _content(told: Story) -> dict[str, Any]:
    subject = told.subject
    return {
        "reference": subject.reference,
        "group": subject.application.organisation.name,
        "title": subject.title,
        "round": subject.application.round.code,
        "submission_sha256": subject.submission_sha256,
        "decision_sha256": subject.decision.sha256 if subject.decision and told.visibility.bid else None,
        "notice": subject.notice,
        "items": [_item(item) for item in told.items],
        "sums_pence": {name: told.foot.of(name) for name in told.columns},
        "changed_behind_the_trail": {str(number): why for number, why in told.wrong.items()},
    }


def _item(item: Item) -> dict[str, Any]:
    return {
        "at": audit.as_text(item.at),
        "what": item.what,
        "who": item.who,
        "details": list(item.details),
        "documents": [{"name": link.words, "url": url_for(link.endpoint, **link.values)} for link in item.links],
        "pence": {name: amount for name in COLUMNS if (amount := item.money.of(name)) is not None},
        "audit_lines": [
            {"number": one.line.id, "verb": one.line.verb, "hash": one.line.hash, "previous": one.line.previous}
            for one in item.lines
        ],
    }
