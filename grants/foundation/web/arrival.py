"""When a request arrived: a deadline is held against the instant at which it was here whole."""

from __future__ import annotations

from datetime import datetime

from flask import Flask, g, request

from grants.foundation.records.db import SAFE_METHODS
from grants.foundation.values import clock

ARRIVED_AT = "grants.arrived_at"
"""Where the server says in WSGI's environment when the last byte was here: an aware instant."""


def init_app(app: Flask) -> None:
    """Take each request in whole, then note when it arrived, before anything asks the database."""
    app.before_request(_take_in)


def _take_in() -> None:
    """On SQLite a slow upload would hold up everybody, were it taken in while a write lock is held.

    A server that does not say when the last byte was here may hand a request over before that: it arrived now.
    """
    if request.method not in SAFE_METHODS:
        _ = request.form
    g.arrived_at = request.environ.get(ARRIVED_AT) or clock.now()


def arrived() -> datetime:
    """When this request had arrived whole (UTC)."""
    at: datetime = g.arrived_at
    return at
