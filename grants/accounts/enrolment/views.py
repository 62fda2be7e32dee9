"""Setting up, and taking away, what one proves with that it is oneself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import Concatenate, NamedTuple, ParamSpec

import segno
from flask import abort, flash, redirect, render_template, session, url_for

from grants.accounts import limits
from grants.accounts.acts import AccountAct
from grants.accounts.blueprint import bp
from grants.accounts.credentials.operations import WRONG_PASSWORD
from grants.accounts.factors import operations as factors
from grants.accounts.factors import queries, rules
from grants.accounts.factors.access import ProofNeeded
from grants.accounts.factors.models import MOST_PASSKEYS
from grants.accounts.models import BrowserSession
from grants.accounts.passwords import matches
from grants.accounts.sessions import operations as sessions
from grants.foundation.records.office import the_office
from grants.foundation.web.forms import Form
from grants.foundation.web.posting import Answered, sent, shown

from .forms import AppForm, PasskeyForm

P = ParamSpec("P")

PICTURE = "A picture for the camera of your phone. The same stands below as letters."
PICTURE_WIDTH = 260


class Sure(NamedTuple):
    """What somebody is asked before it is done: the title, what it means, and the words of the button."""

    title: str
    means: str
    button: str


NEW_CODES = Sure(
    "Make new recovery codes",
    "The codes that you have now stop working at once. You see the new ones once.",
    "Make them",
)
AWAY_APP = Sure("Take the app away", "Its codes stop working. Everywhere else you are signed out.", "Take it away")
_NEW_SECRET = "new app"  # noqa: S105 - where it waits in the browser of its owner


def enrolling(view: Callable[Concatenate[BrowserSession, P], Answered]) -> Callable[P, Answered]:
    """A page of one's second steps: for who is signed in, and for who has to set one up before they are.

    Whoever has one already proves anew that it is them.
    """

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Answered:
        here = sessions.to_prove()
        if here is None:
            abort(401)
        if queries.has_any(here.person) and (factors.is_half(here) or factors.asks_again(here)):
            raise ProofNeeded
        return view(here, *args, **kwargs)

    return guarded


@bp.get("/account/second-step")
@enrolling
def second_step(here: BrowserSession) -> Answered:
    """What one proves with that it is oneself."""
    return _page(here, Form())


def _page(here: BrowserSession, form: Form) -> Answered:
    passkeys = queries.passkeys_of(here.person)
    return shown(
        "accounts/enrolment/second_step.html",
        form=form,
        is_half=factors.is_half(here),
        app=queries.app_of(here.person),
        passkeys=passkeys,
        codes_left=queries.codes_left(here.person),
        can_add_passkey=factors.passkeys_work() and len(passkeys) < MOST_PASSKEYS,
        next_path=sessions.next_path(),
    )


@bp.route("/account/second-step/app", methods=["GET", "POST"])
@enrolling
def set_up_app(here: BrowserSession) -> Answered:
    """Set up an authenticator app: a picture for the phone, and its first code."""
    form, secret = AppForm(asks_password=_asks_password(here)), session.setdefault(_NEW_SECRET, rules.new_secret())

    def show() -> Answered:
        address = rules.address_of(secret, email=here.person.email, office=the_office().name)
        return shown(
            "accounts/enrolment/app.html",
            form=form,
            picture=_picture_of(address),
            opens=address,
            secret=secret,
            next_path=sessions.next_path(),
        )

    return _answered(here, form, show, partial(_set_up_app, here, form, secret))


def _picture_of(address: str) -> str:
    """A square that every phone's screen has room for, as SVG."""
    code = segno.make(address, error="m")
    return code.svg_inline(scale=PICTURE_WIDTH / code.symbol_size(border=2)[0], border=2, light="#fff", title=PICTURE)


def _set_up_app(here: BrowserSession, form: AppForm, secret: str) -> None:
    factors.set_up_app(here=here, secret=secret, code=form.code.data)


@bp.route("/account/second-step/passkey", methods=["GET", "POST"])
@enrolling
def add_passkey(here: BrowserSession) -> Answered:
    """Add a passkey: the browser asks the device for it."""
    form = PasskeyForm(asks_password=_asks_password(here))

    def show() -> Answered:
        asked = factors.ask_for_new_passkey(here=here)
        return shown("accounts/enrolment/passkey.html", form=form, passkey=asked, next_path=sessions.next_path())

    return _answered(here, form, show, partial(_add_passkey, here, form))


def _add_passkey(here: BrowserSession, form: PasskeyForm) -> None:
    factors.add_passkey(here=here, label=form.label.data, answer=form.passkey.data or "")


@bp.route("/account/second-step/recovery-codes", methods=["GET", "POST"])
@enrolling
def make_recovery_codes(here: BrowserSession) -> Answered:
    """Make new recovery codes, and show them this once."""
    if not queries.has_any(here.person):
        return redirect(url_for("accounts.second_step"))
    form = Form()
    if not form.validate_on_submit():
        return _sure(form, NEW_CODES, url_for("accounts.make_recovery_codes"))
    return _codes(factors.make_recovery_codes(here=here), is_new=False)


@bp.route("/account/second-step/app/remove", methods=["GET", "POST"])
@enrolling
def remove_app(here: BrowserSession) -> Answered:
    """Take the app away."""
    remove = partial(factors.remove_app, here=here)
    return _removed(remove, AWAY_APP, url_for("accounts.remove_app"), "The app is no longer your second step.")


@bp.route("/account/second-step/passkey/<int:passkey_id>/remove", methods=["GET", "POST"])
@enrolling
def remove_passkey(here: BrowserSession, passkey_id: int) -> Answered:
    """Take a passkey away. Another person's is not there (404)."""
    found = queries.passkey_by_id(here.person, passkey_id) or abort(404)
    remove = partial(factors.remove_passkey, here=here, passkey=found)
    means = "It stops working here. Everywhere else you are signed out."
    words = Sure(f"Take away the passkey “{found.label}”", means, "Take it away")
    action = url_for("accounts.remove_passkey", passkey_id=passkey_id)
    return _removed(remove, words, action, "The passkey is taken away.")


def _asks_password(here: BrowserSession) -> bool:
    """Whether it is the first step of somebody who is signed in: nobody at an open browser makes the account theirs.

    Who is signing in has just given it, and who has a step has proved by that: see `enrolling`.
    """
    return not (factors.is_half(here) or queries.has_any(here.person))


def _answered(here: BrowserSession, form: Form, show: Callable[[], Answered], add: Callable[[], None]) -> Answered:
    """Add a step; with somebody's first one their recovery codes are made and shown, this once."""
    person = here.person
    if not form.validate_on_submit():
        return show()
    if wait := limits.wait_to_sign_in(person.email):
        form.refuse(f"There were too many tries. Try again in {wait}.")
        return limits.too_many(show(), wait)
    if "password" in form and not matches(form["password"].data, person.password_hash):
        sessions.note_failure(person.email, person, AccountAct.GIVE_WRONG_PASSWORD)
        form["password"].errors = [WRONG_PASSWORD]
        return show()
    if problem := sessions.prove(here, add):
        form["code" if "code" in form else "label"].errors = [problem]
        return show()
    session.pop(_NEW_SECRET, None)
    if queries.codes_left(person):
        flash("Your new second step is set up.", "yes")
        return redirect(sessions.next_path() or url_for("accounts.second_step"))
    return _codes(factors.make_recovery_codes(here=here), is_new=True)


def _removed(remove: Callable[[], None], words: Sure, action: str, said: str) -> Answered:
    form = Form()

    def do() -> str:
        remove()
        return url_for("accounts.second_step")

    return sent(form, do, said=said) or _sure(form, words, action)


def _sure(form: Form, words: Sure, action: str) -> Answered:
    """Ask once more, and say what it means."""
    return shown("accounts/enrolment/sure.html", form=form, words=words, action=action)


def _codes(codes: Sequence[str], *, is_new: bool) -> str:
    return render_template(
        "accounts/enrolment/codes.html", codes=codes, is_new=is_new, next_path=sessions.next_path() if is_new else ""
    )
