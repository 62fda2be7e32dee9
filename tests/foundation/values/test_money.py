"""Whole pence: what people type is read right or refused, never guessed."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from grants.foundation.values.money import (
    MOST_PENCE,
    BadAmount,
    parse_strict,
    parse_typed,
    plain,
    pounds,
    pounds_exact,
    shares,
)

amounts = st.integers(min_value=0, max_value=MOST_PENCE)


@given(amounts)
def test_amount_as_shown_is_read_back(amount: int) -> None:
    assert parse_typed(pounds(amount)) == amount
    assert parse_typed(pounds_exact(amount)) == amount


@given(amounts)
def test_amount_in_a_file_is_read_back(amount: int) -> None:
    assert parse_strict(plain(amount)) == amount
    assert plain(-amount) == ("-" if amount else "") + plain(amount)


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("3,400", 340000),
        ("£3,400", 340000),
        ("£3 400", 340000),
        ("£ 3\u00a0400.5", 340050),
        ("\u20093\u202f400.50\n", 340050),
        ("0", 0),
        ("0.01", 1),
        ("6000.00", 600000),
        ("1,234,567.89", 123456789),
        ("007", 700),
    ],
)
def test_amount_that_people_type_is_read(typed: str, amount: int) -> None:
    assert parse_typed(typed) == amount


REFUSED = [
    "",
    "abc",
    "1e3",
    "-1",
    "+1",
    "Infinity",
    "NaN",
    "5925.505",
    "1.",
    ".5",
    "£",
    "££5",
    "1,23",
    "12,3456",
    "12345 678",
    "3.400,50",
    "1 000 00",
    "３４００",
    "٣",
    "0x10",
    "1_000",
    "5p",
    "£5-6",
    "1\x00",
    "$5",
    "10000000000000",
]


@pytest.mark.parametrize("typed", REFUSED)
def test_amount_that_is_none_is_refused_with_a_message(typed: str) -> None:
    with pytest.raises(BadAmount, match=r"^(must|is) "):
        parse_typed(typed)


@pytest.mark.parametrize("text", [*REFUSED, "£5,925.50", "5,925", "5 925", "£5925"])
def test_amount_in_a_file_takes_digits_only(text: str) -> None:
    with pytest.raises(BadAmount, match=r"^(must|is) "):
        parse_strict(text)


@given(st.text())
@example("1,000 000")
def test_anything_typed_is_an_amount_by_the_grammar_or_refused(typed: str) -> None:
    by_grammar = re.fullmatch(r"£? ?([0-9]{1,3}([ ,][0-9]{3})+|[0-9]+)(\.[0-9]{1,2})?", " ".join(typed.split()))
    try:
        amount = parse_typed(typed)
    except BadAmount:
        digits = re.sub(r"\D", "", by_grammar[1]) if by_grammar else ""
        assert not by_grammar or "\x1c" <= typed[:1] <= "\x1f" or len(digits) > 11
    else:
        assert by_grammar is not None
        assert 0 <= amount <= MOST_PENCE


@given(st.from_regex(r"[0-9]{1,9}\.[0-9]{3,6}", fullmatch=True))
def test_fractions_of_a_penny_are_refused(typed: str) -> None:
    for parse in (parse_typed, parse_strict):
        with pytest.raises(BadAmount):
            parse(typed)


@given(st.integers(min_value=MOST_PENCE + 1, max_value=10**40))
def test_amount_larger_than_any_grant_is_refused(amount: int) -> None:
    with pytest.raises(BadAmount, match="larger than any grant"):
        parse_strict(plain(amount))


@given(amounts, amounts)
def test_amounts_that_differ_look_different(one: int, other: int) -> None:
    assume(one != other)
    assert pounds(one) != pounds(other)
    assert plain(one) != plain(other)


def test_unknown_amount_is_never_nought() -> None:
    assert (pounds(None), pounds_exact(None), plain(None)) == ("not known", "not known", "")
    assert (pounds(0), pounds_exact(0), plain(0)) == ("£0", "£0.00", "0.00")


def test_largest_amount_is_a_hundred_thousand_million_pounds() -> None:
    assert MOST_PENCE == 10_000_000_000_000
    for read in (parse_typed, parse_strict):
        assert read("100000000000") == MOST_PENCE
        for beyond in ("100000000000.01", "1000000000000", "9" * 5_000):
            with pytest.raises(BadAmount, match="larger than any grant"):
                read(beyond)


def test_penny_below_nothing_has_its_sign() -> None:
    assert (pounds(-1), pounds_exact(-1), plain(-1)) == ("−£0.01", "−£0.01", "-0.01")
    assert (pounds(0), pounds_exact(0), plain(0)) == ("£0", "£0.00", "0.00")


# Shares


@given(asked=st.lists(st.integers(0, 10**9), max_size=8), total=st.integers(0, 10**9))
def test_shares_add_up_and_go_to_the_largest_remainders(asked: list[int], total: int) -> None:
    """The risk: a penny is lost, or the first line gets a penny that is due to another."""
    found = shares(asked, total)

    whole = sum(asked)
    assert len(found) == len(asked)
    if not whole:
        assert set(found) <= {0}
        return
    assert sum(found) == total
    exact = [divmod(total * amount, whole) for amount in asked]
    assert all(share - floor in {0, 1} for share, (floor, _) in zip(found, exact, strict=True))
    up = [(rest, -at) for at, (share, (floor, rest)) in enumerate(zip(found, exact, strict=True)) if share > floor]
    down = [(rest, -at) for at, (share, (floor, rest)) in enumerate(zip(found, exact, strict=True)) if share == floor]
    assert not up or not down or min(up) > max(down)


@pytest.mark.parametrize(
    ("asked", "total", "expected"),
    [
        ([1, 2, 3], 10, [2, 3, 5]),  # 1.67, 3.33 and 5: the first has the largest remainder
        ([3, 2, 1], 10, [5, 3, 2]),  # and so it has where it stands last
        ([1, 1, 1], 100, [34, 33, 33]),  # of equal remainders the first
        ([0, 5], 7, [0, 7]),
        ([0, 0], 7, [0, 0]),
        ([], 7, []),
    ],
)
def test_shares_to_the_penny(asked: list[int], total: int, expected: list[int]) -> None:
    assert shares(asked, total) == expected
