"""Heaps of tasks, all of a desk's read in one query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CompoundSelect, Date, Row, Select, Text, cast, func, literal, null, select, union_all
from sqlalchemy.types import TypeEngine

from grants.foundation.records.db import UTCDateTime, db

MOST_SHOWN = 10
"""Tasks of one kind on a desk; the list that they come from has the rest."""

Line = Row[Any]
"""What a pile shows of a thing: see `COLUMNS`. What a pile does not take is None."""

COLUMNS: Mapping[str, TypeEngine[Any]] = {
    "reference": Text(),
    "title": Text(),
    "name": Text(),
    "state": Text(),
    "at": UTCDateTime(),
    "until": UTCDateTime(),
    "on": Date(),
    "pence": BigInteger(),
    "number": BigInteger(),
}


@dataclass(frozen=True)
class Task:
    """One thing to do: what, to which, where, and since when it waits (UTC)."""

    verb: str
    reference: str
    what: str
    url: str
    since: datetime | None


@dataclass(frozen=True)
class Heap:
    """The tasks of one kind: the oldest few, how many there are, and where the rest is."""

    title: str
    tasks: list[Task]
    count: int
    rest_url: str
    nothing: str
    links: list[tuple[str, str]] = field(default_factory=list)

    @property
    def hidden(self) -> int:
        """How many are not shown here."""
        return self.count - len(self.tasks)


@dataclass(frozen=True)
class Pile:
    """A heap before it is read: what is found, which of its columns stand for which of `COLUMNS`, in which order.

    Without words for `nothing` an empty heap is not shown.
    """

    title: str
    found: Select[*tuple[Any, ...]]
    take: Mapping[str, str]
    order: Sequence[str]
    task: Callable[[Line], Task]
    rest_url: str
    nothing: str = ""


@dataclass(frozen=True)
class Piles:
    """The piles of somebody, with the one query that reads them all. It can be kept: see `gather`."""

    piles: Sequence[Pile]
    query: CompoundSelect[*tuple[Any, ...]] | None

    @classmethod
    def of(cls, piles: Sequence[Pile]) -> Piles:
        """These piles, in their order."""
        parts = [_part(number, pile) for number, pile in enumerate(piles)]
        return cls(piles, union_all(*parts).order_by("pile", "place") if parts else None)


def gather(piles: Piles, **instants: datetime) -> list[Heap]:
    """The heaps of some piles, in their order, without those that have nothing to show or say. One query.

    `instants` (UTC) are what the selects of the piles leave open.
    """
    rows: dict[int, list[Line]] = defaultdict(list)
    for row in db.session.execute(piles.query, instants) if piles.query is not None else ():
        rows[row.pile].append(row)
    heaps = [_heap(pile, rows[number]) for number, pile in enumerate(piles.piles)]
    return [heap for heap in heaps if heap.tasks or heap.nothing]


def _part(number: int, pile: Pile) -> Select[*tuple[Any, ...]]:
    found = pile.found.subquery()
    order = [found.c[pile.take[name]] for name in pile.order]
    columns = [
        (found.c[pile.take[name]] if name in pile.take else cast(null(), kind)).label(name)
        for name, kind in COLUMNS.items()
    ]
    first = (
        select(
            *columns,
            func.row_number().over(order_by=order).label("place"),
            func.count().over().label("total"),
        )
        .order_by(*order)
        .limit(MOST_SHOWN)
        .subquery()
    )
    return select(literal(number).label("pile"), *first.c)


def _heap(pile: Pile, rows: list[Line]) -> Heap:
    tasks = [pile.task(row) for row in rows]
    return Heap(pile.title, tasks, rows[0].total if rows else 0, pile.rest_url, pile.nothing)
