"""What accounts want of the app: people who are signed in, and limits on trying."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask

from grants.foundation.web import pages

from . import guesses, limits
from .factors.access import ProofNeeded
from .rights import Right, read_pairs, read_roles
from .sessions.operations import answer_signed_out, answer_unproved, load, login_manager, note_seen


def faults(config: Mapping[str, Any]) -> Iterator[str]:
    """The settings that name a role that there is not."""
    for name, read in (("ROLES_APART", read_pairs), ("SECOND_STEP_ROLES", read_roles)):
        try:
            read(config[name])
        except ValueError as error:
            yield str(error)


def init_app(app: Flask) -> None:
    """Let people sign in."""
    app.extensions["roles apart"] = read_pairs(app.config["ROLES_APART"])
    app.extensions["second step roles"] = read_roles(app.config["SECOND_STEP_ROLES"])
    login_manager.user_loader(load)
    login_manager.init_app(app, add_context_processor=False)  # a page that does without the database asks for nobody
    limits.init_app(app)
    app.before_request(note_seen)
    guesses.tell(app, guesses.office_names)
    app.register_error_handler(401, answer_signed_out)
    app.register_error_handler(ProofNeeded, answer_unproved)
    pages.add_tab(
        app,
        "People",
        "accounts.people",
        order=80,
        shown=lambda person: person is not None and person.may(Right.MANAGE_PEOPLE),
    )
