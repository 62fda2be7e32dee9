"""The blueprint of pages that belong to no room."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("foundation", __name__)
