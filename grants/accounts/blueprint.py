"""The blueprint that the pages of accounts are on."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("accounts", __name__)
