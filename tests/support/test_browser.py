"""The browser of the tests: it opens our pages, signed out and signed in, and notices what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support import browser, factories

pytestmark = pytest.mark.browser


def test_browser_opens_a_page_of_ours(page: Any) -> None:
    page.goto("/sign-in")
    assert page.title().startswith("Sign in")
    assert browser.sideways(page) == []


def test_browser_signs_in_through_the_page(page: Any) -> None:
    person = factories.officer()
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/desk")


def test_browser_is_signed_in_when_given_a_person(new_page: Callable[..., Any]) -> None:
    page = new_page(factories.officer(), width=320)
    page.goto("/desk")
    assert page.url.endswith("/desk")


def test_axe_notices_what_is_wrong(page: Any) -> None:
    page.goto("/sign-in")
    page.evaluate("document.querySelector('main').innerHTML += '<img src=/icon.png>'")
    assert any(fault.startswith("image-alt (critical)") for fault in browser.axe(page))


def test_sideways_notices_what_is_too_wide(new_page: Callable[..., Any]) -> None:
    page = new_page(width=320)
    page.goto("/sign-in")
    page.evaluate("document.querySelector('main').innerHTML += '<p>' + 'x'.repeat(200) + '</p>'")
    assert browser.sideways(page)[0].startswith("too wide: <")


@pytest.mark.parametrize(("style", "hints"), [("", False), ("background: linear-gradient(red, blue)", True)])
def test_sideways_notices_what_hides_more_without_a_hint(new_page: Callable[..., Any], style: str, hints: bool) -> None:
    page = new_page(width=320)
    page.goto("/sign-in")
    page.evaluate(
        """style => {
            const box = document.createElement("div"), wide = document.createElement("p");
            box.style.cssText = `overflow-x: auto; ${style}`;
            wide.style.cssText = "width: 500px";
            box.append(wide);
            document.querySelector("main").append(box);
        }""",
        style,
    )
    assert [fault[:20] for fault in browser.sideways(page)] == ([] if hints else ["more of it is hidden"])
