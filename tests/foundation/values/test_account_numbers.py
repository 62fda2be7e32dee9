"""A whole account number in free text is found however it is written, and nothing else is."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grants.foundation.values.account_numbers import holds_account, without_accounts

gaps = st.sampled_from(["", " ", "-", " - ", "–", "\u00a0"])
words = st.text(st.characters(codec="ascii", categories=["L", "Zs"]), max_size=20).map(lambda text: f"{text} ")


@given(words, st.lists(st.tuples(st.sampled_from("23456789"), gaps), min_size=8, max_size=8), words)
def test_eight_digits_are_found_whatever_stands_between_and_around_them(
    before: str, digits: list[tuple[str, str]], after: str
) -> None:
    written = "".join(digit + gap for digit, gap in digits)

    assert holds_account(before + written + after)
    assert written not in without_accounts(before + written + after)


@given(words, st.from_regex(r"\A[0-9]{2}[-–][0-9]{2}[-–][0-9]{2}\Z"), words)
def test_sort_code_is_found(before: str, written: str, after: str) -> None:
    assert holds_account(before + written + f" {after}")


@given(words, st.dates(date(1950, 1, 1), date(2090, 12, 31)), st.sampled_from(["%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y"]))
@example("", date(2026, 11, 27), "%Y-%m-%d")
def test_day_is_no_account(before: str, day: date, form: str) -> None:
    assert not holds_account(f"{before}{day.strftime(form)} it was")


@given(words, st.integers(0, 9999), st.integers(0, 99))
def test_reference_and_amount_are_no_account(before: str, number: int, part: int) -> None:
    assert not holds_account(f"{before} SCF-21-{number:04}-{part}, B-2026-{number:04}, £{number:,},000,000.{part:02}")


@pytest.mark.parametrize(
    "text",
    ["", "0113 496 0000", "01134960000", "+44 113 496 0000", "020 7946 0000, 10:30", "07700 900123", "1234567", "3445"],
)
def test_telephone_number_and_few_digits_are_no_account(text: str) -> None:
    assert not holds_account(text)


@pytest.mark.parametrize(
    "text",
    ["00733445", "0073 3445", "01-23-45", "01-23-45 00733445", "012345 00733445", "account-00733445", "£ 1 00733445"],
)
def test_account_with_zeros_in_front_is_found(text: str) -> None:
    assert holds_account(text)
