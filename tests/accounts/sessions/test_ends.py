"""A session lives on the server: it ends there, wherever its cookie went, and its person sees where they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from grants.accounts.models import SEEN_EVERY, SESSIONS_KEPT, BrowserSession, Person
from grants.accounts.rights import Role
from grants.accounts.sessions import operations as sessions
from grants.accounts.sessions.rules import words_of
from grants.foundation.records.db import Refused, db, transaction
from tests.accounts.support import mails
from tests.conftest import MovedClock, new_client
from tests.support import factories
from tests.support.client import COOKIE, ORIGIN, Client
from tests.support.factories import PASSWORD

SignIn = Callable[[Person], Client]

PHONE = "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"


def is_in(client: Client) -> bool:
    return client.get("/account").status_code == 200


def cookie_of(client: Client) -> str:
    found = client.get_cookie(COOKIE, domain="localhost")
    assert found is not None
    return found.value


def come_in(client: Client, person: Person, agent: str = PHONE) -> None:
    client.submit("/sign-in", {"email": person.email, "password": PASSWORD}, headers={"User-Agent": agent})


def kept(person: Person) -> list[BrowserSession]:
    db.session.rollback()
    return list(db.session.scalars(select(BrowserSession).where(BrowserSession.person_id == person.id)))


def test_a_copied_cookie_is_worth_nothing_after_signing_out(app: Flask, sign_in: SignIn) -> None:
    browser, thief = sign_in(factories.person()), new_client(app)
    browser.get("/account")
    thief.set_cookie(COOKIE, cookie_of(browser), domain="localhost", secure=True)
    assert is_in(thief)

    browser.submit("/account", form="form[action='/sign-out']")

    assert not is_in(thief)


def test_a_session_is_ended_from_another_browser(app: Flask) -> None:
    person, phone, desk = factories.person(), new_client(app), new_client(app)
    come_in(phone, person)
    come_in(desk, person, agent="Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0")
    page = desk.get("/account/sessions")
    assert "Firefox on Android" in page.main
    assert "Chrome on Windows This browser" not in page.main.replace("\xa0", " ").partition("Firefox")[0]

    desk.submit(page, form="form[action$='/end']")

    assert is_in(desk)
    assert not is_in(phone)
    assert "Firefox on Android" not in desk.get("/account/sessions").main


def test_another_persons_session_cannot_be_ended(app: Flask) -> None:
    theirs, stranger = sessions.begin(factories.person()), factories.person()

    with pytest.raises(Refused):
        sessions.end(person=stranger, session_id=theirs.id)

    assert kept(theirs.person)[0].ended_at is None


@pytest.mark.parametrize("roles", [(Role.OFFICER,), (Role.AUDITOR, Role.PANEL)])
def test_people_of_the_office_are_signed_out_when_they_do_nothing_for_an_hour(
    app: Flask, client: Client, clock: MovedClock, roles: tuple[Role, ...]
) -> None:
    client.sign_in(factories.person(*roles))
    for _ in range(3):
        clock.shift(timedelta(minutes=59))
        assert is_in(client)

    clock.shift(timedelta(minutes=app.config["IDLE_MINUTES"]) + SEEN_EVERY)

    assert not is_in(client)


def test_groups_are_not_signed_out_for_thinking(client: Client, clock: MovedClock) -> None:
    client.sign_in(factories.person(member_of=factories.organisation()))

    clock.shift(timedelta(hours=20))

    assert is_in(client)


def test_use_is_noted_every_few_minutes_only(client: Client, clock: MovedClock) -> None:
    person = factories.officer()
    client.sign_in(person)
    begun = kept(person)[0].seen_at
    clock.shift(SEEN_EVERY - timedelta(seconds=1))
    client.get("/desk")
    assert kept(person)[0].seen_at == begun

    clock.shift(timedelta(seconds=1))
    client.get("/desk")

    assert kept(person)[0].seen_at == begun + SEEN_EVERY


def test_a_browser_that_is_new_to_a_person_is_told_to_them(app: Flask) -> None:
    person = factories.person()
    first, second = new_client(app), new_client(app)
    come_in(first, person)
    first.submit("/account", form="form[action='/sign-out']")
    come_in(first, person)
    assert mails(person.email) == []

    come_in(second, person)

    (mail,) = mails(person.email)
    assert mail.subject == "A new sign-in to your account"
    assert "Firefox on Android" in mail.body
    assert f"{app.config['PUBLIC_URL']}/account/sessions" in mail.body


def test_a_browser_known_for_one_person_is_new_for_another(client: Client) -> None:
    one, other = factories.person(), factories.person()
    sessions.begin(other)
    come_in(client, one)
    client.submit("/account", form="form[action='/sign-out']")

    come_in(client, other)

    assert [mail.subject for mail in mails(other.email)] == ["A new sign-in to your account"]


def test_sessions_of_long_ago_are_forgotten(app: Flask, clock: MovedClock) -> None:
    person = factories.person()
    sessions.begin(person)
    clock.shift(SESSIONS_KEPT + timedelta(days=1))

    now = sessions.begin(person)

    assert [one.id for one in kept(person)] == [now.id]


def test_the_table_opens_nothing(client: Client) -> None:
    person = factories.person()
    begun = sessions.begin(person)
    for stolen in (begun.digest, begun.person_key, begun.device_digest):
        with client.session_transaction(base_url=ORIGIN) as cookie:
            cookie["_user_id"] = stolen
        assert not is_in(client)


def test_a_new_key_ends_every_session_at_once(app: Flask, client: Client) -> None:
    person = factories.person()
    client.sign_in(person)

    with transaction():
        person.session_key = "another"

    assert not is_in(client)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Mobile/15E148 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 14) SamsungBrowser/25.0 Chrome/121.0 Mobile", "Samsung Internet on Android"),
        ("Mozilla/5.0 (Macintosh) Chrome/140.0 Safari/537.36", "Chrome on a Mac"),
        ("curl/8.5.0", "a browser that does not say what it is"),
        ("", "a browser that does not say what it is"),
        ("Mozilla/5.0 (X11; Linux x86_64) Something/1.0", "a browser on Linux"),
    ],
)
def test_a_browser_is_called_what_it_calls_itself(agent: str, words: str) -> None:
    assert words_of(agent) == words
