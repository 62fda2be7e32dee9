"""What the room of funds wants done with the app."""

from __future__ import annotations

from flask import Flask

from .kinds.registry import kind_of
from .sections import BidSection, question_section


def init_app(app: Flask) -> None:
    """Let templates ask for the kind of a question, and for the names of what every round asks."""
    app.jinja_env.globals.update(kind_of=kind_of, bid_sections=BidSection, question_section=question_section)
