"""Codes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from pyotp import TOTP

from grants.accounts.factors import rules

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW = datetime(2026, 11, 27, 12, 0, 17, tzinfo=UTC)


@given(st.integers(min_value=-40, max_value=40))
def test_a_code_counts_for_its_half_minute_and_those_beside_it(steps: int) -> None:
    code = TOTP(SECRET).at(NOW, counter_offset=steps)

    found = rules.step_of(SECRET, code, at=NOW)

    step = TOTP(SECRET).timecode(NOW) + steps
    assert found == (step if abs(steps) <= 1 else None)


@given(st.text(max_size=12))
def test_any_other_text_is_no_code(text: str) -> None:
    good = {TOTP(SECRET).at(NOW + timedelta(seconds=30 * steps)) for steps in (-1, 0, 1)}

    assert (rules.step_of(SECRET, text, at=NOW) is not None) == ("".join(text.split()) in good)


def test_a_code_may_be_typed_with_a_blank() -> None:
    code = TOTP(SECRET).at(NOW)

    assert rules.step_of(SECRET, f" {code[:3]} {code[3:]} ", at=NOW) is not None


def test_recovery_codes_are_all_different_and_hard_to_misread() -> None:
    codes = [code for _ in range(20) for code in rules.new_codes()]

    assert len(set(codes)) == 200
    assert not set("".join(codes)) & set("01oil")
    assert all(31 ** len(rules.tidy_code(code)) >= 2**112 for code in codes)


@given(st.text(max_size=30))
def test_a_recovery_code_is_the_same_however_it_is_typed(text: str) -> None:
    tidy = rules.tidy_code(text)

    assert rules.tidy_code(tidy) == tidy
    assert rules.tidy_code(f" {text.upper()} - ") == rules.tidy_code(text.upper())
