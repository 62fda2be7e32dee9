"""What the room of applications wants done with the app."""

from __future__ import annotations

from flask import Flask

from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.foundation.web import pages

from .drafts.sections import section_address
from .queries import grant_in_words


def init_app(app: Flask) -> None:
    """Words for the pages of all rooms, and the tab of the list."""
    app.jinja_env.globals.update(section_address=section_address, grant_in_words=grant_in_words)
    pages.add_tab(app, "Applications", "applications.applications", order=45, shown=_lists)


def _lists(person: Person | None) -> bool:
    return person is not None and person.may(Right.LIST_APPLICATIONS)
