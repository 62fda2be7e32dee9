"""A client that fetches as a browser would, and reads every page that it fetches."""

from __future__ import annotations

import contextvars
import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from grants.foundation.records.db import db

from .databases import chosen_url
from .lint import BadPage, lint, read, words
from .queries import are_counted

ORIGIN = "https://localhost"
COOKIE = "__Host-grants"
"""The cookie that holds a session."""

T = TypeVar("T")


def apart(deed: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Do something as another process would: no context, session or open transaction of the test reaches it.

    Afterwards the test's own objects are read anew from the database.
    """
    if has_app_context():
        db.session.rollback()
    try:
        return contextvars.Context().run(deed, *args, **kwargs)
    finally:
        if has_app_context():
            db.session.expire_all()


class Page(TestResponse):
    """An answer, with its page parsed where it has one."""

    parsed: BeautifulSoup | None = None

    @property
    def page(self) -> BeautifulSoup:
        """The page, parsed once."""
        if self.parsed is None:
            self.parsed = read(self.get_data(as_text=True))
        return self.parsed

    @property
    def words(self) -> str:
        """What a person reads on it, with single spaces (non-breaking ones too)."""
        return words(self.page.body or self.page)

    @property
    def main(self) -> str:
        """What a person reads in its main part."""
        return words(self.page.find("main"))

    @property
    def errors(self) -> dict[str, str]:
        """The error beside each field, by the field's name."""
        found = {}
        for message in self.page.select(".govuk-error-message"):
            name = str(message.get("id", "")).removesuffix("-error")
            found[name] = words(message).removeprefix("Error: ")
        return found

    @property
    def summary(self) -> list[str]:
        """The sentences of the error summary."""
        return [words(item) for item in self.page.select(".govuk-error-summary__list li, .govuk-error-summary__body p")]

    def weight(self, rows: int, *, each: str = "tbody tr") -> int:
        """The bytes that it would have with so many rows, all as long as its longest."""
        found = [len(str(row).encode()) for row in self.page.select(each)]
        return len(self.data) + max(found, default=0) * (rows - len(found))

    @property
    def rows(self) -> list[str]:
        """What a person reads in each row of its tables."""
        return [words(row) for row in self.page.select("main tbody tr")]

    def link(self, way: str) -> str:
        """The address of the page after (`next`) or before (`prev`) this one of its list, or ""."""
        found = self.page.select_one(f"a[rel={way}]")
        return str(found["href"]) if found else ""

    @property
    def goes_to(self) -> str:
        """Where a redirect leads, without the host."""
        assert self.status_code in {301, 302, 303, 307, 308}, f"{self.status}: {self.summary or self.words[:300]}"
        parts = urlsplit(self.headers["Location"])
        return parts.path + (f"?{parts.query}" if parts.query else "")


class Client(FlaskClient):
    """A browser. Each request has a context of its own, over HTTPS, with the header that a browser adds to a form.

    Pages are linted on SQLite: they do not depend on the database behind them. Of a list that goes on, the page
    after and the page before are fetched and linted too, unless the queries are counted.
    """

    lints = not chosen_url()
    last: Page | None = None

    def __init__(self, app: Flask, *_args: Any, **_more: Any) -> None:
        super().__init__(app, Page, use_cookies=True)
        self.turned: set[str] = set()

    def __enter__(self) -> Client:  # type: ignore[override]
        """pytest-flask's `client` is entered: no request stays open after its answer all the same."""
        return self

    def open(self, *args: Any, **kwargs: Any) -> Page:  # type: ignore[override]
        found = self.last = self._fetch(*args, **kwargs)
        if self._reads(found) and found.request.method == "GET" and not are_counted():
            for way, back in (("next", "prev"), ("prev", "next")):
                if f'rel="{way}"'.encode() in found.data:
                    self._turn(found, way, back)
        return found

    def _turn(self, page: Page, way: str, back: str) -> None:
        """Look at the neighbour of a page of a list, once, and whether the way back leads to the same rows."""
        address = page.link(way)
        if not address or address in self.turned:
            return
        self.turned.add(address)
        neighbour = self._neighbour(page, way)
        behind = self._neighbour(neighbour, back)
        if neighbour.rows == page.rows or behind.rows != page.rows:
            raise BadPage(f"{page.request.path}: {way} and {back} do not lead back to the same rows")

    def _neighbour(self, page: Page, way: str) -> Page:
        if not page.link(way):
            raise BadPage(f"{page.request.path} has no way back: there is no link with rel={way}")
        found = self._fetch(page.link(way))
        if found.status_code != 200:
            raise BadPage(f"{page.request.path}: its page {way} is not there: {found.status}")
        return found

    def _fetch(self, *args: Any, **kwargs: Any) -> Page:
        kwargs.setdefault("base_url", ORIGIN)
        kwargs["buffered"] = True
        if kwargs.get("method", "GET") not in {"GET", "HEAD", "OPTIONS"}:
            kwargs["headers"] = {"Referer": f"{ORIGIN}/", **dict(kwargs.get("headers") or {})}
        found: Page = apart(super().open, *args, **kwargs)
        if self._reads(found):
            _lint_once(found)
        return found

    def _reads(self, answer: Page) -> bool:
        return self.lints and answer.mimetype == "text/html" and bool(answer.get_data()) and not answer.location

    def submit(
        self, page: Page | str, data: Mapping[str, Any] | None = None, *, form: str = "", button: str = "", **more: Any
    ) -> Page:
        """Fill in a form of a page and send it, as a browser does: its hidden inputs and what it holds go along.

        `page` is an answer, or an address to fetch first. `form` is a CSS selector where a page has
        several forms; `button` the value or the words of the button to press. A value of None leaves a field out.
        """
        fetched = self.get(page) if isinstance(page, str) else page
        found = _the_form(fetched, form)
        method = str(found["method"]).lower()
        filled = {**filled_in(found, button=button), **(data or {})}
        sent = {name: value for name, value in filled.items() if value is not None}
        where = str(found["action"])
        if method == "get":
            return self.get(where, query_string=sent, **more)
        return self.post(where, data=sent, **more)  # type: ignore[return-value]

    def sign_in(self, person: Any) -> None:
        """Be this person from now on, without the sign-in page."""
        key = secret_of_session(person)
        with self.session_transaction(base_url=ORIGIN) as session:
            session.clear()
            session["_user_id"] = key
            session["_fresh"] = True

    def sign_out(self) -> None:
        """Forget who it was."""
        with self.session_transaction(base_url=ORIGIN) as session:
            session.clear()


def secret_of_session(person: Any) -> str:
    """Make a session of somebody, as signing in does: what its cookie holds."""
    from grants.accounts.sessions.operations import begin

    return begin(person).secret


_SECRET = re.compile(r'value="[^"]{30,}"')
"""What differs in the same form at each opening: its token and its key."""
_linted: set[bytes] = set()


def _lint_once(answer: Page) -> None:
    """Lint a page, unless the very same one was found good before: a 404 says the same at a thousand addresses."""
    digest = hashlib.sha256(_SECRET.sub("", answer.get_data(as_text=True)).encode()).digest()
    if digest not in _linted:
        answer.parsed = lint(answer.get_data(as_text=True), f"{answer.request.method} {answer.request.path}")
        _linted.add(digest)


def _the_form(response: Page, selector: str) -> Tag:
    if selector:
        forms = response.page.select(selector)
    else:
        main = response.page.find("main") or response.page
        forms = main.find_all("form", attrs={"method": "post"}) or main.find_all("form")
    assert len(forms) == 1, f"{response.request.path} ({response.status}) has {len(forms)} forms: name one"
    return forms[0]


def filled_in(form: Tag, *, button: str = "") -> dict[str, Any]:
    """What a browser would send of a form as it stands; `button` is pressed, by its value or words."""
    values: dict[str, Any] = {}

    def put(name: str, value: str) -> None:
        if name in values:
            before = values[name]
            values[name] = [*(before if isinstance(before, list) else [before]), value]
        else:
            values[name] = value

    for field in form.find_all(["input", "select", "textarea"]):
        name, kind = field.get("name"), str(field.get("type", "text")).lower()
        if not name or field.has_attr("disabled") or kind in {"submit", "button", "image", "reset", "file"}:
            continue
        if field.name == "select":
            chosen = field.find("option", selected=True) or field.find("option")
            if chosen is not None:
                put(name, str(chosen.get("value", words(chosen))))
        elif field.name == "textarea":
            put(name, field.get_text().removeprefix("\n"))
        elif kind not in {"checkbox", "radio"}:
            put(name, str(field.get("value", "")))
        elif field.has_attr("checked"):
            put(name, str(field.get("value", "on")))
    if button:
        found = [b for b in form.find_all("button") if button in {b.get("value"), words(b)}]
        assert len(found) == 1, f"there are {len(found)} buttons {button!r}"
        if found[0].get("name"):
            values[str(found[0]["name"])] = str(found[0].get("value", ""))
    return values
