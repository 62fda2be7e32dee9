"""What somebody can do who holds the database itself: take the triggers and constraints off, and change anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Column, Table, TypeDecorator, func, insert, inspect, select, text, update

from grants.foundation.records.db import DayType, db, is_postgresql, trial
from grants.foundation.values.days import Day

NEVER_SEEN = 7_000_000
"""A number that nothing in a test has."""


@contextmanager
def behind_its_back() -> Iterator[None]:
    """Everything may be written, and all of it is taken back at the end."""
    with trial(check=True) as session:
        if is_postgresql():
            session.execute(text("SET LOCAL session_replication_role = replica"))
            for table in db.metadata.tables.values():
                for check in inspect(session.connection()).get_check_constraints(table.name):
                    session.execute(text(f'ALTER TABLE {table.name} DROP CONSTRAINT "{check["name"]}"'))
            yield
            return
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
        session.execute(text("PRAGMA ignore_check_constraints = ON"))
        for name in session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            session.execute(text(f"DROP TRIGGER {name}"))
        try:
            yield
        finally:
            session.execute(text("PRAGMA ignore_check_constraints = OFF"))


@contextmanager
def taken_back() -> Iterator[None]:
    """What is done inside is taken back at its end, and only that."""
    db.session.execute(text("SAVEPOINT before"))
    yield
    db.session.execute(text("ROLLBACK TO SAVEPOINT before"))


def put_a_row(table: Table) -> None:
    """Some row, whatever it says, in a table that has none."""
    values = {column.name: _some(column) for column in table.columns if not column.nullable or column.foreign_keys}
    db.session.connection().execute(insert(table).values(values))


def change(column: Column[Any], key: list[Any], value: Any) -> None:
    """Change one column of the row with this primary key."""
    table = column.table
    same = [one == part for one, part in zip(table.primary_key.columns, key, strict=True)]
    db.session.connection().execute(update(table).where(*same).values({column.name: value}))


def others(column: Column[Any], value: Any) -> Iterator[Any]:
    """What may be put in place of a value: another, and nothing."""
    yield _other(column, value)
    if column.nullable and value is not None:
        yield None


def _other(column: Column[Any], value: Any) -> Any:
    if value is None:
        return _some(column)
    if isinstance(column.type, DayType):
        return Day.parse("1999")
    if isinstance(value, bool):
        return not value
    if isinstance(value, datetime | date):
        return value + timedelta(days=1)
    if isinstance(value, bytes):
        return value + b"x"
    if isinstance(value, int):
        return value + NEVER_SEEN
    return {"other": 1} if isinstance(value, dict) else f"{value}x"


def _some(column: Column[Any]) -> Any:
    for key in column.foreign_keys:
        found = db.session.connection().execute(select(func.min(key.column))).scalar()
        if found is not None:
            return found
    if isinstance(column.type, DayType):
        return Day.parse("2026")
    its = column.type
    kind = (its.impl_instance if isinstance(its, TypeDecorator) else its).python_type
    some: dict[type, Any] = {
        int: 1,
        bool: True,
        str: "some",
        dict: {},
        bytes: b"some",
        date: date(2026, 1, 1),
        datetime: datetime(2026, 1, 1, tzinfo=UTC),
    }
    return some[kind]
