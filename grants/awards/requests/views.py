"""The pages of requests: a group asks for a change of its grant, and an officer answers why not."""

from __future__ import annotations

from flask import url_for

from grants.accounts.access import needs, signed_in
from grants.accounts.rights import Right
from grants.awards.blueprint import bp
from grants.foundation.web.posting import Answered, sent, shown

from . import operations
from .access import own_award, own_request, request_to_answer
from .forms import DeclineRequestForm, RequestForm, TakeBackRequestForm
from .rules import can_decline, can_take_back

CHANGED = "Somebody dealt with this request after you opened the page. Look at it again."
REQUEST = "/variations/requests/<int:number>"


@bp.route("/awards/<string:reference>/variations/ask", methods=["GET", "POST"])
@signed_in
def ask_for_variation(reference: str) -> Answered:
    """Ask for a change of the grant of one's own group."""
    person, case = own_award(reference)
    form = RequestForm()

    def ask() -> str:
        operations.ask(person=person, award=case.award, wish=form.wish.data)
        return url_for(".variations", reference=case.award.reference)

    said = "We have your request. We answer it by mail. Change nothing before you have our answer."
    return sent(form, ask, once=(person.actor, "ask for variation"), said=said) or shown(
        "awards/requests/ask.html", form=form, award=case.snapshot
    )


@bp.route(REQUEST + "/decline", methods=["GET", "POST"])
@needs(Right.BEGIN_VARIATIONS)
def decline_request(number: int) -> Answered:
    """Answer that the grant stays as it is, and why."""
    person, case, found = request_to_answer(number)
    form = DeclineRequestForm(data={"version": found.version})

    def decline() -> str:
        operations.decline(person=person, request=found, seen=form.version.data, answer=form.answer.data)
        return url_for(".variations", reference=case.award.reference)

    return sent(form, decline, said="The group gets your answer in a mail.", changed=CHANGED) or shown(
        "awards/requests/decline.html",
        form=form,
        award=case.snapshot,
        asked=found,
        may=can_decline(person, found, case.around),
    )


@bp.route(REQUEST + "/take-back", methods=["GET", "POST"])
@signed_in
def take_back_request(number: int) -> Answered:
    """Take the request of one's own group back."""
    person, case, found = own_request(number)
    form = TakeBackRequestForm(data={"version": found.version})

    def take_back() -> str:
        operations.take_back(person=person, request=found, seen=form.version.data)
        return url_for(".variations", reference=case.award.reference)

    return sent(form, take_back, said="Your request is taken back.", changed=CHANGED) or shown(
        "awards/requests/take_back.html",
        form=form,
        award=case.snapshot,
        asked=found,
        may=can_take_back(person, found, case.around),
    )
