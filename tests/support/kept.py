"""What a test begins with, kept: the second test that asks for it gets a copy of the database instead of the long way.

Only in a database that is empty still, and only at the same moment where the clock stands still, else in the same
quarter of an hour: everywhere else the long way is gone again. So a copy holds what the long way would have made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import time_machine

from grants.foundation.records.db import db
from grants.foundation.values import clock

from .databases import TestDatabase

T = TypeVar("T")
P = ParamSpec("P")


class Kept:
    """The copies of one worker's database, each with what it was made for."""

    def __init__(self, database: TestDatabase) -> None:
        self._database = database
        self._made: dict[Any, tuple[Any, Any]] = {}

    def get(self, name: Any, make: Callable[[], T]) -> T:
        """What `make` stores and returns. `name` says all that it depends on."""
        if not self._database.is_empty():
            return make()
        key = name, _moment()
        if key not in self._made:
            made = make()
            db.session.rollback()
            self._made[key] = self._database.copy(), _named(made)
            return made
        copy, named = self._made[key]
        db.session.rollback()
        db.session.expunge_all()
        self._database.restore(copy)
        return _found(named)


def _moment() -> datetime:
    now = clock.now()
    if time_machine.escape_hatch.is_travelling():
        return now
    return now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)


_kept: list[Kept] = []


def begin(database: TestDatabase) -> None:
    """Keep copies of this database from now on."""
    _kept[:] = [Kept(database)]


def kept(name: Any, make: Callable[[], T]) -> T:
    """See `Kept.get`."""
    return _kept[0].get(name, make)


def kept_when_first(make: Callable[P, T]) -> Callable[P, T]:
    """For a factory that goes a long way by verbs: what it makes is kept, unless an argument is a stored thing."""

    @wraps(make)
    def made(*args: P.args, **more: P.kwargs) -> T:
        name = make.__qualname__, make.__module__, args, tuple(sorted(more.items()))
        if all(isinstance(value, _PLAIN) for value in (*args, *more.values())):
            return kept(name, lambda: make(*args, **more))
        return make(*args, **more)

    return made


_PLAIN = (str, int, type(None))


@dataclass(frozen=True)
class _Row:
    """A stored thing, by its table and key."""

    kind: Any
    key: tuple[Any, ...]


def _named(made: Any) -> Any:
    """What was made, with a `_Row` for each stored thing in it."""
    if isinstance(made, db.Model):
        return _Row(type(made), db.inspect(made).identity)
    return _each(_named, made)


def _found(named: Any) -> Any:
    """What was made, out of a copy of the database. One query for each table."""
    keys: dict[Any, list[Any]] = defaultdict(list)
    _each_row(named, lambda row: keys[row.kind].append(row.key))
    things = {
        _Row(kind, db.inspect(thing).identity): thing
        for kind, wanted in keys.items()
        for thing in db.session.scalars(db.select(kind).where(db.tuple_(*db.inspect(kind).primary_key).in_(wanted)))
    }
    return _each_row(named, things.__getitem__)


def _each_row(named: Any, deed: Callable[[_Row], Any]) -> Any:
    return deed(named) if isinstance(named, _Row) else _each(lambda one: _each_row(one, deed), named)


def _each(deed: Callable[[Any], Any], thing: Any) -> Any:
    if isinstance(thing, tuple | list):
        return type(thing)(map(deed, thing))
    if isinstance(thing, dict):
        return {key: deed(value) for key, value in thing.items()}
    return thing
