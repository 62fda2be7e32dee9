"""Rows that the audit trail vouches for: the line of a deed holds a digest of every row that the deed wrote.

Whatever is flushed in a transaction is noted by its key. `audit.record` reads those rows back, stores a digest of each
in `row_digests`, and puts the digest of these digests into its line. What was written after the last line of a deed
gets a line of its own at the commit. So no room has to think of it, and a new table is held unless it stands below.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    ForeignKey,
    FromClause,
    Index,
    Table,
    bindparam,
    event,
    insert,
    inspect,
    select,
    tuple_,
)
from sqlalchemy.orm import Mapped, Mapper, ORMExecuteState, Session, mapped_column, object_session

from grants.foundation.values.days import Day

from .appendonly import append_only
from .db import Base, Id, Model, big_id, db

NOT_HELD = {
    "audit_lines": "it is the chain",
    "history_values": "each is held by the digest in its line, and may be erased",
    "row_digests": "they are held by the digest of them all in their line",
    "award_standings": "worked out from the ledger: compared with it",
    "batch_counters": "a number that runs: the batches have theirs",
    "decision_notice_years": "a number that runs: the notices have theirs",
    "browser_sessions": "they are used without a deed: signing in and out are lines",
    "idempotency_keys": "that a form was sent already, for a day",
    "outbox": "letters on their way: the worker marks them without a deed",
    "people": "personal data that may be erased, and sign-ins",
    "recommendation_drafts": "a draft: what is recommended stands in recommendations",
    "authenticator_apps": "what people prove with that it is them: used without a deed",
    "identities": "by what a provider knows people: the trail remembers each",
    "passkeys": "what people prove with that it is them: used without a deed",
    "recovery_codes": "what people prove with that it is them, once",
    "tokens": "links in mails, which end",
    "invitations": "links in mails, which end",
    "stored_files.scan": "what the virus scanner said since: no deed",
}
"""Each table, or column of one, that no line holds, and why."""

ROWS = "held rows"
"""The name in a line's digests under which the digest of its row digests stands."""

AT_A_TIME = 500
NOTED = "rows to hold"

_WRITER = json.JSONEncoder(ensure_ascii=False)

Key = tuple[Any, ...]
Noted = dict[Table, set[Key]]


class RowDigest(Model):
    """What a row was after a deed, as a digest: that of its latest line counts. No digest says that it was deleted."""

    __tablename__ = "row_digests"

    id: Mapped[Id]
    line_id: Mapped[int] = mapped_column(big_id, ForeignKey("audit_lines.id"))
    table_name: Mapped[str]
    row_key: Mapped[str]
    sha256: Mapped[str]

    __table_args__ = (
        Index("ix_row_digests_line_id_id", "line_id", "id"),
        Index("ix_row_digests_table_name_row_key_line_id", "table_name", "row_key", "line_id"),
    )


append_only(RowDigest.__table__)

_STORE = insert(RowDigest.__table__)  # type: ignore[arg-type]


class NotHeld(RuntimeError):
    """A statement would write rows past the hook that holds them: write objects, or use `insert_rows`."""


def columns_of(table: Table) -> list[Any]:
    """The columns that a row's digest is taken of: all that are not in NOT_HELD."""
    if table.name in NOT_HELD:
        return []
    return [column for column in table.columns if f"{table.name}.{column.name}" not in NOT_HELD]


def key_text(key: Iterable[Any]) -> str:
    """A primary key in one text."""
    return "/".join([as_text(part) for part in key])


def key_values(table: Table, text: str) -> Key:
    """The primary key that a text stands for."""
    columns = list(table.primary_key.columns)
    return tuple(
        column.type.python_type(part) for column, part in zip(columns, text.split("/", len(columns) - 1), strict=True)
    )


def as_text(value: Any) -> str:
    """A value as chain, history and digests write it, the same on every database."""
    if value.__class__ is str:
        return str(value)
    if value is None:
        return ""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Day):
        return value.text
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=as_text)
    return str(value)


class Shape:
    """What of a table is held, and how its rows are read to be digested: made once for each table."""

    def __init__(self, table: Table) -> None:
        columns = sorted(columns_of(table), key=lambda column: str(column.name))
        primary = list(table.primary_key.columns)
        self.table = table
        self.names = [str(column.name) for column in columns]
        self._key = [columns.index(column) for column in primary]
        self._alone = select(*columns).where(*(column == bindparam(f"key_{n}") for n, column in enumerate(primary)))
        key: Any = tuple_(*primary) if len(primary) > 1 else primary[0]
        self._together = select(*columns).where(key.in_(bindparam("keys", expanding=True)))

    def rows(self, connection: Connection, keys: Sequence[Key]) -> Iterator[tuple[str, Sequence[Any]]]:
        """The rows that have one of these primary keys, each by its key as a text."""
        for start in range(0, len(keys), AT_A_TIME):
            for row in self._ask(connection, keys[start : start + AT_A_TIME]):
                yield key_text(row[position] for position in self._key), row

    def _ask(self, connection: Connection, keys: Sequence[Key]) -> Iterable[Any]:
        if len(keys) == 1:
            return connection.execute(self._alone, {f"key_{n}": part for n, part in enumerate(keys[0])})
        return connection.execute(self._together, {"keys": [key[0] for key in keys] if len(self._key) == 1 else keys})

    def digest(self, row: Sequence[Any]) -> str:
        """SHA-256 over what a row holds. What is NULL is left out: a new column that is NULL changes no digest."""
        parts = {name: _exactly(value) for name, value in zip(self.names, row, strict=True) if value is not None}
        return hashlib.sha256(_WRITER.encode(parts).encode()).hexdigest()


shape_of = cache(Shape)
"""The shape of a table."""


def _exactly(value: Any) -> str:
    kind = value.__class__
    if kind is str:
        return str(value)
    if kind is int:
        return str(value)
    if kind is datetime:
        return as_text(value.astimezone(UTC))
    return hashlib.sha256(value).hexdigest() if kind is bytes else as_text(value)


def digests(session: Session, keys: Noted) -> dict[tuple[str, str], str]:
    """The digests of rows as the database holds them now, by table and key. One that is not there has none: ""."""
    found: dict[tuple[str, str], str] = {}
    for table, its_keys in sorted(keys.items(), key=lambda item: item[0].name):
        shape, in_order = shape_of(table), sorted(its_keys)
        found |= {(table.name, key_text(key)): "" for key in in_order}
        for key, row in shape.rows(session.connection(), in_order):
            found[table.name, key] = shape.digest(row)
    return found


class Root:
    """The one digest of the row digests of a line, in the order in which they are stored."""

    def __init__(self) -> None:
        self.count = 0
        self._sum = hashlib.sha256()

    def add(self, table: str, key: str, digest: str) -> None:
        """Take in the next one."""
        self.count += 1
        self._sum.update(f"{table}\t{key}\t{digest}\n".encode())

    @property
    def text(self) -> str:
        """The digest, or "" where the line holds no rows."""
        return self._sum.hexdigest() if self.count else ""


def root_of(rows: Mapping[tuple[str, str], str]) -> str:
    """The digest of all row digests of a deed."""
    root = Root()
    for (table, key), digest in rows.items():
        root.add(table, key, digest)
    return root.text


def store(session: Session, line_id: int, rows: Mapping[tuple[str, str], str]) -> None:
    """Keep the row digests of a line."""
    if rows:
        values = [
            {"line_id": line_id, "table_name": table, "row_key": key, "sha256": digest}
            for (table, key), digest in rows.items()
        ]
        session.connection().execute(_STORE, values)


# What is written is noted


def note(session: Session, table: FromClause, key: Iterable[Any]) -> None:
    """Say that a row was written, so that the next line of this transaction holds it."""
    assert isinstance(table, Table)  # noqa: S101 - for the type checker
    if table.name not in NOT_HELD:
        session.info.setdefault(NOTED, {}).setdefault(table, set()).add(tuple(key))


def is_waiting(session: Session) -> bool:
    """Whether something was written that no line holds yet."""
    return bool(session.info.get(NOTED))


def take(session: Session) -> Noted:
    """What was written since the last line, by table: it is the caller's to hold now."""
    noted: Noted = session.info.pop(NOTED, {})
    return noted


def insert_rows(model: type[Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """Store many rows by one statement, for the next line to hold."""
    table: Table = model.__table__
    session = db.session()
    if rows:
        statement = insert(table).returning(*table.primary_key.columns).execution_options(are_noted=True)
        for key in session.execute(statement, rows):
            note(session, table, key)


@cache
def _held_fields(mapper: Mapper[Any]) -> tuple[str, ...]:
    table = mapper.local_table
    held = {column.name for column in columns_of(table)} if isinstance(table, Table) else set()
    return tuple(one.key for one in mapper.column_attrs if one.columns[0].name in held)


def _note_row(mapper: Mapper[Any], _connection: Connection, thing: Any) -> None:
    session = object_session(thing)
    if session is not None:
        note(session, mapper.local_table, mapper.primary_key_from_instance(thing))


def _note_change(mapper: Mapper[Any], connection: Connection, thing: Any) -> None:
    attributes = inspect(thing).attrs
    if any(attributes[name].history.has_changes() for name in _held_fields(mapper)):
        _note_row(mapper, connection, thing)


def _refuse_bulk(state: ORMExecuteState) -> None:
    if not (state.is_insert or state.is_update or state.is_delete) or state.execution_options.get("are_noted"):
        return
    table = getattr(state.statement, "table", None)
    if table is not None and table.metadata is Base.metadata and table.name not in NOT_HELD:
        raise NotHeld(f"The trail holds the rows of {table.name}: write objects, or use insert_rows.")


def _forget(session: Session) -> None:
    session.info.pop(NOTED, None)


event.listen(Mapper, "after_insert", _note_row)
event.listen(Mapper, "after_update", _note_change)
event.listen(Mapper, "after_delete", _note_row)
event.listen(Session, "do_orm_execute", _refuse_bulk)
event.listen(Session, "after_rollback", _forget)
