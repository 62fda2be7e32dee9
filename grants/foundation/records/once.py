"""Idempotency: a form that creates something carries a key, and sent twice it creates once."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from grants.foundation.values import clock

from .actors import Actor
from .db import Model, db, is_postgresql, transaction

_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")


class BadKey(ValueError):
    """The form's key is missing or was tampered with."""


class IdempotencyKey(Model):
    """A form that was sent, and where its answer led."""

    __tablename__ = "idempotency_keys"

    key: Mapped[str] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    result: Mapped[str]


def new_key() -> str:
    """A key for one showing of a creating form."""
    return secrets.token_urlsafe(24)


def is_key(text: str) -> bool:
    """Whether the text looks like a key that `new_key` made."""
    return _KEY.fullmatch(text) is not None


def once(*, key: str, actor: Actor, purpose: str, make: Callable[[], str]) -> str:
    """Do `make` unless this key did already; return its result (where to go next) either way.

    The key, the deed and its result are one transaction. Raises BadKey.
    """
    if not is_key(key):
        raise BadKey(key)
    full = f"{purpose}:{actor.key}:{key}"
    with transaction() as session:
        insert = postgresql.insert if is_postgresql() else sqlite.insert
        claimed = session.execute(
            insert(IdempotencyKey)
            .values(key=full, made_at=clock.now(), result="")
            .on_conflict_do_nothing()
            .returning(IdempotencyKey.key)
        ).first()
        row = db.session.scalars(
            select(IdempotencyKey).where(IdempotencyKey.key == full).execution_options(populate_existing=True)
        ).one()
        if claimed:
            row.result = make()
            session.flush()
        return row.result
