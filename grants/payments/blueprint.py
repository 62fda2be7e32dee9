"""The blueprint that the pages of payments are on."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("payments", __name__)
