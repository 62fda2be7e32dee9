"""Whether the database and the disk take anything now, and what an error of the database says of that."""

from __future__ import annotations

import errno
import sqlite3
import tempfile
from contextlib import closing

from flask import current_app
from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy import exc, text

from . import db as records
from .db import db, is_postgresql

PERHAPS_LATER = (exc.DBAPIError, exc.TimeoutError, OSError)
"""The kinds of errors among which are those that `may_work_later` knows."""

TRIAL_SECONDS = 2
"""How long a trial waits for another writer on SQLite."""

REFUSES = "The database takes no writes."

NOT_NOW = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)
DISK_TAKES_NOTHING = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})


def may_work_later(error: Exception) -> bool:
    """Whether the database or the disk cannot do it now, and may later: the statement itself is not at fault.

    It is away, somebody else holds it for too long, it is full, or it takes no writes.
    """
    if isinstance(error, OSError):
        return error.errno in DISK_TAKES_NOTHING
    if not isinstance(error, exc.DBAPIError):
        return isinstance(error, exc.TimeoutError)
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in NOT_NOW
    return (
        isinstance(error, exc.OperationalError)
        or error.connection_invalidated
        or isinstance(error.orig, ReadOnlySqlTransaction)
    )


def why_not_write() -> str:
    """Why nothing can be stored now, or "". It writes to the disk and to the database for that, but changes no row."""
    try:
        with tempfile.TemporaryFile(dir=current_app.config["INSTANCE"]) as trial:
            trial.write(bytes(4096))
            trial.flush()
    except OSError:
        return "The instance folder takes no files."
    try:
        is_written = _write_postgresql() if is_postgresql() else _write_sqlite()
    except sqlite3.OperationalError as error:
        is_held = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
        return "The database is held by a writer that takes long." if is_held else REFUSES
    except exc.SQLAlchemyError:
        return REFUSES
    return "" if is_written else REFUSES


def _write_postgresql() -> bool:
    """Commit a transaction of its own number, where the server lets anybody write."""
    with db.engine.begin() as connection:
        connection.execute(text("SELECT pg_current_xact_id()"))
        return bool(connection.scalar(text("SHOW transaction_read_only")) == "off")


def _write_sqlite() -> bool:
    """Count up a number in the head of the file that nothing else uses: that is a real commit, and nothing grows."""
    with closing(db.engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute(f"PRAGMA busy_timeout = {1000 * TRIAL_SECONDS}")
        try:
            cursor.execute("BEGIN IMMEDIATE")
            ((number,),) = cursor.execute("PRAGMA user_version").fetchall()
            cursor.execute(f"PRAGMA user_version = {(number + 1) % 2**15}")
            cursor.execute("COMMIT")
            return True
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {records.busy_milliseconds()}")
