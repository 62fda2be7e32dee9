"""What an installation of the last release holds: a demonstration with applications and decisions, as it stored it."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Connection, Date, DateTime, MetaData, insert, select

REVISION = "0001"
_FILE = Path(__file__).with_name("release_0001.json.gz")

Rows = dict[str, list[dict[str, Any]]]


def load(connection: Connection) -> Rows:
    """Put the rows into a database of that revision; returns them as `read` gives them."""
    content = _content()
    found = _tables(connection)
    for table in found.sorted_tables:
        rows = content.get(table.name, [])
        if rows:
            connection.execute(insert(table), [_typed(table, row) for row in rows])
    return read(connection)


def stored(table: str) -> list[dict[str, Any]]:
    """The rows of one table as they stand in the file, without a database."""
    return _content().get(table, [])


def read(connection: Connection, *, only: Rows | None = None) -> Rows:
    """Every row of every table; with `only`, of the tables and columns in it."""
    found: Rows = {}
    for table in _tables(connection).sorted_tables:
        if table.name == "alembic_version" or (only is not None and table.name not in only):
            continue
        columns = list(table.columns)
        if only:
            names = only[table.name][0].keys() if only[table.name] else ()
            columns = [column for column in columns if column.name in names]
        if columns:
            rows = connection.execute(select(*columns).order_by(*table.primary_key)).mappings()
            found[table.name] = [dict(row) for row in rows]
    return {name: rows for name, rows in found.items() if rows}


def _content() -> Rows:
    content: Rows = json.loads(gzip.decompress(_FILE.read_bytes()))
    return content


def _tables(connection: Connection) -> MetaData:
    found = MetaData()
    found.reflect(connection)
    return found


def _typed(table: Any, row: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(table.columns[name].type, value) for name, value in row.items()}


def _value(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, Boolean):
        return bool(value)
    if isinstance(kind, DateTime):
        instant = datetime.fromisoformat(value)
        return instant.replace(tzinfo=UTC) if kind.timezone else instant
    return date.fromisoformat(value) if isinstance(kind, Date) else value
