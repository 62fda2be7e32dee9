"""Signing in and out."""

from __future__ import annotations

from functools import partial

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from grants.accounts import limits
from grants.accounts.access import local_path, person_or_none
from grants.accounts.blueprint import bp
from grants.accounts.factors import operations as factors
from grants.accounts.factors.queries import app_of, codes_left, has_any
from grants.accounts.factors.rules import tidy_code
from grants.accounts.limits import too_many
from grants.accounts.models import BrowserSession, Person
from grants.foundation.web.pages import plural

from . import operations as sessions
from .forms import SecondStepForm, SignInForm

WRONG = (
    "The e-mail address or the password is wrong. Check both, and whether Caps Lock is on. "
    "If you have just made your account, open the link that we mailed to you first."
)
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
    if not sessions.enter(person):
        return _ask_more()
    return _go_on(person, "You are signed in again")


@bp.route("/sign-in/second-step", methods=["GET", "POST"])
def second_step_asked() -> Response:
    """Prove that it is you: after the password, and again before something that counts."""
    here = sessions.to_prove()
    if here is None:
        return redirect(url_for("accounts.sign_in", next=sessions.next_path() or None))
    if not has_any(here.person):
        return redirect(url_for("accounts.second_step", next=sessions.next_path() or None))
    form, person = SecondStepForm(), here.person
    if request.method == "GET" and not factors.asks_again(here):
        return redirect(sessions.next_path() or url_for("desk.desk"))
    if not form.validate_on_submit():
        return _second_step(here, form)
    wait = None if form.passkey.data else limits.wait_to_sign_in(person.email)  # nobody guesses a passkey
    if wait:
        form.refuse(f"There were too many tries of codes. Try again in {wait}, or use a passkey if you have one.")
        return too_many(_second_step(here, form), wait)
    had = codes_left(person)
    if problem := sessions.prove(here, partial(_prove, here, form)):
        form.code.errors = [problem]
        return _second_step(here, form)
    if (left := codes_left(person)) < had:
        lost = "If your phone or key is lost, take it off under “Your account”, “Second step”."
        flash(f"You have {plural(left, 'recovery code')} left. {lost}")
    return _go_on(person, "It is you")


@bp.post("/sign-out")
def sign_out() -> Response:
    """Sign out in this browser."""
    sessions.leave()
    flash("You have signed out.")
    return redirect(url_for("desk.front"))


def _prove(here: BrowserSession, form: SecondStepForm) -> None:
    """By the passkey where one answered, else by the code. Raises Refused."""
    if form.passkey.data:
        factors.prove_by_passkey(here=here, answer=form.passkey.data)
    elif len(tidy_code(form.code.data)) <= 6 and app_of(here.person):
        factors.prove_by_code(here=here, code=form.code.data)
    else:
        factors.prove_by_recovery_code(here=here, code=form.code.data)


def _ask_more() -> Response:
    """The second step, with what waits for the person."""
    here, kept, where = sessions.half_session(), sessions.kept_fields(), local_path(request.form.get("kept_for"))
    if here is None or not (kept and where and has_any(here.person)):
        return redirect(url_for("accounts.second_step_asked", next=sessions.next_path() or where or None))
    return sessions.second_step_page(here, SecondStepForm(formdata=None), kept=kept, kept_for=where)


def _second_step(here: BrowserSession, form: SecondStepForm) -> Response:
    kept, where = sessions.kept_fields(), local_path(request.form.get("kept_for"))
    return sessions.second_step_page(here, form, kept=kept, kept_for=where)


def _go_on(person: Person, title: str) -> Response:
    """To where the person was on the way to, or to what they had typed when their session ended."""
    kept, where = sessions.kept_fields(), local_path(request.form.get("kept_for"))
    if not (kept and where):
        return redirect(sessions.next_path() or url_for("desk.desk"))
    typed = [(name.removeprefix(sessions.KEPT), value) for name, value in kept]
    return make_response(
        render_template("accounts/sessions/send_again.html", typed=typed, action=where, person=person, title=title)
    )


def _page(form: SignInForm) -> Response:
    return sessions.sign_in_page(form, kept=sessions.kept_fields(), kept_for=local_path(request.form.get("kept_for")))
