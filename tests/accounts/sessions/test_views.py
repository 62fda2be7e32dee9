"""Signing in and out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from grants.accounts.demo import PASSWORD as PUBLIC
from grants.accounts.people import operations
from grants.accounts.rights import Role
from grants.accounts.sessions.views import WRONG
from grants.foundation.records.db import transaction
from tests.conftest import MovedClock, new_client
from tests.support import factories
from tests.support.client import ORIGIN, Client
from tests.support.factories import PASSWORD
from tests.support.queries import Queries


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: Any) -> Any:
    return client.submit("/sign-in", {"email": email, "password": password}, **more)


def is_signed_in(client: Client) -> bool:
    return client.get("/account").status_code == 200


def test_sign_in_leads_to_the_desk(client: Client) -> None:
    person = factories.officer()

    response = sign_in(client, person.email)

    assert response.goes_to == "/desk"
    assert is_signed_in(client)


def test_sign_in_takes_the_address_in_any_case(client: Client) -> None:
    factories.person(email="sam@example.org")

    assert sign_in(client, "  SAM@Example.ORG ").goes_to == "/desk"


@pytest.mark.parametrize("email", ["sam@example.org", "nobody@example.org"])
def test_sign_in_says_the_same_for_a_wrong_password_and_an_unknown_address(client: Client, email: str) -> None:
    """Risk: a stranger learns who has an account here."""
    factories.person(email="sam@example.org")

    response = sign_in(client, email, "not the password")

    assert (response.status_code, response.summary) == (422, [WRONG])
    assert not is_signed_in(client)


def test_sign_in_does_the_same_work_for_an_unknown_address(
    client: Client, count_queries: Callable[[], AbstractContextManager[Queries]]
) -> None:
    """Risk: the time of the answer tells who has an account here."""
    factories.person(email="sam@example.org")
    page = client.get("/sign-in")
    work = []
    for email in ("sam@example.org", "nobody@example.org"):
        with count_queries() as queries:
            client.submit(page, {"email": email, "password": "not the password"})
        work.append(queries.count)

    assert work[0] == work[1]


def test_a_password_is_hashed_against_nobody_where_there_is_no_account() -> None:
    from time import perf_counter

    from grants.accounts.passwords import hash_password, matches

    kept = hash_password("three words here")
    matches("warm up", "")
    times = []
    for hashed in (kept, ""):
        start = perf_counter()
        assert not matches("something else", hashed)
        times.append(perf_counter() - start)

    assert times[1] > times[0] / 4


def test_sign_in_keeps_the_address_after_a_failure(client: Client) -> None:
    response = sign_in(client, "sam@example.org", "not the password")

    assert response.page.find(id="email")["value"] == "sam@example.org"
    assert not response.page.find(id="password").get("value")


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("", ""),
        ("a\0b@example.org", PASSWORD),
        ("x" * 50_000, PASSWORD),
        ("' OR 1=1 --", PASSWORD),
        ("é@ü.org", PASSWORD),
    ],
)
def test_sign_in_refuses_bad_input_beside_the_field(client: Client, email: str, password: str) -> None:
    response = sign_in(client, email, password)

    assert response.status_code == 422
    assert response.summary


@pytest.mark.parametrize("password", ["\0" * 10, "x" * 50_000, "🙂" * 60])
def test_sign_in_refuses_a_strange_password(client: Client, password: str) -> None:
    person = factories.person()

    assert sign_in(client, person.email, password).status_code == 422


def test_sign_in_tells_the_owner_of_a_closed_account(client: Client) -> None:
    person = factories.person()
    operations.close_account(actor=factories.TESTS, person=person)

    assert sign_in(client, person.email).summary == [
        "This account is closed. Write to us if you think that is a mistake."
    ]
    assert sign_in(client, person.email, "not the password").summary == [WRONG]


def test_sign_in_asks_to_confirm_the_address_first(client: Client) -> None:
    operations.make_person(
        actor=factories.TESTS, email="new@example.org", name="New", password=PASSWORD, confirmed=False
    )

    assert "Confirm your e-mail address first" in sign_in(client, "new@example.org").summary[0]
    assert sign_in(client, "new@example.org", "not the password").summary == [WRONG]


def test_an_account_without_a_password_cannot_be_opened(client: Client) -> None:
    operations.make_person(actor=factories.TESTS, email="new@example.org", name="New")

    assert sign_in(client, "new@example.org", "").status_code == 422
    assert sign_in(client, "new@example.org", "x").summary == [WRONG]


def test_sign_in_goes_on_to_where_the_person_wanted(client: Client) -> None:
    person = factories.person()

    led = client.get("/account/name?from=1")
    assert led.goes_to == "/sign-in?next=/account/name?from%3D1"
    response = client.submit(led.goes_to, {"email": person.email, "password": PASSWORD})

    assert response.goes_to == "/account/name?from=1"


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " //evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/" + "a" * 3000,
    ],
)
def test_sign_in_never_leads_to_another_site(client: Client, path: str) -> None:
    """Risk: a mail with a link to our sign-in page ends on a page that asks for the password again."""
    person = factories.person()
    page = client.get("/sign-in", query_string={"next": path})

    response = client.submit(page, {"email": person.email, "password": PASSWORD, "next": path})

    assert response.goes_to == "/desk"
    assert client.get("/sign-in", query_string={"next": path}).goes_to == "/desk"


def test_sign_in_starts_a_new_session(client: Client) -> None:
    """Risk: somebody plants a session in another's browser and knows its token."""
    person = factories.person()
    client.get("/sign-in")
    with client.session_transaction(base_url=ORIGIN) as session:
        session["planted"] = "yes"
        before = session["csrf_token"]

    sign_in(client, person.email)

    with client.session_transaction(base_url=ORIGIN) as session:
        assert "planted" not in session
        assert session.get("csrf_token") != before


def test_sign_in_without_a_token_is_refused(client: Client) -> None:
    person = factories.person()

    response = client.post("/sign-in", data={"email": person.email, "password": PASSWORD})

    assert response.status_code == 400
    assert PASSWORD not in response.get_data(as_text=True)
    assert not is_signed_in(client)


def test_sign_out_ends_the_session_here_only(app: Flask, client: Client) -> None:
    person = factories.person()
    other = new_client(app)
    other.sign_in(person)
    client.sign_in(person)

    response = client.submit("/account", form='form[action="/sign-out"]')

    assert response.goes_to == "/"
    assert (is_signed_in(client), is_signed_in(other)) == (False, True)


def test_sign_out_by_a_link_is_not_possible(client: Client) -> None:
    client.sign_in(factories.person())

    assert client.get("/sign-out").status_code == 405
    assert is_signed_in(client)


@pytest.mark.parametrize(("roles", "hours"), [([Role.OFFICER], 12), ([], 24)])
def test_a_session_ends_after_some_hours_however_busy(
    client: Client, clock: MovedClock, roles: list[Role], hours: int
) -> None:
    client.sign_in(factories.person(*roles))
    for _ in range(hours - 1):
        clock.shift(timedelta(hours=1))
        assert is_signed_in(client)

    clock.shift(timedelta(hours=1))

    assert not is_signed_in(client)


def test_a_session_ends_when_the_account_is_closed(client: Client) -> None:
    person = factories.person()
    client.sign_in(person)

    operations.close_account(actor=factories.TESTS, person=person)

    assert not is_signed_in(client)


@pytest.mark.parametrize("key", ["", "1", "x.y.z", "²..²", "x" * 5000])
def test_a_session_that_makes_no_sense_is_nobody(client: Client, key: str) -> None:
    factories.person()
    with client.session_transaction(base_url=ORIGIN) as session:
        session["_user_id"] = key

    assert not is_signed_in(client)


def test_a_signed_in_page_is_never_kept_by_a_browser(client: Client) -> None:
    client.sign_in(factories.person())

    assert client.get("/account").headers["Cache-Control"] == "no-store"
    assert client.get("/nowhere").headers["Cache-Control"] == "no-store"


def test_who_is_signed_in_is_found_in_one_query(
    client: Client, count_queries: Callable[[], AbstractContextManager[Queries]]
) -> None:
    group = factories.organisation()
    client.sign_in(factories.person(Role.OFFICER, Role.FINANCE, member_of=group))

    with count_queries() as queries:
        client.get("/account/name")

    assert queries.count == 2  # the person, and the office's settings


def test_the_sign_in_page_lists_no_accounts_outside_a_demonstration(client: Client) -> None:
    factories.person(email="officer@example.org", name="Olive Officer")

    response = client.get("/sign-in")

    assert "Olive" not in response.words
    assert "demonstration" not in response.main.lower()


@pytest.fixture
def demo(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "DEMO", True)


@pytest.mark.usefixtures("demo")
def test_a_button_of_the_demonstration_signs_in(client: Client) -> None:
    with transaction():
        operations.make_person(
            actor=factories.TESTS,
            email="officer@example.org",
            name="Olive Officer",
            password=PUBLIC,
            password_is_public=True,
            roles=[Role.OFFICER],
        )
    page = client.get("/sign-in?next=/account")
    assert "Olive Officer officer@example.org Grants officer" in page.words

    response = client.submit(page, form="table form")

    assert response.goes_to == "/account"
    assert "Olive Officer" in client.get("/account").main


@pytest.mark.usefixtures("demo")
def test_the_demonstration_offers_its_own_accounts_only(
    client: Client, count_queries: Callable[[], AbstractContextManager[Queries]]
) -> None:
    group = factories.organisation(name="Open Doors")
    factories.person(email="applicant@example.org", name="Ann", member_of=group)
    factories.person(email="stranger@example.org", name="Zed")

    with count_queries() as queries:
        page = client.get("/sign-in")

    assert "Ann applicant@example.org Owner of Open Doors" in page.words
    assert "Zed" not in page.words
    assert queries.count == 2
