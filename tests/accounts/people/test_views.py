"""People and their roles, for administrators."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from sqlalchemy import select

from grants import create_app
from grants.accounts import queries
from grants.accounts.people import operations
from grants.accounts.rights import Role, read_pairs
from grants.foundation.records.audit import AuditLine, HistoryValue
from grants.foundation.records.db import db
from grants.foundation.values.settings import BadSetting
from tests.accounts.support import link_in, mails, through
from tests.conftest import new_client
from tests.support import factories
from tests.support.client import Client, Page
from tests.support.devices import with_app
from tests.support.factories import PASSWORD
from tests.support.lint import words
from tests.support.queries import Queries


@pytest.fixture
def admin(app: Flask, client: Client) -> Client:
    client.sign_in(factories.person(Role.ADMINISTRATOR, name="Ada Admin", email="ada@example.org"))
    return client


def roles_of(email: str) -> set[Role]:
    person = queries.person_by_email(email)
    assert person is not None
    return set(person.roles)


@pytest.mark.parametrize("role", [None, *(role for role in Role if role != Role.ADMINISTRATOR)])
def test_people_are_for_administrators_only(client: Client, role: Role | None) -> None:
    other = factories.person()
    client.sign_in(factories.person(*([role] if role else [])))

    for path in ("/people", "/people/new", f"/people/{other.id}"):
        assert client.get(path).status_code == 404
    for path in ("new", *(f"{other.id}/{verb}" for verb in VERBS)):
        assert forged(client, f"/people/{path}", role="administrator").status_code == 404
    assert roles_of(other.email) == set()


VERBS = ("grant-role", "revoke-role/finance", "reset-second-step", "close-account", "open-account")
CONFIRM = {"agrees": "yes"}


def forged(client: Client, path: str, **data: str) -> Page:
    """Send a form to another address than its own, with a good token."""
    token = client.get("/account").page.find(attrs={"name": "csrf_token"})["value"]
    return client.post(path, data=data | {"csrf_token": token})  # type: ignore[return-value]


def test_a_role_is_given_and_everybody_hears_of_it(admin: Client) -> None:
    other = factories.person(Role.ADMINISTRATOR)
    person = factories.person(name="Finn Finance")

    response = admin.submit(
        f"/people/{person.id}", {"role": "finance"}, form=f'form[action="/people/{person.id}/grant-role"]'
    )

    assert "Finn Finance now has the role “Finance officer”." in admin.get(response.goes_to).words
    assert roles_of(person.email) == {Role.FINANCE}
    assert {mail.to for mail in mails()} == {person.email, other.email, "ada@example.org"}


def test_a_role_is_taken(admin: Client) -> None:
    person = factories.person(Role.FINANCE, Role.PANEL)

    page = through(admin, f"/people/{person.id}", "Take away the role Panel member")
    assert list(admin.submit(page).errors) == ["agrees"]
    assert roles_of(person.email) == {Role.FINANCE, Role.PANEL}
    admin.submit(page, CONFIRM)

    assert roles_of(person.email) == {Role.FINANCE}
    assert mails(person.email)[-1].subject == "Your role has ended: Panel member"


def test_changes_of_roles_stand_on_the_page_of_all_and_of_the_person(admin: Client) -> None:
    person = factories.person(Role.PANEL, name="Finn Finance")
    page = f"/people/{person.id}"

    admin.submit(page, {"role": "finance"}, form=f'form[action="{page}/grant-role"]')
    admin.submit(f"{page}/revoke-role/panel", CONFIRM)

    theirs, all_of_them = admin.get(page).main, admin.get("/people").main
    assert "Lost Panel member, by Ada Admin" in theirs
    assert "Got Finance officer, by Ada Admin" in theirs
    assert theirs.index("Lost Panel") < theirs.index("Got Finance")
    assert "Finn Finance lost Panel member, by Ada Admin" in all_of_them
    operations.invite_colleague(
        actor=factories.TESTS, email="olive@example.org", name="Olive", roles=[Role.OFFICER, Role.PANEL]
    )
    assert "Olive got Grants officer, Panel member, by a command" in admin.get("/people").main
    assert "Olive" not in admin.get(page).main


@pytest.fixture
def _apart(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.extensions, "roles apart", read_pairs("officer+finance"))


@pytest.mark.usefixtures("_apart")
def test_role_that_must_not_meet_one_that_is_held_is_refused_with_the_reason(admin: Client) -> None:
    person = factories.person(Role.FINANCE)
    page = f"/people/{person.id}"

    before = admin.get(page)
    assert "officer" not in [option["value"] for option in before.page.select("#role option")]
    assert "You cannot give Grants officer. Nobody here may be both finance officer and grants officer." in before.main
    refused = forged(admin, f"{page}/grant-role", role="officer")
    assert refused.page.select_one(".govuk-back-link")["href"] == "/people"  # type: ignore[index]
    assert refused.page.h1.get_text() == person.name
    admin.submit(page, {"role": "panel"}, form=f'form[action="{page}/grant-role"]')

    assert refused.status_code == 422
    assert "Nobody here may be both finance officer and grants officer." in refused.main
    assert roles_of(person.email) == {Role.FINANCE, Role.PANEL}
    made = admin.submit("/people/new", {"name": "Olive", "email": "olive@example.org", "roles": ["officer", "finance"]})
    assert made.errors == {"roles": "Nobody here may be both finance officer and grants officer"}


def test_who_held_both_before_the_office_kept_them_apart_is_marked(
    app: Flask, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = factories.person(Role.FINANCE, Role.OFFICER)
    assert "Take one of the two away" not in admin.get(f"/people/{person.id}").main

    monkeypatch.setitem(app.extensions, "roles apart", read_pairs("officer+finance"))

    reason = "Nobody here may be both finance officer and grants officer."
    assert f"{reason} Take one" in admin.get(f"/people/{person.id}").main
    assert admin.get("/people").main.count(reason) == 1


@pytest.mark.parametrize(
    ("held", "given"),
    [
        *((Role.AUDITOR, role) for role in Role if role != Role.AUDITOR),
        (Role.FINANCE, Role.ADMINISTRATOR),
        (Role.DECISION_MAKER, Role.ADMINISTRATOR),
    ],
)
def test_auditor_has_no_other_role_and_the_administrator_neither_decides_nor_pays(
    admin: Client, held: Role, given: Role
) -> None:
    """The risk: a stray click makes one person of who does a thing, who looks at it, and who gives the roles."""
    person = factories.person(held)
    page = f"/people/{person.id}"

    refused = forged(admin, f"{page}/grant-role", role=given.value)

    assert (refused.status_code, roles_of(person.email)) == (422, {held})


@pytest.mark.parametrize("held", [Role.OFFICER, Role.PANEL])
def test_other_roles_meet_unless_the_office_says_otherwise(admin: Client, held: Role) -> None:
    person = factories.person(held, Role.DECISION_MAKER)

    admin.submit(f"/people/{person.id}", {"role": "finance"}, form=f'form[action="/people/{person.id}/grant-role"]')

    assert roles_of(person.email) == {held, Role.DECISION_MAKER, Role.FINANCE}


def test_office_may_let_all_roles_meet() -> None:
    assert read_pairs("none") == frozenset()


@pytest.mark.parametrize(
    "text", ["officer", "officer+officer", "officer+clerk", "officer+finance+panel", "officer,finance"]
)
def test_app_does_not_start_with_roles_apart_that_are_no_pairs_of_roles(text: str) -> None:
    with pytest.raises(BadSetting, match=r"ROLES_APART names pairs like officer[+]finance, of officer, panel"):
        create_app({"ROLES_APART": text})


def test_nobody_changes_their_own_roles(admin: Client) -> None:
    """Risk: an administrator gives themselves power over money or scores."""
    me = queries.person_by_email("ada@example.org")
    assert me is not None

    page = admin.get(f"/people/{me.id}")

    assert "You cannot change your own roles" in page.words
    assert page.page.find("main").find("form") is None
    assert page.page.find("main").select("a[href*='/revoke-role'], a[href$='/close-account']") == []
    for verb in VERBS:
        answer = forged(admin, f"/people/{me.id}/{verb}", role="finance", agrees="yes", reason="Because.")
        assert answer.status_code == 422
        assert "You cannot" in answer.main
    assert roles_of("ada@example.org") == {Role.ADMINISTRATOR}
    assert admin.get("/people").status_code == 200


def test_no_role_is_given_by_a_button_that_is_pressed_without_choosing_one(admin: Client) -> None:
    person = factories.person()
    page = f"/people/{person.id}"
    assert admin.get(page).page.select_one("#role option")["value"] == ""

    answer = admin.submit(page, form=f'form[action="{page}/grant-role"]')

    assert "Choose a role first." in admin.get(answer.goes_to).words
    assert roles_of(person.email) == set()


@pytest.mark.parametrize("role", ["king", "administrator' --", "x" * 50_000])
def test_an_unknown_role_is_refused(admin: Client, role: str) -> None:
    person = factories.person()

    assert forged(admin, f"/people/{person.id}/grant-role", role=role).status_code == 400


def test_an_account_is_closed_and_opened_again(admin: Client, app: Flask) -> None:
    person = factories.person()
    theirs = new_client(app)
    theirs.sign_in(person)

    page = through(admin, f"/people/{person.id}", "Close the account")
    assert list(admin.submit(page).errors) == ["reason", "agrees"]
    assert theirs.get("/account").status_code == 200
    admin.submit(page, CONFIRM | {"reason": "They left the office."})
    assert "The reason: They left the office." in mails(person.email)[-1].body
    assert theirs.get("/account").status_code == 302
    assert theirs.submit("/sign-in", {"email": person.email, "password": PASSWORD}).status_code == 422
    admin.submit(f"/people/{person.id}", form='form[action$="/open-account"]')

    assert theirs.submit("/sign-in", {"email": person.email, "password": PASSWORD}).goes_to == "/desk"


def test_a_colleague_gets_an_account_and_chooses_a_password(admin: Client, app: Flask) -> None:
    other = factories.person(Role.ADMINISTRATOR)
    data = {"name": "Olive Officer", "email": "olive@example.org", "roles": ["officer", "finance"]}

    made = admin.submit("/people/new", data)

    assert admin.get(made.goes_to).page.h1.get_text() == "Olive Officer"
    assert mails(other.email)[-1].body.count("Olive Officer (Finance officer, Grants officer)") == 1
    theirs = new_client(app)
    assert theirs.get(link_in(mails("olive@example.org")[-1])).page.h1.get_text() == "Choose your password"
    assert theirs.submit(link_in(mails("olive@example.org")[-1]), {"password": "three plain words"}).goes_to == "/desk"
    assert roles_of("olive@example.org") == {Role.OFFICER, Role.FINANCE}


def test_a_colleague_who_is_here_already_is_refused(admin: Client) -> None:
    person = factories.person()

    response = admin.submit("/people/new", {"name": "Sam", "email": person.email})

    assert response.status_code == 422
    assert response.errors == {"email": "There is an account with this e-mail address already"}


def test_the_list_is_searched_by_name_address_and_role(admin: Client) -> None:
    factories.person(Role.OFFICER, name="Zoë Öztürk", email="zoe@example.org")
    factories.person(name="Percent 100%", email="p@example.org")

    def names(query: str) -> list[str]:
        return [cell.get_text() for cell in admin.get(f"/people?{query}").page.select("tbody th")]

    assert names("search=zoë öztürk") == ["Zoë Öztürk"]
    assert names("search=ZOE@") == ["Zoë Öztürk"]
    assert names("search=0%25") == ["Percent 100%"]
    assert names("role=officer") == ["Zoë Öztürk"]
    assert names("role=auditor") == []
    assert admin.get("/people?search=zoë").page.find(id="search")["value"] == "zoë"
    assert admin.get("/people").page.find(id="search")["value"] == ""
    assert names("") == ["Ada Admin", "Percent 100%", "Zoë Öztürk"]


@pytest.mark.parametrize("query", ["search=a%00b", "role=king", "search=" + "x" * 10_000, "after=nonsense", "role=%00"])
def test_a_filter_that_makes_no_sense_says_so(admin: Client, query: str) -> None:
    response = admin.get(f"/people?{query}")

    assert response.status_code == (200 if query.startswith("after") else 400)


@pytest.mark.parametrize("people", [1, 3, 8])
def test_the_list_asks_as_often_for_one_person_as_for_many(
    admin: Client, people: int, count_queries: Callable[[], AbstractContextManager[Queries]]
) -> None:
    for _ in range(people):
        factories.person(Role.OFFICER, Role.PANEL)

    with count_queries() as queries:
        response = admin.get("/people")

    assert len(response.page.select("tbody tr")) == min(people + 1, 50)
    assert queries.count == 6  # the person, the list, its roles, second steps, the last changes, the office


def test_the_list_goes_on_after_fifty(admin: Client) -> None:
    for number in range(60):
        factories.person(name=f"Person {number:02}")

    first = admin.get("/people")
    second = admin.get(str(first.page.select_one('a[rel="next"]')["href"]))

    names = [cell.get_text() for page in (first, second) for cell in page.page.select("tbody th")]
    assert names == ["Ada Admin", *(f"Person {number:02}" for number in range(60))]


def test_a_name_of_200_characters_is_listed(admin: Client) -> None:
    factories.person(name="W" * 200)

    assert "W" * 200 in admin.get("/people").words


def test_operations_on_roles_need_an_administrator(app: Flask) -> None:
    """Risk: another room calls the operation for somebody who may not."""
    from grants.foundation.records.actors import ANYONE
    from grants.foundation.records.db import Refused

    person, officer = factories.person(), factories.officer()
    for actor in (officer.actor, ANYONE, person.actor):
        with pytest.raises(Refused):
            operations.grant_role(actor=actor, person=person, role=Role.FINANCE)
        with pytest.raises(Refused):
            operations.close_account(actor=actor, person=person)
        with pytest.raises(Refused):
            operations.invite_colleague(actor=actor, email="x@example.org", name="X", roles=[Role.FINANCE])
    assert roles_of(person.email) == set()


def test_reason_of_a_closed_account_stands_in_the_erasable_history_alone(admin: Client) -> None:
    person = factories.person()

    admin.submit(f"/people/{person.id}/close-account", CONFIRM | {"reason": "They moved away."})

    line = db.session.scalars(select(AuditLine).where(AuditLine.verb == "close account")).one()
    kept = select(HistoryValue.after).where(HistoryValue.line_id == line.id, HistoryValue.field == "why")
    assert (line.why, line.reference) == ("", "")
    assert db.session.scalars(kept).one() == "They moved away."


def test_role_that_is_not_one_is_taken_on_no_page(admin: Client) -> None:
    assert admin.get(f"/people/{factories.person().id}/revoke-role/king").status_code == 404


def test_member_of_a_group_is_named_as_one_where_a_role_is_given(admin: Client) -> None:
    person = factories.person(name="Kim Both", member_of=factories.organisation("Open Doors"))

    page = f"/people/{person.id}"
    assert "Kim Both belongs to Open Doors." in admin.get(page).main
    admin.submit(page, {"role": "officer"}, form=f'form[action="{page}/grant-role"]')

    assert roles_of(person.email) == {Role.OFFICER}
    assert "belongs to" not in admin.get(f"/people/{factories.person().id}").main


def test_who_needs_a_second_step_and_has_none_is_marked(
    app: Flask, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "second step roles", frozenset({Role.OFFICER}))
    without = factories.person(Role.OFFICER, name="Olive Without")
    with_app(factories.person(Role.OFFICER, name="Otis With"))
    factories.person(Role.PANEL, name="Pat Panel")

    rows = {row.th.get_text(): words(row) for row in admin.get("/people").page.select("tbody tr")}

    assert [name for name, text in rows.items() if "No second step" in text] == ["Olive Without"]
    assert "None. Their roles need one" in admin.get(f"/people/{without.id}").main
