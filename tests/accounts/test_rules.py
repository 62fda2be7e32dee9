"""What an address, a name and a number must be, and who may do what with people and organisations."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from grants.accounts import rules
from grants.accounts.models import LONGEST_NAME, Organisation, Person
from grants.accounts.passwords import hash_password, matches
from grants.accounts.rights import GroupRight, MemberRole, Right, Role
from grants.foundation.records.db import Refused
from grants.foundation.web.fields.text import LONGEST_EMAIL
from tests.support.rulings import says, somebody

LONGEST_KEPT = "a" * 64 + "@" + ".".join(["b" * 61, "c" * 61, "d" * 61, "org"])
"""As long as an address can be."""


def test_the_longest_address_fits_its_field() -> None:
    assert len(LONGEST_KEPT) == LONGEST_EMAIL


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Sam@Example.ORG ", "sam@example.org"),
        ("sam+fund@exämple.org", "sam+fund@xn--exmple-cua.org"),
        ("o'hara@example.org", "o'hara@example.org"),
        (LONGEST_KEPT, LONGEST_KEPT),
    ],
)
def test_an_address_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert rules.tidy_email(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "sam",
        "sam@",
        "@example.org",
        "sam@example",
        "sam@@example.org",
        "a b@example.org",
        "é@example.org",
        "s\0@example.org",
        "sam@example.org\nBcc: x@example.org",
        "x" * 300 + "@example.org",
        LONGEST_KEPT + "g",
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(Refused):
        rules.tidy_email(typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        (" 112 3456 ", "1123456"),
        ("sc012345", "SC012345"),
        ("NIC100123", "NIC100123"),
        ("1123456-1", "1123456-1"),
    ],
)
def test_a_charity_number_is_tidied(typed: str, kept: str) -> None:
    assert rules.tidy_charity_number(typed) == kept


@pytest.mark.parametrize("typed", ["12345", "12345678", "SC12", "ABC", "1123456; DROP", "１１２３４５６"])
def test_what_is_no_charity_number_is_refused(typed: str) -> None:
    with pytest.raises(Refused):
        rules.tidy_charity_number(typed)


@pytest.mark.parametrize(
    ("typed", "kept"), [("", ""), ("0123 4567", "01234567"), ("sc123456", "SC123456"), ("IP12345R", "IP12345R")]
)
def test_a_company_number_is_tidied(typed: str, kept: str) -> None:
    assert rules.tidy_company_number(typed) == kept


@pytest.mark.parametrize("typed", ["123", "123456789", "ABCDEFGH", "S1234567"])
def test_what_is_no_company_number_is_refused(typed: str) -> None:
    with pytest.raises(Refused):
        rules.tidy_company_number(typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [(" Sam \n  Lee ", "Sam Lee"), ("x" * LONGEST_NAME, "x" * LONGEST_NAME)],
)
def test_a_name_is_kept_in_one_line(typed: str, kept: str) -> None:
    assert rules.tidy_name(typed, thing="your name") == kept


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        (" \n", "Enter your name."),
        ("x" * (LONGEST_NAME + 1), "Shorten your name to 200 characters or fewer. It has 201."),
        ("Sam\0", "Type your name again: it holds a character that cannot be shown."),
    ],
)
def test_what_is_no_name_is_refused(typed: str, problem: str) -> None:
    with pytest.raises(Refused) as caught:
        rules.tidy_name(typed, thing="your name")

    assert str(caught.value) == problem


ADMINISTRATOR = Role.ADMINISTRATOR


@pytest.mark.parametrize(("person", "reason"), [(somebody(of=7), ""), (somebody(of=8), "You do not belong")])
def test_an_organisation_is_for_its_own_people(person: Person, reason: str) -> None:
    says(rules.can_see_organisation(person, Organisation(id=7)), reason)
    says(rules.can_edit_organisation(person, Organisation(id=7)), reason)
    says(rules.can_manage_members(person, Organisation(id=7)), reason)
    assert not rules.is_for(person, Right.MANAGE_PEOPLE, 7, "No.")


@pytest.mark.parametrize(
    ("person", "sees", "changes", "closes"),
    [
        (somebody(), *["Only an administrator can do that."] * 3),
        (somebody(ADMINISTRATOR), "", "", ""),
        (
            somebody(ADMINISTRATOR, number=2),
            "",
            "You cannot change your own roles.",
            "You cannot close your own account.",
        ),
    ],
)
def test_an_administrator_manages_others(person: Person, sees: str, changes: str, closes: str) -> None:
    other = somebody(number=2)

    says(rules.can_manage_people(person), sees)
    says(rules.can_change_roles(person, other), changes)
    says(rules.can_close_account(person, other), closes)
    assert bool(rules.is_for(person, Right.MANAGE_PEOPLE, 7, "No.")) == (not sees)


APART = frozenset({frozenset({Role.OFFICER, Role.FINANCE}), frozenset({Role.AUDITOR, Role.OFFICER})})


@pytest.mark.parametrize(
    ("roles", "reason"),
    [
        ([], ""),
        ([Role.OFFICER, Role.PANEL], ""),
        ([Role.AUDITOR, Role.FINANCE], ""),
        ([Role.FINANCE, Role.OFFICER], "Nobody here may be both finance officer and grants officer."),
        (list(Role), "Nobody here may be both auditor and grants officer."),
    ],
)
def test_roles_that_the_office_keeps_apart_never_meet(roles: list[Role], reason: str) -> None:
    says(rules.may_meet(roles, APART), reason)
    says(rules.may_meet(roles, frozenset()), "")


def test_the_same_letters_composed_otherwise_are_the_same_password() -> None:
    kept = hash_password("cafe\u0301 au lait")

    assert matches("café au lait", kept)
    assert not matches("cafe au lait", kept)


def test_a_hash_holds_no_password_and_differs_each_time() -> None:
    first, second = hash_password("three plain words"), hash_password("three plain words")

    assert first != second
    assert first.startswith("$argon2id$")
    assert "three" not in first


@pytest.mark.parametrize("kept", ["", "nonsense", "$argon2id$v=19$m=8,t=1,p=1$broken"])
def test_a_broken_hash_opens_nothing(kept: str) -> None:
    assert not matches("", kept)
    assert not matches("three plain words", kept)


def _group(*members: tuple[int, MemberRole, bool]) -> Any:
    """A group of these: the number of each, what they are, and whether they can sign in."""
    people = [
        SimpleNamespace(person_id=number, role=role, person=SimpleNamespace(id=number, is_active=active, name="Sam"))
        for number, role, active in members
    ]
    return SimpleNamespace(id=7, name="Northside", memberships=people)


OWNER, EDITOR = MemberRole.OWNER, MemberRole.EDITOR


@pytest.mark.parametrize(
    ("others", "mine", "why"),
    [
        ([(2, OWNER, True)], OWNER, ""),
        ([(2, OWNER, False)], OWNER, "You are the only owner of Northside"),
        ([(2, EDITOR, True)], OWNER, "You are the only owner of Northside"),
        ([(2, OWNER, False)], EDITOR, ""),
        ([], EDITOR, ""),
    ],
)
def test_whoever_is_not_the_last_owner_leaves(others: Any, mine: MemberRole, why: str) -> None:
    says(rules.can_leave(somebody(of=7, number=1), _group((1, mine, True), *others)), why)


def test_nobody_leaves_a_group_that_is_not_theirs() -> None:
    says(rules.can_leave(somebody(of=6, number=1), _group((2, OWNER, True))), rules.NOT_YOURS)


def test_nothing_is_for_the_people_of_no_group() -> None:
    says(rules.is_for(somebody(of=7), GroupRight.WRITE_REPORTS, None, "No."), "No.")
