"""What the room of funds wants done with the app."""

from __future__ import annotations

from flask import Flask

from grants.accounts import guesses

from . import queries
from .kinds.registry import kind_of
from .sections import BidSection, question_section


def init_app(app: Flask) -> None:
    """Let templates ask for kinds of question and names of sections, and passwords be held against the funds' names."""
    guesses.tell(app, queries.fund_names)
    app.jinja_env.globals.update(kind_of=kind_of, bid_sections=BidSection, question_section=question_section)
