"""Signing up, proving an address, and a forgotten password."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from grants.accounts import limits, operations, queries, rules, sessions, tokens
from grants.accounts.access import person_or_none
from grants.accounts.forms import (
    ConfirmElsewhereForm,
    ConfirmForm,
    ForgottenPasswordForm,
    RegisterForm,
    ResetPasswordForm,
    refuse_field,
)
from grants.accounts.models import Token, TokenPurpose
from grants.foundation.db import Refused

from . import bp
from .sign_in import too_many

TOO_MANY_MAILS = "We have sent several mails already. Look for them, in the spam folder too, or try again in {wait}."
TOO_MANY_TRIES = "There were too many tries. Try again in {wait}."

_CONFIRMING = (TokenPurpose.CONFIRM, TokenPurpose.CHANGE_EMAIL)
_RESETTING = (TokenPurpose.RESET, TokenPurpose.INVITE)


@bp.get("/create-account")  # /register is the public register of awards
def register() -> Response:
    """The form for a new account."""
    return _show(RegisterForm(formdata=None), "register")


@bp.post("/create-account")
def register_send() -> Response:
    """Sign up: the same answer whether the address is known or not."""
    form = RegisterForm()
    if not form.validate_on_submit():
        return _show(form, "register", 422)
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
        return _show(form, "register", 422)
    return _mail_sent(form.email.data, "accounts.register_sent")


@bp.get("/create-account/sent")
def register_sent() -> Response:
    """Look into your mail."""
    return _show_sent("register_sent")


@bp.get("/confirm/<token>")
def confirm(token: str) -> Response:
    """A button, for a mail scanner opens links too: only pressing it confirms."""
    found = queries.open_token(tokens.digest(token), _CONFIRMING)
    return _confirm_page(_confirm_form(found, fresh=True), token, found) if found else _stale()


@bp.post("/confirm/<token>")
def confirm_send(token: str) -> Response:
    """Confirm an address, and go on signed in."""
    found = queries.open_token(tokens.digest(token), _CONFIRMING)
    if found is None:
        return _stale()
    form, email = _confirm_form(found), found.person.email
    if not form.validate_on_submit():
        return _confirm_page(form, token, found, 422)
    if wait := limits.wait_to_sign_in(email):
        form.refuse(TOO_MANY_TRIES.format(wait=wait))
        return too_many(_confirm_page(form, token, found, 429), wait)
    password = form.password.data if isinstance(form, ConfirmElsewhereForm) else ""
    try:
        person = operations.confirm_email(secret=token, browser=sessions.known_browser(), password=password)
    except Refused as refused:
        limits.note_failure(email)
        form.refuse(str(refused))
        return _confirm_page(form, token, found, 422)
    if found.purpose == TokenPurpose.CHANGE_EMAIL:
        flash("Your new e-mail address is confirmed. Use it from now on to sign in.")
        return redirect("/account")
    next_path = sessions.next_path()
    sessions.enter(person)
    flash("Your e-mail address is confirmed, and you are signed in.")
    return redirect(_first_steps(bool(person.organisation_ids or person.roles), next_path))


@bp.get("/forgotten-password")
def forgotten_password() -> Response:
    """Ask for a link to choose a new password."""
    return _show(ForgottenPasswordForm(formdata=None), "forgotten_password")


@bp.post("/forgotten-password")
def forgotten_password_send() -> Response:
    """Send the link: the same answer whether the address is known or not."""
    form = ForgottenPasswordForm()
    if not form.validate_on_submit():
        return _show(form, "forgotten_password", 422)
    if wait := limits.wait_to_mail(form.email.data):
        form.refuse(TOO_MANY_MAILS.format(wait=wait))
        return too_many(_show(form, "forgotten_password", 429), wait)
    try:
        operations.request_reset(email=form.email.data)
    except Refused as refused:
        refuse_field(form, "email", refused)
        return _show(form, "forgotten_password", 422)
    return _mail_sent(form.email.data, "accounts.forgotten_password_sent")


@bp.get("/forgotten-password/sent")
def forgotten_password_sent() -> Response:
    """Look into your mail."""
    return _show_sent("forgotten_password_sent")


@bp.get("/reset-password/<token>")
def reset_password(token: str) -> Response:
    """Choose a new password."""
    found = queries.open_token(tokens.digest(token), _RESETTING)
    return _reset_page(ResetPasswordForm(formdata=None), token, found) if found else _stale()


@bp.post("/reset-password/<token>")
def reset_password_send(token: str) -> Response:
    """Set the new password, and go on signed in; every other session has ended."""
    found = queries.open_token(tokens.digest(token), _RESETTING)
    if found is None:
        return _stale()
    form = ResetPasswordForm()
    if not form.validate_on_submit():
        return _reset_page(form, token, found, 422)
    try:
        person = operations.reset_password(secret=token, password=form.password.data)
    except Refused as refused:
        refuse_field(form, "password", refused)
        return _reset_page(form, token, found, 422)
    sessions.enter(queries.person_by_id(person.id) or person)
    flash("Your password is set, and you are signed in. Everywhere else you were signed out.")
    return redirect("/desk")


def _confirm_form(token: Token, *, fresh: bool = False) -> ConfirmForm | ConfirmElsewhereForm:
    needs_password = token.purpose == TokenPurpose.CONFIRM and not tokens.same_browser(token, sessions.known_browser())
    form = ConfirmElsewhereForm if needs_password else ConfirmForm
    return form(formdata=None) if fresh else form()


def _confirm_page(form: ConfirmForm | ConfirmElsewhereForm, token: str, found: Token, status: int = 200) -> Response:
    return _show(form, "confirm", status, secret=token, email=found.email)


def _reset_page(form: ResetPasswordForm, token: str, found: Token, status: int = 200) -> Response:
    is_new = found.purpose == TokenPurpose.INVITE
    return _show(form, "reset_password", status, secret=token, email=found.email, is_new=is_new)


def _first_steps(is_known: bool, next_path: str) -> str:
    """A new person first says which group they are from; then they go on to where they wanted."""
    if is_known or next_path.startswith("/organisations/new"):
        return next_path or "/desk"
    return url_for("accounts.new_organisation", next=next_path or None)


def _stale() -> Response:
    page = render_template("accounts/stale_link.html", person=person_or_none())
    return make_response(page, 410)


def _mail_sent(email: str, endpoint: str) -> Response:
    session["sent_to"] = email
    return redirect(url_for(endpoint))


def _show_sent(template: str) -> Response:
    email = session.get("sent_to")
    if not email:
        return redirect(url_for("accounts.sign_in"))
    return make_response(render_template(f"accounts/{template}.html", email=email))


def _show(form: object, template: str, status: int = 200, **context: object) -> Response:
    page = render_template(f"accounts/{template}.html", form=form, next_path=sessions.next_path(), **context)
    return make_response(page, status)
