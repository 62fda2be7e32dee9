"""Idempotency: a form that creates something carries a key, and sent twice it creates once."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable
from datetime import datetime

from flask import current_app
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from grants.foundation.values import clock
from grants.foundation.values.keys import derived

from .actors import Actor
from .db import Model, db, is_postgresql, transaction

_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")


class BadKey(ValueError):
    """The form's key is missing or was tampered with."""


class OtherContent(Exception):
    """The form was sent with this key before, and did something else: its answer is not the answer to this."""


class IdempotencyKey(Model):
    """A form that was sent, and where its answer led. `digest` is of what was in it, under a key of the app's own."""

    __tablename__ = "idempotency_keys"

    key: Mapped[str] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    result: Mapped[str]
    digest: Mapped[str] = mapped_column(default="")


def new_key() -> str:
    """A key for one showing of a creating form."""
    return secrets.token_urlsafe(24)


def is_key(text: str) -> bool:
    """Whether the text looks like a key that `new_key` made."""
    return _KEY.fullmatch(text) is not None


def once(*, key: str, actor: Actor, purpose: str, make: Callable[[], str], content: str = "") -> str:
    """Do `make` unless this key did already; return its result (where to go next) either way.

    The key, the deed and its result are one transaction. `content` is what was in the form. Raises BadKey, and
    OtherContent where the key did already with another content: nothing is done then.
    """
    if not is_key(key):
        raise BadKey(key)
    full, digest = f"{purpose}:{actor.key}:{key}", _digest(content)
    with transaction() as session:
        insert = postgresql.insert if is_postgresql() else sqlite.insert
        claimed = session.execute(
            insert(IdempotencyKey)
            .values(key=full, made_at=clock.now(), result="", digest=digest)
            .on_conflict_do_nothing()
            .returning(IdempotencyKey.key)
        ).first()
        row = db.session.scalars(
            select(IdempotencyKey).where(IdempotencyKey.key == full).execution_options(populate_existing=True)
        ).one()
        if claimed:
            row.result = make()
            session.flush()
        elif row.digest not in {digest, ""}:
            raise OtherContent(key)
        return row.result


def _digest(content: str) -> str:
    """What is kept of a form's content: nobody who reads the database can try account numbers on it."""
    key = derived(current_app.config["SECRET_KEY"].encode(), b"grants: forms that were sent")
    return hmac.new(key, content.encode("utf-8", "surrogatepass"), "sha256").hexdigest()
