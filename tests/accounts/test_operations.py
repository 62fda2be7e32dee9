"""The verbs that other rooms and commands rely on."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from grants.accounts import queries
from grants.accounts.models import Organisation, OrganisationKind, Person, RoleGrant
from grants.accounts.organisations import operations as organisations
from grants.accounts.passwords import matches
from grants.accounts.people import operations as people
from grants.accounts.rights import Role
from grants.accounts.sessions.operations import begin
from grants.accounts.tokens import digest
from grants.foundation.records import audit
from grants.foundation.records.db import Refused, db, transaction
from tests.accounts.support import mails
from tests.conftest import Runner
from tests.support import factories
from tests.support.factories import TESTS


def last_line() -> audit.AuditLine:
    return db.session.scalars(select(audit.AuditLine).order_by(audit.AuditLine.id.desc()).limit(1)).one()


def kept_values(line: audit.AuditLine) -> dict[str, tuple[str, str]]:
    rows = db.session.scalars(select(audit.HistoryValue).where(audit.HistoryValue.line_id == line.id))
    return {row.field: (row.before, row.after) for row in rows}


def test_make_person_makes_an_account_that_opens(app: Flask) -> None:
    person = people.make_person(
        actor=TESTS,
        email="Deputy@Example.org",
        name=" Dee  Deputy",
        password="three plain words",
        roles=[Role.DECISION_MAKER, Role.OFFICER, Role.OFFICER],
    )

    db.session.expire_all()
    kept = queries.person_by_email("deputy@example.org")
    assert kept is person
    assert (kept.name, kept.roles) == ("Dee Deputy", {Role.OFFICER, Role.DECISION_MAKER})
    assert kept.is_active
    assert matches("three plain words", kept.password_hash)


def test_make_person_writes_one_line_with_the_roles_and_without_the_password(app: Flask) -> None:
    people.make_person(
        actor=TESTS, email="a@example.org", name="Ann", password="three plain words", roles=[Role.OFFICER, Role.PANEL]
    )

    line = last_line()
    assert (line.id, line.verb, line.kind) == (1, "make account", "people")
    values = kept_values(line)
    assert values["roles"] == ("", "officer, panel")
    assert "argon2" not in str(values)


@pytest.mark.parametrize(
    ("email", "name", "password"),
    [
        ("nonsense", "Ann", "three plain words"),
        ("a@example.org", "", "three plain words"),
        ("a@example.org", "x" * 201, "three plain words"),
        ("a@example.org", "A\0nn", "three plain words"),
        ("a@example.org", "Ann", "short"),
        ("TAKEN@example.org", "Ann", "three plain words"),
    ],
)
def test_make_person_refuses_what_the_form_refuses(app: Flask, email: str, name: str, password: str) -> None:
    factories.person(email="taken@example.org")

    with pytest.raises(Refused):
        people.make_person(actor=TESTS, email=email, name=name, password=password)

    assert len(db.session.scalars(select(Person)).all()) == 1


def test_make_organisation_lets_its_members_act_for_it(app: Flask) -> None:
    person = people.make_person(actor=TESTS, email="a@example.org", name="Ann")

    made = organisations.make_organisation(
        actor=TESTS, name="Open Doors", kind=OrganisationKind.CHARITY, charity_number="1123456", members=[person]
    )

    db.session.expire_all()
    found = queries.person_by_email("a@example.org")
    assert found is not None
    assert found.organisation_ids == {made.id}
    assert [membership.person_id for membership in made.memberships] == [person.id]


def test_a_role_that_is_held_is_not_given_twice(app: Flask) -> None:
    person = factories.person(Role.OFFICER)

    people.grant_role(actor=TESTS, person=person, role=Role.OFFICER)
    people.revoke_role(actor=TESTS, person=person, role=Role.PANEL)

    assert db.session.scalars(select(audit.AuditLine)).all() == []
    assert mails() == []


def test_a_role_is_given_by_name_and_remembered(app: Flask) -> None:
    admin, person = factories.administrator(), factories.person()

    people.grant_role(actor=admin.actor, person=person, role=Role.AUDITOR)

    grant = db.session.scalars(select(RoleGrant).where(RoleGrant.person_id == person.id)).one()
    assert (grant.role, grant.granted_by_id) == ("auditor", admin.id)
    line = last_line()
    assert (line.verb, line.actor, line.thing_id) == ("grant role", f"person:{admin.id}", person.id)
    assert kept_values(line) == {"role": ("", "auditor")}


def test_a_closed_administrator_gives_no_roles(app: Flask) -> None:
    admin, person = factories.administrator(), factories.person()
    people.close_account(actor=TESTS, person=admin)

    with pytest.raises(Refused):
        people.grant_role(actor=admin.actor, person=person, role=Role.AUDITOR)


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE people SET email = 'Sam@example.org'", "email_is_lower_case"),
        ("UPDATE role_grants SET role = 'king'", "role_is_known"),
        ("UPDATE organisations SET kind = 'circus'", "kind_is_known"),
    ],
)
def test_the_database_refuses_what_must_never_be_stored(app: Flask, statement: str, constraint: str) -> None:
    factories.person(Role.OFFICER, member_of=factories.organisation())

    with pytest.raises(IntegrityError, match=constraint), transaction() as session:
        session.execute(text(statement))


def test_an_address_belongs_to_one_account(app: Flask) -> None:
    factories.person(email="sam@example.org")

    with pytest.raises(IntegrityError):
        factories.person(email="sam@example.org")


def test_what_a_person_may_see_costs_one_query(app: Flask) -> None:
    from tests.support.queries import counting

    group = factories.organisation()
    person = factories.person(Role.OFFICER, Role.PANEL, member_of=group)
    secret = begin(person).secret
    db.session.expunge_all()

    with counting(db.engine) as asked:
        kept = queries.browser_session(digest(secret))
        assert kept is not None
        found = kept.person
        assert found.roles == {Role.OFFICER, Role.PANEL}
        assert found.organisation_ids == {group.id}
        assert found.memberships[0].organisation.name == group.name

    assert asked.count == 1


def test_people_add_makes_the_first_administrator(runner: Runner) -> None:
    result = runner.invoke(
        args=["people", "add", "ada@example.org", "--name", "Ada", "--role", "administrator", "--role", "officer"]
    )

    assert result.exit_code == 0, result.output
    person = queries.person_by_email("ada@example.org")
    assert person is not None
    assert person.roles == {Role.ADMINISTRATOR, Role.OFFICER}
    assert mails("ada@example.org")[0].subject == "Your account is ready"


def test_people_add_says_what_is_wrong(runner: Runner) -> None:
    result = runner.invoke(args=["people", "add", "nonsense", "--name", "Ada"])

    assert result.exit_code == 1
    assert "Enter an e-mail address in the right form" in result.output


def test_people_grant_gives_a_role(runner: Runner) -> None:
    factories.person(email="sam@example.org")

    assert runner.invoke(args=["people", "grant", "SAM@example.org", "finance"]).exit_code == 0
    assert runner.invoke(args=["people", "grant", "kim@example.org", "finance"]).exit_code == 1
    person = queries.person_by_email("sam@example.org")
    assert person is not None
    assert person.roles == {Role.FINANCE}


def test_an_organisation_keeps_the_name_by_which_imports_find_it(app: Flask) -> None:
    made = organisations.make_organisation(actor=TESTS, name="  SKY   Positive Minds ")

    assert (made.name, made.name_key) == ("SKY Positive Minds", "sky positive minds")
    assert db.session.get_one(Organisation, made.id).version == 1
