"""People and their roles, for administrators."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from grants.accounts import queries, rules
from grants.accounts.access import current_person, needs
from grants.accounts.blueprint import bp
from grants.accounts.factors.access import proves_again
from grants.accounts.factors.queries import has_any
from grants.accounts.forms import refuse_field
from grants.accounts.models import Person
from grants.accounts.rights import Right, Role
from grants.foundation.records.db import Refused
from grants.foundation.web.filters import choice_filter, clean_filter, takes
from grants.foundation.web.posting import Answered, sent, shown
from grants.foundation.web.tables import page_from_request, url_with

from . import operations
from . import queries as changed
from .forms import NewColleagueForm, RoleForm

_ROLES = {role.value: role for role in Role}


@bp.get("/people")
@needs(Right.MANAGE_PEOPLE)
@takes("role", searches=("search",), turns=True)
def people() -> str:
    """Everybody with an account, by name."""
    role = choice_filter(request.args.get("role"), _ROLES, name="The role")
    words = clean_filter(request.args.get("search"))
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
        changes=changed.role_changes(),
        may_meet={one.id: rules.may_meet(one.roles, operations.roles_apart()) for one in page.rows},
    )


@bp.route("/people/new", methods=["GET", "POST"])
@needs(Right.MANAGE_PEOPLE)
@proves_again
def new_colleague() -> Answered:
    """Make a colleague's account, once, and mail them a link."""
    form, person = NewColleagueForm(), current_person()

    def make() -> str:
        roles = [Role(role) for role in form.roles.data]
        made = operations.invite_colleague(actor=person.actor, email=form.email.data, name=form.name.data, roles=roles)
        return url_for("accounts.person", person_id=made.id)

    return sent(
        form,
        make,
        once=(person.actor, "invite colleague"),
        said="The account is made. Your colleague gets a link to choose a password.",
        beside={
            operations.RolesApart: partial(refuse_field, form, "roles"),
            Refused: partial(refuse_field, form, "email"),
        },
    ) or shown("accounts/people/new_colleague.html", form=form)


@bp.get("/people/<int:person_id>")
@needs(Right.MANAGE_PEOPLE)
def person(person_id: int) -> str:
    """One person: their roles and organisations."""
    me, found = current_person(), _found(person_id)
    return render_template(
        "accounts/people/person.html",
        form=RoleForm(),
        found=found,
        other_roles=[role for role in Role if role not in found.roles],
        may_meet=rules.may_meet(found.roles, operations.roles_apart()),
        changes=changed.role_changes(found.id),
        can_change_roles=rules.can_change_roles(me, found),
        has_second_step=has_any(found),
        ownerless={one.id: one.name for one in queries.without_owner(found)},
        sole=[one.name for one in queries.owned_alone(found)],
        can_close_account=rules.can_close_account(me, found),
    )


@bp.post("/people/<int:person_id>/grant-role")
@needs(Right.MANAGE_PEOPLE)
@proves_again
def grant_role(person_id: int) -> Response:
    """Give a role."""
    return _role_changed(person_id, operations.grant_role, "now has the role")


@bp.post("/people/<int:person_id>/revoke-role")
@needs(Right.MANAGE_PEOPLE)
@proves_again
def revoke_role(person_id: int) -> Response:
    """Take a role."""
    return _role_changed(person_id, operations.revoke_role, "no longer has the role")


@bp.post("/people/<int:person_id>/reset-second-step")
@needs(Right.MANAGE_PEOPLE)
@proves_again
def reset_second_step(person_id: int) -> Response:
    """Take the second step off an account, after it was lost."""
    found = _found(person_id)
    operations.reset_second_step(actor=current_person().actor, person=found)
    return _back_to(found, f"The second step of {found.name} is taken off. They set up a new one when they sign in.")


@bp.post("/people/<int:person_id>/close-account")
@needs(Right.MANAGE_PEOPLE)
@proves_again
def close_account(person_id: int) -> Response:
    """Close an account: the person is signed out everywhere."""
    found = _found(person_id)
    operations.close_account(actor=current_person().actor, person=found)
    return _back_to(found, f"The account of {found.name} is closed.")


@bp.post("/people/<int:person_id>/open-account")
@needs(Right.MANAGE_PEOPLE)
@proves_again
def open_account(person_id: int) -> Response:
    """Open a closed account again."""
    found = _found(person_id)
    operations.open_account(actor=current_person().actor, person=found)
    return _back_to(found, f"The account of {found.name} is open again.")


def _role_changed(person_id: int, change: Callable[..., object], told: str) -> Response:
    found, form = _found(person_id), RoleForm()
    if not form.role.typed:
        return _back_to(found, "Choose a role first.", "no")
    role = Role(form.role.data) if form.validate_on_submit() else abort(400)
    change(actor=current_person().actor, person=found, role=role)
    return _back_to(found, f"{found.name} {told} “{role.label}”.")


def _back_to(found: Person, said: str, kind: str = "yes") -> Response:
    flash(said, kind)
    return redirect(url_for("accounts.person", person_id=found.id))


def _found(person_id: int) -> Person:
    return queries.person_by_id(person_id) or abort(404)
