"""The blueprint that the pages of funds are on."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("funds", __name__)
