"""Organisations and who acts for them."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import abort, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from grants.accounts import limits, queries, rules, tokens
from grants.accounts.access import current_person, others_can, own_organisation, person_or_none, signed_in
from grants.accounts.blueprint import bp
from grants.accounts.forms import refuse_field
from grants.accounts.models import Invitation, Organisation, OrganisationKind
from grants.accounts.rights import GroupRight, MemberRole
from grants.accounts.sessions import operations as sessions
from grants.foundation.records.db import Refused
from grants.foundation.web.forms import Form
from grants.foundation.web.posting import Answered, sent, shown

from . import operations
from .forms import InviteForm, JoinForm, NewcomerForm, NewOrganisationForm, OrganisationForm

OVERTAKEN = "Somebody else saved these details since you opened this page. Theirs are shown below yours."
TOO_MANY_MAILS = "We have sent this person several mails already. Try again in {wait}."


@bp.route("/organisations/new", methods=["GET", "POST"])
@signed_in
def new_organisation() -> Answered:
    """Make the group, once."""
    form, person, next_path = NewOrganisationForm(), current_person(), sessions.next_path()

    def make() -> str:
        made = operations.register(person=person, **_details(form))
        return next_path or url_for("accounts.organisation", organisation_id=made.id)

    return sent(
        form,
        make,
        once=(person.actor, "make organisation"),
        said="The details of your group are saved.",
        beside={operations.LikeAnother: partial(_ask_again, form), Refused: partial(_refuse_detail, form)},
    ) or _show(form, "new_organisation", next_path=next_path)


@bp.get("/organisations/<int:organisation_id>")
@signed_in
def organisation(organisation_id: int) -> Answered:
    """An organisation's details, people and invitations, for its own people."""
    return _organisation_page(own_organisation(organisation_id), InviteForm())


@bp.route("/organisations/<int:organisation_id>/details", methods=["GET", "POST"])
@signed_in
def organisation_details(organisation_id: int) -> Answered:
    """Change the details."""
    found = own_organisation(organisation_id, GroupRight.CHANGE_DETAILS)
    form = OrganisationForm(obj=found)

    def change() -> str:
        operations.change_organisation(
            person=current_person(), organisation=found, version=form.version.data, **_details(form)
        )
        return url_for("accounts.organisation", organisation_id=found.id)

    return sent(
        form,
        change,
        said="The details are saved.",
        beside={operations.LikeAnother: partial(_ask_again, form), Refused: partial(_refuse_detail, form)},
        changed=OVERTAKEN,
    ) or _show(form, "organisation_details", organisation=found)


@bp.post("/organisations/<int:organisation_id>/invite")
@signed_in
def invite(organisation_id: int) -> Answered:
    """Mail somebody a link to join."""
    form, found = InviteForm(), own_organisation(organisation_id, GroupRight.MANAGE_MEMBERS)

    def mail() -> str:
        role = MemberRole(form.role.data)
        operations.invite(person=current_person(), organisation=found, email=form.email.data, role=role)
        return url_for("accounts.organisation", organisation_id=found.id)

    return limits.answered(
        form,
        mail,
        lambda: _organisation_page(found, form),
        wait=lambda: limits.wait_to_mail(form.email.data),
        words=TOO_MANY_MAILS,
        said="The invitation is on its way. The owners of the group are told.",
        beside={Refused: partial(refuse_field, form, "email")},
    )


@bp.post("/organisations/<int:organisation_id>/invitations/<int:invitation_id>/undo")
@signed_in
def undo_invitation(organisation_id: int, invitation_id: int) -> Response:
    """Make an invitation's link stop working."""
    found = own_organisation(organisation_id, GroupRight.MANAGE_MEMBERS)
    invitation = next((row for row in queries.open_invitations(found) if row.id == invitation_id), None) or abort(404)
    operations.undo_invitation(person=current_person(), organisation=found, invitation=invitation)
    flash("The invitation is taken back: its link does not work any more. The owners are told.")
    return redirect(url_for("accounts.organisation", organisation_id=found.id))


@bp.route("/invitation/<string:token>", methods=["GET", "POST"])
def invitation(token: str) -> Answered:
    """Join the organisation; somebody without an account gets one."""
    found = queries.open_invitation(tokens.digest(token))
    if found is None:
        return _stale()
    person = person_or_none()
    form = JoinForm() if person else NewcomerForm()

    def join() -> str:
        new = {"name": form.name.data, "password": form.password.data} if isinstance(form, NewcomerForm) else {}
        joined = operations.accept_invitation(person=person, secret=token, **new)
        if person is None:
            sessions.enter(joined)
        return url_for("desk.desk")

    said = f"You now work with {found.organisation.name}."
    return sent(form, join, said=said) or _invitation_page(found, token, form)


def _invitation_page(found: Invitation, token: str, form: JoinForm | NewcomerForm) -> Answered:
    account = queries.person_by_email(found.email) if person_or_none() is None else None
    return _show(form, "invitation", invitation=found, secret=token, account=account)


def _organisation_page(found: Organisation, form: InviteForm) -> Answered:
    person = current_person()
    return _show(
        form,
        "organisation",
        organisation=found,
        invitations=queries.open_invitations(found),
        may_edit=rules.can_edit_organisation(person, found),
        may_manage=rules.can_manage_members(person, found),
        others_can=others_can(GroupRight.MANAGE_MEMBERS, person, found.id),
        roles=list(MemberRole),
    )


def _details(form: NewOrganisationForm | OrganisationForm) -> dict[str, Any]:
    return {
        "name": form.name.data,
        "kind": OrganisationKind(form.kind.data),
        "charity_number": form.charity_number.data,
        "company_number": form.company_number.data,
        "is_another": form.is_another.data,
    }


def _refuse_detail(form: NewOrganisationForm | OrganisationForm, refused: Exception) -> None:
    sentence = str(refused)
    name = next((part for part in ("charity", "company") if f"a {part} number" in sentence), "")
    refuse_field(form, f"{name}_number" if name else "name", refused)


def _ask_again(form: NewOrganisationForm | OrganisationForm, refused: Exception) -> None:
    form.is_like_another = True
    refuse_field(form, "name", refused)


def _stale() -> Response:
    return make_response(render_template("accounts/organisations/stale_invitation.html"), 410)


def _show(form: Form, template: str, **context: object) -> tuple[str, int]:
    return shown(f"accounts/organisations/{template}.html", form=form, **context)
