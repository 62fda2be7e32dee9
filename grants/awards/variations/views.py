"""The pages of variations: an officer begins one, another approves it, and the group agrees where it has to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, abort, render_template, request, url_for

from grants.accounts.access import hands_out, needs, others_can, signed_in, there
from grants.accounts.factors.access import proves_again
from grants.accounts.models import Organisation, Person
from grants.accounts.organisations import queries as organisations
from grants.accounts.rights import GroupRight, Right
from grants.applications.contents import BidLine
from grants.awards.acts import AwardAct
from grants.awards.blueprint import bp
from grants.awards.corrections.queries import recipients_like
from grants.awards.models import AwardStatus, Variation, VariationKind, VariationStatus
from grants.awards.offers.contents import pdf_of
from grants.awards.requests.queries import answered_by, open_request, request_of, requests_of
from grants.awards.requests.rules import can_ask
from grants.awards.rules import can_move
from grants.foundation.records.office import whom_to_ask
from grants.foundation.web.filters import choice_filter, clean_filter, name_filter, takes
from grants.foundation.web.pages import office
from grants.foundation.web.posting import Answered, posted, sent, shown
from grants.foundation.web.tables import page_from_request

from . import operations, queries, rules
from .access import award_of, of_group, variable, variation_of
from .contents import BUDGET, Terms, Wanted, before_and_after, differences, shared_out, terms_of, why_the_decision_maker
from .forms import AgreeForm, ChangeForm, JudgeForm, ReasonForm, RefuseVariationForm
from .queries import VariationCase

CHANGED = "Somebody dealt with this variation after you opened the page. Read how it stands now."
LIST_SIZE = 60
VARIATION = "/variations/<string:reference>"


@bp.get("/variations")
@needs(Right.READ_VARIATIONS)
@takes("status", turns=True)
def all_variations() -> str:
    """The variations of all awards, the newest first."""
    status = choice_filter(request.args.get("status"), {one.value: one for one in VariationStatus}, name="The status")
    return render_template(
        "awards/variations/all_variations.html",
        page=page_from_request(queries.listed(status), order=queries.ORDER, size=LIST_SIZE),
        status=status,
        statuses=list(VariationStatus),
    )


@bp.get("/awards/<string:reference>/variations")
@signed_in
def variations(reference: str) -> str:
    """The variations of an award, and what an officer can begin."""
    person, case = award_of(reference)
    status = AwardStatus(case.award.status)
    may_begin = rules.can_begin(person, case.around, decided_here=case.award.is_paid_here)
    return render_template(
        "awards/variations/variations.html",
        award=case.snapshot,
        whole=_as_it_stands(case),
        is_member=case.around.group_id in person.organisation_ids,
        rows=queries.variations_of(case.award.id),
        requests=requests_of(case.award.id),
        may_ask=can_ask(person, case.around, status),
        may_take_back=case.around.group_id in person.groups_where(GroupRight.ASK_FOR_VARIATIONS),
        others_can=others_can(GroupRight.ASK_FOR_VARIATIONS, person, case.around.group_id),
        may_begin=may_begin,
        may_change=status in rules.CHANGEABLE,
        may_withdraw=can_move(status, "withdraw"),
        may_reinstate=can_move(status, "reinstate"),
        waits=case.around.held_by is not None,
    )


@bp.route("/awards/<string:reference>/variations/change", methods=["GET", "POST"])
@needs(Right.BEGIN_VARIATIONS)
def vary(reference: str) -> Answered:
    """Begin a change of the amount, the group, the project or its purpose."""
    person, case = variable(reference)
    snapshot, terms = case.snapshot, terms_of(case.snapshot, queries.budget_of(case.award.id))
    form = ChangeForm(
        data={
            "amount": terms.amount_pence,
            "title": terms.title,
            "purpose": terms.purpose,
            "conditions": terms.conditions,
            "starts_on": terms.starts_on,
            "ends_on": terms.ends_on,
            "group": request.args.get("group", ""),
            "asked": request.args.get("asked", ""),
            "lines": [{"item": line.item, "amount": line.amount_pence} for line in terms.budget],
        }
    )
    form.planned = [(line.item, line.amount_pence) for line in terms.budget]
    form.offer_lines()
    group = organisations.by_number(form.group.data)

    def begin() -> str:
        made = operations.begin(
            person=person,
            award=case.award,
            kind=VariationKind.CHANGE,
            reason=form.reason.data,
            wanted=_wanted(form, group),
            request=request_of(form.asked.data, case.award.id),
        )
        return url_for(".variation", reference=made.reference)

    return sent(form, begin, once=(person.actor, "begin variation"), said=_begun()) or shown(
        "awards/variations/change.html",
        form=form,
        award=snapshot,
        decision=case.award.decision,
        group=group,
        asked=request_of(form.asked.data, case.award.id),
    )


def _wanted(form: ChangeForm, group: Organisation | None) -> Wanted:
    return Wanted(
        amount=form.amount.data,
        group=group,
        title=form.title.data,
        purpose=form.purpose.data,
        conditions=form.conditions.data,
        starts_on=form.starts_on.data,
        ends_on=form.ends_on.data,
        budget=tuple(BidLine(item, amount) for item, amount in form.filled()),
    )


@bp.route("/awards/<string:reference>/variations/withdraw", methods=["GET", "POST"])
@needs(Right.BEGIN_VARIATIONS)
def begin_withdrawal(reference: str) -> Answered:
    """Begin the withdrawal of an award."""
    return _whole(reference, VariationKind.WITHDRAWAL)


@bp.route("/awards/<string:reference>/variations/reinstate", methods=["GET", "POST"])
@needs(Right.BEGIN_VARIATIONS)
def begin_reinstatement(reference: str) -> Answered:
    """Begin to take a withdrawal back."""
    return _whole(reference, VariationKind.REINSTATEMENT)


def _whole(reference: str, kind: VariationKind) -> Answered:
    person, case = variable(reference)
    form = ReasonForm()

    def begin() -> str:
        made = operations.begin(person=person, award=case.award, kind=kind, reason=form.reason.data)
        return url_for(".variation", reference=made.reference)

    return sent(form, begin, once=(person.actor, f"begin {kind}"), said=_begun()) or shown(
        "awards/variations/whole.html", form=form, award=case.snapshot, kind=kind
    )


def _as_it_stands(case: VariationCase) -> list[tuple[str, str]]:
    """An award that was decided here as all that changed it left it."""
    budget = queries.budget_of(case.award.id) if case.award.is_paid_here else ()
    return _given(terms_of(case.snapshot, budget))


def _given(terms: Terms) -> list[tuple[str, str]]:
    return [(what, words) for what, words in terms.facts.items() if words]


def _begun() -> str:
    return "The variation is begun. It changes nothing before another has approved it, whom we have told."


@bp.get("/awards/<string:reference>/variations/groups")
@needs(Right.BEGIN_VARIATIONS)
@takes("asked", searches=("q",))
def groups_to_vary_to(reference: str) -> str:
    """Find the group that takes an award over: chosen from a list, never by a name that is typed."""
    _person, case = variable(reference)
    words = clean_filter(request.args.get("q"))
    asked = name_filter(request.args.get("asked"), lambda: _open_request(case), name="The request")
    return render_template(
        "awards/variations/groups.html",
        award=case.snapshot,
        words=words,
        found=recipients_like(words, but=case.snapshot.organisation_id) if words else [],
        most=organisations.MOST_FOUND,
        asked=asked,
    )


def _open_request(case: VariationCase) -> list[str]:
    waits = open_request(case.award.id)
    return [str(waits.id)] if waits else []


@bp.get(VARIATION)
@signed_in
def variation(reference: str) -> Answered:
    """One variation: before and after, who did what, and what can be done next."""
    return _page(*variation_of(reference))


@bp.post(VARIATION + "/approve")
@needs(Right.APPROVE_VARIATIONS, Right.DECIDE_VARIATIONS)
@proves_again
def approve_variation(reference: str) -> Answered:
    """Bring it into force."""
    person, case, found = variation_of(reference)
    return _judged(
        (person, case, found),
        JudgeForm(),
        lambda seen: operations.approve(person=person, variation=found, seen=seen),
        said="The variation is in force. The group, finance and the decision maker are told.",
    )


@bp.post(VARIATION + "/refuse")
@needs(Right.REFUSE_VARIATIONS)
def refuse_variation(reference: str) -> Answered:
    """Refuse it with the reason."""
    person, case, found = variation_of(reference)
    form = RefuseVariationForm()
    return _judged(
        (person, case, found),
        form,
        lambda seen: operations.refuse(person=person, variation=found, seen=seen, why=form.why.data),
        said="The variation is refused, and who began it is told.",
    )


@bp.post(VARIATION + "/take-back")
@needs(Right.BEGIN_VARIATIONS)
def take_back_variation(reference: str) -> Answered:
    """Take it back before anybody approved it."""
    person, case, found = variation_of(reference)
    return _judged(
        (person, case, found),
        JudgeForm(),
        lambda seen: operations.take_back(person=person, variation=found, seen=seen),
        said="The variation is taken back.",
    )


@bp.post(VARIATION + "/agree")
@signed_in
@proves_again
def agree_to_variation(reference: str) -> Answered:
    """Agree to it for the group that holds the award."""
    person, case, found = of_group(reference)
    form = AgreeForm()
    return _judged(
        (person, case, found),
        form,
        lambda seen: operations.agree(
            person=person,
            variation=found,
            seen=seen,
            signatory_name=form.signatory_name.data,
            signatory_position=form.signatory_position.data,
        ),
        said="Your group has agreed. We have sent you a mail that says so.",
    )


Opened = tuple[Person, VariationCase, Variation]


def _judged(opened: Opened, form: Any, verb: Callable[[int], object], *, said: str) -> Answered:
    person, case, found = opened
    return posted(
        form,
        verb,
        here=url_for(".variation", reference=found.reference),
        said=said,
        changed=CHANGED,
        again=lambda: _page(person, case, found, form),
    )


@bp.get(VARIATION + "/agreement.pdf")
@signed_in
@hands_out(AwardAct.DOWNLOAD_AGREED_VARIATION, kind="variations", named="reference")
def changed_agreement(reference: str) -> Response:
    """The new agreement as PDF, the same bytes each time."""
    _person, _case, found = variation_of(reference)
    response = Response(pdf_of(found.agreement or abort(404)), mimetype="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename=f"{found.reference}-agreement.pdf")
    return response


@bp.get("/decisions/variations/<string:reference>")
def variation_notice(reference: str) -> str:
    """What the public reads of a variation in force: before and after, why, and the notice that it changes."""
    found = there(queries.public_variation(reference), lambda one: one.variation.state == VariationStatus.IN_FORCE)
    before, after = before_and_after(found.variation)
    return render_template(
        "awards/variations/variation_notice.html",
        found=found,
        variation=found.variation,
        lines=[line for line in differences(before, after) if line[0] != BUDGET],
        budget_changed=after.budget != shared_out(before.budget, after.amount_pence),
    )


def _page(person: Person, case: VariationCase, found: Variation, form: Any = None) -> Answered:
    before, after = before_and_after(found)
    seen = {"version": found.version}
    typed = {type(form): form}
    return shown(
        "awards/variations/variation.html",
        form=form or JudgeForm(formdata=None, data=seen),
        variation=found,
        kind=found.what,
        award=case.snapshot,
        lines=list(differences(before, after)),
        whole=_given(after),
        because=why_the_decision_maker(found),
        asked=answered_by(found.id),
        ask=whom_to_ask(office()),
        may_approve=rules.can_approve(person, found, case.around),
        may_refuse=rules.can_refuse(person, found, case.around),
        may_take_back=rules.can_take_back(person, found, case.around),
        may_agree=rules.can_agree(person, found, case.around),
        others_can=others_can(GroupRight.AGREE_TO_VARIATIONS, person, case.around.group_id),
        judge_form=JudgeForm(formdata=None, data=seen),
        refuse_form=typed.get(RefuseVariationForm) or RefuseVariationForm(formdata=None, data=seen),
        agree_form=typed.get(AgreeForm) or AgreeForm(formdata=None, data=seen),
    )
