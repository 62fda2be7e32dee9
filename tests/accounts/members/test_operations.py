"""Who is what in a group: nobody leaves it without an owner, and everybody of it hears of every change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from grants.accounts.members import operations as members
from grants.accounts.models import FormerMembership, Membership, Organisation, Person
from grants.accounts.people import operations as people
from grants.accounts.rights import MemberRole
from grants.foundation.records import audit
from grants.foundation.records.db import LostUpdate, Refused, db
from tests.accounts.support import mails
from tests.support import factories

pytestmark = pytest.mark.usefixtures("app")

OWNER, EDITOR, READER = MemberRole

Deed = Callable[[Person, Organisation, Person], None]


def _change(role: MemberRole) -> Deed:
    def change(person: Person, group: Organisation, member: Person) -> None:
        seen = db.session.get_one(Organisation, group.id, populate_existing=True).version
        members.change_role(person=person, organisation=group, member_id=member.id, seen=seen, role=role)

    return change


DEEDS: dict[str, Deed] = {
    **{f"make {role}": _change(role) for role in MemberRole},
    "hand over": lambda person, group, member: members.hand_over(
        person=person, organisation=group, member_id=member.id
    ),
    "remove": lambda person, group, member: members.remove(person=person, organisation=group, member_id=member.id),
    "leave": lambda person, group, _member: members.leave(person=person, organisation=group),
}
ACTS = ("change member", "hand over", "remove member", "leave organisation")


def of(group: Organisation) -> dict[int, str]:
    """What each person is in the group now."""
    rows = db.session.execute(
        select(Membership.person_id, Membership.role).where(Membership.organisation_id == group.id)
    )
    return {row.person_id: row.role for row in rows}


def company(*roles: MemberRole) -> tuple[Organisation, list[Person]]:
    """A group with these members."""
    group = factories.organisation()
    return group, [factories.person(member_of=group, as_=role) for role in roles]


STEPS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(sorted(DEEDS)), st.integers(0, 3)), max_size=8)


@given(steps=STEPS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_group_has_an_owner_whatever_its_members_do(steps: list[tuple[int, str, int]]) -> None:
    """Only owners change who others are; each change leaves one line, and a mail to everybody of the group."""
    group, cast = company(OWNER, OWNER, EDITOR, READER)
    for doer, deed, to in steps:
        before, sent, lines = of(group), len(mails()), _lines()
        try:
            DEEDS[deed](cast[doer], group, cast[to])
        except Refused:
            assert of(group) == before
        after = of(group)
        assert OWNER in after.values()
        if after != before:
            assert before[cast[doer].id] == OWNER or deed == "leave"
            assert sorted(mail.to for mail in mails()[sent:]) == sorted(one.email for one in cast if one.id in before)
        assert _lines() - lines == (after != before)


def _lines() -> int:
    return len(list(db.session.scalars(select(audit.AuditLine.id).where(audit.AuditLine.verb.in_(ACTS)))))


@pytest.mark.parametrize("deed", ["leave", "make editor", "make reader"])
def test_last_owner_is_told_to_hand_over_first(deed: str) -> None:
    group, (owner, _reader) = company(OWNER, READER)

    with pytest.raises(Refused, match="only owner"):
        DEEDS[deed](owner, group, owner)

    assert of(group)[owner.id] == OWNER


def test_owner_whose_account_is_closed_is_no_owner_to_stay() -> None:
    group, (owner, gone) = company(OWNER, OWNER)
    people.close_account(actor=factories.administrator().actor, person=gone)

    with pytest.raises(Refused, match="only owner"):
        members.leave(person=owner, organisation=group)


def test_who_was_removed_meanwhile_removes_nobody() -> None:
    group, (one, other, reader) = company(OWNER, OWNER, READER)
    members.remove(person=one, organisation=group, member_id=other.id)

    with pytest.raises(Refused):
        members.remove(person=other, organisation=group, member_id=reader.id)


def test_role_that_was_changed_meanwhile_is_not_changed_blindly() -> None:
    group, (one, other, reader) = company(OWNER, OWNER, READER)
    seen = group.version
    DEEDS["make editor"](other, group, reader)

    with pytest.raises(LostUpdate):
        members.change_role(person=one, organisation=group, member_id=reader.id, seen=seen, role=OWNER)


@pytest.mark.parametrize("deed", ["leave", "remove"])
def test_who_is_gone_stands_apart_from_what_is_the_groups(deed: str) -> None:
    group, (owner, other) = company(OWNER, OWNER)

    DEEDS[deed](owner, group, other)

    (former,) = db.session.scalars(select(FormerMembership))
    assert former.person_id == (owner if deed == "leave" else other).id


def test_closing_the_account_of_the_only_owner_tells_the_members_and_an_administrator_names_another() -> None:
    group, (owner, reader) = company(OWNER, READER)
    admin = factories.administrator()
    with pytest.raises(Refused, match="has an owner"):
        members.name_owner(person=admin, organisation_id=group.id, member_id=reader.id)

    people.close_account(actor=admin.actor, person=owner)
    assert [mail.subject for mail in mails(reader.email)] == [f"{group.name} has no owner now"]
    members.name_owner(person=admin, organisation_id=group.id, member_id=reader.id)

    assert of(group)[reader.id] == OWNER
    assert mails(reader.email)[-1].subject == f"You are an owner of {group.name} now"


def _no_administrator(_group: Organisation, _owner: Person, reader: Person) -> tuple[Person, Person]:
    return reader, reader


def _themselves(group: Organisation, _owner: Person, _reader: Person) -> tuple[Person, Person]:
    both = factories.administrator()
    db.session.rollback()
    with members.transaction() as session:
        session.add(Membership(person=both, organisation=group, role=READER, made_at=both.made_at))
    return both, both


def _closed(_group: Organisation, owner: Person, _reader: Person) -> tuple[Person, Person]:
    return factories.administrator(), owner


@pytest.mark.parametrize("case", [_no_administrator, _themselves, _closed])
def test_nobody_else_is_named_an_owner(case: Callable[..., tuple[Person, Person]]) -> None:
    group, (owner, reader) = company(OWNER, READER)
    people.close_account(actor=factories.administrator().actor, person=owner)
    by, whom = case(group, owner, reader)

    with pytest.raises(Refused):
        members.name_owner(person=by, organisation_id=group.id, member_id=whom.id)


def test_only_somebody_of_the_group_is_changed() -> None:
    group, (owner,) = company(OWNER)
    stranger: Any = factories.person()

    for deed in ("make owner", "hand over", "remove"):
        with pytest.raises(Refused, match="does not belong"):
            DEEDS[deed](owner, group, stranger)
