"""The audit trail: append-only, hash-chained, and free of personal data.

A line holds keyed digests of the values that changed. The values, and the key of each
digest, live in `history_values`, which retention may erase: the chain still holds.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import ForeignKey, Index, inspect, select, text
from sqlalchemy.orm import Mapped, mapped_column

from grants.foundation.values import clock
from grants.foundation.values.days import Day

from .actors import Actor
from .acts import Act
from .appendonly import append_only
from .db import Id, Model, big_id, db, is_postgresql, transaction

GENESIS = "0" * 64
CHAIN_LOCK = 7_216_001
"""The number of PostgreSQL's advisory lock under which the chain grows."""

LINES_AT_A_TIME = 1000

Changes = Mapping[str, tuple[Any, Any]]


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
    )


append_only(AuditLine.__table__)


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
            digests=json.dumps({value.field: digest(value) for value in values}, sort_keys=True),
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
        return line


def digest(value: HistoryValue) -> str:
    """The keyed digest by which a line vouches for a value that may later be erased."""
    message = json.dumps([value.field, value.before, value.after], ensure_ascii=False)
    return hmac.new(value.key.encode(), message.encode(), hashlib.sha256).hexdigest()


def line_hash(line: AuditLine) -> str:
    """SHA-256 over every column of a line but its own hash."""
    columns = {column.key: as_text(getattr(line, column.key)) for column in inspect(AuditLine).column_attrs}
    del columns["hash"]
    return hashlib.sha256(json.dumps(columns, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def verify() -> Verdict:
    """Walk the chain, and hold every value that is still kept against its digest."""
    count, head = 0, GENESIS
    for line, kept in _all_lines():
        reason = what_is_wrong(line, kept, expected_id=count + 1, head=head)
        if reason:
            return Verdict(count, head, line.id, reason)
        count, head = count + 1, line.hash
    return Verdict(count, head)


def _all_lines() -> Iterator[tuple[AuditLine, list[HistoryValue]]]:
    """Every line with the values that are kept of it, some at a time in two queries."""
    anew = {"populate_existing": True}
    lines = select(AuditLine).order_by(AuditLine.id).limit(LINES_AT_A_TIME).execution_options(**anew)
    found = db.session.scalars(lines).all()
    while found:
        kept: dict[int, list[HistoryValue]] = {}
        for value in db.session.scalars(
            select(HistoryValue)
            .where(HistoryValue.line_id.between(found[0].id, found[-1].id))
            .order_by(HistoryValue.id)
            .execution_options(**anew)
        ):
            kept.setdefault(value.line_id, []).append(value)
        yield from ((line, kept.get(line.id, [])) for line in found)
        found = db.session.scalars(lines.where(AuditLine.id > found[-1].id)).all()


def what_is_wrong(line: AuditLine, kept: Sequence[HistoryValue], *, expected_id: int, head: str) -> str:
    """How a line shows that it was changed, or "". `head` is the hash of the line before it, `kept` its values."""
    if line.id != expected_id:
        return f"line {expected_id} is missing"
    if line.previous != head:
        return "it does not follow the line before it"
    if line.hash != line_hash(line):
        return "its content was changed"
    digests = json.loads(line.digests)
    for value in kept:
        if digests.get(value.field) != digest(value):
            return f"the kept value of {value.field} was changed"
    return ""


def _lock_and_find_last() -> AuditLine | None:
    if is_postgresql():
        db.session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": CHAIN_LOCK})
    return db.session.scalar(
        select(AuditLine).order_by(AuditLine.id.desc()).limit(1).execution_options(populate_existing=True)
    )


def as_text(value: Any) -> str:
    """A value as the chain and the history write it, the same on every database."""
    if value is None:
        return ""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Day):
        return value.text
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=as_text)
    return str(value)
