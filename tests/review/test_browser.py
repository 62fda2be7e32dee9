"""Scoring in a real browser: how far one is, whether it is saved, and on a phone the way between bid and scores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from grants.applications.models import ApplicationStatus
from tests.support import browser, factories

pytestmark = pytest.mark.browser


def test_score_sheet_follows_what_is_written(app: Any, new_page: Callable[..., Any]) -> None:
    member = factories.panel_member()
    application = factories.application(ApplicationStatus.ELIGIBLE)
    factories.score_sheet(application, member, score=None, locked=False)
    page = new_page(member, width=320)
    page.goto(f"/review/{application.reference}")
    assert "Nothing is saved yet." in page.locator(".g-saved").inner_text()

    page.get_by_role("link", name="Your scores, 0 of 2").click()
    page.get_by_role("radio", name="4 Good").first.check()
    page.locator("textarea").first.fill("It is clear.")

    assert page.locator(".g-saved").inner_text() == "You have changes that are not saved."
    assert "1 of 2 criteria" in page.locator("#scores .g-bar__text").inner_text()
    page.get_by_role("link", name="Your scores, 1 of 2").wait_for()
    assert browser.sideways(page) == []
    page.get_by_role("button", name="Save as a draft").click()
    page.wait_for_load_state()
    assert "Draft last saved at" in page.locator(".g-saved").inner_text()
    assert "1 of 2 criteria" in page.locator("#scores .g-bar__text").inner_text()
