"""The pages on which the members of a group are looked after, and on which one leaves it."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, redirect, url_for
from werkzeug.wrappers import Response

from grants.accounts import rules
from grants.accounts.access import current_person, needs, own_organisation, signed_in
from grants.accounts.blueprint import bp
from grants.accounts.models import Membership, Organisation
from grants.accounts.queries import person_by_id
from grants.accounts.rights import GroupRight, MemberRole, Right
from grants.foundation.web.forms import Form
from grants.foundation.web.posting import Answered, sent, shown

from . import operations
from .forms import ChangeMemberForm, HandOverForm, LeaveForm, NameOwnerForm, RemoveMemberForm

MEMBER = "/organisations/<int:organisation_id>/members/<int:member_id>"
CHANGED = "Somebody changed your group since you opened this page. Look at it again."


@bp.route(MEMBER + "/role", methods=["GET", "POST"])
@signed_in
def change_member(organisation_id: int, member_id: int) -> Answered:
    """Say what a member may do."""
    group, member = _found(organisation_id, member_id)
    form = ChangeMemberForm(data={"version": group.version, "role": member.role})

    name = member.person.name

    def change() -> None:
        role = MemberRole(form.role.data)
        is_changed = operations.change_role(
            person=current_person(), organisation=group, member_id=member_id, seen=form.version.data, role=role
        )
        if is_changed:
            flash(f"{name} is {role.one} of the group now. Everybody of the group is told.", "yes")
        else:
            flash(f"Nothing was changed: {name} was {role.one} of the group already.")

    return _page("change_member", form, change, (group, member), may=rules.keeps_an_owner(group, member))


@bp.route(MEMBER + "/remove", methods=["GET", "POST"])
@signed_in
def remove_member(organisation_id: int, member_id: int) -> Answered:
    """Take somebody out of the group."""
    group, member = _found(organisation_id, member_id)
    person = current_person()
    return _page(
        "remove_member",
        RemoveMemberForm(),
        lambda: operations.remove(person=person, organisation=group, member_id=member_id),
        (group, member),
        said=f"{member.person.name} does not belong to your group any more. They and the others are told.",
        may=rules.can_remove_member(person, group, member),
    )


@bp.route(MEMBER + "/hand-over", methods=["GET", "POST"])
@signed_in
def hand_over(organisation_id: int, member_id: int) -> Answered:
    """Make another the owner, and oneself an editor."""
    group, member = _found(organisation_id, member_id)
    person = current_person()
    return _page(
        "hand_over",
        HandOverForm(),
        lambda: operations.hand_over(person=person, organisation=group, member_id=member_id),
        (group, member),
        said=f"{member.person.name} is an owner now, and you are an editor. Everybody of the group is told.",
        may=rules.can_hand_over(person, group, member),
    )


@bp.route("/organisations/<int:organisation_id>/leave", methods=["GET", "POST"])
@signed_in
def leave_organisation(organisation_id: int) -> Answered:
    """Leave a group."""
    group, person = own_organisation(organisation_id), current_person()
    member = next(one for one in group.memberships if one.person_id == person.id)
    return _page(
        "leave",
        LeaveForm(),
        lambda: operations.leave(person=person, organisation=group),
        (group, member),
        said=f"You have left {group.name}. Everybody of it is told.",
        may=rules.can_leave(person, group),
        gone=True,
    )


@bp.post("/people/<int:member_id>/name-owner")
@needs(Right.MANAGE_PEOPLE)
def name_owner(member_id: int) -> Response:
    """Make somebody the owner of a group that has none who can sign in."""
    found, form = person_by_id(member_id) or abort(404), NameOwnerForm()
    organisation_id = form.organisation_id.data if form.validate() else None
    if organisation_id is None or organisation_id not in found.organisation_ids:
        abort(400)
    operations.name_owner(person=current_person(), organisation_id=organisation_id, member_id=member_id)
    flash("They are an owner of the group now. Everybody of it is told.", "yes")
    return redirect(url_for("accounts.person", person_id=member_id))


Found = tuple[Organisation, Membership]


def _found(organisation_id: int, member_id: int) -> Found:
    """One's own group, whose members one looks after, and one of them."""
    group = own_organisation(organisation_id, GroupRight.MANAGE_MEMBERS)
    return group, next((one for one in group.memberships if one.person_id == member_id), None) or abort(404)


def _page(
    template: str,
    form: Form,
    do: Callable[[], object],
    found: Found,
    *,
    may: object,
    said: str = "",
    gone: bool = False,
) -> Answered:
    """A page with a form that does one thing to a member."""
    group, member = found

    def deed() -> str:
        do()
        return url_for("accounts.account") if gone else url_for("accounts.organisation", organisation_id=group.id)

    return sent(form, deed, said=said, changed=CHANGED) or shown(
        f"accounts/members/{template}.html", form=form, organisation=group, member=member, may=may
    )
