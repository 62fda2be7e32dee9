"""What a test begins with, kept: the second test that asks for it gets a copy of the database instead of the long way.

Only in a database that is empty still, and only at the same moment where the clock stands still, else in the same
quarter of an hour: everywhere else the long way is gone again. So a copy holds what the long way would have made.
The copies lie in a folder that all workers of a run share: what one has made, or is making, no other makes.
"""

from __future__ import annotations

import fcntl
import hashlib
import pickle
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import time_machine
from flask import current_app

from grants.foundation.records.db import db
from grants.foundation.records.files import StoredFile
from grants.foundation.values import clock

from .databases import TestDatabase
from .numbers import go_past, last_number

T = TypeVar("T")
P = ParamSpec("P")


class Kept:
    """The copies of a run's databases, each with what it was made for."""

    def __init__(self, database: TestDatabase, folder: Path) -> None:
        self._database = database
        self._folder = folder
        folder.mkdir(exist_ok=True)

    def get(self, name: Any, make: Callable[[], T]) -> T:
        """What `make` stores and returns. `name` says all that it depends on."""
        if not self._database.is_empty():
            return make()
        path = self._folder / hashlib.sha256(repr((name, _moment())).encode()).hexdigest()
        with path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():
                made = make()
                db.session.rollback()
                path.write_bytes(pickle.dumps((self._database.copy(), _named(made), _files(), last_number())))
                return made
        copy, named, files, last = pickle.loads(path.read_bytes())  # noqa: S301 (this run wrote it)
        _put_back(files)
        go_past(last)
        db.session.rollback()
        db.session.expunge_all()
        self._database.restore(copy)
        return _found(named)


def _files() -> dict[str, bytes]:
    """What was uploaded, by its SHA-256."""
    return {
        sha256: _path(sha256).read_bytes() for sha256 in db.session.scalars(db.select(StoredFile.sha256).distinct())
    }


def _put_back(files: dict[str, bytes]) -> None:
    """Another worker has a folder of its own, and a test may have emptied this one's."""
    for sha256, content in files.items():
        path = _path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _path(sha256: str) -> Path:
    folder: Path = current_app.config["INSTANCE"]
    return folder / "files" / sha256[:2] / sha256


def _moment() -> datetime:
    now = clock.now()
    if time_machine.escape_hatch.is_travelling():
        return now
    return now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)


_kept: list[Kept] = []


def begin(database: TestDatabase, folder: Path) -> None:
    """Keep copies of this database from now on, in a folder that the run's other workers know too."""
    _kept[:] = [Kept(database, folder)]


def kept(name: Any, make: Callable[[], T]) -> T:
    """See `Kept.get`."""
    return _kept[0].get(name, make) if _kept else make()


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
    if is_dataclass(thing) and not isinstance(thing, type):
        return replace(thing, **{part.name: deed(getattr(thing, part.name)) for part in fields(thing)})
    return thing
