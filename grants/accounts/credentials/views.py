"""Signing up, proving an address, and a forgotten password."""

from __future__ import annotations

from functools import partial
from typing import Literal

from flask import flash, make_response, redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from grants.accounts import limits, queries, rules, tokens
from grants.accounts.access import person_or_none
from grants.accounts.blueprint import bp
from grants.accounts.forms import refuse_field
from grants.accounts.models import Person, Token, TokenPurpose
from grants.accounts.sessions import operations as sessions
from grants.foundation.records.db import Refused
from grants.foundation.web.forms import Form
from grants.foundation.web.posting import Answered, sent, shown

from . import operations
from .forms import ConfirmElsewhereForm, ConfirmForm, ForgottenPasswordForm, RegisterForm, ResetPasswordForm

TOO_MANY_MAILS = "We have sent several mails already. Look for them, in the spam folder too, or try again in {wait}."
TOO_MANY_TRIES = "There were too many tries. Try again in {wait}."

_CONFIRMING = (TokenPurpose.CONFIRM, TokenPurpose.CHANGE_EMAIL)
_RESETTING = (TokenPurpose.RESET, TokenPurpose.INVITE)


@bp.route("/create-account", methods=["GET", "POST"])  # /register is the public register of awards
def register() -> Answered:
    """Sign up: the same answer whether the address is known or not."""
    form = RegisterForm()

    def make() -> str:
        operations.register(
            email=form.email.data,
            name=form.name.data,
            password=form.password.data,
            browser=sessions.browser_secret(),
            next_path=sessions.next_path(),
        )
        session["sent_to"] = form.email.data
        return url_for("accounts.register_sent")

    def tell(refused: Exception) -> None:
        refuse_field(form, "email" if str(refused) == rules.BAD_EMAIL else "password", refused)

    return limits.answered(
        form,
        make,
        lambda: _show(form, "register"),
        wait=lambda: limits.wait_to_mail(form.email.data),
        words=TOO_MANY_MAILS,
        beside={Refused: tell},
    )


@bp.get("/create-account/sent")
def register_sent() -> Answered:
    """Look into your mail."""
    return _show_sent("register_sent")


@bp.route("/confirm/<string:token>", methods=["GET", "POST"])
def confirm(token: str) -> Answered:
    """Confirm an address, and go on signed in."""
    found = queries.open_token(tokens.digest(token), _CONFIRMING)
    if found is None:
        return _stale("confirm")
    form, email = _confirm_form(found), found.person.email

    def tell(refused: Exception) -> None:
        sessions.note_failure(email, found.person)
        form.refuse(str(refused))

    return limits.answered(
        form,
        lambda: _confirm(form, token, found),
        lambda: _show(form, "confirm", secret=token, email=found.email),
        wait=lambda: limits.wait_to_sign_in(email),
        words=TOO_MANY_TRIES,
        beside={Refused: tell},
    )


def _confirm(form: ConfirmForm | ConfirmElsewhereForm, token: str, found: Token) -> str:
    password = form.password.data if isinstance(form, ConfirmElsewhereForm) else ""
    person = operations.confirm_email(secret=token, browser=sessions.known_browser(), password=password)
    if found.purpose == TokenPurpose.CHANGE_EMAIL:
        flash("Your new e-mail address is confirmed. Use it from now on to sign in.")
        return url_for("accounts.account")
    first = _first_steps(bool(person.organisation_ids or person.roles), sessions.next_path())
    return _come_in(person, "Your e-mail address is confirmed", first)


@bp.route("/forgotten-password", methods=["GET", "POST"])
def forgotten_password() -> Answered:
    """Send the link: the same answer whether the address is known or not."""
    form = ForgottenPasswordForm()

    def mail() -> str:
        operations.request_reset(email=form.email.data)
        session["sent_to"] = form.email.data
        return url_for("accounts.forgotten_password_sent")

    return limits.answered(
        form,
        mail,
        lambda: _show(form, "forgotten_password"),
        wait=lambda: limits.wait_to_mail(form.email.data),
        words=TOO_MANY_MAILS,
        beside={Refused: partial(refuse_field, form, "email")},
    )


@bp.get("/forgotten-password/sent")
def forgotten_password_sent() -> Answered:
    """Look into your mail."""
    return _show_sent("forgotten_password_sent")


@bp.route("/reset-password/<string:token>", methods=["GET", "POST"])
def reset_password(token: str) -> Answered:
    """Set the new password, and go on signed in; every other session has ended."""
    found = queries.open_token(tokens.digest(token), _RESETTING)
    if found is None:
        return _stale("reset")
    form = ResetPasswordForm()

    def reset() -> str:
        person = operations.reset_password(secret=token, password=form.password.data)
        return _come_in(
            queries.person_by_id(person.id) or person,
            "Your password is set",
            url_for("desk.desk"),
            also="Everywhere else you were signed out.",
        )

    tell = partial(refuse_field, form, "password")
    return sent(form, reset, beside={Refused: tell}) or _reset_page(form, token, found)


def _come_in(person: Person, done: str, then: str, *, also: str = "") -> str:
    """Sign in who came by a link, and say so: who needs a second step, or has one, is not in yet."""
    if sessions.enter(person):
        flash(f"{done}, and you are signed in. {also}".strip())
        return then
    flash(f"{done}. One more step, and you are signed in. {also}".strip())
    return url_for("accounts.second_step_asked", next=then)


def _confirm_form(token: Token) -> ConfirmForm | ConfirmElsewhereForm:
    needs_password = token.purpose == TokenPurpose.CONFIRM and not tokens.same_browser(token, sessions.known_browser())
    return ConfirmElsewhereForm() if needs_password else ConfirmForm()


def _reset_page(form: ResetPasswordForm, token: str, found: Token) -> Answered:
    is_new = found.purpose == TokenPurpose.INVITE
    return _show(form, "reset_password", secret=token, email=found.email, is_new=is_new)


def _first_steps(is_known: bool, next_path: str) -> str:
    """A new person first says which group they are from; then they go on to where they wanted."""
    if is_known or next_path.startswith(url_for("accounts.new_organisation")):
        return next_path or url_for("desk.desk")
    return url_for("accounts.new_organisation", next=next_path or None)


def _stale(what: Literal["confirm", "reset"]) -> Response:
    page = render_template("accounts/credentials/stale_link.html", person=person_or_none(), what=what)
    return make_response(page, 410)


def _show_sent(template: str) -> Answered:
    email = session.get("sent_to")
    if not email:
        return redirect(url_for("accounts.sign_in"))
    return render_template(f"accounts/credentials/{template}.html", email=email)


def _show(form: Form, template: str, **context: object) -> Answered:
    return shown(f"accounts/credentials/{template}.html", form=form, next_path=sessions.next_path(), **context)
