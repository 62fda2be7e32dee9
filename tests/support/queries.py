"""Counting what is asked of the database, and what it knows of its tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event, text

from grants.foundation.records.db import db, reading

_NOT_COUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA", "SET ", "SHOW ", "SELECT PG_ADVISORY_")


@dataclass
class Queries:
    """The statements that were sent."""

    statements: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many there were."""
        return len(self.statements)


_open: list[Queries] = []


def are_counted() -> bool:
    """Whether a test counts queries now, so that nobody else may ask any."""
    return bool(_open)


@contextmanager
def counting(engine: Engine) -> Iterator[Queries]:
    """Count the statements within."""
    queries = Queries()

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.lstrip().upper().startswith(_NOT_COUNTED):
            queries.statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    _open.append(queries)
    try:
        yield queries
    finally:
        _open.remove(queries)
        event.remove(engine, "before_cursor_execute", note)


def rows_known_of(table: str) -> int:
    """How many rows the database's planner takes a table to have; it refuses, or knows fewer, where nobody told it."""
    sizes = {
        "postgresql": "SELECT reltuples FROM pg_class WHERE oid = CAST(:table AS regclass)",
        "sqlite": "SELECT stat FROM sqlite_stat1 WHERE tbl = :table LIMIT 1",
    }
    with reading():
        found = db.session.scalar(text(sizes[db.engine.dialect.name]), {"table": table})
    return int(float(str(found).split()[0]))
