"""The pages of decision notices: signing one, which only a decision maker does, and reading them, which anybody may."""

from __future__ import annotations

import json
from collections.abc import Sequence

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from grants.accounts.access import current_person, needs
from grants.accounts.models import Person, Role
from grants.foundation import once
from grants.foundation.db import Refused
from grants.foundation.tables import page_from_request
from grants.funds.models import Round
from grants.funds.queries import round_by_slug

from . import decision_queries as queries
from . import notices as verbs
from .decision_queries import Signable
from .decisions import pot_of
from .models import DecisionNotice
from .notice_content import total_of
from .notice_forms import NoticeForm
from .notices import BadSignature
from .views import bp

Answered = str | Response | tuple[str, int]

# Signing


@bp.route("/decisions/rounds/<string:slug>/sign", methods=["GET", "POST"])
@needs(Role.DECISION_MAKER)
def sign_notice(slug: str) -> Answered:
    """The decisions of a round that are not announced: read them, tick them, sign them."""
    person, a_round = current_person(), round_by_slug(slug) or abort(404)
    lines = queries.to_sign(person, a_round)
    form = NoticeForm()
    form.offer([(line.decision.id, line.application.reference) for line in lines])
    if request.method == "POST" and form.validate():
        try:
            where = once.once(
                key=form.idempotency_key.data, actor=person.actor, purpose="sign decision notice",
                make=lambda: _sign(person, a_round, form),
            )  # fmt: skip
            flash("The notice is signed and published. The letters are on their way.", "yes")
            return redirect(where)
        except BadSignature as refused:
            form.signature.errors = [str(refused)]
        except Refused as refused:
            form.refuse(str(refused))
    return _page(person, a_round, lines, form)


def _sign(person: Person, a_round: Round, form: NoticeForm) -> str:
    notice = verbs.sign_notice(
        person=person,
        a_round=a_round,
        decision_ids=form.decisions.data,
        title=form.title.data,
        interests=form.interests.data,
        signature=form.signature.data,
    )
    return url_for(".notice", number=notice.reference)


def _page(person: Person, a_round: Round, lines: Sequence[Signable], form: NoticeForm) -> Answered:
    if request.method == "GET":
        form.decisions.data = [line.decision.id for line in lines]
        form.title.data = f"{a_round.fund.name}, {a_round.code}: decisions on applications"
    page = render_template(
        "awards/sign.html",
        a_round=a_round,
        lines=lines,
        form=form,
        total=total_of(lines),
        pot=pot_of(a_round),
        left_out=queries.left_out(person, a_round),
    )
    return page, 422 if request.method == "POST" else 200


# Reading


@bp.get("/decisions/notices")
def notices() -> str:
    """Every notice, the latest first."""
    page = page_from_request(queries.notices(), order=[(DecisionNotice.id, True)], size=50)
    return render_template("awards/notices.html", page=page)


@bp.get("/decisions/notices/<string:number>")
def notice(number: str) -> str:
    """One notice, as it was signed."""
    found = _notice(number)
    return render_template(
        "awards/notice.html", notice=found, content=json.loads(found.content), corrected_by=queries.corrected_by(found)
    )


@bp.get("/decisions/notices/<string:number>/notice.pdf")
def notice_pdf(number: str) -> Response:
    """The document of a notice: the same bytes each time."""
    found = _notice(number)
    answer = make_response(found.pdf)
    answer.mimetype = "application/pdf"
    answer.headers.set("Content-Disposition", "inline", filename=f"{found.reference}.pdf")
    return answer


def _notice(number: str) -> DecisionNotice:
    return queries.notice_by_reference(number) or abort(404)
