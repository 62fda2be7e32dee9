"""The one giver of numbers that run without a gap: of applications, notices and batches.

A number is taken from a row that keeps the last one, under that row's lock, and is taken back with the transaction:
so none is missing and none is given twice.
"""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from .db import db, is_postgresql


class Numbering(Protocol):
    """A row that keeps the last number it gave."""

    last_number: int


class YearNumbering:
    """The columns of a table that numbers something anew in each year."""

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_number: Mapped[int]


def next_number(row: Numbering) -> int:
    """The next number of a row that the caller holds locked, from 1."""
    row.last_number += 1
    return row.last_number


def next_of_year(numbering: type[YearNumbering], year: int) -> int:
    """The next number of a year, from 1. The year's row is locked until the transaction ends."""
    model: Any = numbering
    insert = postgresql.insert if is_postgresql() else sqlite.insert
    table = model.__table__
    first = insert(table).values(year=year, last_number=1)
    after = first.on_conflict_do_update(index_elements=["year"], set_={"last_number": table.c.last_number + 1})
    given: int = db.session.execute(after.returning(table.c.last_number)).scalar_one()
    return given
