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
"""What a source shows of a thing: see `COLUMNS`. What a source does not take is None."""

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
class TaskList:
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
class TaskSource:
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
class TaskSources:
    """The sources of somebody, with the one query that reads them all. It can be kept: see `gather`."""

    sources: Sequence[TaskSource]
    query: CompoundSelect[*tuple[Any, ...]] | None

    @classmethod
    def of(cls, sources: Sequence[TaskSource]) -> TaskSources:
        """These sources, in their order."""
        parts = [_part(number, source) for number, source in enumerate(sources)]
        return cls(sources, union_all(*parts).order_by("source", "place") if parts else None)


def gather(sources: TaskSources, **instants: datetime) -> list[TaskList]:
    """The heaps of some sources, in their order, without those that have nothing to show or say. One query.

    `instants` (UTC) are what the selects of the sources leave open.
    """
    rows: dict[int, list[Line]] = defaultdict(list)
    for row in db.session.execute(sources.query, instants) if sources.query is not None else ():
        rows[row.source].append(row)
    task_lists = [_task_list(source, rows[number]) for number, source in enumerate(sources.sources)]
    return [task_list for task_list in task_lists if task_list.tasks or task_list.nothing]


def _part(number: int, source: TaskSource) -> Select[*tuple[Any, ...]]:
    found = source.found.subquery()
    order = [found.c[source.take[name]] for name in source.order]
    columns = [
        (found.c[source.take[name]] if name in source.take else cast(null(), kind)).label(name)
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
    return select(literal(number).label("source"), *first.c)


def _task_list(source: TaskSource, rows: list[Line]) -> TaskList:
    tasks = [source.task(row) for row in rows]
    return TaskList(source.title, tasks, rows[0].total if rows else 0, source.rest_url, source.nothing)
