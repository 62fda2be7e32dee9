"""The audit trail: append-only, hash-chained, and free of personal data.

A line holds keyed digests of the values that changed. The values, and the key of each
digest, live in `history_values`, which retention may erase: the chain still holds.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Row, event, exists, func, inspect, select, text, tuple_
from sqlalchemy.orm import Mapped, Session, mapped_column

from grants.foundation.values import clock

from . import held
from .actors import NOBODY, Actor
from .acts import Act, RecordAct
from .appendonly import append_only
from .db import Id, Model, big_id, db, is_postgresql, transaction

GENESIS = "0" * 64
CHAIN_LOCK = 7_216_001
"""The number of PostgreSQL's advisory lock under which the chain grows."""

LINES_AT_A_TIME = 1000

as_text = held.as_text
"""A value as the chain and the history write it, the same on every database."""

Watch = Callable[[Iterable[Any], str, int], Iterable[Any]]
"""Something that shows how far it is: it passes on what it is given, told what that is and how many there may be."""


def unwatched(things: Iterable[Any], _what: str, _most: int) -> Iterable[Any]:
    """Nobody looks."""
    return things


Changes = Mapping[str, tuple[Any, Any]]

LAST_ACTOR = "who did the last deed"


class AuditLine(Model):
    """One deed. `digests` is JSON: field to the keyed digest of before and after."""

    __tablename__ = "audit_lines"

    id: Mapped[int] = mapped_column(big_id, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str]
    verb: Mapped[str]
    kind: Mapped[str]
    thing_id: Mapped[int | None] = mapped_column(big_id)
    reference: Mapped[str]
    digests: Mapped[str]
    why: Mapped[str]
    previous: Mapped[str]
    hash: Mapped[str]

    __table_args__ = (
        Index("ix_audit_lines_kind_thing_id", "kind", "thing_id"),
        Index("ix_audit_lines_reference", "reference"),
        Index("ix_audit_lines_actor_id", "actor", "id"),
        Index("ix_audit_lines_verb_id", "verb", "id"),
        Index("ix_audit_lines_kind_id", "kind", "id"),
        Index("ix_audit_lines_at_id", "at", "id"),
    )


append_only(AuditLine.__table__)

_HASHED = sorted(column.name for column in AuditLine.__table__.columns if column.name != "hash")
_WRITER = json.JSONEncoder(ensure_ascii=False)

BEGAN = select(AuditLine.at).where(AuditLine.id == 1).scalar_subquery()
"""Since when this system runs, for statements: the instant of its first line, which nothing changes."""


class HistoryValue(Model):
    """What a field held before and after a deed: erasable, unlike the line that it belongs to."""

    __tablename__ = "history_values"

    id: Mapped[Id]
    line_id: Mapped[int] = mapped_column(big_id, ForeignKey("audit_lines.id"), index=True)
    field: Mapped[str]
    before: Mapped[str]
    after: Mapped[str]
    key: Mapped[str]


@dataclass(frozen=True)
class Verdict:
    """What `verify` found: the number of lines, the last hash, and the first line that does not hold."""

    lines: int
    head: str
    broken: int | None = None
    reason: str = ""


def diff(thing: Any) -> dict[str, tuple[Any, Any]]:
    """The fields of a row that changed since it was last stored, as (before, after)."""
    changes = {}
    for column in inspect(thing).mapper.column_attrs:
        history = inspect(thing).attrs[column.key].history
        if history.has_changes() and column.key not in {"id", "version", "password_hash", "session_key"}:
            before = history.deleted[0] if history.deleted else None
            after = history.added[0] if history.added else None
            if before != after:
                changes[column.key] = (before, after)
    return changes


def record(
    *,
    actor: Actor,
    verb: Act,
    of: str = "",
    thing: Any = None,
    kind: str = "",
    reference: str = "",
    changes: Changes | None = None,
    why: str = "",
) -> AuditLine:
    """Write the audit line of a deed, in the deed's own transaction.

    `of` is the detail of an act that has one. Without `changes` the line takes the unsaved changes of `thing`.
    `kind` defaults to the thing's table. Nothing that identifies a person belongs in `of`, `reference` or `why`.
    """
    with transaction() as session:
        if changes is None:
            changes = diff(thing) if thing is not None else {}
        session.flush()
        rows = held.digests(session, held.take(session))
        previous = _lock_and_find_last()
        values = [
            HistoryValue(field=field, before=as_text(before), after=as_text(after), key=secrets.token_hex(16))
            for field, (before, after) in sorted(changes.items())
        ]
        line = AuditLine(
            id=(previous.id if previous else 0) + 1,
            at=clock.now(),
            actor=actor.key,
            verb=f"{verb} {of}" if of else str(verb),
            kind=kind or (thing.__class__.__table__.name if thing is not None else ""),
            thing_id=thing.id if thing is not None else None,
            reference=reference or str(getattr(thing, "reference", "") or ""),
            digests=json.dumps({value.field: digest(value) for value in values} | _all_of(rows), sort_keys=True),
            why=why,
            previous=previous.hash if previous else GENESIS,
            hash="",
        )
        line.hash = line_hash(line)
        session.add(line)
        session.flush()
        for value in values:
            value.line_id = line.id
        session.add_all(values)
        session.flush()
        held.store(session, line.id, rows)
        session.info[LAST_ACTOR] = actor
        return line


def _all_of(rows: Mapping[tuple[str, str], str]) -> dict[str, str]:
    return {held.ROWS: held.root_of(rows)} if rows else {}


def _hold_the_rest(session: Session) -> None:
    """What a deed wrote after its last line gets a line of its own."""
    session.flush()
    if held.is_waiting(session):
        record(actor=session.info.get(LAST_ACTOR, NOBODY), verb=RecordAct.HOLD_ROWS, changes={})


def _forget(session: Session) -> None:
    session.info.pop(LAST_ACTOR, None)


event.listen(Session, "before_commit", _hold_the_rest)
event.listen(Session, "after_commit", _forget)
event.listen(Session, "after_rollback", _forget)


def digest(value: HistoryValue | Row[Any]) -> str:
    """The keyed digest by which a line vouches for a value that may later be erased."""
    message = _WRITER.encode([value.field, value.before, value.after])
    return hmac.digest(value.key.encode(), message.encode(), "sha256").hex()


def line_hash(line: AuditLine | Row[Any]) -> str:
    """SHA-256 over every column of a line but its own hash."""
    columns = {name: as_text(getattr(line, name)) for name in _HASHED}
    return hashlib.sha256(_WRITER.encode(columns).encode()).hexdigest()


def verify(*, head: str = "", watch: Watch = unwatched) -> Verdict:
    """Walk the chain, and hold against each line the values that are still kept and the digests of its rows.

    `head` is what `head()` said once: a trail that does not hold that line, or ends before it, is broken.
    """
    count, last, rows = 0, GENESIS, _Rows()
    number, _, noted = head.partition(":") if head else ("0", "", GENESIS)
    most = db.session.scalar(select(func.max(AuditLine.id))) or 0
    for line, kept in watch(_all_lines(), "lines", most):
        reason = what_is_wrong(line, kept, expected_id=count + 1, head=last) or rows.wrong_for(line)
        if not reason and line.id == int(number) and line.hash != noted:
            reason = "it is not the line whose hash was noted"
        if reason:
            return Verdict(count, last, line.id, reason)
        count, last = count + 1, line.hash
    if count < int(number):
        return Verdict(count, last, count + 1, f"it is missing, and so is all up to line {number}, which was noted")
    if rows.are_left or _values_after(count):
        return Verdict(count, last, count + 1, "it is missing, and what it kept is still there")
    return Verdict(count, last)


def _values_after(number: int) -> bool:
    return bool(db.session.scalar(select(exists().where(HistoryValue.line_id > number))))


def head() -> str:
    """The number and the hash of the last line, to be noted outside of the database: what ends before it shows."""
    last = db.session.execute(select(AuditLine.id, AuditLine.hash).order_by(AuditLine.id.desc()).limit(1)).first()
    return f"{last.id}:{last.hash}" if last else f"0:{GENESIS}"


class _Rows:
    """The digests of rows in the order of their lines, some at a time."""

    def __init__(self) -> None:
        self._rest = self._all()
        self._next = next(self._rest, None)

    def wrong_for(self, line: Row[Any]) -> str:
        """Whether the digests that stand under this line are those that it was written with."""
        root = held.Root()
        while self._next is not None and self._next.line_id <= line.id:
            root.add(self._next.table_name, self._next.row_key, self._next.sha256)
            self._next = next(self._rest, None)
        said = json.loads(line.digests).get(held.ROWS, "")
        return "" if said == root.text else "the digests of its rows were changed"

    @property
    def are_left(self) -> bool:
        """Whether there are digests of a line after the last that was asked for."""
        return self._next is not None

    def _all(self) -> Iterator[Any]:
        of = held.RowDigest
        asked = select(of.line_id, of.id, of.table_name, of.row_key, of.sha256).order_by(of.line_id, of.id)
        found = db.session.execute(asked.limit(LINES_AT_A_TIME)).all()
        while found:
            yield from found
            after = tuple_(of.line_id, of.id) > tuple_(found[-1].line_id, found[-1].id)
            found = db.session.execute(asked.where(after).limit(LINES_AT_A_TIME)).all()


def _all_lines() -> Iterator[tuple[Row[Any], Sequence[Row[Any]]]]:
    """Every line with the values that are kept of it, some at a time in two queries."""
    of, values = AuditLine.__table__, HistoryValue.__table__
    lines = select(of).order_by(of.c.id).limit(LINES_AT_A_TIME)
    found = db.session.execute(lines).all()
    while found:
        kept: dict[int, list[Row[Any]]] = {}
        asked = select(values).where(values.c.line_id.between(found[0].id, found[-1].id)).order_by(values.c.id)
        for value in db.session.execute(asked):
            kept.setdefault(value.line_id, []).append(value)
        yield from ((line, kept.get(line.id, ())) for line in found)
        found = db.session.execute(lines.where(of.c.id > found[-1].id)).all()


def what_is_wrong(
    line: AuditLine | Row[Any], kept: Sequence[HistoryValue | Row[Any]], *, expected_id: int, head: str
) -> str:
    """How a line shows that it was changed, or "". `head` is the hash of the line before it, `kept` its values."""
    if line.id != expected_id:
        return f"line {expected_id} is missing"
    if line.previous != head:
        return "it does not follow the line before it"
    if line.hash != line_hash(line):
        return "its content was changed"
    digests = json.loads(line.digests) if kept else {}
    for value in kept:
        if digests.pop(value.field, "") != digest(value):
            return f"the kept value of {value.field} was changed"
    return ""


def _lock_and_find_last() -> AuditLine | None:
    if is_postgresql():
        db.session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": CHAIN_LOCK})
    return db.session.scalar(
        select(AuditLine).order_by(AuditLine.id.desc()).limit(1).execution_options(populate_existing=True)
    )
