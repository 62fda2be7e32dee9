"""Signing in and out."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from grants.accounts import limits
from grants.accounts.access import local_path, person_or_none
from grants.accounts.blueprint import bp
from grants.accounts.limits import too_many
from grants.accounts.models import Person

from . import operations as sessions
from .forms import SignInForm

WRONG = "The e-mail address or the password is wrong. Check both, and whether Caps Lock is on."
UNCONFIRMED = (
    "Confirm your e-mail address first: open the link that we mailed to you. “Forgotten password” sends a new one."
)
CLOSED = "This account is closed. Write to us if you think that is a mistake."


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Response:
    """Sign in, unless there were too many failures."""
    if request.method == "GET" and person_or_none():
        return redirect(sessions.next_path() or url_for("desk.desk"))
    form = SignInForm()
    if not form.validate_on_submit():
        return _page(form)
    email = form.email.data
    if wait := limits.wait_to_sign_in(email):
        form.refuse(f"There were too many tries. Try again in {wait}, or choose a new password.")
        return too_many(_page(form), wait)
    person, is_theirs = sessions.find_for_sign_in(email, form.password.data)
    if person is None or not is_theirs:
        sessions.note_failure(email, person)
        form.refuse(WRONG)
        return _page(form)
    if not person.is_active:
        sessions.note_closed(person)
        form.refuse(CLOSED if person.disabled_at else UNCONFIRMED)
        return _page(form)
    sessions.enter(person)
    return _go_on(person)


@bp.post("/sign-out")
def sign_out() -> Response:
    """Sign out in this browser."""
    sessions.leave()
    flash("You have signed out.")
    return redirect(url_for("desk.front"))


def _go_on(person: Person) -> Response:
    """To where the person was on the way to, or to what they had typed when their session ended."""
    kept, where = sessions.kept_fields(), local_path(request.form.get("kept_for"))
    if not (kept and where):
        return redirect(sessions.next_path() or url_for("desk.desk"))
    typed = [(name.removeprefix(sessions.KEPT), value) for name, value in kept]
    return make_response(render_template("accounts/sessions/send_again.html", typed=typed, action=where, person=person))


def _page(form: SignInForm) -> Response:
    return sessions.sign_in_page(form, kept=sessions.kept_fields(), kept_for=local_path(request.form.get("kept_for")))
