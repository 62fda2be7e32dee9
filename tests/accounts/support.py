"""What the tests of accounts share."""

from __future__ import annotations

import re

from sqlalchemy import select

from grants.foundation.records.db import db
from grants.foundation.records.outbox import OutboxMessage, whole


def mails(to: str = "") -> list[OutboxMessage]:
    """The mails in the outbox, oldest first."""
    query = select(OutboxMessage).order_by(OutboxMessage.id)
    return list(db.session.scalars(query.where(OutboxMessage.to == to) if to else query))


def link_in(mail: OutboxMessage) -> str:
    """The path of the first link of a mail."""
    found = re.search(r"https?://[^/\s]+(/\S+)", whole(mail))
    assert found, mail.body
    return found[1]


def secret_in(mail: OutboxMessage) -> str:
    """The secret of the link of a mail."""
    return link_in(mail).partition("?")[0].rpartition("/")[2]
