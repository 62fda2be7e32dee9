"""The frame of the pages in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from grants.foundation.records.db import db
from tests.support import factories

PAGES = ["/desk", "/account", "/applications", "/review", "/outcomes", "/register", "/nothing-here"]
EDGES = """() => [".g-header__home", "nav[aria-label=Menu] li:nth-child(2)", ".g-header__out", "h1"]
    .map((part) => Math.round(document.querySelector(part).getBoundingClientRect().left))"""


@pytest.mark.browser
@pytest.mark.parametrize("width", [768, 1280, 1900])
def test_head_and_menu_of_staff_stand_still_from_page_to_page(
    app: Any, new_page: Callable[..., Any], width: int
) -> None:
    """They jumped by 60 pixels between narrow and wide pages, away from under the pointer."""
    page = new_page(factories.officer(), width=width)
    db.session.rollback()
    found = {}
    for address in PAGES:
        page.goto(address)
        found[address] = tuple(page.evaluate(EDGES))
    assert len(set(found.values())) == 1, found
