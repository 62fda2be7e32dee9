"""The blueprint that the pages of awards, decisions and notices are on."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("awards", __name__)
