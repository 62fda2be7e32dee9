"""The pages of an award's corrections. The pages of decisions are in `decision_views.py`."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("awards", __name__)
