"""One's own account."""

from __future__ import annotations

from flask import Flask

from grants.accounts import queries
from grants.accounts.people import operations
from tests.accounts.support import link_in, mails
from tests.conftest import new_client
from tests.support import factories
from tests.support.client import Client
from tests.support.factories import PASSWORD


def test_the_account_shows_name_address_roles_and_groups(client: Client) -> None:
    person = factories.applicant(factories.organisation(name="Open Doors"), name="Alex Applicant")
    client.sign_in(person)

    shown = client.get("/account").main

    assert "Alex Applicant" in shown
    assert person.email in shown
    assert "Open Doors" in shown


def test_a_person_without_a_group_is_asked_for_one(client: Client) -> None:
    client.sign_in(factories.person())

    assert client.get("/account").page.find("a", href="/organisations/new") is not None


def test_the_name_is_changed(client: Client) -> None:
    client.sign_in(factories.person(name="Sam"))

    response = client.submit("/account/name", {"name": "Samira  Khan"})

    assert response.goes_to == "/account"
    assert "Samira Khan" in client.get("/account").main


def test_a_name_that_was_changed_meanwhile_is_not_overwritten(client: Client) -> None:
    person = factories.person(name="Sam")
    client.sign_in(person)
    page = client.get("/account/name")
    operations.change_name(person=person, name="Samira", version=person.version)

    response = client.submit(page, {"name": "Samantha"})

    assert response.status_code == 409
    assert "your name there is Samira" in response.summary[0]
    assert response.page.find(id="name")["value"] == "Samantha"
    assert client.submit(response).goes_to == "/account"


def test_a_changed_password_ends_every_other_session(client: Client, app: Flask) -> None:
    """Risk: who took over a session stays in after the owner changes the password."""
    person = factories.person()
    elsewhere = new_client(app)
    elsewhere.sign_in(person)
    client.sign_in(person)

    response = client.submit("/account/password", {"old_password": PASSWORD, "password": "three other words"})

    assert response.goes_to == "/account"
    assert client.get("/account").status_code == 200
    assert elsewhere.get("/account").goes_to == "/sign-in?next=/account"
    assert mails()[-1].subject == "Your password was changed"


def test_a_changed_password_ends_every_mailed_link(client: Client) -> None:
    """Risk: an old mail in a taken-over mailbox sets another password later."""
    person = factories.person()
    client.submit("/forgotten-password", {"email": person.email})
    link = link_in(mails()[-1])
    client.sign_in(person)
    client.submit("/account/password", {"old_password": PASSWORD, "password": "three other words"})

    assert client.get(link).status_code == 410


def test_the_password_is_changed_only_with_the_old_one(client: Client) -> None:
    person = factories.person()
    client.sign_in(person)

    response = client.submit("/account/password", {"old_password": "not the password", "password": "three other words"})

    assert response.status_code == 422
    assert list(response.errors) == ["old_password"]
    assert client.get("/account").status_code == 200


def test_a_weak_new_password_is_refused_beside_its_field(client: Client) -> None:
    client.sign_in(factories.person())

    response = client.submit("/account/password", {"old_password": PASSWORD, "password": "password123"})

    assert list(response.errors) == ["password"]


def test_signing_out_everywhere_else_leaves_this_session(client: Client, app: Flask) -> None:
    person = factories.person()
    elsewhere = new_client(app)
    elsewhere.sign_in(person)
    client.sign_in(person)

    client.submit("/account/sessions", form='form[action="/account/end-other-sessions"]')

    assert client.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 302


def change_address(client: Client, email: str, password: str = PASSWORD) -> object:
    return client.submit("/account/email", {"email": email, "password": password})


def test_the_address_changes_when_the_new_one_is_proved(client: Client) -> None:
    group = factories.organisation()
    person = factories.applicant(group)
    client.sign_in(person)
    old = person.email

    assert change_address(client, "New@Example.org").goes_to == "/account/email/sent"
    assert old in client.get("/account").main
    client.submit(link_in(mails("new@example.org")[-1]))

    assert "new@example.org" in client.get("/account").main
    before, after = mails(old)[-2:]
    assert "about to change" in before.subject
    assert "for your account: new@example.org." in before.body
    assert link_in(before) == "/forgotten-password"
    assert after.subject == "Your e-mail address was changed"
    assert "your account is new@example.org now" in after.body
    found = queries.person_by_email("new@example.org")
    assert found is not None
    assert found.organisation_ids == {group.id}


def test_the_link_for_a_new_address_signs_nobody_in(client: Client, app: Flask) -> None:
    client.sign_in(factories.person())
    change_address(client, "new@example.org")
    stranger = new_client(app)

    stranger.submit(link_in(mails("new@example.org")[-1]))

    assert stranger.get("/account").status_code == 302


def test_an_address_is_changed_only_with_the_password(client: Client) -> None:
    client.sign_in(factories.person())

    assert list(change_address(client, "new@example.org", "not the password").errors) == ["password"]
    assert mails() == []


def test_ones_own_address_is_no_change(client: Client) -> None:
    person = factories.person()
    client.sign_in(person)

    assert list(change_address(client, person.email.upper()).errors) == ["email"]


def test_a_taken_address_is_answered_as_any_other(client: Client) -> None:
    """Risk: somebody with an account finds out who else has one."""
    factories.person(email="other@example.org")
    client.sign_in(factories.person())
    pages = []
    for email in ("other@example.org", "free@example.org"):
        response = change_address(client, email)
        pages.append((response.goes_to, client.get(response.goes_to).main.replace(email, "…")))

    assert pages[0] == pages[1]
    assert mails("other@example.org")[-1].subject == "This address has an account already"


def test_an_address_that_was_taken_meanwhile_is_refused(client: Client) -> None:
    client.sign_in(factories.person())
    change_address(client, "new@example.org")
    factories.person(email="new@example.org")

    response = client.submit(link_in(mails("new@example.org")[-1]))

    assert response.status_code == 422
    assert "There is another account with this e-mail address by now" in response.summary[0]
