"""Lists: pages by keyset, sort orders by name.

A page asks once for its rows, whatever the list holds, and goes on after the last row that was seen: rows that come
in meanwhile neither repeat nor hide one. Unknown values (NULL) stand last in either direction.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from flask import request
from sqlalchemy import Alias, ColumnElement, Select, Table, and_, func, literal, or_, select, tuple_
from sqlalchemy.types import TypeDecorator
from werkzeug.datastructures import MultiDict
from werkzeug.urls import iri_to_uri

from grants.foundation.records.db import DayType, db, is_postgresql
from grants.foundation.values.days import Day
from grants.foundation.values.words import has_hidden

from .filters import PAGES, choice_filter

PAGE_SIZE = 50
LARGEST_KEY = 2**63 - 1

T = TypeVar("T")
Order = Sequence[tuple[Any, bool]]
"""Columns, each with whether it goes down; the last one is unique."""


class _BadCursor(ValueError):
    """The cursor was tampered with, or belongs to another order."""


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows of a list. `next` and `previous` are cursors for `after` and `before`, or "" where there is none."""

    rows: list[T]
    next: str = ""
    previous: str = ""

    @property
    def is_first(self) -> bool:
        """Whether the list begins here."""
        return not self.previous

    @property
    def next_url(self) -> str:
        """The address of the page after this one, or ""."""
        return url_with(after=self.next, before=None) if self.next else ""

    @property
    def previous_url(self) -> str:
        """The address of the page before this one, or ""."""
        return url_with(before=self.previous, after=None) if self.previous else ""


@dataclass(frozen=True)
class Sort:
    """One way to sort a list: its name in the URL, its label, and its order."""

    name: str
    label: str
    order: Order = field(repr=False)


def chosen_sort(sorts: Sequence[Sort], name: str | None) -> Sort:
    """The sort of that name; the first one where none is named. Raises BadFilter for an unknown one."""
    return choice_filter(name, {sort.name: sort for sort in sorts}, name="The order") or sorts[0]


def page_of(
    query: Select[Any],
    *,
    order: Order,
    after: str = "",
    before: str = "",
    size: int = PAGE_SIZE,
    outer_joins: bool = False,
    whole: type | None = None,
) -> Page[Any]:
    """The rows of a select after or before a cursor, or its first rows.

    A select of one thing gives these things, one of several columns gives rows. The last column of `order` must be
    unique. A cursor that does not fit leads to the first page. To order by a sum or a count, make it a column of a
    subquery first: the page is cut in the WHERE. `outer_joins` says that the select has some, so that any column may
    be NULL: asking SQLAlchemy costs more than the query does. `whole` names the model of which every row has one for
    all that: its columns are NULL only where the table lets them be, so that PostgreSQL reads the order off an index.
    `tests/test_lists.py` holds what each list says.
    """
    keys = [_Key.of(column, down, outer_joins, whole) for column, down in order]
    cursor, backward = (before, True) if before and not after else (after, False)
    try:
        values = _decode(cursor, keys) if cursor else None
    except _BadCursor:
        values = None
    backward = backward and values is not None
    found, marks = _fetch(query, keys, values, backward, size + 1)
    if not found and values is not None:
        return page_of(query, order=order, size=size, outer_joins=outer_joins, whole=whole)
    more = len(found) > size
    found, marks = found[:size], marks[:size]
    if backward:
        found, marks = found[::-1], marks[::-1]
    return Page(
        found,
        next=_encode(marks[-1], keys) if found and (more or backward) else "",
        previous=_encode(marks[0], keys) if found and (more if backward else values is not None) else "",
    )


def page_from_request(
    query: Select[Any],
    *,
    order: Order,
    size: int = PAGE_SIZE,
    outer_joins: bool = False,
    whole: type | None = None,
) -> Page[Any]:
    """The page that the URL asks for with `after` or `before`."""
    return page_of(
        query,
        order=order,
        after=request.args.get("after", ""),
        before=request.args.get("before", ""),
        size=size,
        outer_joins=outer_joins,
        whole=whole,
    )


def count_of(counted: Select[int], *, but: ColumnElement[bool]) -> int:
    """How many rows `counted` counts, but for those for which a condition holds. One query.

    It joins only what its own conditions ask for. The few rows that are left out are counted apart and taken off, so
    that the many are counted in an index.
    """
    every, left_out = counted.scalar_subquery(), counted.where(but).scalar_subquery()
    return db.session.scalar(select(every - left_out)) or 0


def url_with(**changes: str | None) -> str:
    """The address of this page with some of its parameters changed; None takes one away."""
    args = MultiDict(request.args)
    for name, value in changes.items():
        args.poplist(name)
        if value is not None:
            args[name] = value
    return iri_to_uri(request.path) + _query_string(args)


def query_of() -> str:
    """What this address asks of a list, without its page: for the file of what is shown."""
    args = MultiDict(request.args)
    for name in PAGES:
        args.poplist(name)
    return _query_string(args).removeprefix("?")


def _query_string(args: Any) -> str:
    pairs = [(name, value) for name, value in args.items(multi=True) if value]
    return f"?{urlencode(pairs)}" if pairs else ""


# Searches


def like(text: str) -> str:
    r"""A pattern for LIKE that finds the text itself anywhere, with `\` as its escape.

    >>> like("50%")
    '%50\\%%'
    """
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def contains(column: Any, text: str) -> ColumnElement[bool]:
    """Whether a column holds the text, in capitals or small letters."""
    fold = func.lower if is_postgresql() else func.casefold
    folded = text.lower() if is_postgresql() else text.casefold()
    found: ColumnElement[bool] = fold(column).like(like(folded), escape="\\")
    return found


# Keysets


@dataclass(frozen=True)
class _Key:
    column: Any
    down: bool
    nullable: bool

    @classmethod
    def of(cls, column: Any, down: bool, outer_joins: bool, whole: type | None) -> _Key:
        """A column of an order. It counts as never NULL only where its table says so, and no outer join is near or
        leaves that table whole."""
        clause = column.__clause_element__() if hasattr(column, "__clause_element__") else column
        table = getattr(clause, "table", None)
        outer_joins = outer_joins and (whole is None or table is not getattr(whole, "__table__", None))
        known = isinstance(table, Table) or (isinstance(table, Alias) and isinstance(table.element, Table))
        return cls(clause, down, not known or clause.nullable or outer_joins)

    def ordering(self, backward: bool) -> Iterator[Any]:
        """The ORDER BY of this column."""
        ordered = self.column.desc() if self.down is not backward else self.column.asc()
        if self.nullable:
            ordered = ordered.nulls_first() if backward else ordered.nulls_last()
        yield ordered

    def same(self, value: Any) -> ColumnElement[bool]:
        """The rows that stand where the value stands."""
        same: ColumnElement[bool] = self.column.is_(None) if value is None else self.column == value
        return same

    def beyond(self, value: Any, backward: bool) -> ColumnElement[bool] | None:
        """The rows that stand beyond the value, or None where there can be none."""
        if value is None:
            return self.column.is_not(None) if backward else None
        further: ColumnElement[bool] = self.column < value if self.down is not backward else self.column > value
        return or_(further, self.column.is_(None)) if self.nullable and not backward else further


def _fetch(
    query: Select[Any], keys: Sequence[_Key], values: Sequence[Any] | None, backward: bool, most: int
) -> tuple[list[Any], list[Any]]:
    width = len(query.column_descriptions)
    asked = query.order_by(None).order_by(*(part for key in keys for part in key.ordering(backward))).limit(most)
    if values is not None:
        asked = asked.where(_beyond(keys, values, backward))
    frozen = db.session.execute(asked.add_columns(*(key.column.label(f"k{n}") for n, key in enumerate(keys)))).freeze()
    marks = frozen().columns(*range(width, width + len(keys))).all()
    rows = frozen().columns(*range(width))
    return list(rows.scalars().all() if width == 1 else rows.all()), list(marks)


def _beyond(keys: Sequence[_Key], values: Sequence[Any], backward: bool) -> ColumnElement[bool]:
    if not any(key.nullable for key in keys) and len({key.down for key in keys}) == 1:
        ours = tuple_(*(key.column for key in keys))
        theirs = tuple_(*(literal(value, key.column.type) for value, key in zip(values, keys, strict=True)))
        further: ColumnElement[bool] = ours < theirs if keys[0].down is not backward else ours > theirs
        return further
    ways = []
    for n, key in enumerate(keys):
        beyond = key.beyond(values[n], backward)
        if beyond is not None:
            ways.append(and_(*(keys[m].same(values[m]) for m in range(n)), beyond))
    return or_(*ways)


def _encode(values: Sequence[Any], keys: Sequence[_Key]) -> str:
    body = json.dumps([_mark(keys), *(_pack(value) for value in values)], separators=(",", ":"))
    return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


def _decode(cursor: str, keys: Sequence[_Key]) -> list[Any]:
    try:
        body = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
        if not isinstance(body, list) or len(body) != len(keys) + 1 or body[0] != _mark(keys):
            raise _BadCursor(cursor)
        return [_unpack(packed, key) for packed, key in zip(body[1:], keys, strict=True)]
    except (ValueError, RecursionError) as error:
        raise _BadCursor(cursor) from error


def _mark(keys: Sequence[_Key]) -> str:
    words = ";".join(f"{key.column} {key.down}" for key in keys)
    return hashlib.sha256(words.encode()).hexdigest()[:8]


def _pack(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value.text if isinstance(value, Day) else value


def _unpack(packed: Any, key: _Key) -> Any:
    """The value of a cursor, as its column compares it. Raises ValueError where it is none."""
    if packed is None and key.nullable:
        return None
    kind = _kind(key)
    if kind is Day and isinstance(packed, str):
        return Day.parse(packed)
    if kind in (date, datetime) and isinstance(packed, str):
        return _aware(kind.fromisoformat(packed))
    if kind is int and type(packed) is int and abs(packed) <= LARGEST_KEY:
        return packed
    if kind is bool and type(packed) is bool:
        return packed
    if kind is str and isinstance(packed, str) and not has_hidden(packed):
        return packed
    raise _BadCursor(packed)


def _aware(value: date | datetime) -> date | datetime:
    if isinstance(value, datetime) and value.tzinfo is None:
        raise _BadCursor(value.isoformat())
    return value


def _kind(key: _Key) -> Any:
    stored = key.column.type
    if isinstance(stored, DayType):
        return Day
    kind = stored.impl_instance.python_type if isinstance(stored, TypeDecorator) else stored.python_type
    return int if kind is Decimal else kind
