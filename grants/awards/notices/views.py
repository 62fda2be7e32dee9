"""The start page of decisions, and the pages of notices: a decision maker signs one, and anybody may read it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from grants.accounts.access import current_person, needs
from grants.accounts.factors.access import proves_again
from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.awards.blueprint import bp
from grants.awards.decisions import queries as decided
from grants.awards.models import DecisionNotice
from grants.foundation.web.filters import takes
from grants.foundation.web.posting import Answered, sent, shown
from grants.foundation.web.tables import page_from_request
from grants.funds.models import Round
from grants.funds.queries import round_by_slug
from grants.review.ranking.queries import pot_use

from . import operations, queries
from .contents import cannot_be_printed, of_notice, total_of
from .forms import NoticeForm
from .operations import BadSignature
from .queries import Signable


@bp.get("/decisions")
@needs(Right.SIGN_NOTICES)
def decisions() -> str:
    """What waits for a decision of this person, what waits to be signed, and the latest notices."""
    person = current_person()
    return render_template(
        "awards/notices/decisions.html",
        waiting=decided.waiting_for_decision(person),
        unsigned=queries.waiting_to_be_signed(person),
        notices=queries.latest_notices(),
    )


# Signing


@bp.route("/decisions/rounds/<string:slug>/sign", methods=["GET", "POST"])
@needs(Right.SIGN_NOTICES)
@proves_again
def sign_notice(slug: str) -> Answered:
    """The decisions of a round that are not announced: read them, tick them, sign them."""
    person, a_round = current_person(), round_by_slug(slug) or abort(404)
    lines = queries.to_sign(person, a_round)
    form = NoticeForm()
    form.offer([(line.decision.id, line.application.reference) for line in lines])
    if gone_on := sent(
        form,
        lambda: _sign(person, a_round, form),
        once=(person.actor, "sign decision notice"),
        said="The notice is signed and published. The letters are on their way.",
        beside={BadSignature: "signature"},
    ):
        return gone_on
    return _page(person, a_round, lines, form)


def _sign(person: Person, a_round: Round, form: NoticeForm) -> str:
    notice = operations.sign_notice(
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
    return shown(
        "awards/notices/sign.html",
        a_round=a_round,
        lines=lines,
        form=form,
        total=total_of(lines),
        pot=pot_use(a_round).decided,
        left_out=queries.left_out(person, a_round),
        unprintable=cannot_be_printed(lines),
    )


# Reading


@bp.get("/decisions/notices")
@takes(turns=True)
def notices() -> str:
    """Every notice, the latest first."""
    page = page_from_request(queries.notices(), order=[(DecisionNotice.id, True)], size=50)
    return render_template("awards/notices/notices.html", page=page)


@bp.get("/decisions/notices/<string:number>")
def notice(number: str) -> str:
    """One notice, as it was signed."""
    found = _notice(number)
    content = of_notice(found)
    return render_template(
        "awards/notices/notice.html",
        notice=found,
        content=content,
        varied=queries.varied_since([award["reference"] for award in content["approved"]]),
        corrected_by=queries.corrected_by(found),
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
