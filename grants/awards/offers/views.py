"""The pages of an offer: the group answers it, the office looks after it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from grants.accounts.access import hands_out, needs, others_can, signed_in
from grants.accounts.factors.access import proves_again
from grants.accounts.models import Person
from grants.accounts.rights import GroupRight, Right
from grants.awards.acts import AwardAct
from grants.awards.blueprint import bp
from grants.awards.models import OfferStatus
from grants.awards.rules import LONGEST_EXTENSION, can_lapse
from grants.foundation.records.office import whom_to_ask
from grants.foundation.values import clock
from grants.foundation.web.arrival import arrived
from grants.foundation.web.pages import office
from grants.foundation.web.posting import Answered, sent, shown

from . import operations as verbs
from . import rules
from .access import is_own, of_group, of_office, readable
from .contents import agreement_pdf, cannot_be_printed
from .forms import AcceptForm, DeclineForm, ExtendOfferForm, LapseForm, OfferAgainForm
from .queries import OfferCase

CHANGED = "This offer changed after you opened the page. Read it again below, and then send your answer once more."


def _done(
    form: Any, person: Person, case: OfferCase, do: Callable[[], object], *, purpose: str, said: str
) -> Response | None:
    """Do what a form asks, once, and go back to the offer; None where it was refused and the form says why."""

    def deed() -> str:
        do()
        return url_for(".offer", reference=case.award.reference)

    return sent(form, deed, once=(person.actor, purpose), said=said, changed=CHANGED)


def _page(template: str, form: Any, person: Person, case: OfferCase) -> Answered:
    """The page as things stand now: a refused form comes back on it with everything that was typed."""
    if request.method == "POST":
        person, case = readable(case.award.reference)
    snapshot, status = case.snapshot, case.award.status
    return shown(
        f"awards/offers/{template}.html",
        case=case,
        offer_status=OfferStatus(case.offer.status),
        form=form,
        is_member=is_own(person, case),
        others_can=others_can(GroupRight.ANSWER_OFFERS, person, snapshot.organisation_id),
        was_theirs=not is_own(person, case) and case.award.organisation_id in person.organisation_ids,
        may_accept=rules.can_accept(person, snapshot.organisation_id, status, case.offer, arrived()),
        may_decline=rules.can_decline(person, snapshot.organisation_id, status),
        may=lambda verb: rules.can_manage_offer(person, case.ties, status, verb),
        may_lapse=can_lapse(case.offer, arrived()),
        ask=whom_to_ask(office()),
        unprintable=cannot_be_printed(snapshot, case.offer) if case.offer.status == OfferStatus.MADE else "",
    )


# The group's answer


@bp.get("/awards/<string:reference>/offer")
@signed_in
def offer(reference: str) -> Answered:
    """What is offered; for the group, with the form to accept it."""
    person, case = readable(reference)
    return _page("offer", AcceptForm(data={"version": case.offer.version}), person, case)


@bp.post("/awards/<string:reference>/offer")
@signed_in
@proves_again
def accept_offer(reference: str) -> Answered:
    """Accept it, held against the instant at which the answer arrived; sent twice it is accepted once."""
    person, case = of_group(reference, GroupRight.ANSWER_OFFERS)
    form = AcceptForm()

    def accept() -> str:
        verbs.accept_offer(
            person=person,
            award=case.award,
            signatory_name=form.signatory_name.data,
            signatory_position=form.signatory_position.data,
            version=form.version.data,
            at=arrived(),
        )
        return url_for(".offer_accepted", reference=reference)

    gone_on = sent(form, accept, once=(person.actor, "accept offer"), changed=CHANGED)
    return gone_on or _page("offer", form, person, case)


@bp.get("/awards/<string:reference>/offer/accepted")
@signed_in
def offer_accepted(reference: str) -> Answered:
    """That the grant is accepted, and what comes next."""
    _person, case = of_group(reference)
    if case.agreement is None:
        return redirect(url_for(".offer", reference=reference))
    return render_template("awards/offers/offer_accepted.html", case=case)


@bp.route("/awards/<string:reference>/offer/decline", methods=["GET", "POST"])
@signed_in
def decline_offer(reference: str) -> Answered:
    """Say no to a grant."""
    person, case = of_group(reference, GroupRight.ANSWER_OFFERS)
    form = DeclineForm()
    return _done(
        form,
        person,
        case,
        lambda: verbs.decline_offer(person=person, award=case.award, why=form.why.data, at=arrived()),
        purpose="decline offer",
        said="Your group has declined the grant.",
    ) or _page("offer_decline", form, person, case)


@bp.get("/awards/<string:reference>/agreement.pdf")
@signed_in
@hands_out(AwardAct.DOWNLOAD_AGREEMENT, kind="awards", named="reference")
def agreement(reference: str) -> Response:
    """The agreement as PDF, the same bytes each time."""
    _person, case = readable(reference)
    response = Response(agreement_pdf(case.agreement or abort(404)), mimetype="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename=f"{case.award.reference}-agreement.pdf")
    return response


# The office


@bp.route("/awards/<string:reference>/offer/extend", methods=["GET", "POST"])
@needs(Right.MANAGE_OFFERS)
def extend_offer(reference: str) -> Answered:
    """Give the group more time."""
    person, case = of_office(reference)
    form = ExtendOfferForm(data={"version": case.offer.version})
    form.until.earliest, form.until.latest = clock.today(), clock.today() + LONGEST_EXTENSION

    def extend() -> None:
        assert form.until.data is not None  # noqa: S101 - it is required
        verbs.extend_offer(
            person=person, award=case.award, until=form.until.data, reason=form.reason.data, version=form.version.data
        )

    said = "The group has more time, and we have told it so."
    gone_on = _done(form, person, case, extend, purpose="extend offer", said=said)
    return gone_on or _page("offer_extend", form, person, case)


@bp.route("/awards/<string:reference>/offer/lapse", methods=["GET", "POST"])
@needs(Right.MANAGE_OFFERS)
def lapse_offer(reference: str) -> Answered:
    """Let an offer lapse that was not accepted in its time."""
    person, case = of_office(reference)
    form = LapseForm()
    lapse = partial(verbs.lapse_offer, person=person, award=case.award)
    said = "The offer has lapsed, and we have told the group."
    gone_on = _done(form, person, case, lapse, purpose="lapse offer", said=said)
    return gone_on or _page("offer_lapse", form, person, case)


@bp.route("/awards/<string:reference>/offer/again", methods=["GET", "POST"])
@needs(Right.MANAGE_OFFERS)
def offer_again(reference: str) -> Answered:
    """Offer an award again after its withdrawal was taken back."""
    person, case = of_office(reference)
    form = OfferAgainForm()
    return _done(
        form,
        person,
        case,
        lambda: verbs.offer_again(person=person, award=case.award, reason=form.reason.data),
        purpose="offer again",
        said="The grant is offered again, and we have told the group.",
    ) or _page("offer_again", form, person, case)
