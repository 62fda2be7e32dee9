"""What the public reads about rounds: what is open, what was, who may apply, and every question."""

from __future__ import annotations

from flask import Response, render_template, request

from grants.accounts.access import person_or_none, there
from grants.foundation.values import clock
from grants.foundation.web import pages
from grants.foundation.web.arrival import arrived

from . import queries, rules
from .blueprint import bp
from .document import blank_form
from .forms import eligibility_form
from .models import SUMMARY_WORDS, Round, RoundStatus


def _public(slug: str) -> Round:
    """The round of an address. One that is being prepared is not there yet."""
    return there(queries.round_by_slug(slug), rules.is_public)


@bp.get("/rounds")
def rounds() -> str:
    """Every round: what is open, then what is being decided, then the past."""
    now = clock.now()
    found = queries.public_rounds()
    current = [one for one in found if one.status == RoundStatus.OPEN and one.closes_at and one.closes_at > now]
    deciding = [one for one in found if one not in current and one.status in {RoundStatus.OPEN, RoundStatus.CLOSED}]
    past = [one for one in found if one not in current and one not in deciding]
    return render_template("funds/rounds.html", current=current, deciding=deciding, past=past, now=now)


@bp.get("/rounds/<string:slug>")
def round_page(slug: str) -> str:
    """What a round offers, when it closes, and the way in."""
    a_round = _public(slug)
    status = RoundStatus(a_round.status)
    takes = rules.takes_applications(a_round, arrived())
    is_run_here = a_round.closes_at is not None
    return render_template(
        "funds/round.html",
        a_round=a_round,
        status=status,
        takes=takes,
        is_run_here=is_run_here,
        priorities=queries.priorities_of(a_round) if a_round.plan_id else [],
        criteria=queries.criteria_of(a_round) if is_run_here else [],
        follows=is_run_here and rules.can_follow(person_or_none()),
    )


@bp.get("/rounds/<string:slug>/questions")
def questions(slug: str) -> str:
    """Every question of the round, before anybody signs in."""
    a_round = _asked(slug)
    return render_template(
        "funds/questions.html", a_round=a_round, questions=queries.questions_of(a_round), summary_words=SUMMARY_WORDS
    )


@bp.get("/rounds/<string:slug>/blank-form.pdf")
def blank_form_pdf(slug: str) -> Response:
    """The same as a form to print."""
    a_round = _asked(slug)
    body = blank_form(
        a_round,
        office=pages.office(),
        questions=queries.questions_of(a_round),
        districts=queries.all_districts(),
        topics=[name for _id, name in queries.topic_choices()],
        priorities=queries.priorities_of(a_round),
    )
    response = Response(body, mimetype="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename=f"{a_round.slug}-form.pdf")
    return response


@bp.get("/eligibility/<string:slug>")
def eligibility(slug: str) -> str:
    """May we apply? A few questions before an account is needed. Nothing is stored."""
    a_round = _asked(slug)
    asked = queries.eligibility_of(a_round)
    form = eligibility_form(asked, request.args)
    is_sent = bool(request.args)
    is_complete = is_sent and form.validate()
    answers = {question.id: form[f"q{question.id}"].data for question in asked}
    answers = {number: answer for number, answer in answers.items() if answer is not None}
    return render_template(
        "funds/eligibility.html",
        a_round=a_round,
        form=form,
        asked=asked,
        bar=rules.first_bar(asked, answers),
        is_complete=is_complete,
        takes=rules.takes_applications(a_round, arrived()),
        is_signed_in=person_or_none() is not None,
    )


def _asked(slug: str) -> Round:
    """A round that has questions: of a past round only facts are known."""
    return there(_public(slug), rules.is_asked)
