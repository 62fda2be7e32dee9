"""Organisations and who acts for them."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from grants.accounts import limits, queries, tokens
from grants.accounts.access import current_person, person_or_none, signed_in
from grants.accounts.blueprint import bp
from grants.accounts.forms import refuse_field
from grants.accounts.limits import too_many
from grants.accounts.models import Invitation, Organisation, OrganisationKind
from grants.accounts.sessions import operations as sessions
from grants.foundation.records.db import LostUpdate, Refused
from grants.foundation.records.once import once
from grants.foundation.web.forms import Form

from . import operations
from .forms import InviteForm, JoinForm, NewcomerForm, NewOrganisationForm, OrganisationForm

TOO_MANY_MAILS = "We have sent this person several mails already. Try again in {wait}."


@bp.route("/organisations/new", methods=["GET", "POST"])
@signed_in
def new_organisation() -> Response:
    """Make the group, once."""
    form, person, next_path = NewOrganisationForm(), current_person(), sessions.next_path()
    if not form.validate_on_submit():
        return _show(form, "new_organisation", next_path=next_path)

    def make() -> str:
        made = operations.make_organisation(actor=person.actor, members=[person], **_details(form))
        return next_path or url_for("accounts.organisation", organisation_id=made.id)

    try:
        where = once(key=form.idempotency_key.data, actor=person.actor, purpose="make organisation", make=make)
    except Refused as refused:
        _refuse_detail(form, refused)
        return _show(form, "new_organisation", next_path=next_path)
    flash("The details of your group are saved.")
    return redirect(where)


@bp.get("/organisations/<int:organisation_id>")
@signed_in
def organisation(organisation_id: int) -> Response:
    """An organisation's details, people and invitations, for its own people."""
    return _organisation_page(_own(organisation_id), InviteForm())


@bp.route("/organisations/<int:organisation_id>/details", methods=["GET", "POST"])
@signed_in
def organisation_details(organisation_id: int) -> Response:
    """Change the details."""
    found = _own(organisation_id)
    form = OrganisationForm(obj=found)
    if not form.validate_on_submit():
        return _show(form, "organisation_details", organisation=found)
    try:
        operations.change_organisation(
            person=current_person(), organisation=found, version=form.version.data, **_details(form)
        )
    except Refused as refused:
        _refuse_detail(form, refused)
        return _show(form, "organisation_details", organisation=found)
    except LostUpdate:
        form.refuse("Somebody else saved these details since you opened this page. Theirs are shown below yours.")
        form.version.data = found.version
        return _show(form, "organisation_details", 409, organisation=found, is_lost=True)
    flash("The details are saved.")
    return redirect(url_for("accounts.organisation", organisation_id=found.id))


@bp.post("/organisations/<int:organisation_id>/invite")
@signed_in
def invite(organisation_id: int) -> Response:
    """Mail somebody a link to join."""
    form, found = InviteForm(), _own(organisation_id)
    if not form.validate_on_submit():
        return _organisation_page(found, form)
    if wait := limits.wait_to_mail(form.email.data):
        form.refuse(TOO_MANY_MAILS.format(wait=wait))
        return too_many(_organisation_page(found, form, 429), wait)
    try:
        operations.invite(person=current_person(), organisation=found, email=form.email.data)
    except Refused as refused:
        refuse_field(form, "email", refused)
        return _organisation_page(found, form)
    flash("The invitation is on its way.")
    return redirect(url_for("accounts.organisation", organisation_id=found.id))


@bp.post("/organisations/<int:organisation_id>/invitations/<int:invitation_id>/undo")
@signed_in
def undo_invitation(organisation_id: int, invitation_id: int) -> Response:
    """Make an invitation's link stop working."""
    found = _own(organisation_id)
    invitation = next((row for row in queries.open_invitations(found) if row.id == invitation_id), None) or abort(404)
    operations.undo_invitation(person=current_person(), organisation=found, invitation=invitation)
    flash("The invitation does not work any more.")
    return redirect(url_for("accounts.organisation", organisation_id=found.id))


@bp.route("/invitation/<string:token>", methods=["GET", "POST"])
def invitation(token: str) -> Response:
    """Join the organisation; somebody without an account gets one."""
    found = queries.open_invitation(tokens.digest(token))
    if found is None:
        return _stale()
    person = person_or_none()
    form = JoinForm() if person else NewcomerForm()
    if not form.validate_on_submit():
        return _invitation_page(found, token, form)
    new = {"name": form.name.data, "password": form.password.data} if isinstance(form, NewcomerForm) else {}
    try:
        joined = operations.accept_invitation(person=person, secret=token, **new)
    except Refused as refused:
        form.refuse(str(refused))
        return _invitation_page(found, token, form)
    if person is None:
        sessions.enter(joined)
    flash(f"You now work with {found.organisation.name}.")
    return redirect("/desk")


def _invitation_page(found: Invitation, token: str, form: JoinForm | NewcomerForm) -> Response:
    person = person_or_none()
    has_account = person is None and queries.person_by_email(found.email) is not None
    return _show(form, "invitation", invitation=found, secret=token, has_account=has_account)


def _organisation_page(found: Organisation, form: InviteForm, status: int | None = None) -> Response:
    return _show(form, "organisation", status, organisation=found, invitations=queries.open_invitations(found))


def _own(organisation_id: int) -> Organisation:
    return queries.organisation_of(current_person(), organisation_id) or abort(404)


def _details(form: NewOrganisationForm | OrganisationForm) -> dict[str, Any]:
    return {
        "name": form.name.data,
        "kind": OrganisationKind(form.kind.data),
        "charity_number": form.charity_number.data,
        "company_number": form.company_number.data,
    }


def _refuse_detail(form: NewOrganisationForm | OrganisationForm, refused: Refused) -> None:
    sentence = str(refused)
    name = next((part for part in ("charity", "company") if f"a {part} number" in sentence), "")
    refuse_field(form, f"{name}_number" if name else "name", refused)


def _stale() -> Response:
    return make_response(render_template("accounts/organisations/stale_invitation.html"), 410)


def _show(form: Form, template: str, status: int | None = None, **context: object) -> Response:
    page = render_template(f"accounts/organisations/{template}.html", form=form, **context)
    return make_response(page, status or (422 if form.errors else 200))
