"""What somebody leaves behind whose account is closed: it is said before."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask

from grants.accounts.models import Person
from grants.accounts.people import operations
from grants.accounts.people.queries import left_behind
from grants.accounts.rights import MemberRole, Role
from grants.applications.models import ApplicationStatus
from tests.support import applications_factories, award_factories, factories, payments_factories
from tests.support.client import Client
from tests.support.queries import Queries

pytestmark = pytest.mark.usefixtures("app")

READER = MemberRole.READER


def test_only_owner_leaves_a_group_without_one_and_only_member_leaves_it_unreached() -> None:
    alone, led, shared = (factories.organisation(name) for name in ("Alone", "Led", "Shared"))
    person = factories.person(member_of=alone)
    for group, other_role in ((led, READER), (shared, MemberRole.OWNER)):
        factories.person(member_of=group, as_=other_role)
        _join(person, group)
    closed = factories.person(member_of=alone)
    operations.close_account(actor=factories.TESTS, person=closed)

    left = left_behind(person)

    assert [group.name for group in left.ownerless] == ["Alone", "Led"]
    assert [group.name for group in left.unreached] == ["Alone"]


def _join(person: Person, group: object) -> None:
    from grants.accounts.organisations import operations as organisations

    organisations.add_member(
        actor=factories.TESTS,
        person=person,
        organisation=group,
        role=MemberRole.OWNER,  # type: ignore[arg-type]
    )


def test_reader_leaves_no_group_without_an_owner() -> None:
    group = factories.organisation()
    factories.person(member_of=group)

    assert not left_behind(factories.person(member_of=group, as_=READER)).ownerless


def test_role_that_nobody_else_has_whose_account_is_open_is_left() -> None:
    person = factories.person(Role.OFFICER, Role.FINANCE)
    factories.person(Role.FINANCE)
    closed = factories.officer()
    operations.close_account(actor=factories.TESTS, person=closed)

    assert left_behind(person).roles == [Role.OFFICER]


def _sheets(person: Person) -> None:
    for more in ({"locked": False}, {"locked": True}, {"locked": False, "has_conflict": True}):
        factories.score_sheet(factories.application(ApplicationStatus.ELIGIBLE), person, **more)  # type: ignore[arg-type]
    factories.score_sheet(factories.application(ApplicationStatus.DECLINED), person, locked=False)


def _questions(person: Person) -> None:
    applications_factories.clarification(factories.application(ApplicationStatus.SUBMITTED), by=person)
    applications_factories.clarification(factories.application(ApplicationStatus.SUBMITTED))


def _batches(person: Person) -> None:
    payments_factories.batch(awards=[payments_factories.payable_award()], by=person)


@pytest.mark.parametrize(
    ("role", "begin", "what"),
    [
        (Role.PANEL, _sheets, "score sheet that is not locked"),
        (Role.OFFICER, _questions, "question to a group that waits for an answer"),
        (Role.FINANCE, _batches, "batch of payments that waits for approval"),
    ],
)
def test_work_that_somebody_has_open_is_counted(role: Role, begin: Callable[[Person], None], what: str) -> None:
    person = factories.person(role)
    assert left_behind(person).work == []

    begin(person)

    ((count, one, _many),) = left_behind(person).work
    assert (count, one) == (1, what)


def test_change_of_a_grant_that_somebody_began_is_counted() -> None:
    variation = award_factories.begun_variation(award_factories.accepted_award(), title="Dance on Fridays")

    assert left_behind(variation.begun_by).work[-1][:2] == (1, "change of a grant that waits for approval")


def test_page_that_closes_an_account_says_what_is_left(
    app: Flask, client: Client, count_queries: Callable[[], AbstractContextManager[Queries]]
) -> None:
    group = factories.organisation("Open Doors")
    reader = factories.person(name="Reese Reader", member_of=group, as_=READER)
    person = factories.person(Role.PANEL, name="Pat Panel", member_of=group)
    alone = factories.organisation("Quiet Corner")
    _join(person, alone)
    _sheets(person)
    client.sign_in(factories.administrator())

    with count_queries() as queries:
        page = client.get(f"/people/{person.id}/close-account")

    assert "No owner is left in Open Doors" in page.main
    assert page.page.select_one(f"main a[href='/people/{reader.id}']").get_text() == "Reese Reader"
    assert "No mail reaches Quiet Corner" in page.main
    assert "Nobody else here has this role: Panel member." in page.main
    assert "1 score sheet that is not locked" in page.main
    assert queries.count <= 6
    plain = client.get(f"/people/{factories.person().id}/close-account")
    assert plain.page.select(".g-notice") == []
