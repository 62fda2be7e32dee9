"""What the room of review wants done with the app."""

from __future__ import annotations

from flask import Flask

from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.foundation.web import pages


def init_app(app: Flask) -> None:
    """Put the room into the navigation of those who work in it."""
    pages.add_tab(app, "Review", "review.review", order=46, shown=_reviews)


def _reviews(person: Person | None) -> bool:
    return person is not None and not person.rights.isdisjoint({Right.CHECK_APPLICATIONS, Right.SCORE_APPLICATIONS})
