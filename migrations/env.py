"""How Alembic runs our migrations: in one transaction, on SQLite and on PostgreSQL."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection, text

from grants.foundation.records.db import DayType, UTCDateTime, db

MIGRATION_LOCK = 7_216_002
"""The number of PostgreSQL's advisory lock: two upgrades at once take turns."""


def render_item(kind: str, thing: Any, _autogen: Any) -> str | bool:
    """Write our own column types as what they are in the database, so that a migration stays as it was."""
    if kind == "type" and isinstance(thing, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(thing, DayType):
        return "sa.String(length=16)"
    return False


def leave_out_empty(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """Make no migration where nothing changed."""
    options = context.config.cmd_opts
    if getattr(options, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def run() -> None:
    """Migrate the database of the app."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            _without_foreign_keys(connection)
        options = {"process_revision_directives": leave_out_empty, **current_app.extensions["migrate"].configure_args}
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_item=render_item,
            transactional_ddl=True,
            **options,
        )
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
            context.run_migrations()
            if connection.dialect.name == "sqlite":
                _check_foreign_keys(connection)
    db.engine.dispose()


def _without_foreign_keys(connection: Connection) -> None:
    """SQLite makes a changed table anew: that must not delete the rows that point at it."""
    raw = connection.connection.dbapi_connection
    raw.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]


def _check_foreign_keys(connection: Connection) -> None:
    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    if broken:
        raise RuntimeError(f"The migration would leave rows that point nowhere: {broken[:5]}")


run()
