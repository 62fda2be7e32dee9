"""One's own account."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, session, url_for
from flask_login import login_user
from werkzeug.wrappers import Response

from grants.accounts import limits
from grants.accounts.access import current_person, signed_in
from grants.accounts.blueprint import bp
from grants.accounts.credentials import operations as credentials
from grants.accounts.credentials.operations import WRONG_PASSWORD
from grants.accounts.forms import refuse_field
from grants.accounts.limits import too_many
from grants.accounts.people import operations as people
from grants.foundation.records.db import LostUpdate, Refused
from grants.foundation.web.forms import Form

from .forms import ChangeEmailForm, ChangePasswordForm, NameForm

TOO_MANY_TRIES = "There were too many tries. Try again in {wait}."


@bp.get("/account")
@signed_in
def account() -> str:
    """What we know of the person, and what they can change."""
    return render_template("accounts/account/account.html", me=current_person())


@bp.route("/account/name", methods=["GET", "POST"])
@signed_in
def change_name() -> Response:
    """Change the name."""
    form = NameForm(obj=current_person())
    if not form.validate_on_submit():
        return _show(form, "change_name")
    try:
        people.change_name(person=current_person(), name=form.name.data, version=form.version.data)
    except LostUpdate:
        return _changed_meanwhile(form)
    flash("Your name is changed.")
    return redirect(url_for("accounts.account"))


def _changed_meanwhile(form: NameForm) -> Response:
    person = current_person()
    form.refuse(
        f"Your account was changed in another window since you opened this page: your name there is {person.name}."
    )
    form.version.data = person.version
    return _show(form, "change_name", 409)


@bp.route("/account/email", methods=["GET", "POST"])
@signed_in
def change_email() -> Response:
    """Mail a link to the new address; until it is used the old one stays."""
    form, person = ChangeEmailForm(), current_person()
    if not form.validate_on_submit():
        return _show(form, "change_email")
    if wait := limits.wait_to_sign_in(person.email) or limits.wait_to_mail(form.email.data):
        form.refuse(TOO_MANY_TRIES.format(wait=wait))
        return too_many(_show(form, "change_email", 429), wait)
    try:
        credentials.request_email_change(person=person, email=form.email.data, password=form.password.data)
    except Refused as refused:
        _refuse(form, refused, password="password", other="email")  # noqa: S106 - the name of a field
        return _show(form, "change_email")
    session["sent_to"] = form.email.data
    return redirect(url_for("accounts.change_email_sent"))


@bp.get("/account/email/sent")
@signed_in
def change_email_sent() -> Response:
    """Look into your mail."""
    email = session.get("sent_to")
    if not email:
        return redirect(url_for("accounts.account"))
    return make_response(render_template("accounts/account/change_email_sent.html", email=email))


@bp.route("/account/password", methods=["GET", "POST"])
@signed_in
def change_password() -> Response:
    """Change the password, and stay signed in here only."""
    form, person = ChangePasswordForm(), current_person()
    if not form.validate_on_submit():
        return _show(form, "change_password")
    if wait := limits.wait_to_sign_in(person.email):
        form.refuse(TOO_MANY_TRIES.format(wait=wait))
        return too_many(_show(form, "change_password", 429), wait)
    try:
        credentials.change_password(person=person, old=form.old_password.data, new=form.password.data)
    except Refused as refused:
        _refuse(form, refused, password="old_password", other="password")  # noqa: S106 - names of fields
        return _show(form, "change_password")
    login_user(person)
    flash("Your password is changed. Everywhere else you were signed out.")
    return redirect(url_for("accounts.account"))


@bp.post("/account/end-other-sessions")
@signed_in
def end_other_sessions() -> Response:
    """Sign out everywhere but here."""
    person = current_person()
    credentials.end_other_sessions(person=person)
    login_user(person)
    flash("You were signed out everywhere else.")
    return redirect(url_for("accounts.account"))


def _refuse(form: ChangeEmailForm | ChangePasswordForm, refused: Refused, *, password: str, other: str) -> None:
    """Show the refusal beside its field; a wrong password counts as a failed try."""
    is_wrong = str(refused) == WRONG_PASSWORD
    if is_wrong:
        limits.note_failure(current_person().email)
    refuse_field(form, password if is_wrong else other, refused)


def _show(form: Form, template: str, status: int | None = None) -> Response:
    page = render_template(f"accounts/account/{template}.html", form=form)
    return make_response(page, status or (422 if form.errors else 200))
