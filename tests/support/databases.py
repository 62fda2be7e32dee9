"""A database for the tests that is as new before each of them: a SQLite file, or a PostgreSQL database per worker."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import psycopg
from flask import Flask
from psycopg import sql
from sqlalchemy import Select, event, exists, or_, select
from sqlalchemy.engine import make_url

from grants.foundation.records.db import db


class TestDatabase(Protocol):
    """Where the tests' data lives."""

    url: str

    def build(self, app: Flask) -> None:
        """Make the schema, once per worker."""

    def renew(self, app: Flask) -> None:
        """Make it empty again."""

    def is_empty(self) -> bool:
        """Whether nothing is stored in it, as the test sees it."""

    def copy(self) -> Any:
        """What is in it now, for `restore`."""

    def restore(self, copy: Any) -> None:
        """Hold what was in it then, after `renew` made it empty."""

    def drop(self) -> None:
        """Leave nothing behind."""


def chosen_url() -> str:
    """The PostgreSQL that the suite is asked to run on, or an empty text for SQLite."""
    url = os.environ.get("TEST_DATABASE_URL") or os.environ.get("DATABASE_URL") or ""
    return url if url.startswith("postgresql+psycopg://") else ""


def for_worker(worker: str, folder: Path) -> TestDatabase:
    """The database of one xdist worker."""
    url = chosen_url()
    return PostgreSQL(url, worker) if url else SQLite(folder)


class SQLite:
    """A file that is copied from a template before each test."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "tests.db"
        self.url = f"sqlite:///{self.path}"

    def build(self, app: Flask) -> None:
        with app.app_context():
            event.listen(db.engine, "connect", _do_not_wait_for_the_disk)
            db.create_all()
            self.template = self.copy()

    def renew(self, app: Flask) -> None:
        with app.app_context():
            self.restore(self.template)

    def is_empty(self) -> bool:
        return not db.session.scalar(_anything())

    def copy(self) -> bytes:
        with db.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return self.path.read_bytes()

    def restore(self, copy: bytes) -> None:
        db.engine.dispose()
        for ending in ("", "-wal", "-shm"):  # a new file: what still has the old one open disturbs nothing
            Path(f"{self.path}{ending}").unlink(missing_ok=True)
        self.path.write_bytes(copy)

    def drop(self) -> None:
        """The folder is pytest's, and goes with it."""


@cache
def _anything() -> Select[bool]:
    """Whether a row is stored in any table."""
    return select(or_(*(exists().select_from(table) for table in db.metadata.sorted_tables)))


def _do_not_wait_for_the_disk(connection: object, _record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")  # type: ignore[attr-defined]


class PostgreSQL:
    """A database of the worker's own. Rows are deleted with the triggers asleep, or append-only tables would refuse."""

    def __init__(self, url: str, worker: str) -> None:
        parts = make_url(url)
        self.name = f"{parts.database}_tests_{worker}"
        self.url = parts.set(database=self.name).render_as_string(hide_password=False)
        self._maintenance = psycopg_url(url)

    def build(self, app: Flask) -> None:
        self.drop()
        self._maintain("CREATE DATABASE {}")
        with app.app_context():
            db.create_all()

    def renew(self, app: Flask) -> None:
        with app.app_context():
            db.engine.dispose()
        with psycopg.connect(psycopg_url(self.url)) as connection:
            connection.execute("SET session_replication_role = replica")
            names = [table.name for table in db.metadata.sorted_tables]
            for name in _not_empty(connection, names):
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
                _restart_numbers(connection, name)

    def is_empty(self) -> bool:
        return not db.session.scalar(_anything())

    def copy(self) -> dict[str, list[bytes]]:
        with psycopg.connect(psycopg_url(self.url)) as connection:
            names = _not_empty(connection, [table.name for table in db.metadata.sorted_tables])
            return {name: _all_of(connection, name) for name in names}

    def restore(self, copy: dict[str, list[bytes]]) -> None:
        db.engine.dispose()
        with psycopg.connect(psycopg_url(self.url)) as connection:
            connection.execute("SET session_replication_role = replica")
            for name, rows in copy.items():
                with connection.cursor().copy(_COPY_IN.format(sql.Identifier(name))) as into:
                    for row in rows:
                        into.write(row)
                _go_on_with_numbers(connection, name)

    def drop(self) -> None:
        self._maintain("DROP DATABASE IF EXISTS {} WITH (FORCE)")

    def _maintain(self, statement: str) -> None:
        with psycopg.connect(self._maintenance, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(self.name)))


def _not_empty(connection: psycopg.Connection, names: list[str]) -> list[str]:
    """The tables that hold a row: one question for all of them is quicker than a deletion in each."""
    each = [
        sql.SQL("SELECT {name} WHERE EXISTS (SELECT FROM {table})").format(
            name=sql.Literal(name), table=sql.Identifier(name)
        )
        for name in names
    ]
    return [row[0] for row in connection.execute(sql.SQL(" UNION ALL ").join(each))]


_COPY_OUT, _COPY_IN = sql.SQL("COPY {} TO STDOUT (FORMAT binary)"), sql.SQL("COPY {} FROM STDIN (FORMAT binary)")


def _all_of(connection: psycopg.Connection, table: str) -> list[bytes]:
    with connection.cursor().copy(_COPY_OUT.format(sql.Identifier(table))) as out:
        return [bytes(part) for part in out]


def _restart_numbers(connection: psycopg.Connection, table: str) -> None:
    for sequence, _column in _sequences(connection, table):
        connection.execute("SELECT setval(%s, 1, false)", (sequence,))


def _go_on_with_numbers(connection: psycopg.Connection, table: str) -> None:
    """The next number is after the last that is stored: our tables lose no row while they are filled."""
    for sequence, column in _sequences(connection, table):
        last = sql.SQL("SELECT setval(%s, max({})) FROM {}").format(sql.Identifier(column), sql.Identifier(table))
        connection.execute(last, (sequence,))


def _sequences(connection: psycopg.Connection, table: str) -> list[tuple[str, str]]:
    return connection.execute(
        "SELECT pg_get_serial_sequence(%s, attname), attname FROM pg_attribute WHERE attrelid = %s::regclass "
        "AND attnum > 0 AND pg_get_serial_sequence(%s, attname) IS NOT NULL",
        (table, table, table),
    ).fetchall()


def psycopg_url(url: str) -> str:
    """An SQLAlchemy URL as psycopg reads it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
