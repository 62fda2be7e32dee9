"""The pages of a group's members: each does what it says, once it is confirmed, and offers nobody what they may not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from grants.accounts.models import Membership, Organisation, Person
from grants.accounts.people import operations as people
from grants.accounts.rights import MemberRole
from grants.foundation.records.db import db
from tests.accounts.support import mails
from tests.support import factories
from tests.support.client import Client
from tests.support.lint import words

SignIn = Callable[[Person], Client]

OWNER, EDITOR, READER = MemberRole
CONFIRM = {"agrees": "yes"}


@pytest.fixture
def group(client: Client) -> Organisation:
    assert client
    return factories.organisation("Open Doors")


@pytest.fixture
def owner(group: Organisation) -> Person:
    return factories.person(name="Oona Owner", member_of=group)


@pytest.fixture
def reader(group: Organisation) -> Person:
    return factories.person(name="Reese Reader", member_of=group, as_=READER)


def of(group: Organisation) -> dict[int, str]:
    rows = db.session.execute(
        select(Membership.person_id, Membership.role).where(Membership.organisation_id == group.id)
    )
    return {row.person_id: row.role for row in rows}


@pytest.mark.parametrize(
    ("page", "typed", "after"),
    [
        ("role", {"role": "editor"}, (OWNER, EDITOR)),
        ("hand-over", CONFIRM, (EDITOR, OWNER)),
        ("remove", CONFIRM, (OWNER, None)),
    ],
)
def test_owner_looks_after_a_member(
    sign_in: SignIn, group: Organisation, page: str, typed: dict[str, str], after: tuple[str, str | None]
) -> None:
    owner, reader = (factories.person(member_of=group, as_=role) for role in (OWNER, READER))
    browser = sign_in(owner)
    path = f"/organisations/{group.id}/members/{reader.id}/{page}"
    assert path in str(browser.get(f"/organisations/{group.id}").page)
    if typed == CONFIRM:
        assert list(browser.submit(path, {}).errors) == ["agrees"]
        assert of(group)[reader.id] == READER

    answer = browser.submit(path, typed)

    assert (of(group).get(owner.id), of(group).get(reader.id)) == after
    assert browser.get(answer.goes_to).status_code == 200


def test_who_leaves_confirms_it_and_reads_nothing_of_the_group_any_more(
    sign_in: SignIn, group: Organisation, owner: Person, reader: Person
) -> None:
    browser, path = sign_in(reader), f"/organisations/{group.id}/leave"
    assert list(browser.submit(path, {}).errors) == ["agrees"]

    answer = browser.submit(path, CONFIRM)

    assert of(group) == {owner.id: OWNER}
    assert "You have left Open Doors" in browser.get(answer.goes_to).main
    assert browser.get(f"/organisations/{group.id}").status_code == 404


def test_only_owner_is_led_to_hand_over_before_leaving(
    sign_in: SignIn, group: Organisation, owner: Person, reader: Person
) -> None:
    page = sign_in(owner).get(f"/organisations/{group.id}/leave")

    assert "First make somebody else an owner too, or hand over to them." in page.main
    assert page.page.find("main").find("form") is None
    links = {words(link): link["href"] for link in page.page.select("main li a")}
    assert links == {
        "Make Reese Reader an owner too": f"/organisations/{group.id}/members/{reader.id}/role",
        "hand over to Reese Reader": f"/organisations/{group.id}/members/{reader.id}/hand-over",
    }


def test_only_owner_is_offered_no_role_that_cannot_be(
    sign_in: SignIn, group: Organisation, owner: Person, reader: Person
) -> None:
    browser, path = sign_in(owner), f"/organisations/{group.id}/members/{owner.id}/role"

    page = browser.get(path)
    assert "You are the only owner of Open Doors." in page.main
    assert page.page.find("main").find("form") is None
    assert "Make Reese Reader an owner too" in page.main
    factories.person(member_of=group)

    assert browser.submit(path, {"role": "editor"}).status_code == 302
    assert of(group)[owner.id] == EDITOR


def test_only_member_is_led_to_invite_somebody(sign_in: SignIn, group: Organisation, owner: Person) -> None:
    page = sign_in(owner).get(f"/organisations/{group.id}/leave")

    assert "Invite somebody of your group first" in page.main


@pytest.mark.parametrize(
    ("role", "says"),
    [
        ("reader", "Nothing was changed: Reese Reader was a reader of the group already."),
        ("editor", "Reese Reader is an editor of the group now. Everybody of the group is told."),
    ],
)
def test_saving_a_role_says_whether_anything_was_changed(
    sign_in: SignIn, group: Organisation, reader: Person, role: str, says: str
) -> None:
    browser = sign_in(factories.person(member_of=group))

    answer = browser.submit(f"/organisations/{group.id}/members/{reader.id}/role", {"role": role})

    assert says in browser.get(answer.goes_to).main
    assert len(mails(reader.email)) == (role == "editor")


def test_reader_is_offered_nothing_that_owners_do(
    sign_in: SignIn, group: Organisation, owner: Person, reader: Person
) -> None:
    assert owner.name == "Oona Owner"
    page = sign_in(reader).get(f"/organisations/{group.id}")

    assert "/members/" not in str(page.page)
    assert "/details" not in str(page.page)
    assert page.page.find("main").find("form") is None
    assert "Only an owner of the group can invite or remove people" in page.main
    assert "Ask Oona Owner." in page.main


def test_administrator_reads_what_closing_the_only_owner_does_and_names_another(
    sign_in: SignIn, group: Organisation, owner: Person, reader: Person
) -> None:
    admin = factories.administrator()
    browser = sign_in(admin)
    asked = browser.get(f"/people/{owner.id}/close-account").main
    assert "No owner is left in Open Doors" in asked
    assert "Oona Owner is the only owner. If you close this account, nobody can accept a grant for the group" in asked
    assert "Make them an owner" not in browser.get(f"/people/{reader.id}").main
    people.close_account(actor=admin.actor, person=owner)

    page = browser.get(f"/people/{reader.id}")
    assert "No owner of Open Doors can sign in" in page.main
    browser.submit(page, {}, form='form[action$="/name-owner"]')

    assert of(group)[reader.id] == OWNER
