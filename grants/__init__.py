"""A grant-management system for community funds. Only this module knows all the rooms."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from flask import Flask

from .foundation import db, settings

ROOMS = (
    "foundation",
    "accounts",
    "funds",
    "applications",
    "review",
    "awards",
    "payments",
    "outcomes",
    "register",
    "desk",
)


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """Make the application. Settings come from the environment; `overrides` go above them.

    Raises settings.BadSetting where a premise does not hold.
    """
    app = Flask("grants", template_folder="../templates", static_folder=None)
    app.config.update(settings.load())
    app.config.update(overrides or {})
    db.init_app(app)
    for room in ROOMS:
        _furnish(app, room)
    return app


def _furnish(app: Flask, room: str) -> None:
    """Take from a room what it has: models, pages, commands, and what it wants done with the app."""
    modules = {name: _part(room, name) for name in ("models", "setup", "views", "commands")}
    if modules["setup"]:
        modules["setup"].init_app(app)
    if modules["views"]:
        app.register_blueprint(modules["views"].bp)
    if modules["commands"]:
        for group in modules["commands"].groups:
            app.cli.add_command(group)


def _part(room: str, name: str) -> Any:
    full = f"grants.{room}.{name}"
    return import_module(full) if find_spec(full) else None
