"""What the tests of accounts share."""

from __future__ import annotations

import re

from sqlalchemy import select

from grants.foundation.records.db import db
from grants.foundation.records.outbox import OutboxMessage, whole
from tests.support.client import Client, Page
from tests.support.lint import words


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


def through(browser: Client, address: str, link: str) -> Page:
    """The page to which a link of a page leads, by the words of the link."""
    found = [one for one in browser.get(address).page.select("main a") if words(one) == link]
    assert len(found) == 1, found
    return browser.get(str(found[0]["href"]))
