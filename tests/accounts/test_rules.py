"""What a password, an address and a number must be."""

from __future__ import annotations

import pytest

from grants.accounts import rules
from grants.accounts.passwords import hash_password, matches
from grants.foundation.records.db import Refused


@pytest.mark.parametrize("password", ["three plain words", "🙂🙃😉😊😇🥰😍🤩😘😗", "correct horse", "x1!x1!x1!y"])
def test_a_good_password_is_taken(password: str) -> None:
    assert rules.password_problem(password, email="sam@example.org") == ""


@pytest.mark.parametrize(
    "password",
    ["", "short", "x" * 257, "abababababab", "PASSWORD123", "Sam@Example.org", "a\0bcdefghijk", "qwertyuiop"],
)
def test_a_bad_password_is_named(password: str) -> None:
    assert rules.password_problem(password, email="sam@example.org").endswith(".")


def test_the_first_part_of_the_address_is_no_password() -> None:
    assert rules.password_problem("Samira.Sutcliffe", email="samira.sutcliffe@example.org") != ""


def test_every_common_password_is_long_enough_to_matter() -> None:
    assert all(len(word) >= 10 for word in rules.COMMON_PASSWORDS)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Sam@Example.ORG ", "sam@example.org"),
        ("sam+fund@exämple.org", "sam+fund@xn--exmple-cua.org"),
        ("o'hara@example.org", "o'hara@example.org"),
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
