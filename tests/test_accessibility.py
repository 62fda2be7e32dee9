"""Every page of the access table, as each kind of user who may open it, read by axe in a real browser.

At 320 pixels nobody has to scroll sideways (WCAG 2.2, 1.4.10), at 1280 the office works.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from grants.foundation.db import db
from tests.access_table import DRAFTS, TABLE, Row
from tests.support import browser
from tests.support.world import STAFF, Who, World
from tests.test_access import address_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NOT_PAGES = (".csv", ".xlsx", ".json", ".pdf", ".css", "/healthz")
ROWS = [row for row in [*TABLE, *DRAFTS] if row.method == "GET" and not row.rule.endswith(NOT_PAGES)]


def _kinds(row: Row) -> list[Who]:
    """One of each kind of reader: signed out, of the group, and each role that the row names."""
    if Who.ANYONE in row.who:
        return [Who.ANYONE]
    if row.who.issuperset(STAFF):
        return [Who.OWNER, Who.OFFICER]
    return sorted(row.who)


def _faults(page: Any, address: str, *, ready: Callable[[], Any] | None = None) -> list[str]:
    """What is wrong with a page at any of the widths."""
    answer = page.goto(address)
    assert answer is not None
    assert answer.status in {200, 404, 410}, answer.status
    if ready:
        ready()
    faults = []
    for width in browser.WIDTHS.values():
        page.set_viewport_size({"width": width, "height": 900})
        faults += [f"at {width}: {fault}" for fault in browser.axe(page)]
        faults += [f"at {width}: {fault}" for fault in browser.sideways(page)]
    page.context.close()
    return faults


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_page_is_accessible_at_both_widths(app: Flask, new_page: Callable[..., Any], row: Row) -> None:
    world = World()
    address = address_of(app, row, row.thing(world) if row.thing else {})
    faults = []
    for who in _kinds(row):
        person = None if who == Who.ANYONE else world.people[who]
        db.session.rollback()
        faults += [f"{who} {fault}" for fault in _faults(new_page(person), address)]
    assert faults == []


@pytest.mark.parametrize("path", ["/nothing-here", "/awards/NOTHING"])
def test_page_that_is_not_there_is_accessible(new_page: Callable[..., Any], path: str) -> None:
    assert _faults(new_page(), path) == []


@pytest.mark.parametrize("path", ["/sign-in", "/create-account"])
def test_form_with_every_error_is_accessible(new_page: Callable[..., Any], path: str) -> None:
    page = new_page()

    def send_it_empty() -> None:
        page.locator("main form button[type=submit], main form button:not([type])").first.click()
        page.locator(".govuk-error-summary").wait_for()
        assert page.title().startswith("Error: ")

    assert _faults(page, path, ready=send_it_empty) == []
