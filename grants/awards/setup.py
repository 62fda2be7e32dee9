"""What the room of awards wants done with the app."""

from __future__ import annotations

from flask import Flask

from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.foundation.web import pages


def init_app(app: Flask) -> None:
    """Put the decisions into the navigation of those who decide."""
    pages.add_tab(app, "Decisions", "awards.decisions", order=47, shown=_decides)


def _decides(person: Person | None) -> bool:
    return person is not None and person.may(Right.DECIDE)
