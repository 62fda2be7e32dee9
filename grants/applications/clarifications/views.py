"""Where an officer asks about an application, and where the group answers."""

from __future__ import annotations

from flask import abort, request, url_for

from grants.accounts.access import local_path, others_can, refuse_without, signed_in
from grants.accounts.models import Person
from grants.accounts.rights import GroupRight
from grants.applications import contents as bids
from grants.applications import queries, rules
from grants.applications.access import of_group, of_others
from grants.applications.blueprint import bp
from grants.applications.models import Application, Clarification
from grants.foundation.values import clock
from grants.foundation.web.posting import Answered, sent, shown

from . import forms, operations
from . import queries as clarifications
from .operations import BadAnswerDay


@bp.route("/applications/<string:reference>/ask", methods=["GET", "POST"])
@signed_in
def ask(reference: str) -> Answered:
    """The bid, and a question to the group about it."""
    person, found = of_others(reference)
    submission = queries.submission_of(found) or abort(404)
    form = forms.AskForm(data={"answer_on": operations.usual_day()})
    if gone_on := sent(
        form,
        lambda: _ask(person, found, form),
        once=(person.actor, "ask the group"),
        said=f"Your question is on its way to {found.organisation.name}.",
        beside={BadAnswerDay: "answer_on"},
    ):
        return gone_on
    asked = clarifications.of_application(found)
    return shown(
        "applications/clarifications/ask.html",
        application=found,
        bid=bids.of_submission(submission),
        clarifications=asked,
        form=form,
        may=rules.can_ask(person, found, asked),
        back=_way_back(),
    )


def _way_back() -> str:
    return local_path(request.args.get("next"))


def _ask(person: Person, found: Application, form: forms.AskForm) -> str:
    operations.ask(person=person, application=found, question=form.question.data, answer_on=form.answer_on.data)
    return _way_back() or f"{url_for('.application', reference=found.reference)}#clarifications"


@bp.route("/applications/<string:reference>/clarifications/<int:number>", methods=["GET", "POST"])
@signed_in
def clarification(reference: str, number: int) -> Answered:
    """A question of the office, and the group's answer to it."""
    person, found = of_group(reference)
    _asked(found, number)
    if request.method == "POST":
        refuse_without(GroupRight.ANSWER_QUESTIONS, person, found.organisation_id)
    form = forms.ClarifyForm()
    if gone_on := sent(
        form,
        lambda: _answer(person, found, number, form.answer.data),
        once=(person.actor, "answer the office"),
        said="Thank you. We have your answer.",
    ):
        return gone_on
    asked = _asked(found, number)
    return shown(
        "applications/clarifications/clarification.html",
        application=found,
        asked=asked,
        form=form,
        may=rules.can_answer(person, found, asked),
        others_can=others_can(GroupRight.ANSWER_QUESTIONS, person, found.organisation_id),
        now=clock.now(),
    )


def _asked(found: Application, number: int) -> Clarification:
    return next((one for one in clarifications.of_application(found) if one.number == number), None) or abort(404)


def _answer(person: Person, found: Application, number: int, text: str) -> str:
    operations.answer(person=person, application=found, number=number, text=text)
    return f"{url_for('.application', reference=found.reference)}#clarifications"
