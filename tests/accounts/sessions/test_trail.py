"""What stands in the audit trail of coming in, and what never does."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import pytest
from limits import parse
from sqlalchemy import select

from grants.accounts import limits
from grants.accounts.models import Person
from grants.accounts.people import operations as people
from grants.foundation.records import audit
from grants.foundation.records.audit import AuditLine, HistoryValue
from grants.foundation.records.db import db
from tests.accounts.support import link_in, mails
from tests.support import factories
from tests.support.client import Client
from tests.support.factories import PASSWORD
from tests.support.trail import last_line, lines_after

BAD = "hunter2 hunter2 hunter2"
NOBODYS = "my.password.in.the.wrong.box@example.org"

SignIn = Callable[[Person], Client]


def attempt(client: Client, email: str, password: str = BAD, address: str = "192.0.2.10") -> None:
    page = client.get("/sign-in")
    client.submit(page, {"email": email, "password": password}, environ_overrides={"REMOTE_ADDR": address})


def told(lines: Sequence[AuditLine]) -> list[tuple[str, str, int | None]]:
    return [(line.actor, line.verb, line.thing_id) for line in lines]


def everything() -> str:
    """Every word of the trail and of what it keeps."""
    lines = [json.dumps({key: str(value) for key, value in vars(line).items()}) for line in lines_after(0)]
    values = [f"{kept.field} {kept.before} {kept.after}" for kept in db.session.scalars(select(HistoryValue))]
    return "\n".join([*lines, *values])


def test_coming_in_and_leaving_are_told_of_the_person(client: Client) -> None:
    person, last = factories.person(), last_line()

    attempt(client, person.email, PASSWORD)
    client.submit("/account", form="form[action='/sign-out']")

    key = person.actor.key
    assert told(lines_after(last)) == [(key, "sign in", person.id), (key, "sign out", person.id)]


def test_leaving_twice_is_told_once(client: Client) -> None:
    attempt(client, factories.person().email, PASSWORD)
    page, last = client.get("/account"), last_line()

    for _ in range(2):
        client.submit(page, form="form[action='/sign-out']")

    assert [line.verb for line in lines_after(last)] == ["sign out"]


def test_failure_is_told_of_the_account_by_nobody(client: Client) -> None:
    person, last = factories.person(), last_line()

    attempt(client, person.email)

    assert told(lines_after(last)) == [("anyone", "fail to sign in", person.id)]


def test_failure_at_an_unknown_address_keeps_nothing_of_what_was_typed(client: Client) -> None:
    """The risk: people type their password into the box of the address."""
    last = last_line()

    attempt(client, NOBODYS)

    (line,) = lines_after(last)
    assert (line.actor, line.verb, line.kind, line.thing_id) == ("anyone", "fail to sign in", "people", None)
    assert NOBODYS not in everything()


def test_right_password_of_a_closed_account_is_told_with_the_reason(client: Client) -> None:
    person = factories.person()
    people.close_account(actor=factories.TESTS, person=person)
    last = last_line()

    attempt(client, person.email, PASSWORD)

    (line,) = lines_after(last)
    assert (line.verb, line.why) == ("fail to sign in", "the account is closed")


def test_right_password_before_the_address_is_confirmed_is_told_with_the_reason(client: Client) -> None:
    people.make_person(actor=factories.TESTS, email="new@example.org", name="New", password=PASSWORD, confirmed=False)
    last = last_line()

    attempt(client, "new@example.org", PASSWORD)

    assert [line.why for line in lines_after(last)] == ["the address is not confirmed"]


def test_lock_out_is_told_once_and_what_is_tried_in_it_is_not(client: Client) -> None:
    person, last = factories.person(), last_line()

    for _ in range(9):
        attempt(client, person.email)

    lines = lines_after(last)
    assert [line.verb for line in lines] == ["fail to sign in"] * 5 + ["lock out"]
    assert lines[-1].thing_id == person.id


def test_failures_are_told_so_many_an_hour_but_every_lock_out_of_an_account(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The risk: somebody fills the trail by guessing at addresses without end."""
    monkeypatch.setattr(limits, "TOLD", parse("3 per 1 hour"))
    person, last = factories.person(), last_line()

    for number in range(5):
        attempt(client, f"nobody-{number}@example.org")
    for _ in range(5):
        attempt(client, person.email)

    lines = told(lines_after(last))
    assert lines == [("anyone", "fail to sign in", None)] * 3 + [("anyone", "lock out", person.id)]


def test_wrong_password_where_it_is_asked_for_again_is_told_of_its_owner(sign_in: SignIn) -> None:
    person = factories.person()
    browser, last = sign_in(person), last_line()

    browser.submit("/account/password", {"old_password": BAD, "password": "three new words here"})

    assert told(lines_after(last)) == [(person.actor.key, "give wrong password", person.id)]


def test_new_password_and_new_address_are_told(sign_in: SignIn) -> None:
    person = factories.person()
    browser, last = sign_in(person), last_line()

    browser.submit("/account/password", {"old_password": PASSWORD, "password": "three new words here"})
    browser.submit("/account/email", {"email": "other@example.org", "password": "three new words here"})
    browser.submit(link_in(mails("other@example.org")[-1]))

    assert [line.verb for line in lines_after(last)] == ["change password", "ask to change e-mail", "confirm e-mail"]


def test_asked_and_used_link_for_a_new_password_are_told(client: Client) -> None:
    person, last = factories.person(), last_line()

    client.submit("/forgotten-password", {"email": person.email})
    client.submit(link_in(mails(person.email)[-1]), {"password": "three new words here"})

    assert [line.verb for line in lines_after(last)] == ["ask for a new password", "reset password", "sign in"]


def test_no_secret_stands_in_the_trail(client: Client) -> None:
    """The risk: who reads the trail comes in as another."""
    person, chosen = factories.person(), "four new words here"
    attempt(client, person.email, BAD)
    client.submit("/forgotten-password", {"email": person.email})
    link = link_in(mails(person.email)[-1])
    client.submit(link, {"password": chosen})
    client.submit("/account/password", {"old_password": chosen, "password": PASSWORD})
    db.session.refresh(person)

    words = everything()

    for secret in (BAD, chosen, PASSWORD, link.rpartition("/")[2], person.password_hash, person.session_key):
        assert secret not in words
    assert audit.verify().broken is None
