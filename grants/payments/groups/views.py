"""A group's own bank details: what it gave, what is in force, and proof."""

from __future__ import annotations

from collections.abc import Sequence

from flask import render_template, url_for

from grants.accounts.access import current_person, others_can, own_organisation, signed_in
from grants.accounts.factors.access import proves_again
from grants.accounts.models import Organisation
from grants.accounts.rights import GroupRight
from grants.foundation.records.files import QuotaFull
from grants.foundation.web.posting import Answered, done, refused, sent
from grants.payments import rules
from grants.payments.bank import operations, queries
from grants.payments.blueprint import bp
from grants.payments.models import BankDetails, BankStatus

from . import forms


@bp.get("/organisations/<int:organisation_id>/bank-details")
@signed_in
def own_details(organisation_id: int) -> Answered:
    """What the group gave, and the form for what comes next: the details, or their proof."""
    return _page(own_organisation(organisation_id))


@bp.post("/organisations/<int:organisation_id>/bank-details")
@signed_in
@proves_again
def give_details(organisation_id: int) -> Answered:
    """Give the details, once."""
    group, person = own_organisation(organisation_id, GroupRight.GIVE_BANK_DETAILS), current_person()
    form = forms.BankDetailsForm()

    def make() -> str:
        operations.give(person=person, organisation=group, account=form.account())
        return url_for(".own_details", organisation_id=group.id)

    said = "The bank details are saved. Now send a bank statement or letter that shows them."
    return sent(form, make, once=(person.actor, "give bank details"), said=said) or _page(group, form=form)


@bp.post("/organisations/<int:organisation_id>/bank-details/proof")
@signed_in
def give_proof(organisation_id: int) -> Answered:
    """Send proof of the details that wait."""
    group, person = own_organisation(organisation_id, GroupRight.GIVE_BANK_DETAILS), current_person()
    form = forms.ProofForm()
    details = _waiting(queries.sets_of(group.id))
    if details is None:
        form = forms.ProofForm(formdata=None)
        form.refuse("Give the bank details first, and then their proof.")
        return _page(group, proof_form=form)
    upload = form.proof.data
    if not form.validate() or upload is None:
        return _page(group, proof_form=form)

    def make() -> str:
        operations.prove(person=person, details=details, upload=upload)
        return url_for(".own_details", organisation_id=group.id)

    said = "Thank you. We have your bank details and their proof, and we check them."
    gone_on = done(form, make, once=(person.actor, "prove bank details"), said=said, beside={QuotaFull: "proof"})
    return gone_on or _page(group, proof_form=form)


def _page(
    group: Organisation, *, form: forms.BankDetailsForm | None = None, proof_form: forms.ProofForm | None = None
) -> Answered:
    sets, person = queries.sets_of(group.id), current_person()
    awards = queries.accepted_references(group.id)
    sent_form = form or proof_form
    blocked = next((one for one in sets if one.status == BankStatus.BLOCKED), None)
    page = render_template(
        "payments/groups/own_details.html",
        group=group,
        sets=sets,
        waiting=_waiting(sets),
        in_force=next((one for one in sets if one.status == BankStatus.VERIFIED), None),
        blocked=blocked,
        is_refused=blocked is not None and queries.is_refused_by_bank(blocked),
        has_failed=blocked is not None and queries.last_failed(blocked.id) is not None,
        awards=awards,
        may=rules.can_give(person, group, accepted=bool(awards)),
        others_can=others_can(GroupRight.GIVE_BANK_DETAILS, person, group.id),
        form=sent_form,
        details_form=form or forms.BankDetailsForm(formdata=None),
        proof_form=proof_form or forms.ProofForm(formdata=None),
        was_typed=form is not None,
    )
    return page, refused(sent_form) if sent_form else 200


def _waiting(sets: Sequence[BankDetails]) -> BankDetails | None:
    return next((one for one in sets if one.status == BankStatus.GIVEN), None)
