"""People and their roles, for administrators."""

from __future__ import annotations

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from grants.accounts import queries, rules
from grants.accounts.access import current_person, needs
from grants.accounts.blueprint import bp
from grants.accounts.forms import refuse_field
from grants.accounts.models import Person
from grants.accounts.rights import Right, Role
from grants.foundation.records.db import Refused
from grants.foundation.records.once import once
from grants.foundation.web.forms import Form
from grants.foundation.web.tables import BadFilter, choice_filter, clean_filter, page_from_request, url_with

from . import operations
from .forms import NewColleagueForm, RoleForm

_ROLES = {role.value: role for role in Role}


@bp.get("/people")
@needs(Right.MANAGE_PEOPLE)
def people() -> str:
    """Everybody with an account, by name."""
    problem, role, words = "", None, ""
    try:
        role = choice_filter(request.args.get("role"), _ROLES, name="The role")
        words = clean_filter(request.args.get("search"))
    except BadFilter as bad:
        problem = str(bad)
    page = page_from_request(queries.people(role=role, words=words), order=queries.PEOPLE_ORDER)
    chosen = [("Search", words, url_with(search=None, after=None, before=None))] if words else []
    chosen += [("Role", role.label, url_with(role=None, after=None, before=None))] if role else []
    return render_template(
        "accounts/people/people.html",
        page=page,
        roles=list(Role),
        role=role,
        search=words,
        filter_words=chosen,
        problem=problem,
    )


@bp.route("/people/new", methods=["GET", "POST"])
@needs(Right.MANAGE_PEOPLE)
def new_colleague() -> Response:
    """Make a colleague's account, once, and mail them a link."""
    form, person = NewColleagueForm(), current_person()
    if not form.validate_on_submit():
        return _show(form, "new_colleague")

    def make() -> str:
        roles = [Role(role) for role in form.roles.data]
        made = operations.invite_colleague(actor=person.actor, email=form.email.data, name=form.name.data, roles=roles)
        return url_for("accounts.person", person_id=made.id)

    try:
        where = once(key=form.idempotency_key.data, actor=person.actor, purpose="invite colleague", make=make)
    except Refused as refused:
        refuse_field(form, "email", refused)
        return _show(form, "new_colleague")
    flash("The account is made. Your colleague gets a link to choose a password.")
    return redirect(where)


@bp.get("/people/<int:person_id>")
@needs(Right.MANAGE_PEOPLE)
def person(person_id: int) -> Response:
    """One person: their roles and organisations."""
    return _person_page(_found(person_id))


@bp.post("/people/<int:person_id>/grant-role")
@needs(Right.MANAGE_PEOPLE)
def grant_role(person_id: int) -> Response:
    """Give a role."""
    found, role = _found(person_id), _role()
    operations.grant_role(actor=current_person().actor, person=found, role=role)
    flash(f"{found.name} now has the role “{role.label}”.")
    return redirect(url_for("accounts.person", person_id=found.id))


@bp.post("/people/<int:person_id>/revoke-role")
@needs(Right.MANAGE_PEOPLE)
def revoke_role(person_id: int) -> Response:
    """Take a role."""
    found, role = _found(person_id), _role()
    operations.revoke_role(actor=current_person().actor, person=found, role=role)
    flash(f"{found.name} no longer has the role “{role.label}”.")
    return redirect(url_for("accounts.person", person_id=found.id))


@bp.post("/people/<int:person_id>/close-account")
@needs(Right.MANAGE_PEOPLE)
def close_account(person_id: int) -> Response:
    """Close an account: the person is signed out everywhere."""
    found = _found(person_id)
    operations.close_account(actor=current_person().actor, person=found)
    flash(f"The account of {found.name} is closed.")
    return redirect(url_for("accounts.person", person_id=found.id))


@bp.post("/people/<int:person_id>/open-account")
@needs(Right.MANAGE_PEOPLE)
def open_account(person_id: int) -> Response:
    """Open a closed account again."""
    found = _found(person_id)
    operations.open_account(actor=current_person().actor, person=found)
    flash(f"The account of {found.name} is open again.")
    return redirect(url_for("accounts.person", person_id=found.id))


def _person_page(found: Person) -> Response:
    me = current_person()
    other = [role for role in Role if role not in found.roles]
    return _show(
        RoleForm(),
        "person",
        found=found,
        other_roles=other,
        can_change_roles=rules.can_change_roles(me, found),
        can_close_account=rules.can_close_account(me, found),
    )


def _role() -> Role:
    form = RoleForm()
    return Role(form.role.data) if form.validate_on_submit() else abort(400)


def _found(person_id: int) -> Person:
    return queries.person_by_id(person_id) or abort(404)


def _show(form: Form, template: str, status: int | None = None, **context: object) -> Response:
    page = render_template(f"accounts/people/{template}.html", form=form, **context)
    return make_response(page, status or (422 if form.errors else 200))
