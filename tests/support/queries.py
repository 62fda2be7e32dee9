"""Counting what is asked of the database, and what it knows of its tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, Select, event, text

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


def plan_of(query: Select[Any]) -> str:
    """How the database goes about a select, where it would rather take an index than look at every row.

    PostgreSQL forgets meanwhile what earlier tests had it count: of so few rows any way would do.
    """
    is_sqlite = db.engine.dialect.name == "sqlite"
    words = query.compile(db.engine, compile_kwargs={"literal_binds": True})
    with reading(), db.engine.connect() as connection:
        if not is_sqlite:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            if connection.exec_driver_sql("SHOW is_superuser").scalar() == "on":
                connection.exec_driver_sql("DELETE FROM pg_statistic")
                connection.exec_driver_sql(
                    "UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE relkind IN ('r', 'i')"
                )
        asked = f"EXPLAIN {'QUERY PLAN' if is_sqlite else ''} {words}"
        return "\n".join(str(row) for row in connection.exec_driver_sql(asked.replace("%", "%%")))
