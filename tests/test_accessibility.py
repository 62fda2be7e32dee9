"""Every page of the access table, as each kind of user who may open it, read by axe in a real browser.

At 320 (WCAG 2.2, 1.4.10), 768 and 1280 pixels nobody has to scroll sideways; axe reads the first and the last.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from grants.foundation.records.db import db
from tests.access_table import DRAFTS, TABLE, Row
from tests.support import browser
from tests.support.world import STAFF, Who, world_with
from tests.test_access import address_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NOT_PAGES = (".csv", ".xlsx", ".json", ".pdf", ".css", "/healthz")
_SECRET = re.compile(r'value="[^"]{30,}"')
"""What differs in the same form at each opening: its token and its key."""
ROWS = [row for row in [*TABLE, *DRAFTS] if row.method == "GET" and not row.rule.endswith(NOT_PAGES)]


def _kinds(row: Row) -> list[Who]:
    """One of each kind of reader: signed out, of the group, and each role that the row names."""
    if Who.ANYONE in row.who:
        return [Who.ANYONE]
    if row.who.issuperset(STAFF):
        return [Who.OWNER, Who.OFFICER]
    return sorted(row.who)


def _faults(page: Any, *, read: set[str] | None = None) -> list[str]:
    """What is wrong with a page at any of the widths. Whose main part is among those that were `read` is not again."""
    part = _SECRET.sub("", page.locator("main").inner_html())
    if read is not None:
        if part in read:
            return []
        read.add(part)
    faults = []
    for name, width in browser.WIDTHS.items():
        page.set_viewport_size({"width": width, "height": 900})
        if name != "tablet":
            faults += [f"at {width}: {fault}" for fault in browser.axe(page)]
        faults += [f"at {width}: {fault}" for fault in browser.sideways(page)]
    return faults


OpenPage = Callable[..., Any]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_page_is_accessible_at_each_width(app: Flask, open_page: OpenPage, row: Row) -> None:
    """Where a page says the same to several kinds of reader, axe reads it once; their own heads are on their desks."""
    world, values = world_with(row.thing)
    address = address_of(app, row, values)
    faults, read = [], set[str]()
    for who in _kinds(row):
        person = None if who == Who.ANYONE else world.people[who]
        db.session.rollback()
        faults += [f"{who} {fault}" for fault in _faults(open_page(address, person), read=read)]
    assert faults == []


@pytest.mark.parametrize("who", [*STAFF, Who.OWNER], ids=str)
def test_desk_of_each_kind_is_accessible(app: Flask, open_page: OpenPage, who: Who) -> None:
    assert _faults(open_page("/desk", world_with()[0].people[who])) == []


@pytest.mark.parametrize("path", ["/nothing-here", "/awards/NOTHING"])
def test_page_that_is_not_there_is_accessible(open_page: OpenPage, path: str) -> None:
    assert _faults(open_page(path)) == []


@pytest.mark.parametrize("path", ["/sign-in", "/create-account"])
def test_form_with_every_error_is_accessible(open_page: OpenPage, path: str) -> None:
    page = open_page(path)
    page.locator("main form button[type=submit], main form button:not([type])").first.click()
    page.locator(".govuk-error-summary").wait_for()

    assert page.title().startswith("Error: ")
    assert _faults(page) == []
