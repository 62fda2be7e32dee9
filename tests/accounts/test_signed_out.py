"""A session that ended loses no text."""

from __future__ import annotations

import pytest
from flask import Flask

from grants.accounts.credentials import operations
from grants.accounts.sessions.operations import begin
from tests.conftest import new_client
from tests.support import factories
from tests.support.client import ORIGIN, Client
from tests.support.factories import PASSWORD

GROUP = {"name": "Open Doors “A & B” <b>", "kind": "voluntary group", "charity_number": "1123456"}


def form_of_ended_session(client: Client) -> object:
    """The page that comes when a form is sent after the session has ended."""
    person = factories.person(email="sam@example.org")
    client.sign_in(person)
    page = client.get("/organisations/new")
    operations.end_other_sessions(here=begin(person))
    return client.submit(page, GROUP)


def test_a_form_that_is_sent_signed_out_waits_for_the_person(client: Client) -> None:
    response = form_of_ended_session(client)

    assert response.status_code == 401
    assert response.page.h1.get_text() == "Sign in again"
    assert GROUP["name"] in response.page.find("pre").get_text()
    assert response.page.find(attrs={"name": "kept_for"})["value"] == "/organisations/new"


def test_what_was_typed_is_sent_again_after_signing_in(client: Client) -> None:
    page = form_of_ended_session(client)

    again = client.submit(page, {"email": "sam@example.org", "password": PASSWORD})
    assert (again.status_code, again.page.h1.get_text()) == (200, "You are signed in again")
    stored = client.submit(again)

    assert GROUP["name"] in client.get(stored.goes_to).page.h1.get_text()


def test_what_was_typed_stays_through_a_wrong_password(client: Client) -> None:
    page = form_of_ended_session(client)

    wrong = client.submit(page, {"email": "sam@example.org", "password": "not the password"})
    assert wrong.status_code == 422
    again = client.submit(wrong, {"email": "sam@example.org", "password": PASSWORD})

    assert client.submit(again).status_code == 302


def test_sent_twice_after_signing_in_it_is_stored_once(client: Client) -> None:
    again = client.submit(form_of_ended_session(client), {"email": "sam@example.org", "password": PASSWORD})

    assert client.submit(again).goes_to == client.submit(again).goes_to


def test_passwords_and_tokens_are_not_kept_in_the_page(client: Client) -> None:
    """Risk: a password stands in the source of a page on a shared computer."""
    person = factories.person()
    client.sign_in(person)
    page = client.get("/account/password")
    operations.end_other_sessions(here=begin(person))

    response = client.submit(page, {"old_password": "old and secret", "password": "new and secret"})

    assert response.status_code == 401
    assert "and secret" not in response.get_data(as_text=True)
    assert response.page.find(attrs={"name": "kept-csrf_token"}) is None


def test_a_form_of_another_site_is_never_kept(app: Flask) -> None:
    """Risk: another site prepares a form that the person then sends by signing in."""
    client = new_client(app)

    response = client.post(
        "/organisations/new", data=GROUP, headers={"Origin": "https://evil.example", "Referer": "https://evil.example/"}
    )

    assert response.status_code == 400
    assert "Open Doors" not in response.get_data(as_text=True)


def test_another_site_cannot_put_fields_into_the_sign_in_page(client: Client) -> None:
    """Risk: as above, by way of the sign-in page."""
    factories.person(email="sam@example.org")

    response = client.post(
        "/sign-in",
        data={"email": "sam@example.org", "password": PASSWORD, "kept_for": "/account", "kept-name": "Mallory"},
    )

    assert response.status_code == 400
    assert client.get("/account").status_code == 302


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example", ""])
def test_what_was_kept_never_goes_to_another_site(client: Client, where: str) -> None:
    factories.person(email="sam@example.org")
    data = {"email": "sam@example.org", "password": PASSWORD, "kept_for": where, "kept-name": "Sam"}

    assert client.submit("/sign-in", data).goes_to == "/desk"


def test_a_long_text_is_kept_whole(client: Client) -> None:
    text = "a line\r\n\r\n" * 5000
    client.sign_in(factories.person())
    page = client.get("/account/name")
    with client.session_transaction(base_url=ORIGIN) as session:
        session.pop("_user_id")

    response = client.submit(page, {"name": text})

    assert response.page.find(attrs={"name": "kept-name"})["value"].replace("\r", "") == text.replace("\r", "")
