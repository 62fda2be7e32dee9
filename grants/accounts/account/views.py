"""One's own account."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from grants.accounts import limits, queries
from grants.accounts.access import current_person, current_session, signed_in, there
from grants.accounts.acts import AccountAct
from grants.accounts.blueprint import bp
from grants.accounts.credentials import operations as credentials
from grants.accounts.credentials.operations import WRONG_PASSWORD
from grants.accounts.factors.access import proves_again
from grants.accounts.factors.queries import has_any
from grants.accounts.forms import refuse_field
from grants.accounts.people import operations as people
from grants.accounts.sessions import operations as sessions_of
from grants.accounts.sessions.rules import longest
from grants.foundation.records.db import Refused
from grants.foundation.web.filters import takes
from grants.foundation.web.forms import Form
from grants.foundation.web.posting import Answered, sent, shown
from grants.foundation.web.tables import page_from_request

from .forms import ChangeEmailForm, ChangePasswordForm, NameForm

OVERTAKEN = "Your account was changed in another window since you opened this page: your name there is"
TOO_MANY_TRIES = "There were too many tries. Try again in {wait}."


@bp.get("/account")
@signed_in
def account() -> str:
    """What we know of the person, and what they can change."""
    me = current_person()
    return render_template("accounts/account/account.html", me=me, has_second_step=has_any(me))


@bp.route("/account/name", methods=["GET", "POST"])
@signed_in
def change_name() -> Answered:
    """Change the name."""
    form, person = NameForm(obj=current_person()), current_person()

    def change() -> str:
        people.change_name(person=person, name=form.name.data, version=form.version.data)
        return url_for("accounts.account")

    overtaken = f"{OVERTAKEN} {person.name}."
    return sent(form, change, said="Your name is changed.", changed=overtaken) or _show(form, "change_name")


@bp.route("/account/email", methods=["GET", "POST"])
@signed_in
@proves_again
def change_email() -> Answered:
    """Mail a link to the new address; until it is used the old one stays."""
    form, person = ChangeEmailForm(), current_person()

    def change() -> str:
        credentials.request_email_change(person=person, email=form.email.data, password=form.password.data)
        sessions_of.renew(current_session())
        session["sent_to"] = form.email.data
        return url_for("accounts.change_email_sent")

    return limits.answered(
        form,
        change,
        lambda: _show(form, "change_email"),
        wait=lambda: limits.wait_to_sign_in(person.email) or limits.wait_to_mail(form.email.data),
        words=TOO_MANY_TRIES,
        beside={Refused: _beside(form, password="password", other="email")},  # noqa: S106 - the name of a field
    )


@bp.get("/account/email/sent")
@signed_in
def change_email_sent() -> Answered:
    """Look into your mail."""
    email = session.get("sent_to")
    if not email:
        return redirect(url_for("accounts.account"))
    return render_template("accounts/account/change_email_sent.html", email=email)


@bp.route("/account/password", methods=["GET", "POST"])
@signed_in
@proves_again
def change_password() -> Answered:
    """Change the password, and stay signed in here only."""
    form, person = ChangePasswordForm(), current_person()

    def change() -> str:
        credentials.change_password(here=current_session(), old=form.old_password.data, new=form.password.data)
        sessions_of.renew(current_session())
        return url_for("accounts.account")

    return limits.answered(
        form,
        change,
        lambda: _show(form, "change_password"),
        wait=lambda: limits.wait_to_sign_in(person.email),
        words=TOO_MANY_TRIES,
        said="Your password is changed. Everywhere else you were signed out.",
        beside={Refused: _beside(form, password="old_password", other="password")},  # noqa: S106 - names of fields
    )


@bp.get("/account/sessions")
@signed_in
@takes(turns=True)
def sessions() -> str:
    """Where the person is signed in."""
    here = current_session()
    whose = here.person
    mine = queries.open_sessions(whose, longest=longest(whose), idle=sessions_of.idle_time(whose))
    page = page_from_request(mine, order=queries.SESSIONS_ORDER)
    return render_template(
        "accounts/account/sessions.html", page=page, here=here, idle_minutes=sessions_of.idle_minutes(whose)
    )


@bp.post("/account/sessions/<int:session_id>/end")
@signed_in
def end_session(session_id: int) -> Response:
    """Sign out somewhere else. A session of another person is not there (404)."""
    person = current_person()
    there(queries.session_of(person, session_id), lambda _found: True)
    sessions_of.end(person=person, session_id=session_id)
    flash("You were signed out there.")
    return redirect(url_for("accounts.sessions"))


@bp.post("/account/end-other-sessions")
@signed_in
def end_other_sessions() -> Response:
    """Sign out everywhere but here."""
    credentials.end_other_sessions(here=current_session())
    flash("You were signed out everywhere else.")
    return redirect(url_for("accounts.sessions"))


def _beside(form: ChangeEmailForm | ChangePasswordForm, *, password: str, other: str) -> Callable[[Exception], None]:
    """Shows a refusal beside its field; a wrong password counts as a failed try."""

    def tell(refused: Exception) -> None:
        is_wrong = str(refused) == WRONG_PASSWORD
        if is_wrong:
            person = current_person()
            sessions_of.note_failure(person.email, person, AccountAct.GIVE_WRONG_PASSWORD)
        refuse_field(form, password if is_wrong else other, refused)

    return tell


def _show(form: Form, template: str) -> tuple[str, int]:
    return shown(f"accounts/account/{template}.html", form=form)
