"""A grant-management system for community funds. Only this module knows all the rooms."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from flask import Flask

from .foundation.records import db
from .foundation.values import settings

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
    app.config.update(settings.load(overrides, _faults))
    db.init_app(app)
    for room in ROOMS:
        _furnish(app, room)
    return app


def _faults(config: Mapping[str, Any]) -> list[str]:
    """What the rooms find wrong with the settings."""
    setups = [_part(room, "setup") for room in ROOMS]
    return [fault for setup in setups if hasattr(setup, "faults") for fault in setup.faults(config)]


def _furnish(app: Flask, room: str) -> None:
    """Take from a room what it has: tables, what it wants done with the app, pages and commands.

    Tables and pages are found by their names, `models` and `views`, in the room and in each of its sub-rooms.
    """
    for name in _modules(room, {"models"}):
        import_module(name)
    setup, blueprint, commands = (_part(room, name) for name in ("setup", "blueprint", "commands"))
    if setup:
        setup.init_app(app)
    for name in _modules(room, {"views"}):
        import_module(name)
    if blueprint:
        app.register_blueprint(blueprint.bp)
    if commands:
        for group in commands.groups:
            app.cli.add_command(group)


def _modules(room: str, names: set[str]) -> Iterator[str]:
    """The modules of a room that have one of these names, wherever they stand in it."""
    package = import_module(f"grants.{room}")
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if module.name.rpartition(".")[2] in names:
            yield module.name


def _part(room: str, name: str) -> Any:
    full = f"grants.{room}.{name}"
    return import_module(full) if find_spec(full) else None
