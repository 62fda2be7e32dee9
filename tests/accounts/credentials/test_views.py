"""Signing up, proving an address, and a forgotten password."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from grants.accounts import queries, tokens
from grants.accounts.credentials import operations as credentials
from grants.accounts.models import Organisation, Person, Token, TokenPurpose
from grants.accounts.people import operations as people
from grants.foundation.records import audit
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.records.outbox import whole
from tests.accounts.support import link_in, mails, secret_in
from tests.conftest import MovedClock, new_client
from tests.support import factories
from tests.support.client import Client
from tests.support.factories import PASSWORD
from tests.support.queries import Queries

NEW = {"name": "Sam Sutcliffe", "email": "sam@example.org", "password": "three plain words"}


def register(client: Client, **more: Any) -> Any:
    return client.submit("/create-account", {**NEW, **more})


def confirm(client: Client, **more: Any) -> Any:
    return client.submit(link_in(mails(NEW["email"])[-1]), more)


def test_a_new_group_registers_and_gives_its_details(client: Client) -> None:
    sent = register(client)
    assert sent.goes_to == "/create-account/sent"
    assert "We have sent a mail to sam@example.org" in client.get(sent.goes_to).words
    assert client.get("/account").status_code == 302

    confirmed = confirm(client)
    assert confirmed.goes_to == "/organisations/new"
    details = {"name": "Open Doors", "kind": "voluntary group"}
    saved = client.submit(confirmed.goes_to, details)

    assert client.get(saved.goes_to).page.h1.get_text() == "Open Doors"
    person = queries.person_by_email("sam@example.org")
    assert person is not None
    assert (person.name, len(person.organisation_ids)) == ("Sam Sutcliffe", 1)


def test_a_person_who_came_for_a_round_goes_on_to_it(client: Client) -> None:
    client.submit("/create-account?next=/rounds/scf-21/apply", NEW)
    details = confirm(client).goes_to

    assert details == "/organisations/new?next=/rounds/scf-21/apply"
    assert client.submit(details, {"name": "Open Doors", "kind": "charity"}).goes_to == "/rounds/scf-21/apply"


def test_opening_the_link_confirms_nothing(client: Client) -> None:
    """Risk: the link is used up by the scanner that reads the mail first."""
    register(client)
    link = link_in(mails()[-1])

    for _ in range(3):
        assert new_client(client.application).get(link).status_code == 200

    assert queries.person_by_email("sam@example.org").email_confirmed_at is None  # type: ignore[union-attr]
    assert confirm(client).status_code == 302


def test_a_link_works_once(client: Client, app: Flask) -> None:
    register(client)
    page = client.get(link_in(mails()[-1]))
    client.submit(page)

    assert client.get(link_in(mails()[-1])).status_code == 410
    other = new_client(app)
    assert other.get(link_in(mails()[-1])).status_code == 410


def test_a_link_stops_working_after_three_days(client: Client, clock: MovedClock) -> None:
    register(client)
    clock.shift(timedelta(days=3))

    assert client.get(link_in(mails()[-1])).status_code == 410


def test_registering_again_makes_the_first_link_stop(client: Client) -> None:
    register(client)
    register(client, name="Samira Sutcliffe")
    first, second = (link_in(mail) for mail in mails())

    assert client.get(first).status_code == 410
    client.submit(second)
    assert db.session.scalar(select(func.count()).select_from(Person)) == 1
    assert "Samira Sutcliffe" in client.get("/account").main


@pytest.mark.parametrize("secret", ["x", "x" * 5000, "%00", "..%2f", "ü"])
def test_a_link_that_was_never_sent_does_not_work(client: Client, secret: str) -> None:
    for place in ("confirm", "reset-password", "invitation"):
        assert client.get(f"/{place}/{secret}").status_code in {404, 410}


def test_a_link_of_another_purpose_does_not_work(client: Client) -> None:
    """Risk: a link that proves an address sets a password."""
    register(client)
    secret = secret_in(mails()[-1])

    assert client.get(f"/reset-password/{secret}").status_code == 410
    assert client.get(f"/invitation/{secret}").status_code == 410
    with pytest.raises(Refused):
        credentials.reset_password(secret=secret, password="three other words")


def test_a_known_address_gets_the_same_page_and_another_mail(client: Client, app: Flask) -> None:
    """Risk: a stranger learns who has an account here."""
    known = factories.person(email="known@example.org")
    kept = known.password_hash

    pages = [
        (response.status_code, response.goes_to, client.get(response.goes_to).main.replace(email, "…"))
        for email in ("known@example.org", "new@example.org")
        for response in [register(client, email=email)]
    ]

    assert pages[0] == pages[1]
    assert [mail.subject for mail in mails()] == ["You have an account already", "Confirm your e-mail address"]
    assert queries.person_by_email("known@example.org").password_hash == kept  # type: ignore[union-attr]


def test_the_links_of_the_mails_lead_to_pages(client: Client) -> None:
    factories.person(email="known@example.org")
    register(client, email="known@example.org")
    client.submit("/forgotten-password", {"email": "unknown@example.org"})

    for mail in mails():
        assert client.get(link_in(mail)).status_code == 200


def test_asking_for_a_password_is_answered_the_same_for_an_unknown_address(
    client: Client, count_queries: Callable[[], AbstractContextManager[Queries]]
) -> None:
    factories.person(email="known@example.org")
    pages = []
    for email in ("known@example.org", "new@example.org"):
        response = client.submit("/forgotten-password", {"email": email})
        pages.append((response.goes_to, client.get(response.goes_to).main.replace(email, "…")))

    assert pages[0] == pages[1]
    assert [mail.subject for mail in mails()] == ["Choose a new password", "There is no account with this address"]


def test_nobody_signs_up_in_anothers_name(client: Client, app: Flask) -> None:
    """Risk: an attacker registers the victim's address, the victim presses the button, the attacker comes in."""
    attacker, victim = client, new_client(app)
    register(attacker, password="the attackers words")
    link = link_in(mails()[-1])

    page = victim.get(link)
    assert page.page.find(id="password") is not None
    refused = victim.submit(page, {"password": "what the victim thinks"})
    assert refused.summary == ["Enter the password that you chose when you registered."]

    assert queries.person_by_email("sam@example.org").email_confirmed_at is None  # type: ignore[union-attr]
    assert attacker.submit("/sign-in", {"email": NEW["email"], "password": "the attackers words"}).status_code == 422


def test_a_second_registration_cannot_slip_under_the_first(client: Client, app: Flask) -> None:
    """Risk: as above, where the victim has registered too and expects a mail."""
    register(client)
    register(new_client(app), password="the attackers words")

    page = client.get(link_in(mails()[-1]))

    assert page.page.find(id="password") is not None
    assert client.submit(page, {"password": NEW["password"]}).status_code == 422


def test_a_link_opened_on_a_phone_asks_for_the_password(client: Client, app: Flask) -> None:
    register(client)
    phone = new_client(app)

    response = confirm(phone, password=NEW["password"])

    assert response.goes_to == "/organisations/new"


def test_the_password_of_a_link_cannot_be_guessed(client: Client, app: Flask) -> None:
    register(client)
    other = new_client(app)
    for _ in range(5):
        assert confirm(other, password="not the password").status_code == 422

    assert confirm(other, password=NEW["password"]).status_code == 429


@pytest.mark.parametrize(
    ("password", "message"),
    [
        ("", "Enter a password"),
        ("too short", "Your password must have 12 characters or more. Three words make a good one"),
        ("x" * 50_000, "The password must have 256 characters or fewer"),
        ("sam@example.org", "That password is made of names that others know"),
        ("Sutcliffe-2026!", "That password is made of names that others know"),
        ("Password1234", "That password is one of the first that somebody would guess"),
        ("aaaaaaaaaaaa", "That password is one of the first that somebody would guess"),
    ],
)
def test_a_weak_password_is_refused_beside_the_field(client: Client, password: str, message: str) -> None:
    response = register(client, password=password)

    assert response.status_code == 422
    assert message.rsplit(" must ", maxsplit=1)[-1].split(".", maxsplit=1)[0] in response.errors["password"]
    assert password == "" or password not in response.get_data(as_text=True) or "@" in password
    assert mails() == []


@pytest.mark.parametrize(
    "email", ["", "sam", "sam@", "sam@example", "s\0am@example.org", "a" * 300 + "@example.org", "é@example.org"]
)
def test_a_bad_address_is_refused_beside_the_field(client: Client, email: str) -> None:
    response = register(client, email=email)

    assert response.status_code == 422
    assert list(response.errors) == ["email"]


@pytest.mark.parametrize("name", ["", " \t ", "x" * 201, "x" * 50_000, "Sam\0"])
def test_a_bad_name_is_refused_beside_the_field(client: Client, name: str) -> None:
    response = register(client, name=name)

    assert response.status_code == 422
    assert list(response.errors) == ["name"]


@pytest.mark.parametrize("name", ["x" * 200, "Zoë O’Hara-Ní Bhriain", "علي\u200cرضا", "<script>alert(1)</script>"])
def test_any_real_name_is_kept_as_typed(client: Client, name: str) -> None:
    register(client, name=f"  {name} ")
    confirm(client)

    assert client.get("/account").page.find("dd").get_text() == name


def test_a_form_without_a_token_is_refused(client: Client) -> None:
    for path in ("/create-account", "/forgotten-password", "/confirm/x", "/reset-password/x", "/invitation/x"):
        assert client.post(path, data=NEW).status_code == 400
    assert mails() == []


def test_a_forgotten_password_is_chosen_anew(client: Client, app: Flask) -> None:
    person = factories.person()
    elsewhere = new_client(app)
    elsewhere.sign_in(person)
    client.submit("/forgotten-password", {"email": person.email.upper()})

    response = client.submit(link_in(mails()[-1]), {"password": "three other words"})

    assert response.goes_to == "/desk"
    assert client.get("/account").status_code == 200
    assert elsewhere.get("/account").goes_to.startswith("/sign-in")
    fresh = new_client(app)
    assert fresh.submit("/sign-in", {"email": person.email, "password": PASSWORD}).status_code == 422
    assert fresh.submit("/sign-in", {"email": person.email, "password": "three other words"}).goes_to == "/desk"
    assert "Your password was changed" in [mail.subject for mail in mails(person.email)]


def test_a_refused_password_leaves_the_link_as_it_was(client: Client) -> None:
    person = factories.person()
    client.submit("/forgotten-password", {"email": person.email})
    link = link_in(mails()[-1])

    assert client.submit(link, {"password": "password123"}).status_code == 422
    assert client.submit(link, {"password": "three other words"}).status_code == 302


def test_a_reset_link_works_once_and_for_two_hours(client: Client, clock: MovedClock) -> None:
    person = factories.person()
    client.submit("/forgotten-password", {"email": person.email})
    first = link_in(mails()[-1])
    page = client.get(first)
    clock.shift(timedelta(hours=2))
    assert client.submit(page, {"password": "three other words"}).status_code == 410

    client.submit("/forgotten-password", {"email": person.email})
    client.submit(link_in(mails()[-1]), {"password": "three other words"})
    assert client.get(link_in(mails(person.email)[1])).status_code == 410


def test_a_reset_confirms_an_address_too(client: Client, app: Flask) -> None:
    """Somebody who lost the first mail is not stuck."""
    register(client)
    other = new_client(app)
    other.submit("/forgotten-password", {"email": NEW["email"]})
    other.submit(link_in(mails()[-1]), {"password": "three other words"})

    assert other.get("/account").status_code == 200


def test_a_closed_account_gets_no_new_password(client: Client) -> None:
    person = factories.person()
    client.submit("/forgotten-password", {"email": person.email})
    link = link_in(mails()[-1])
    people.close_account(actor=factories.TESTS, person=person)

    assert client.submit(link, {"password": "three other words"}).status_code == 422
    seen = len(mails())
    client.submit("/forgotten-password", {"email": person.email})

    (mail,) = mails()[seen:]
    assert (mail.to, mail.subject) == (person.email, "Your account is closed")
    assert "Your account is closed: nothing was changed" in mail.body
    assert "write to The grants office" in mail.body
    assert "/reset-password/" not in whole(mail)


def test_a_closed_account_that_is_registered_again_is_told_that_it_is_closed(client: Client) -> None:
    person = factories.person(email="new@example.org")
    people.close_account(actor=factories.TESTS, person=person)

    register(client, email=person.email)

    assert mails()[-1].subject == "Your account is closed"
    assert "registered with this e-mail address" in mails()[-1].body


def test_who_asks_for_the_address_of_a_closed_account_has_its_owner_told_that_it_is_closed(app: Flask) -> None:
    closed, person = factories.person(), factories.person()
    people.close_account(actor=factories.TESTS, person=closed)

    credentials.request_email_change(person=person, email=closed.email, password=PASSWORD)

    assert mails()[-1].to == closed.email
    assert mails()[-1].subject == "Your account is closed"


def test_only_digests_of_links_are_kept(client: Client) -> None:
    """Risk: who reads the table of links can use them."""
    register(client)
    kept = db.session.scalars(select(Token)).one()

    assert kept.digest == tokens.digest(secret_in(mails()[-1]))
    assert secret_in(mails()[-1]) not in str(vars(kept))


def test_the_trail_of_signing_up_names_nobody(client: Client) -> None:
    """Risk: a person who asks to be forgotten stands in the trail for ever."""
    register(client)
    confirm(client)
    client.submit("/forgotten-password", {"email": NEW["email"]})

    lines = db.session.scalars(select(audit.AuditLine).order_by(audit.AuditLine.id)).all()

    assert [line.verb for line in lines] == ["register", "confirm e-mail", "sign in", "ask for a new password"]
    for line in lines:
        text = " ".join((line.verb, line.reference, line.why, line.digests, line.actor)).lower()
        assert "sam" not in text
        assert "example" not in text
    assert audit.verify().broken is None


def test_two_who_use_one_link_at_once_are_one(app: Flask) -> None:
    with transaction():
        person = people.make_person(actor=factories.TESTS, email="a@example.org", name="A", confirmed=False)
        secret = tokens.issue(person, TokenPurpose.RESET).rpartition("/")[2]
    credentials.reset_password(secret=secret, password="three other words")

    with pytest.raises(Refused):
        credentials.reset_password(secret=secret, password="the second words")


def test_the_page_that_says_a_mail_was_sent_needs_a_mail(client: Client) -> None:
    assert client.get("/create-account/sent").goes_to == "/sign-in"
    assert client.get("/forgotten-password/sent").goes_to == "/sign-in"


def test_no_organisation_is_made_before_the_address_is_confirmed(client: Client) -> None:
    register(client)

    assert client.get("/organisations/new").goes_to.startswith("/sign-in")
    assert db.session.scalar(select(func.count()).select_from(Organisation)) == 0
