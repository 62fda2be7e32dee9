"""Nothing that matters can be changed behind the system's back without `audit verify` finding it, and naming it.

The table of what is changed is the schema: a new table or column is tried without anybody thinking of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Table, delete, insert, select

from grants.foundation.records import audit, held, proof
from grants.foundation.records.db import db
from tests.support import factories, tampering
from tests.support.life import whole_life

BY_THE_LINES = ("audit_lines", "history_values", "row_digests")
WORKED_OUT = ("award_standings",)
ONLY_AN_ORDER = {"history_values.id", "row_digests.id"}
"""Numbers that say nothing: the order of values and digests of one line."""
UNSEEN = held.NOT_HELD.keys() - {*BY_THE_LINES, *WORKED_OUT}
LEAST_COLUMNS = 400
"""So many columns were tried when this was written: a test that tries none proves nothing."""


@pytest.fixture
def records(app: Flask, clock: Any) -> Iterator[None]:
    """A grant's whole life, a row in each table that it left empty, and everything held."""
    whole_life(clock)
    with tampering.behind_its_back():
        for table in _that_matter():
            if _row(table) is None:
                tampering.put_a_row(table)
        proof.take_in(actor=factories.TESTS)
        assert proof.prove().faults == []
        yield


def _that_matter() -> list[Table]:
    return [table for table in db.metadata.sorted_tables if table.name not in UNSEEN]


def _columns(table: Table) -> list[Any]:
    left_aside = ONLY_AN_ORDER | UNSEEN
    return [column for column in table.columns if f"{table.name}.{column.name}" not in left_aside]


def _row(table: Table) -> Any:
    return db.session.connection().execute(select(table).order_by(*table.primary_key.columns).limit(1)).first()


def _key(table: Table, row: Any) -> list[Any]:
    return [getattr(row, column.name) for column in table.primary_key.columns]


def _found(table: Table) -> list[str]:
    """What the part of the proof that looks at this table says."""
    if table.name in BY_THE_LINES:
        verdict = audit.verify()
        return [f"line {verdict.broken} {verdict.reason}"] if verdict.broken else []
    if table.name in WORKED_OUT:
        return list(proof.comparisons()[table.name]())
    return list(proof.Rows(table).differences())


def test_change_of_any_column_of_any_table_is_found_and_named(records: None) -> None:
    missed, tried = [], 0
    for table in _that_matter():
        row = _row(table)
        key = _key(table, row)
        for column in _columns(table):
            tried += 1
            for value in tampering.others(column, getattr(row, column.name)):
                with tampering.taken_back():
                    tampering.change(column, key, value)
                    if not _found(table):
                        missed.append(f"{table.name}.{column.name}: {value!r}")
    print(f"{tried} columns of {len(_that_matter())} tables")
    assert missed == []
    assert tried > LEAST_COLUMNS


def test_row_that_is_taken_out_of_any_table_is_found_and_named(records: None) -> None:
    missed = []
    for table in _that_matter():
        row = _row(table)
        with tampering.taken_back():
            same = [column == part for column, part in zip(table.primary_key.columns, _key(table, row), strict=True)]
            db.session.connection().execute(delete(table).where(*same))
            if not _found(table):
                missed.append(table.name)
    assert missed == ["history_values"], "what may be erased may be taken out"


def test_row_that_is_put_into_any_table_is_found_and_named(records: None) -> None:
    missed = []
    for table in _that_matter():
        row = _row(table)._asdict()
        fresh = {column.name: next(tampering.others(column, row[column.name])) for column in _fresh(table)}
        with tampering.taken_back():
            db.session.connection().execute(insert(table).values(row | fresh))
            if not _found(table):
                missed.append(table.name)
    assert missed == []


def _fresh(table: Table) -> list[Any]:
    """The columns in which no two rows may be the same."""
    unique = [column for index in table.indexes if index.unique for column in index.columns]
    unique += [c for one in table.constraints if type(one).__name__ == "UniqueConstraint" for c in one.columns]
    return [*table.primary_key.columns, *unique]
