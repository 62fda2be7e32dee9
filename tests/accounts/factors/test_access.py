"""What counts is asked for again: every door that says so is tried, and a table names those that have to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from grants import create_app
from grants.accounts.factors.queries import has_any
from grants.accounts.factors.rules import PROOF_HOLDS
from grants.accounts.models import BrowserSession, Person
from grants.accounts.rights import Role
from grants.accounts.sessions import operations as sessions
from grants.foundation.records.db import transaction
from grants.foundation.values import clock
from grants.foundation.values.settings import BadSetting
from tests.access_table import BATCH, DETAILS, OFFER, PERSON, REVERSAL, TABLE, VARIATION, Row
from tests.accounts.support import mails, through
from tests.conftest import MovedClock, Runner, new_client
from tests.support import factories
from tests.support.client import ORIGIN, Client
from tests.support.devices import code_of, with_app
from tests.support.trail import last_line, lines_after
from tests.support.world import world_with
from tests.test_access import address_of, forged_token

STEP = "/sign-in/second-step"

COUNTS = {
    "/decisions/rounds/<string:slug>/sign": "signs what the public reads",
    OFFER: "signs an agreement",
    VARIATION + "/approve": "changes who gets how much",
    VARIATION + "/agree": "signs an agreement",
    BATCH + "/approve": "lets money go",
    REVERSAL + "/approve": "lets money go a second time",
    "/organisations/<int:organisation_id>/bank-details": "says where money goes",
    DETAILS + "/verify": "says where money goes",
    DETAILS + "/show": "shows a whole account number",
    DETAILS + "/proof": "shows a whole account number",
    BATCH + "/payments.csv": "shows whole account numbers",
    BATCH + "/payments.xlsx": "shows whole account numbers",
    "/payments/returns/<int:return_id>/file": "shows whole account numbers",
    "/account/email": "says who may choose a new password",
    "/account/password": "changes what opens the account",
    "/people/new": "gives power",
    PERSON + "/grant-role": "gives power",
    PERSON + "/revoke-role/<string:role>": "takes power",
    PERSON + "/reset-second-step": "opens an account to its password alone",
    PERSON + "/open-account": "gives power",
    PERSON + "/close-account": "takes power",
}
"""What asks again, and why. What is left out: one's own second steps, which ask by a door of their own."""


def asking(app: Flask) -> set[str]:
    return {
        rule.rule
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "proves_again", False)
    }


def proved_long_ago(person: Person) -> BrowserSession:
    begun = sessions.begin(person, needs_proof=True)
    with transaction():
        begun.proved_at = clock.now() - PROOF_HOLDS
    return begun


def be(client: Client, begun: BrowserSession) -> None:
    with client.session_transaction(base_url=ORIGIN) as cookie:
        cookie.clear()
        cookie["_user_id"] = begun.secret


def test_what_counts_asks_again(app: Flask) -> None:
    assert asking(app) == set(COUNTS)


@pytest.mark.parametrize("row", [row for row in TABLE if row.rule in COUNTS and row.method == "POST"], ids=str)
def test_nothing_that_counts_is_done_before_the_second_step_was_given_again(
    app: Flask, client: Client, row: Row
) -> None:
    world, values = world_with(row.thing)
    person = world.people[sorted(row.who)[0]]
    be(client, proved_long_ago(person))
    last = last_line()

    data = {"csrf_token": forged_token(app, client), "reason": "because"}
    answer = client.post(address_of(app, row, values), data=data)

    assert answer.status_code == 401
    assert answer.page.select_one("input[name=kept-reason]")["value"] == "because"  # type: ignore[attr-defined]
    assert list(lines_after(last)) == []


def test_a_page_that_asks_leads_back_to_itself(client: Client) -> None:
    person = factories.administrator()
    secret = with_app(person)
    be(client, proved_long_ago(person))
    assert client.get("/people").status_code == 200

    page = client.get("/people/new")
    assert page.goes_to == f"{STEP}?next=/people/new"
    page = client.submit(client.get(page.goes_to), {"code": code_of(secret)}, form=f"form[action='{STEP}']")

    assert page.goes_to == "/people/new"
    assert client.get("/people/new").status_code == 200


def test_what_was_typed_is_sent_again_after_it(client: Client) -> None:
    person, other = factories.administrator(), factories.person()
    secret = with_app(person)
    be(client, proved_long_ago(person))
    page = client.get(f"/people/{other.id}")
    page = client.submit(page, {"role": "officer"}, form="form[action$='/grant-role']")

    page = client.submit(page, {"code": code_of(secret)}, form=f"form[action='{STEP}']")
    assert "It is you" in page.main
    client.submit(page)

    assert "Grants officer" in client.get(f"/people/{other.id}").main


def test_it_is_asked_again_after_a_quarter_of_an_hour(client: Client, clock: MovedClock) -> None:
    person = factories.administrator()
    begun = proved_long_ago(person)
    with transaction():
        begun.proved_at = begun.made_at
    be(client, begun)
    clock.shift(PROOF_HOLDS - timedelta(seconds=1))
    assert client.get("/people/new").status_code == 200

    clock.shift(timedelta(seconds=1))

    assert client.get("/people/new").goes_to.startswith(STEP)


def test_nobody_is_asked_who_has_no_second_step_and_needs_none(client: Client) -> None:
    client.sign_in(factories.administrator())

    assert client.get("/people/new").status_code == 200


def test_a_locked_out_person_is_let_in_by_another_administrator(app: Flask) -> None:
    lost, other, admin = factories.officer(), factories.administrator(), factories.administrator()
    with_app(lost)
    browser, theirs = new_client(app), new_client(app)
    browser.sign_in(admin)
    theirs.sign_in(lost)

    page = through(browser, f"/people/{lost.id}", "Take the second step off")
    assert list(browser.submit(page).errors) == ["agrees"]
    assert theirs.get("/desk").status_code == 200
    browser.submit(page, {"agrees": "yes"})

    assert theirs.get("/desk").status_code == 302
    entered = theirs.submit("/sign-in", {"email": lost.email, "password": factories.PASSWORD})
    assert entered.goes_to == "/desk"
    assert "The second step was taken off your account" in [mail.subject for mail in mails(lost.email)]
    assert mails(other.email)[-1].subject == f"The second step of {lost.name} was taken off"


def test_an_administrator_cannot_take_off_their_own(app: Flask, client: Client) -> None:
    person = factories.administrator()
    with_app(person)
    client.sign_in(person)

    page = client.get(f"/people/{person.id}")

    assert page.page.select_one("a[href$='/reset-second-step']") is None
    asked = client.get(f"/people/{person.id}/reset-second-step")
    assert "You cannot change your own roles." in asked.main
    assert asked.page.find("main").find("form") is None


def test_the_way_back_of_a_locked_out_administrator_is_a_command(app: Flask, runner: Runner) -> None:
    person = factories.person(Role.ADMINISTRATOR, email="ada@example.org")
    with_app(person)

    result = runner.invoke(args=["people", "reset-second-step", "ada@example.org"])

    assert result.exit_code == 0, result.output
    assert not has_any(person)
    assert runner.invoke(args=["people", "reset-second-step", "nobody@example.org"]).exit_code == 1


def test_app_does_not_start_with_roles_that_there_are_not() -> None:
    with pytest.raises(BadSetting, match=r"SECOND_STEP_ROLES names roles of officer, panel.*'beadle' is none"):
        create_app({"SECOND_STEP_ROLES": "officer beadle"})
