"""Signing up, proving an address, and a forgotten password."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from grants.accounts import limits, queries, rules, tokens
from grants.accounts.access import person_or_none
from grants.accounts.blueprint import bp
from grants.accounts.forms import refuse_field
from grants.accounts.limits import too_many
from grants.accounts.models import Token, TokenPurpose
from grants.accounts.sessions import operations as sessions
from grants.foundation.records.db import Refused
from grants.foundation.web.forms import Form

from . import operations
from .forms import ConfirmElsewhereForm, ConfirmForm, ForgottenPasswordForm, RegisterForm, ResetPasswordForm

TOO_MANY_MAILS = "We have sent several mails already. Look for them, in the spam folder too, or try again in {wait}."
TOO_MANY_TRIES = "There were too many tries. Try again in {wait}."

_CONFIRMING = (TokenPurpose.CONFIRM, TokenPurpose.CHANGE_EMAIL)
_RESETTING = (TokenPurpose.RESET, TokenPurpose.INVITE)


@bp.route("/create-account", methods=["GET", "POST"])  # /register is the public register of awards
def register() -> Response:
    """Sign up: the same answer whether the address is known or not."""
    form = RegisterForm()
    if not form.validate_on_submit():
        return _show(form, "register")
    if wait := limits.wait_to_mail(form.email.data):
        form.refuse(TOO_MANY_MAILS.format(wait=wait))
        return too_many(_show(form, "register", 429), wait)
    try:
        operations.register(
            email=form.email.data,
            name=form.name.data,
            password=form.password.data,
            browser=sessions.browser_secret(),
            next_path=sessions.next_path(),
        )
    except Refused as refused:
        refuse_field(form, "email" if str(refused) == rules.BAD_EMAIL else "password", refused)
        return _show(form, "register")
    return _mail_sent(form.email.data, "accounts.register_sent")


@bp.get("/create-account/sent")
def register_sent() -> Response:
    """Look into your mail."""
    return _show_sent("register_sent")


@bp.route("/confirm/<string:token>", methods=["GET", "POST"])
def confirm(token: str) -> Response:
    """Confirm an address, and go on signed in."""
    found = queries.open_token(tokens.digest(token), _CONFIRMING)
    if found is None:
        return _stale()
    form, email = _confirm_form(found), found.person.email
    if not form.validate_on_submit():
        return _confirm_page(form, token, found)
    if wait := limits.wait_to_sign_in(email):
        form.refuse(TOO_MANY_TRIES.format(wait=wait))
        return too_many(_confirm_page(form, token, found, 429), wait)
    password = form.password.data if isinstance(form, ConfirmElsewhereForm) else ""
    try:
        person = operations.confirm_email(secret=token, browser=sessions.known_browser(), password=password)
    except Refused as refused:
        limits.note_failure(email)
        form.refuse(str(refused))
        return _confirm_page(form, token, found)
    if found.purpose == TokenPurpose.CHANGE_EMAIL:
        flash("Your new e-mail address is confirmed. Use it from now on to sign in.")
        return redirect("/account")
    next_path = sessions.next_path()
    sessions.enter(person)
    flash("Your e-mail address is confirmed, and you are signed in.")
    return redirect(_first_steps(bool(person.organisation_ids or person.roles), next_path))


@bp.route("/forgotten-password", methods=["GET", "POST"])
def forgotten_password() -> Response:
    """Send the link: the same answer whether the address is known or not."""
    form = ForgottenPasswordForm()
    if not form.validate_on_submit():
        return _show(form, "forgotten_password")
    if wait := limits.wait_to_mail(form.email.data):
        form.refuse(TOO_MANY_MAILS.format(wait=wait))
        return too_many(_show(form, "forgotten_password", 429), wait)
    try:
        operations.request_reset(email=form.email.data)
    except Refused as refused:
        refuse_field(form, "email", refused)
        return _show(form, "forgotten_password")
    return _mail_sent(form.email.data, "accounts.forgotten_password_sent")


@bp.get("/forgotten-password/sent")
def forgotten_password_sent() -> Response:
    """Look into your mail."""
    return _show_sent("forgotten_password_sent")


@bp.route("/reset-password/<string:token>", methods=["GET", "POST"])
def reset_password(token: str) -> Response:
    """Set the new password, and go on signed in; every other session has ended."""
    found = queries.open_token(tokens.digest(token), _RESETTING)
    if found is None:
        return _stale()
    form = ResetPasswordForm()
    if not form.validate_on_submit():
        return _reset_page(form, token, found)
    try:
        person = operations.reset_password(secret=token, password=form.password.data)
    except Refused as refused:
        refuse_field(form, "password", refused)
        return _reset_page(form, token, found)
    sessions.enter(queries.person_by_id(person.id) or person)
    flash("Your password is set, and you are signed in. Everywhere else you were signed out.")
    return redirect("/desk")


def _confirm_form(token: Token) -> ConfirmForm | ConfirmElsewhereForm:
    needs_password = token.purpose == TokenPurpose.CONFIRM and not tokens.same_browser(token, sessions.known_browser())
    return ConfirmElsewhereForm() if needs_password else ConfirmForm()


def _confirm_page(
    form: ConfirmForm | ConfirmElsewhereForm, token: str, found: Token, status: int | None = None
) -> Response:
    return _show(form, "confirm", status, secret=token, email=found.email)


def _reset_page(form: ResetPasswordForm, token: str, found: Token, status: int | None = None) -> Response:
    is_new = found.purpose == TokenPurpose.INVITE
    return _show(form, "reset_password", status, secret=token, email=found.email, is_new=is_new)


def _first_steps(is_known: bool, next_path: str) -> str:
    """A new person first says which group they are from; then they go on to where they wanted."""
    if is_known or next_path.startswith("/organisations/new"):
        return next_path or "/desk"
    return url_for("accounts.new_organisation", next=next_path or None)


def _stale() -> Response:
    page = render_template("accounts/credentials/stale_link.html", person=person_or_none())
    return make_response(page, 410)


def _mail_sent(email: str, endpoint: str) -> Response:
    session["sent_to"] = email
    return redirect(url_for(endpoint))


def _show_sent(template: str) -> Response:
    email = session.get("sent_to")
    if not email:
        return redirect(url_for("accounts.sign_in"))
    return make_response(render_template(f"accounts/credentials/{template}.html", email=email))


def _show(form: Form, template: str, status: int | None = None, **context: object) -> Response:
    page = render_template(
        f"accounts/credentials/{template}.html", form=form, next_path=sessions.next_path(), **context
    )
    return make_response(page, status or (422 if form.errors else 200))
