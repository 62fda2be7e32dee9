"""The database session, its transactions and the column types of the house."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any

from flask import Flask, current_app, request
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Connection,
    Date,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    String,
    Text,
    event,
    exc,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, ORMExecuteState, Session, UOWTransaction, mapped_column, registry
from sqlalchemy.types import TypeDecorator

from grants.foundation.values.days import Day
from grants.foundation.values.money import MOST_PENCE, Pence

BUSY_SECONDS = 30
"""How long a writer waits for another before it gives up."""

CONNECT_SECONDS = 5
"""How long PostgreSQL has to answer a new connection."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class UTCDateTime(TypeDecorator[datetime]):
    """An aware instant, stored as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("An instant needs its time zone.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class DayType(TypeDecorator[Day]):
    """A Day, stored as the text that it was given as."""

    impl = String(16)
    cache_ok = True

    def process_bind_param(self, value: Day | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return value.text if value is not None else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> Day | None:  # noqa: ARG002
        return Day.parse(value) if value is not None else None


class Base(DeclarativeBase):
    """The parent of every model."""

    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={
            datetime: UTCDateTime(),
            date: Date(),
            Day: DayType(),
            Pence: BigInteger(),
            str: Text(),
        },
    )


db = SQLAlchemy(model_class=Base, session_options={"autoflush": False, "expire_on_commit": False})
migrate = Migrate()

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model

big_id = BigInteger().with_variant(Integer(), "sqlite")
Id = Annotated[int, mapped_column(big_id, primary_key=True)]
"""A primary key."""


def pence_check(column: str, *, least: int = 0, name: str | None = None) -> CheckConstraint:
    """The CHECK that keeps an amount in pence within reason."""
    return CheckConstraint(f"{column} >= {least} AND {column} <= {MOST_PENCE}", name=name or f"{column}_in_range")


def one_of(column: str, values: Iterable[Any], *, name: str | None = None) -> CheckConstraint:
    """The CHECK that keeps a text column to the values of an enum."""
    listed = ", ".join(f"'{value.value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=name or f"{column}_is_known")


class Versioned:
    """A row that people edit in forms: a lost update is refused."""

    version: Mapped[int] = mapped_column(default=1)

    def expect_version(self, seen: int) -> None:
        """Raise LostUpdate where the row has changed since the form was opened."""
        if self.version != seen:
            raise LostUpdate(seen, self.version)


class LostUpdate(Exception):
    """Somebody else saved this since the form was opened."""


class Refused(Exception):
    """A rule does not allow it; the message is a sentence for the person who tried."""


class WriteOutsideTransaction(RuntimeError):
    """Only operations write: a view, a query or a GET tried to."""


_reading: ContextVar[bool] = ContextVar("reading", default=False)


@contextmanager
def transaction() -> Iterator[Session]:
    """One deed: everything inside is stored together, or nothing is.

    An operation that calls another joins its transaction: the outermost commits.
    """
    session = db.session()
    depth = session.info.get("depth", 0)
    session.info["depth"] = depth + 1
    try:
        yield session
        if depth == 0:
            session.commit()
    except BaseException:
        if depth == 0:
            session.rollback()
        raise
    finally:
        session.info["depth"] = depth


def let_go() -> None:
    """End what was read so far, unless a transaction is around it: nothing is locked, and all is asked anew.

    On SQLite a POST holds up every other writer from its first question on, so this comes before anything slow.
    """
    session = db.session()
    if not session.info.get("depth"):
        session.rollback()


@contextmanager
def noting() -> Iterator[Session]:
    """A short transaction of its own, in which even a request that only reads leaves its line in the audit trail.

    What was read before ends first and stays as it is; what is read afterwards is read anew. So nothing is locked for
    longer than it takes to write the line. It never joins another transaction.
    """
    session = db.session()
    if session.info.get("depth", 0):
        raise WriteOutsideTransaction("What is noted apart does not belong into another deed.")
    session.commit()
    token = _reading.set(False)
    try:
        with transaction():
            yield session
    finally:
        _reading.reset(token)


class _OnlyChecked(Exception):
    """Takes everything back after a check that had to try."""


@contextmanager
def trial(*, check: bool) -> Iterator[Session]:
    """A transaction that is taken back when it ends well, where it is only a `check`."""
    try:
        with transaction() as session:
            yield session
            if check:
                raise _OnlyChecked
    except _OnlyChecked:
        pass


def note_sizes() -> None:
    """Let the database's planner learn how much each table holds, after many rows came in at once (ANALYZE).

    PostgreSQL learns it by itself minutes later, SQLite never: until then their plans are for empty tables.
    """
    with db.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")


@contextmanager
def reading() -> Iterator[None]:
    """Only read inside: on SQLite this takes no write lock."""
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


def init_app(app: Flask) -> None:
    """Bind the session to the app and its database."""
    db.init_app(app)
    migrate.init_app(app, db, directory=app.config["MIGRATIONS"], render_as_batch=True, compare_type=True)
    app.before_request(_note_method)
    app.teardown_appcontext(_let_go_of_session)


def _let_go_of_session(_error: BaseException | None) -> None:
    """End the session, before Flask-SQLAlchemy does: a database that died since keeps no answer back that is made."""
    try:
        db.session.remove()
    except exc.DBAPIError as error:
        current_app.logger.error("The database went away at the end of a request: %s", error)
        db.session().invalidate()  # nobody gets this connection again: it may be held by what it began
        db.session.registry.clear()


def _note_method() -> None:
    _reading.set(request.method in SAFE_METHODS)


def _guard_flush(session: Session, _context: UOWTransaction, _instances: object) -> None:
    if session.info.get("depth", 0) == 0:
        raise WriteOutsideTransaction("Write within `with transaction():`, in an operation.")
    if _reading.get():
        raise WriteOutsideTransaction("A GET changes nothing.")


def _guard_execute(state: ORMExecuteState) -> None:
    if (state.is_insert or state.is_update or state.is_delete) and state.session.info.get("depth", 0) == 0:
        raise WriteOutsideTransaction("Write within `with transaction():`, in an operation.")


event.listen(Session, "before_flush", _guard_flush)
event.listen(Session, "do_orm_execute", _guard_execute)


@event.listens_for(Engine, "connect")
def _on_connect(connection: Any, _record: object) -> None:
    if not isinstance(connection, sqlite3.Connection):
        _calm(connection)
        return
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in (
        "journal_mode = WAL",
        "foreign_keys = ON",
        f"busy_timeout = {busy_milliseconds()}",
        "synchronous = FULL",
        "cache_size = -65536",
        "recursive_triggers = ON",  # or REPLACE would get past the triggers of an append-only table
    ):
        connection.execute(f"PRAGMA {pragma}")
    connection.create_function("casefold", 1, _casefold, deterministic=True)


def busy_milliseconds() -> int:
    """How long a writer waits for another, as databases want it."""
    return int(1000 * BUSY_SECONDS)


def _calm(connection: Any) -> None:
    """Our queries are short: PostgreSQL would take longer to compile some of them than to answer."""
    connection.execute("SET SESSION jit = off")
    connection.execute(f"SET SESSION lock_timeout = {busy_milliseconds()}")
    connection.commit()


@event.listens_for(Engine, "do_connect")
def _wait_not_too_long(dialect: Dialect, _record: object, _arguments: object, named: dict[str, Any]) -> None:
    if dialect.name == "postgresql":
        named.setdefault("connect_timeout", CONNECT_SECONDS)


def _casefold(text: str | None) -> str | None:
    return text.casefold() if text is not None else None


@event.listens_for(Engine, "begin")
def _on_begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN" if _reading.get() else "BEGIN IMMEDIATE")


def is_postgresql() -> bool:
    """Whether this app runs on PostgreSQL."""
    return db.engine.dialect.name == "postgresql"
