"""The blueprint that the front, the desks and the stories are on."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("desk", __name__)
