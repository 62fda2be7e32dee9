"""What the walks through the whole system share: somebody at a browser, and a look into the database between steps."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from grants.foundation.records.db import db
from grants.foundation.records.outbox import OutboxMessage, whole
from tests.support.browser import WIDTHS, axe, sideways
from tests.support.databases import chosen_url

PHONE, DESK = WIDTHS["phone"], WIDTHS["desk"]
NewPage = Callable[..., Any]


@contextmanager
def reading() -> Iterator[Session]:
    """A look into the database that lets go of it afterwards, so that the server may write."""
    db.session.rollback()
    yield db.session()
    db.session.rollback()


class Mail(NamedTuple):
    """A message of the outbox."""

    to: str
    subject: str
    body: str


def mails(purpose: str) -> list[Mail]:
    """Every message of one kind in the outbox, oldest first."""
    columns = OutboxMessage.to, OutboxMessage.subject, OutboxMessage.body
    with reading() as session:
        rows = session.execute(select(*columns).filter_by(purpose=purpose).order_by(OutboxMessage.id))
        return [Mail(*row) for row in rows]


def link_in_the_last_mail() -> str:
    """The path of the link in the newest message of the outbox."""
    with reading() as session:
        body = whole(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(1)).one())
    found = re.search(r"https?://[^/\s]+(/\S+)", body)
    assert found, body
    return found[1]


@dataclass(frozen=True)
class Walker:
    """Somebody at a browser. Every page that is looked at has to be fit for everybody at this person's width."""

    page: Any
    scripts: bool = True
    seen: set[tuple[str, str]] = field(default_factory=set)

    @property
    def text(self) -> str:
        """What stands on the page, with plain spaces."""
        return str(self.page.locator("main").inner_text()).replace("\xa0", " ")

    @property
    def heading(self) -> str:
        """The page's own heading."""
        return str(self.page.locator("h1").inner_text()).replace("\xa0", " ")

    def look(self) -> None:
        """Nobody has to scroll sideways, and axe finds nothing.

        Axe does not read a page again that comes again, nor on PostgreSQL what it has read on SQLite.
        """
        assert sideways(self.page) == [], self.page.url
        page = (self.page.url, self.page.title())
        if self.scripts and not chosen_url() and page not in self.seen:
            assert axe(self.page) == [], self.page.url
            self.seen.add(page)

    def go(self, path: str) -> None:
        """To a page that is there, and look at it."""
        answer = self.page.goto(path)
        assert answer.status == 200, (path, answer.status)
        self.look()

    def follow(self, name: str, *, exact: bool = True, look: bool = True) -> None:
        """Through a link, or a button that is one."""
        links = self.page.get_by_role("link", name=name, exact=exact)
        links.or_(self.page.get_by_role("button", name=name, exact=exact)).first.click()
        self.page.wait_for_load_state()
        if look:
            self.look()

    def press(self, name: str) -> None:
        """Send the form of a button, and look at what it answers."""
        self.page.get_by_role("button", name=name, exact=True).click()
        self.page.wait_for_load_state()
        self.look()

    def press_twice(self, name: str, *, then: str) -> None:
        """Send a form with a double click, and wait for the page that says this."""
        self.page.get_by_role("button", name=name, exact=True).dblclick()
        self.page.get_by_text(then).first.wait_for()
        self.page.wait_for_load_state()
        self.look()

    def fill(self, label: str, text: str) -> None:
        """Write into a field."""
        self.page.get_by_role("textbox", name=label).fill(text)

    def tick(self, *labels: str, of: str = "") -> None:
        """Tick boxes or choose answers, of one question where it is named."""
        part = self.page.get_by_role("group", name=of) if of else self.page
        for label in labels:
            part.get_by_role("radio", name=label).or_(part.get_by_role("checkbox", name=label)).check()

    def fill_day(self, question: str, day: date) -> None:
        """Write a day into its three fields."""
        parts = self.page.get_by_role("group", name=question)
        for label, number in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
            parts.get_by_label(label).fill(str(number))

    def error_beside(self, field: str) -> str:
        """What is wrong with a field, as it stands beside it; the summary says it too."""
        beside = str(self.page.locator(f"#{field}-error").inner_text()).replace("\xa0", " ").removeprefix("Error:")
        summary = str(self.page.locator(".govuk-error-summary").inner_text()).replace("\xa0", " ")
        assert beside.strip() in summary
        return beside.strip()

    def download(self, name: str) -> bytes:
        """The bytes of the file behind a link or a button."""
        with self.page.expect_download() as download:
            self.follow(name, look=False)
        return Path(download.value.path()).read_bytes()

    def fetch(self, path: str) -> bytes:
        """The bytes of a file that this person may open."""
        answer = self.page.request.get(path)
        assert answer.status == 200, path
        return bytes(answer.body())

    def is_refused(self, *paths: str) -> None:
        """To this person these pages are not there."""
        for path in paths:
            assert self.page.request.get(path).status == 404, path

    def does_not_read(self, *secrets: str) -> None:
        """None of this stands on the page."""
        found = [secret for secret in secrets if secret in self.text]
        assert found == [], self.page.url

    def reads(self, *words: str) -> None:
        """All of this stands on the page."""
        missing = [word for word in words if word not in self.text]
        assert missing == [], (self.page.url, self.text)
