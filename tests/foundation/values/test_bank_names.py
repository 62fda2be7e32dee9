"""Names as banks take them, and which of them are the same."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

from grants.foundation.values.bank_names import at_bank, has_other_letters, is_same_name


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Children’s Club", "Childrens Club"),
        ("O'Brien & Sons Ltd.", "OBrien & Sons Ltd."),
        ("Zoë Café Straße Łódź Ærø", "Zoe Cafe Strasse Lodz AEro"),
        ("North — South_West", "North - South-West"),
        ("  A \t B  ", "A B"),
        ("Ｆｕｌｌ １２", "Full 12"),
        ("Youth+Arts (Hull), “Leeds”", "Youth&Arts Hull Leeds"),
        ("ਸਿੱਖ Society", "Society"),
        ("ਸਿੱਖ", ""),
    ],
)
def test_name_is_brought_to_what_banks_take(name: str, plain: str) -> None:
    assert at_bank(name) == plain


@pytest.mark.parametrize("name", ["ਸਿੱਖ Society", "Клуб", "٣ Club", "社区"])
def test_name_with_letters_that_no_bank_takes_is_known(name: str) -> None:
    assert has_other_letters(name)


@pytest.mark.parametrize("name", ["Zoë’s Café – Leeds", "Straße Łódź Ærø", "A+B (C)", "☺ Club", ""])
def test_name_whose_letters_can_be_brought_to_those_of_banks_is_known(name: str) -> None:
    assert not has_other_letters(name)


@given(some.text())
def test_nothing_but_what_banks_take_is_left(name: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9.&/-]*( [A-Za-z0-9.&/-]+)*", at_bank(name))
    assert at_bank(at_bank(name)) == at_bank(name)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("The Leeds Club Limited", "LEEDS CLUB LTD", True),
        ("Arts & Crafts", "Arts and Crafts", True),
        ("Zoë’s Café", "ZOES CAFE", True),
        ("Leeds Club", "Leeds Clubs", False),
        ("Leeds Club", "Mr A Person", False),
        ("Leeds Youth Club", "Youth Club Leeds", False),
    ],
)
def test_names_are_the_same_but_for_case_signs_and_small_words(one: str, other: str, same: bool) -> None:
    assert is_same_name(one, other) is same
