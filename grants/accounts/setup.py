"""What accounts want of the app: people who are signed in, and limits on trying."""

from __future__ import annotations

from flask import Flask

from grants.foundation.values.settings import BadSetting
from grants.foundation.web import pages

from . import guesses, limits
from .rights import Right, read_pairs
from .sessions.operations import answer_signed_out, load, login_manager, note_seen


def init_app(app: Flask) -> None:
    """Let people sign in. Raises BadSetting where the roles that must not meet are no pairs of roles."""
    try:
        app.extensions["roles apart"] = read_pairs(app.config["ROLES_APART"])
    except ValueError as error:
        raise BadSetting(str(error)) from None
    login_manager.user_loader(load)
    login_manager.init_app(app)
    limits.init_app(app)
    app.before_request(note_seen)
    guesses.tell(app, guesses.office_names)
    app.register_error_handler(401, answer_signed_out)
    pages.add_tab(
        app,
        "People",
        "accounts.people",
        order=80,
        shown=lambda person: person is not None and person.may(Right.MANAGE_PEOPLE),
    )
