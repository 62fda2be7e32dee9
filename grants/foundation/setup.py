"""What the foundation wants of the app: pages, errors, security."""

from __future__ import annotations

from flask import Flask

from .records import files, proof
from .web import addresses, delivery, errors, pages, security


def init_app(app: Flask) -> None:
    """Furnish the app before any room does."""
    delivery.init_app(app)
    addresses.init_app(app)
    security.init_app(app)
    pages.init_app(app)
    errors.init_app(app)
    proof.compare(app, "stored_files", files.damaged)
    _add_tabs(app)


def _add_tabs(app: Flask) -> None:
    """The words that everybody sees; a room adds its own with `pages.add_tab`."""
    pages.add_tab(app, "Home", "desk.front", order=10, shown=lambda person: person is None)
    pages.add_tab(app, "Your desk", "desk.desk", order=10, shown=lambda person: person is not None)
    pages.add_tab(app, "Apply", "funds.rounds", order=50, shown=lambda person: not (person and person.roles))
    pages.add_tab(app, "Rounds", "funds.rounds", order=50, shown=lambda person: bool(person and person.roles))
    pages.add_tab(app, "Outcomes", "outcomes.outcomes", order=60)
    pages.add_tab(app, "Register", "register.register", order=70)
