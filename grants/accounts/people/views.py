"""People and their roles, for administrators."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from grants.accounts import queries, rules
from grants.accounts.access import current_person, needs
from grants.accounts.blueprint import bp
from grants.accounts.factors.access import proves_again
from grants.accounts.factors.queries import has_any, who_has_any
from grants.accounts.forms import refuse_field
from grants.accounts.models import Person
from grants.accounts.rights import Right, Role
from grants.foundation.records.db import Refused
from grants.foundation.web.filters import choice_filter, clean_filter, takes
from grants.foundation.web.forms import Form
from grants.foundation.web.posting import Answered, done, sent, shown
from grants.foundation.web.tables import page_from_request, url_with

from . import operations
from . import queries as changed
from .forms import CloseAccountForm, NewColleagueForm, ResetSecondStepForm, RoleForm, TakeRoleForm

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
        proved=who_has_any([one.id for one in page.rows]),
        needs_second_step=operations.needs_second_step,
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
def person(person_id: int) -> Answered:
    """One person: their roles and groups."""
    return _person_page(_found(person_id), RoleForm())


def _person_page(found: Person, form: RoleForm) -> Answered:
    me, apart = current_person(), operations.roles_apart()
    others = [(role, rules.may_meet({*found.roles, role}, apart)) for role in Role if role not in found.roles]
    return shown(
        "accounts/people/person.html",
        form=form,
        found=found,
        other_roles=[role for role, ruling in others if ruling],
        kept_apart=[(role, ruling.reason) for role, ruling in others if not ruling],
        may_meet=rules.may_meet(found.roles, apart),
        changes=changed.role_changes(found.id),
        can_change_roles=rules.can_change_roles(me, found),
        has_second_step=has_any(found),
        needs_second_step=operations.needs_second_step(found.roles),
        ownerless={one.id: one.name for one in queries.without_owner(found)},
        can_close_account=rules.can_close_account(me, found),
    )


@bp.post("/people/<int:person_id>/grant-role")
@needs(Right.MANAGE_PEOPLE)
@proves_again
def grant_role(person_id: int) -> Answered:
    """Give a role."""
    found, form = _found(person_id), RoleForm()
    if not form.role.typed:
        return _back_to(found, "Choose a role first.", "no")
    role = Role(form.role.data) if form.validate_on_submit() else abort(400)

    def give() -> str:
        operations.grant_role(actor=current_person().actor, person=found, role=role)
        return _page_of(found)

    said = f"{found.name} now has the role “{role.label}”."
    return done(form, give, said=said) or _person_page(_found(person_id), form)


@bp.route("/people/<int:person_id>/revoke-role/<string:role>", methods=["GET", "POST"])
@needs(Right.MANAGE_PEOPLE)
@proves_again
def revoke_role(person_id: int, role: str) -> Answered:
    """Take a role, once it is confirmed."""
    me, found, taken = current_person(), _found(person_id), _ROLES.get(role) or abort(404)
    return _confirmed(
        TakeRoleForm(),
        partial(operations.revoke_role, actor=me.actor, person=found, role=taken),
        said=f"{found.name} no longer has the role “{taken.label}”.",
        template="revoke_role",
        found=found,
        may=rules.can_change_roles(me, found),
        role=taken,
    )


@bp.route("/people/<int:person_id>/reset-second-step", methods=["GET", "POST"])
@needs(Right.MANAGE_PEOPLE)
@proves_again
def reset_second_step(person_id: int) -> Answered:
    """Take the second step off an account, after it was lost, once it is confirmed."""
    me, found = current_person(), _found(person_id)
    return _confirmed(
        ResetSecondStepForm(),
        partial(operations.reset_second_step, actor=me.actor, person=found),
        said=f"The second step of {found.name} is taken off. They set up a new one when they sign in.",
        template="reset_second_step",
        found=found,
        may=rules.can_change_roles(me, found),
    )


@bp.route("/people/<int:person_id>/close-account", methods=["GET", "POST"])
@needs(Right.MANAGE_PEOPLE)
@proves_again
def close_account(person_id: int) -> Answered:
    """Close an account, once it is confirmed: the person is told, and signed out everywhere."""
    me, found, form = current_person(), _found(person_id), CloseAccountForm()
    return _confirmed(
        form,
        lambda: operations.close_account(actor=me.actor, person=found, reason=form.reason.data),
        said=f"The account of {found.name} is closed. They are told.",
        template="close_account",
        found=found,
        may=rules.can_close_account(me, found),
        left=changed.left_behind(found),
    )


@bp.post("/people/<int:person_id>/open-account")
@needs(Right.MANAGE_PEOPLE)
@proves_again
def open_account(person_id: int) -> Response:
    """Open a closed account again."""
    found = _found(person_id)
    operations.open_account(actor=current_person().actor, person=found)
    return _back_to(found, f"The account of {found.name} is open again. They are told.")


def _confirmed(form: Form, do: Callable[[], object], *, said: str, template: str, **context: Any) -> Answered:
    """A page that says what will happen to an account, and does it once that is ticked."""
    found: Person = context["found"]

    def deed() -> str:
        do()
        return _page_of(found)

    return sent(form, deed, said=said) or shown(f"accounts/people/{template}.html", form=form, **context)


def _back_to(found: Person, said: str, kind: str = "yes") -> Response:
    flash(said, kind)
    return redirect(_page_of(found))


def _page_of(found: Person) -> str:
    return url_for("accounts.person", person_id=found.id)


def _found(person_id: int) -> Person:
    return queries.person_by_id(person_id) or abort(404)
