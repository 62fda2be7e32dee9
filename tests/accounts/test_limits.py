"""Limits on trying: tight for one account from one address, and never for a whole office."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from grants.accounts import limits
from tests.accounts.support import link_in, mails
from tests.conftest import MovedClock, new_client
from tests.support import factories
from tests.support.client import Client
from tests.support.factories import PASSWORD

HERE = {"REMOTE_ADDR": "192.0.2.10"}
BAD = "not the password"
ELSEWHERE = {"REMOTE_ADDR": "198.51.100.7"}


def attempt(client: Client, email: str, password: str = BAD, address: dict[str, str] = HERE) -> Any:
    page = client.get("/sign-in")
    return client.submit(page, {"email": email, "password": password}, environ_overrides=address)


def fail(client: Client, email: str, times: int, address: dict[str, str] = HERE) -> None:
    for _ in range(times):
        assert attempt(client, email, address=address).status_code == 422


def test_the_sixth_try_at_an_account_has_to_wait(client: Client, clock: MovedClock) -> None:
    """Risk: somebody guesses a password."""
    person = factories.person(email="sam@example.org")
    fail(client, person.email, 5)
    clock.shift(timedelta(minutes=4))

    response = attempt(client, person.email, PASSWORD)

    assert response.status_code == 429
    assert response.summary == ["There were too many tries. Try again in 11 minutes, or choose a new password."]
    assert response.headers["Retry-After"] == "660"
    assert response.page.find(id="email")["value"] == "sam@example.org"


def test_after_the_wait_the_owner_comes_in(client: Client, clock: MovedClock) -> None:
    person = factories.person()
    fail(client, person.email, 5)

    clock.shift(timedelta(minutes=15, seconds=1))

    assert attempt(client, person.email, PASSWORD).goes_to == "/desk"


def test_the_address_in_capitals_is_the_same_account(client: Client) -> None:
    person = factories.person(email="sam@example.org")
    fail(client, "SAM@example.org", 3)
    fail(client, "sam@EXAMPLE.org", 2)

    assert attempt(client, person.email, PASSWORD).status_code == 429


def test_an_unknown_account_has_to_wait_as_well(client: Client) -> None:
    """Risk: the limit tells who has an account here."""
    fail(client, "nobody@example.org", 5)

    assert attempt(client, "nobody@example.org").status_code == 429


def test_a_colleague_who_forgot_a_password_locks_nobody_else_out(
    client: Client, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Risk: an office behind one address stands still on the day of the panel."""
    monkeypatch.setattr(limits, "ADDRESS", limits.parse("10 per 15 minutes"))
    forgetful, busy = factories.person(), factories.person()
    fail(client, forgetful.email, 5)
    for _ in range(15):
        assert attempt(client, forgetful.email).status_code == 429

    assert attempt(new_client(app), busy.email, PASSWORD).goes_to == "/desk"


def test_an_office_that_signs_in_all_morning_is_never_stopped(app: Flask) -> None:
    person = factories.person()

    for _ in range(12):
        assert attempt(new_client(app), person.email, PASSWORD).goes_to == "/desk"


def test_a_failure_at_one_address_does_not_stop_the_owner_at_another(client: Client) -> None:
    """Risk: somebody locks the decision maker out by failing in their name."""
    person = factories.person()
    fail(client, person.email, 5, HERE)

    assert attempt(client, person.email, PASSWORD, HERE).status_code == 429
    assert attempt(client, person.email, PASSWORD, ELSEWHERE).goes_to == "/desk"


def test_coming_in_forgives_the_failures_before(app: Flask, client: Client) -> None:
    person = factories.person()
    fail(client, person.email, 4)
    assert attempt(client, person.email, PASSWORD).goes_to == "/desk"
    again = new_client(app)

    fail(again, person.email, 4)

    assert attempt(again, person.email, PASSWORD).goes_to == "/desk"


def test_a_new_password_forgives_the_failures_before(app: Flask, client: Client) -> None:
    person = factories.person()
    fail(client, person.email, 5)
    client.submit("/forgotten-password", {"email": person.email})
    page = client.get(link_in(mails(person.email)[-1]))
    assert client.submit(page, {"password": "three new words"}, environ_overrides=HERE).goes_to == "/desk"

    assert attempt(new_client(app), person.email, "three new words").goes_to == "/desk"


def test_one_address_may_not_try_many_accounts(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Risk: a list of addresses is tried with one common password."""
    monkeypatch.setattr(limits, "ADDRESS", limits.parse("4 per 15 minutes"))
    person = factories.person()
    for number in range(4):
        fail(client, f"someone{number}@example.org", 1)

    assert attempt(client, person.email, PASSWORD).status_code == 429
    assert attempt(client, person.email, PASSWORD, ELSEWHERE).goes_to == "/desk"


def test_one_account_may_not_be_tried_from_many_addresses(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Risk: a net of machines guesses one password, five tries each."""
    monkeypatch.setattr(limits, "ACCOUNT", limits.parse("4 per 1 hour"))
    person = factories.person()
    for number in range(4):
        fail(client, person.email, 1, {"REMOTE_ADDR": f"203.0.113.{number}"})

    assert attempt(client, person.email, PASSWORD).status_code == 429


@pytest.mark.parametrize(
    ("address", "same"),
    [("2001:db8:0:1::5", True), ("2001:db8:0:2::5", False), ("192.0.2.1", False), ("nonsense", False)],
)
def test_a_network_of_one_household_is_one_address(app: Flask, address: str, same: bool) -> None:
    with app.test_request_context(environ_overrides={"REMOTE_ADDR": "2001:db8:0:1::1"}):
        first = limits.address()
    with app.test_request_context(environ_overrides={"REMOTE_ADDR": address}):
        assert (limits.address() == first) is same


def test_the_password_of_an_account_cannot_be_guessed_from_its_open_session(client: Client) -> None:
    """Risk: somebody at an unlocked computer tries passwords until one lets them take the account over."""
    person = factories.person()
    client.sign_in(person)
    for _ in range(5):
        data = {"old_password": "not the password", "password": "three new words"}
        assert client.submit("/account/password", data).status_code == 422

    response = client.submit("/account/password", {"old_password": PASSWORD, "password": "three new words"})

    assert response.status_code == 429
    assert response.summary == ["There were too many tries. Try again in 15 minutes."]


@pytest.mark.parametrize("path", ["/create-account", "/forgotten-password"])
def test_nobody_is_flooded_with_our_mail(client: Client, path: str) -> None:
    data = {"email": "sam@example.org"} | (
        {"name": "Sam", "password": "three new words"} if path == "/create-account" else {}
    )
    for _ in range(5):
        assert client.submit(path, data).status_code == 302

    response = client.submit(path, data)

    assert response.status_code == 429
    assert response.summary == [
        "We have sent several mails already. Look for them, in the spam folder too, or try again in 60 minutes."
    ]
    assert len(mails("sam@example.org")) == 5
    assert client.submit(path, data | {"email": "kim@example.org"}).status_code == 302
