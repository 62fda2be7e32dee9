"""What people are told of their account and their roles: by name, as "you", by whom, and what they do next."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from grants.accounts.models import Person
from grants.accounts.people import operations
from grants.accounts.rights import Role
from grants.foundation.records.actors import Actor
from grants.foundation.records.office import set_office
from tests.accounts.support import link_in, mails
from tests.support import factories
from tests.support.devices import with_app

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def admin(app: Flask) -> Person:
    assert app
    return factories.person(Role.ADMINISTRATOR, name="Ada Admin")


@pytest.fixture
def two(admin: Person) -> tuple[Person, Person]:
    return admin, factories.person(Role.ADMINISTRATOR, name="Otto Admin")


@pytest.fixture
def finn(admin: Person) -> Person:
    assert admin
    return factories.person(Role.PANEL, name="Finn Finance")


def _grant(admin: Person, finn: Person) -> None:
    operations.grant_role(actor=admin.actor, person=finn, role=Role.FINANCE)


def _revoke(admin: Person, finn: Person) -> None:
    operations.revoke_role(actor=admin.actor, person=finn, role=Role.PANEL)


@pytest.mark.parametrize(
    ("deed", "subject", "words"),
    [
        (_grant, "You have a new role: Finance officer", "gave {} the role “Finance officer”"),
        (_revoke, "Your role has ended: Panel member", "took the role “Panel member” away from {}"),
    ],
)
def test_each_reads_of_a_role_in_their_own_words(
    two: tuple[Person, Person], finn: Person, deed: Callable[[Person, Person], None], subject: str, words: str
) -> None:
    admin, other = two
    deed(admin, finn)

    mine, theirs, hers = (mails(one.email)[-1] for one in (finn, other, admin))
    assert mine.subject == subject
    assert mine.body.startswith(f"Hello Finn Finance,\n\nAda Admin {words.format('you')}")
    assert theirs.body.startswith(f"Hello Otto Admin,\n\nAda Admin {words.format('Finn Finance')}")
    assert hers.body.startswith(f"Hello Ada Admin,\n\nYou {words.format('Finn Finance')}")
    assert link_in(theirs) == f"/people/{finn.id}"


def test_what_a_command_does_the_office_does(finn: Person) -> None:
    operations.grant_role(actor=Actor.command("people grant"), person=finn, role=Role.FINANCE)

    assert "\n\nWe gave you the role “Finance officer”." in mails(finn.email)[-1].body


SECOND_STEP = "needs a second step when you sign in"


def test_who_gets_a_role_that_needs_a_second_step_reads_it_once(admin: Person) -> None:
    new, ready = factories.person(), factories.person()
    with_app(ready)

    for person in (new, ready):
        operations.grant_role(actor=admin.actor, person=person, role=Role.OFFICER)

    assert (SECOND_STEP in mails(new.email)[-1].body) == (Role.OFFICER in operations.factors.needed_of())
    assert SECOND_STEP not in mails(ready.email)[-1].body


def test_new_colleague_reads_roles_who_made_the_account_and_that_a_second_step_follows(
    app: Flask, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "second step roles", frozenset({Role.PANEL}))
    for email, role in (("o@example.org", Role.OFFICER), ("p@example.org", Role.PANEL)):
        operations.invite_colleague(actor=admin.actor, email=email, name="Kim", roles=[role])

    officer, panel = (mails(f"{letter}@example.org")[-1].body for letter in "op")
    assert officer.startswith("Hello Kim,\n\nAda Admin made an account for you. Your role is: Grants officer.")
    assert (SECOND_STEP in officer, SECOND_STEP in panel) == (False, True)


def test_who_is_closed_and_opened_again_reads_who_did_it_and_why(admin: Person, finn: Person) -> None:
    set_office(actor=factories.TESTS, contact_email="grants@example.org")

    operations.close_account(actor=admin.actor, person=finn, reason="You left the panel.")
    operations.open_account(actor=admin.actor, person=finn)

    closed, opened = mails(finn.email)
    assert closed.body.startswith("Hello Finn Finance,\n\nAda Admin closed your account at ")
    assert "The reason: You left the panel." in closed.body
    assert "about your groups" not in closed.body
    assert "write to The grants office (grants@example.org)." in closed.body
    assert "Ada Admin opened your account again." in opened.body
    assert link_in(opened) == "/sign-in"


def test_account_that_is_closed_already_is_not_closed_again(admin: Person, finn: Person) -> None:
    for _ in range(2):
        operations.close_account(actor=admin.actor, person=finn)
    for _ in range(2):
        operations.open_account(actor=admin.actor, person=finn)

    assert [mail.subject for mail in mails(finn.email)] == ["Your account is closed", "Your account is open again"]


def test_who_lost_their_second_step_reads_who_took_it_off(two: tuple[Person, Person], finn: Person) -> None:
    admin, other = two
    with_app(finn)

    operations.reset_second_step(actor=admin.actor, person=finn)

    assert "\n\nAda Admin took every second step off your account" in mails(finn.email)[-1].body
    assert "\n\nAda Admin took every second step off the account of Finn Finance." in mails(other.email)[-1].body
    assert "\n\nYou took every second step off the account of Finn Finance." in mails(admin.email)[-1].body
