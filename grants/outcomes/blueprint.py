"""The blueprint that the pages of outcomes are on."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("outcomes", __name__)
