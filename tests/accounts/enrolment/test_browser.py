"""Signing in with an app and with a passkey, by keyboard alone, in a browser that has a device for passkeys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from grants.accounts.models import Person
from grants.accounts.rights import Role
from grants.foundation.records.db import db
from tests.support import factories
from tests.support.browser import WIDTHS, axe, sideways
from tests.support.devices import code_of
from tests.support.factories import PASSWORD

NewPage = Callable[..., Any]

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
NAME = "e => (e.labels?.[0] ?? e).textContent.replace(/\\s+/g, ' ').trim()"


@pytest.fixture
def officer(app: Flask) -> Iterator[Person]:
    """Somebody whose role needs a second step, at a server that starts afterwards."""
    before = app.extensions["second step roles"]
    app.extensions["second step roles"] = frozenset(Role)
    person = factories.officer()
    yield person
    app.extensions["second step roles"] = before


def tab_to(page: Any, name: str) -> None:
    """Press the tab key until something of this name is reached."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.locator(":focus").count() and str(page.locator(":focus").evaluate(NAME)).startswith(name):
            return
    raise AssertionError(f"{name!r} cannot be reached by keyboard on {page.url}: {page.locator('main').inner_text()}")


def press(page: Any, name: str, *, then: str) -> None:
    tab_to(page, name)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=then, level=1).wait_for()
    assert sideways(page) == []
    assert axe(page) == []


def type_into(page: Any, name: str, text: str) -> None:
    tab_to(page, name)
    page.keyboard.type(text)


def give_password(page: Any, person: Person, *, then: str) -> None:
    page.goto("/sign-in")
    type_into(page, "E-mail address", person.email)
    type_into(page, "Password", PASSWORD)
    press(page, "Sign in", then=then)


def test_an_officer_sets_up_app_and_passkey_and_signs_in_with_each_by_keyboard_alone(
    officer: Person, new_page: NewPage
) -> None:
    page = new_page(width=WIDTHS["phone"])
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    db.session.rollback()

    give_password(page, officer, then="Set up a second step")
    press(page, "Set up an app", then="Set up an app on your phone")
    secret = page.locator("main code").inner_text().replace(" ", "")
    type_into(page, "Code that the app shows", code_of(secret, later=-1))
    press(page, "Finish", then="It is set up: keep these codes")
    recovery = page.locator("main code").first.inner_text()

    page.goto("/account/second-step")
    press(page, "Add a passkey", then="Add a passkey")
    type_into(page, "Name of the passkey", "This computer")
    press(page, "Make the passkey", then="Your second step")
    assert "This computer" in page.locator("main").inner_text()

    for way in (lambda: press(page, "Use a passkey", then="Your desk"), lambda: by_code(page, code_of(secret))):
        sign_out(page)
        give_password(page, officer, then="One more step to sign in")
        way()
    sign_out(page)
    give_password(page, officer, then="One more step to sign in")
    by_code(page, recovery)


def by_code(page: Any, code: str) -> None:
    type_into(page, "Code", code)
    press(page, "Go on", then="Your desk")


def sign_out(page: Any) -> None:
    tab_to(page, "Sign out")
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
