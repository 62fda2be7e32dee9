"""Organisations and who acts for them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from grants.accounts.models import Organisation
from grants.accounts.organisations import operations
from grants.accounts.organisations.queries import SILENT, like, sound_of
from grants.accounts.people import operations as people
from grants.accounts.rights import MemberRole, Role
from grants.foundation.records.db import Refused, db
from tests.accounts.support import link_in, mails, secret_in
from tests.conftest import MovedClock, new_client
from tests.support import factories
from tests.support.client import Client, Page
from tests.support.factories import PASSWORD, TESTS
from tests.support.queries import Queries

DETAILS = {"name": "Open Doors", "kind": "charity", "charity_number": "112 3456", "company_number": "sc123456"}


@pytest.fixture
def group(app: Flask) -> Organisation:
    return factories.organisation(name="Open Doors")


@pytest.fixture
def member(group: Organisation, client: Client) -> Client:
    client.sign_in(factories.applicant(group, name="Alex Applicant"))
    return client


def count(model: type) -> int | None:
    return db.session.scalar(select(func.count()).select_from(model))


def test_a_group_is_made_with_its_numbers_tidied(client: Client) -> None:
    client.sign_in(factories.person())

    response = client.submit("/organisations/new", DETAILS)

    shown = client.get(response.goes_to).main
    assert "1123456" in shown
    assert "SC123456" in shown


def test_a_group_that_is_sent_twice_is_made_once(client: Client) -> None:
    client.sign_in(factories.person())
    page = client.get("/organisations/new")

    first, second = client.submit(page, DETAILS), client.submit(page, DETAILS)

    assert first.goes_to == second.goes_to
    assert count(Organisation) == 1


def test_a_page_that_is_gone_back_to_and_sent_with_another_group_says_that_it_was_not_made(client: Client) -> None:
    client.sign_in(factories.person())
    page = client.get("/organisations/new")
    client.submit(page, DETAILS)

    refused = client.submit(page, DETAILS | {"name": "Quite Another", "charity_number": "", "company_number": ""})

    assert refused.status_code == 409
    assert "What you see here now was not" in refused.main
    assert refused.page.find("input", {"name": "name"})["value"] == "Quite Another"
    assert count(Organisation) == 1
    assert client.submit(refused).status_code == 302
    assert count(Organisation) == 2


def test_a_group_needs_no_number(client: Client) -> None:
    client.sign_in(factories.person())

    assert client.submit("/organisations/new", {"name": "Police", "kind": "public agency"}).status_code == 302


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 201),
        ("name", "a\0b"),
        ("kind", ""),
        ("kind", "not recorded"),
        ("kind", "circus"),
        ("charity_number", "12"),
        ("charity_number", "abc1234"),
        ("charity_number", "１１２３４５６"),
        ("company_number", "123"),
        ("company_number", "ABCDEFGH"),
    ],
)
def test_a_wrong_detail_is_refused_beside_its_field(client: Client, field: str, value: str) -> None:
    client.sign_in(factories.person())

    response = client.submit("/organisations/new", DETAILS | {field: value})

    assert response.status_code == 422
    assert list(response.errors) == [field]
    assert count(Organisation) == 0


def test_registering_the_name_of_another_group_gives_no_access_to_it(client: Client, group: Organisation) -> None:
    """Risk: who types the name of a group sees its applications."""
    client.sign_in(factories.person())

    response = client.submit("/organisations/new", DETAILS | {"name": group.name, "is_another": "yes"})

    assert response.goes_to != f"/organisations/{group.id}"
    assert client.get(f"/organisations/{group.id}").status_code == 404


@pytest.mark.parametrize("role", [None, *Role])
def test_another_groups_pages_are_not_there(client: Client, group: Organisation, role: Role | None) -> None:
    client.sign_in(factories.person(*([role] if role else []), member_of=factories.organisation()))

    for path in ("", "/details"):
        assert client.get(f"/organisations/{group.id}{path}").status_code == 404
    for path in ("/details", "/invite", "/invitations/1/undo"):
        assert forged(client, f"/organisations/{group.id}{path}").status_code == 404


def forged(client: Client, path: str) -> Page:
    """Send a form to another address than its own, with a good token."""
    token = client.get("/account").page.find(attrs={"name": "csrf_token"})["value"]
    return client.post(path, data=DETAILS | {"csrf_token": token, "version": "1", "email": "kim@example.org"})  # type: ignore[return-value]


def test_the_details_are_changed(member: Client, group: Organisation) -> None:
    page = member.get(f"/organisations/{group.id}/details")

    response = member.submit(page, DETAILS | {"name": "Open Doors Leeds"})

    assert member.get(response.goes_to).page.h1.get_text() == "Open Doors Leeds"
    renamed = db.session.get_one(Organisation, group.id, populate_existing=True)
    assert renamed.name_key == "open doors leeds"


def test_details_that_were_changed_meanwhile_are_shown_beside_ones_own(member: Client, group: Organisation) -> None:
    path = f"/organisations/{group.id}/details"
    page = member.get(path)
    member.submit(path, DETAILS | {"name": "Theirs"})

    response = member.submit(page, DETAILS | {"name": "Mine"})

    assert response.status_code == 409
    assert response.page.find(id="name")["value"] == "Mine"
    assert "Theirs" in response.main
    assert member.submit(response).status_code == 302


def invite(client: Client, group: Organisation, email: str) -> object:
    path = f"/organisations/{group.id}"
    return client.submit(path, {"email": email, "role": "editor"}, form=f'form[action="{path}/invite"]')


def test_somebody_new_is_invited_and_joins(member: Client, group: Organisation, app: Flask) -> None:
    invite(member, group, "Kim@example.org")
    mail = mails("kim@example.org")[-1]
    assert mail.subject == "Alex Applicant invites you to join Open Doors"
    newcomer = new_client(app)

    response = newcomer.submit(link_in(mail), {"name": "Kim", "password": "three plain words"})

    assert response.goes_to == "/desk"
    assert newcomer.get(f"/organisations/{group.id}").status_code == 200
    assert "Kim kim@example.org Editor" in member.get(f"/organisations/{group.id}").words
    assert mails()[-1].subject == "Kim joined Open Doors"


def test_somebody_with_an_account_signs_in_and_joins(member: Client, group: Organisation, app: Flask) -> None:
    kim = factories.person(email="kim@example.org")
    invite(member, group, kim.email)
    link = link_in(mails(kim.email)[-1])
    browser = new_client(app)

    page = browser.get(link)
    assert page.page.find("main").find("form") is None
    led = browser.submit(
        str(page.page.find("main").find("a")["href"]), {"email": kim.email, "password": PASSWORD}
    ).goes_to
    assert led == link
    browser.submit(led)

    assert browser.get(f"/organisations/{group.id}").status_code == 200


def test_an_invitation_is_for_one_address_only(member: Client, group: Organisation, app: Flask) -> None:
    """Risk: a forwarded mail lets anybody in."""
    invite(member, group, "kim@example.org")
    other = factories.person()
    browser = new_client(app)
    browser.sign_in(other)

    page = browser.get(link_in(mails("kim@example.org")[-1]))

    assert "You are signed in with another address" in page.words
    with pytest.raises(Refused):
        operations.accept_invitation(person=other, secret=secret_in(mails("kim@example.org")[-1]))


def test_an_invitation_gives_no_second_account(member: Client, group: Organisation) -> None:
    factories.person(email="kim@example.org")
    invite(member, group, "kim@example.org")

    with pytest.raises(Refused):
        operations.accept_invitation(
            person=None, secret=secret_in(mails("kim@example.org")[-1]), name="Kim", password="three plain words"
        )


def test_an_invitation_works_once_and_for_fourteen_days(member: Client, group: Organisation, clock: MovedClock) -> None:
    operations.invite(
        person=factories.applicant(group), organisation=fresh(group), email="kim@example.org", role=MemberRole.EDITOR
    )
    first = mails("kim@example.org")[-1]
    clock.shift(timedelta(days=14))
    assert member.get(link_in(first)).status_code == 410

    operations.invite(
        person=factories.applicant(group), organisation=fresh(group), email="kim@example.org", role=MemberRole.EDITOR
    )
    second = mails("kim@example.org")[-1]
    joined = operations.accept_invitation(
        person=None, secret=secret_in(second), name="Kim", password="three plain words"
    )
    with pytest.raises(Refused):
        operations.accept_invitation(person=joined, secret=secret_in(second))


def fresh(group: Organisation) -> Organisation:
    return db.session.get_one(Organisation, group.id, populate_existing=True)


def test_an_invitation_can_be_undone(member: Client, group: Organisation) -> None:
    invite(member, group, "kim@example.org")
    path = f"/organisations/{group.id}"

    member.submit(path, form='form[action$="/undo"]')

    assert member.get(link_in(mails("kim@example.org")[-1])).status_code == 410
    assert "kim@example.org" not in member.get(path).words


def test_a_second_invitation_replaces_the_first(member: Client, group: Organisation) -> None:
    for _ in range(2):
        invite(member, group, "kim@example.org")
    first, second = (link_in(mail) for mail in mails("kim@example.org"))

    assert (member.get(first).status_code, member.get(second).status_code) == (410, 200)
    assert member.get(f"/organisations/{group.id}").words.count("kim@example.org") == 2  # the line and its button


def test_a_member_is_not_invited_again(member: Client, group: Organisation) -> None:
    other = factories.applicant(group)

    assert list(invite(member, group, other.email).errors) == ["email"]


@pytest.mark.parametrize("members", [1, 3, 8])
def test_an_organisations_page_asks_as_often_for_one_member_as_for_many(
    client: Client, group: Organisation, members: int, count_queries: Callable[[], AbstractContextManager[Queries]]
) -> None:
    people = [factories.applicant(group) for _ in range(members)]
    for number in range(members):
        operations.invite(
            person=people[0], organisation=fresh(group), email=f"kim{number}@example.org", role=MemberRole.READER
        )
    client.sign_in(people[0])

    with count_queries() as queries:
        response = client.get(f"/organisations/{group.id}")

    assert response.words.count("@example.org") >= members
    assert queries.count == 4  # the person, the organisation with its people, the invitations, the office


LIKE = ["Open Doors", "OPEN-DOORS", "open doors.", "Open  Doors"]


@pytest.mark.parametrize("name", LIKE)
def test_group_whose_name_is_like_anothers_is_told_so_and_goes_on_if_it_is_another(
    client: Client, app: Flask, name: str
) -> None:
    factories.organisation("Open Doors")
    client.sign_in(factories.person())

    told = client.submit("/organisations/new", DETAILS | {"name": name})
    made = client.submit(told, {"is_another": "yes"})

    assert told.status_code == 422
    assert told.errors["name"].startswith("“Open Doors” is here already. If that is your group, ask a colleague")
    assert told.page.find("input", id="name")["value"] == " ".join(name.split())
    assert client.get(made.goes_to).page.h1.get_text() == " ".join(name.split())


def test_group_with_the_number_of_another_is_told_so(client: Client, app: Flask) -> None:
    factories.organisation("Open Doors", charity_number="1122334")
    client.sign_in(factories.person())

    told = client.submit("/organisations/new", DETAILS | {"name": "Closed Doors", "charity_number": "1122334"})

    assert told.status_code == 422
    assert "“Open Doors” is here already" in told.main


def test_group_that_takes_the_name_of_another_later_is_told_so_too(member: Client, group: Organisation) -> None:
    factories.organisation("Closed Doors")
    page = f"/organisations/{group.id}/details"

    same = member.submit(page, DETAILS | {"name": group.name.upper()})
    told = member.submit(page, DETAILS | {"name": "Closed doors"})
    member.submit(told, {"is_another": "yes"})

    assert same.status_code == 302
    assert "“Closed Doors” is here already" in told.main
    assert db.session.get_one(Organisation, group.id, populate_existing=True).name == "Closed doors"


@pytest.mark.parametrize(("one", "other"), [("Open Doors", "Open Doors Leeds"), ("A & B", "A or B"), ("", "-")])
def test_names_that_sound_otherwise_are_not_alike(app: Flask, one: str, other: str) -> None:
    factories.organisation(other)

    assert like(one, ["", ""]) == []


@pytest.mark.parametrize("name", ["St. Mary's & Friends (Leeds)", "A/B, C-D", "\N{RIGHT SINGLE QUOTATION MARK}Øst ẞ"])
def test_database_finds_a_name_by_its_sound(app: Flask, name: str) -> None:
    made = factories.organisation(name)

    assert like(name.upper().replace("&", "and").replace(" ", "  "), []) == [made]
    assert like(name, [], but=made.id) == []


@given(st.text(max_size=30))
def test_sound_of_a_name_has_no_silent_marks_and_sounds_like_itself(name: str) -> None:
    sound = sound_of(name)

    assert not {*SILENT, "&"} & set(sound)
    assert sound_of(sound) == sound


def test_a_member_who_is_added_twice_is_one(app: Flask, group: Organisation) -> None:
    person = factories.person()
    for _ in range(2):
        operations.add_member(actor=TESTS, person=person, organisation=group, role=MemberRole.OWNER)

    assert person.organisation_ids == {group.id}


def test_a_stranger_changes_nothing_by_the_operation_either(app: Flask, group: Organisation) -> None:
    stranger = factories.person(Role.ADMINISTRATOR)

    with pytest.raises(Refused):
        operations.invite(person=stranger, organisation=group, email="kim@example.org", role=MemberRole.EDITOR)
    with pytest.raises(Refused):
        operations.change_organisation(
            person=stranger,
            organisation=group,
            version=1,
            name="Mine",
            kind=group.kind,  # type: ignore[arg-type]
            charity_number="",
            company_number="",
        )


def test_new_group_says_what_is_next(client: Client) -> None:
    client.sign_in(factories.person())
    page = client.get("/organisations/new")
    assert page.page.select_one(".govuk-back-link")["href"] == "/account"  # type: ignore[index]

    made = client.get(client.submit(page, DETAILS).goes_to)

    assert made.page.select_one(".govuk-back-link")["href"] == "/account"  # type: ignore[index]
    links = {link.get_text(): link["href"] for link in made.page.select("main a")}
    assert (links["See what you can apply for"], links["Go to your desk"]) == ("/rounds", "/desk")


def test_who_is_invited_and_whose_account_is_closed_reads_so(member: Client, group: Organisation, app: Flask) -> None:
    kim = factories.person(email="kim@example.org")
    people.close_account(actor=TESTS, person=kim)
    invite(member, group, kim.email)

    page = new_client(app).get(link_in(mails(kim.email)[-1]))

    assert "The account with this address is closed" in page.main
    assert page.page.find("main").find("form") is None
    assert "/sign-in" not in str(page.page.find("main"))
