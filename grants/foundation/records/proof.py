"""The whole proof: that the chain holds, that every row is what the chain last said of it, and that the sums agree.

A room says in its `init_app` by `compare` what of it can be worked out from something else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from flask import Flask, current_app
from sqlalchemy import Table, func, select, tuple_

from . import audit, held
from .actors import Actor
from .acts import RecordAct
from .db import Base, db, is_postgresql, reading, transaction

MOST_NAMED = 20
"""Rows of one table that are named one by one."""

DIGESTS_AT_A_TIME = 2000

UNREADABLE = object()
"""In place of a row that cannot be read."""

Compare = Callable[[], Iterable[str]]
"""What does not agree, each in words that name it."""


@dataclass
class Proof:
    """What was found. `faults` are what does not hold, each in words."""

    lines: int = 0
    head: str = ""
    rows: int = 0
    faults: list[str] = field(default_factory=list)


@contextmanager
def of_one_moment() -> Iterator[None]:
    """Only read inside, and everything as it was at one moment, while others go on writing."""
    with reading():
        db.session.rollback()
        if is_postgresql():
            db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield


def compare(app: Flask, name: str, differences: Compare) -> None:
    """Say what of a room has to agree with something else, and how one finds where it does not."""
    app.extensions.setdefault("compared", {})[name] = differences


def comparisons() -> dict[str, Compare]:
    """What the rooms of this app compare, by name."""
    found: dict[str, Compare] = current_app.extensions.get("compared", {})
    return found


def prove(*, head: str = "", watch: audit.Watch = audit.unwatched) -> Proof:
    """Everything that can be proved, in memory that does not grow with the records."""
    verdict = audit.verify(head=head, watch=watch)
    proof = Proof(verdict.lines, f"{verdict.lines}:{verdict.head}")
    if verdict.broken is not None:
        proof.faults.append(f"Line {verdict.broken} was tampered with: {verdict.reason}")
    for table in held_tables():
        rows = Rows(table, watch)
        _some(proof, table.name, rows.differences())
        proof.rows += rows.count
    for name, differences in comparisons().items():
        _some(proof, name, watch(differences(), name, 0))
    return proof


def take_in(*, actor: Actor) -> int:
    """Hold the rows that no line holds, of a version that held none; returns how many. What is held stays as it is."""
    count = 0
    with transaction() as session:
        for table in held_tables():
            for key in Rows(table).unheld():
                held.note(session, table, key)
                count += 1
        if count:
            audit.record(actor=actor, verb=RecordAct.TAKE_IN_ROWS, changes={"rows": (0, count)})
    return count


def held_tables() -> list[Table]:
    """Every table that lines hold, by name."""
    return sorted((table for table in _tables() if held.columns_of(table)), key=lambda table: table.name)


def _tables() -> Iterable[Table]:
    return Base.metadata.tables.values()


def _some(proof: Proof, name: str, differences: Iterable[str]) -> None:
    rest = iter(differences)
    proof.faults += [f"{name}: {words}" for words in islice(rest, MOST_NAMED)]
    more = sum(1 for _ in rest)
    if more:
        proof.faults.append(f"{name}: and {more} more")


class Rows:
    """The rows of one table beside the digests that the chain last gave of them, some at a time."""

    def __init__(self, table: Table, watch: audit.Watch = audit.unwatched) -> None:
        self.table, self.shape, self.watch = table, held.shape_of(table), watch
        self.count = 0

    def differences(self) -> Iterator[str]:
        """Each row that is not what the chain last said, in words."""
        there = db.session.execute(select(func.count()).select_from(self.table)).scalar_one()
        for digests in self.watch(
            self._last_said(), f"{self.table.name}, {held.AT_A_TIME} rows", -(-there // held.AT_A_TIME)
        ):
            rows = self._rows(digests)
            for said in digests:
                row = rows.get(said.row_key)
                self.count += row is not None
                if words := self._what_is_wrong(said, row):
                    yield f"{self._named(said.row_key, row)} {words}"
        if there > self.count:
            for key in self.unheld():
                yield f"row {held.key_text(key)} was put in: no line of the trail holds it"

    def unheld(self) -> Iterator[held.Key]:
        """The keys of the rows that no line ever held."""
        for keys in self._keys():
            texts = [held.key_text(key) for key in keys]
            of = held.RowDigest
            asked = select(of.row_key).where(of.table_name == self.table.name, of.row_key.in_(texts))
            known = set(db.session.scalars(asked))
            yield from (key for key, text in zip(keys, texts, strict=True) if text not in known)

    def _last_said(self) -> Iterator[list[Any]]:
        """What the chain said last of each row, in the order of their keys, some at a time."""
        of = held.RowDigest
        asked = (
            select(of.row_key, of.line_id, of.sha256)
            .where(of.table_name == self.table.name)
            .order_by(of.row_key, of.line_id)
            .limit(DIGESTS_AT_A_TIME)
        )
        found = db.session.execute(asked).all()
        last: dict[str, Any] = {}
        while found:
            last |= {said.row_key: said for said in found}
            after = tuple_(of.row_key, of.line_id) > tuple_(found[-1].row_key, found[-1].line_id)
            found = db.session.execute(asked.where(after)).all()
            while len(last) > held.AT_A_TIME or (last and not found):
                some = list(last)[: held.AT_A_TIME]
                yield [last.pop(key) for key in some]

    def _rows(self, digests: list[Any]) -> dict[str, Any]:
        keys = [held.key_values(self.table, said.row_key) for said in digests]
        connection = db.session.connection()
        try:
            return dict(self.shape.rows(connection, keys))
        except (ValueError, TypeError):  # a value that its column cannot hold: which row is it in?
            return {text: row for key in keys for text, row in self._alone(key)}

    def _alone(self, key: held.Key) -> Iterator[tuple[str, Any]]:
        try:
            yield from self.shape.rows(db.session.connection(), [key])
        except (ValueError, TypeError):
            yield held.key_text(key), UNREADABLE

    def _keys(self) -> Iterator[list[held.Key]]:
        primary = list(self.table.primary_key.columns)
        asked = select(*primary).order_by(*primary).limit(held.AT_A_TIME)
        found = db.session.execute(asked).all()
        while found:
            yield [tuple(key) for key in found]
            after = primary[0] > found[-1][0] if len(primary) == 1 else tuple_(*primary) > tuple_(*found[-1])
            found = db.session.execute(asked.where(after)).all()

    def _what_is_wrong(self, said: Any, row: Any) -> str:
        if row is None:
            return f"was deleted: line {said.line_id} holds it" if said.sha256 else ""
        if row is UNREADABLE:
            return "holds what its columns cannot hold"
        if not said.sha256:
            return f"was put in again: line {said.line_id} says that it was deleted"
        return "" if self.shape.digest(row) == said.sha256 else f"is not what line {said.line_id} says"

    def _named(self, key: str, row: Any) -> str:
        values = dict(zip(self.shape.names, row, strict=True)) if row not in (None, UNREADABLE) else {}
        reference = values.get("reference") or values.get("number")
        return f"row {key} ({reference})" if reference else f"row {key}"
