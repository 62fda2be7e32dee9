"""Copies of names. A list that sorts and filters a hundred thousand rows keeps the name beside the id, and one hook
renews every copy when the name changes, in the same flush: whoever renames need not know who copied.

A room that keeps a copy says so in its `init_app` by `keep`. A bulk UPDATE would go past the hook: `held` refuses it.
What is frozen is no copy: it keeps the name of its day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from typing import Any

from flask import Flask, current_app
from sqlalchemy import event, inspect
from sqlalchemy.orm import Session, UOWTransaction

Renew = Callable[[Collection[int]], None]
"""Makes the copies again of the rows with these ids. It reads and writes by statements: it runs while others flush."""

_TO_RENEW = "copies to renew"


def keep(app: Flask, *columns: Any, renew: Renew) -> None:
    """Say that somebody keeps a copy of these columns, and how it is renewed."""
    kept = app.extensions.setdefault("copies", defaultdict(dict))
    for column in columns:
        kept[column.class_].setdefault(column.key, []).append(renew)


def copied(app: Flask) -> dict[type, dict[str, list[Renew]]]:
    """The columns that are copied, by model and name, with what renews their copies."""
    found: dict[type, dict[str, list[Renew]]] = app.extensions.get("copies", {})
    return found


def _note_changes(session: Session, _context: UOWTransaction) -> None:
    kept = copied(current_app)
    for thing in session.dirty:
        for name, renewals in kept.get(type(thing), {}).items():
            if inspect(thing).attrs[name].history.has_changes():
                for renew in renewals:
                    session.info.setdefault(_TO_RENEW, {}).setdefault(renew, set()).add(thing.id)


def _renew(session: Session, _context: UOWTransaction) -> None:
    for renew, ids in session.info.pop(_TO_RENEW, {}).items():
        renew(ids)


event.listen(Session, "after_flush", _note_changes)
event.listen(Session, "after_flush_postexec", _renew)
