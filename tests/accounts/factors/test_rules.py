"""Codes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyotp import TOTP

from grants.accounts.factors import rules
from grants.accounts.rights import Role

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


def test_the_address_of_an_app_names_the_account_and_the_office() -> None:
    address = rules.address_of(SECRET, email="sam@example.org", office="PCC: grants")

    assert address.startswith("otpauth://totp/PCC%20%20grants:sam%40example.org?secret=" + SECRET)
    assert "issuer=PCC%20%20grants" in address


@pytest.mark.parametrize(("seconds", "is_waited_for"), [(0, True), (899, True), (900, False), (901, False)])
def test_the_second_step_is_waited_for_a_quarter_of_an_hour(seconds: int, is_waited_for: bool) -> None:
    session: Any = SimpleNamespace(made_at=NOW)

    assert rules.is_waited_for(session, at=NOW + timedelta(seconds=seconds)) is is_waited_for


def test_a_recovery_code_is_six_times_four_letters() -> None:
    assert all(re.fullmatch("[2-9a-z]{4}(-[2-9a-z]{4}){5}", code) for code in rules.new_codes())


OFFICER, NEEDED, NOBODY = frozenset({Role.OFFICER}), frozenset({Role.OFFICER}), frozenset[Role]()


@pytest.mark.parametrize(
    ("needs", "needed", "proved", "is_half", "asks"),
    [
        ((False, NOBODY), NEEDED, None, False, False),
        ((False, OFFICER), NOBODY, None, False, False),
        ((False, OFFICER), NEEDED, None, True, True),
        ((True, NOBODY), NOBODY, None, True, True),
        ((True, OFFICER), NEEDED, timedelta(minutes=14, seconds=59), False, False),
        ((True, OFFICER), NEEDED, timedelta(minutes=15), False, True),
        ((False, OFFICER), NEEDED, timedelta(minutes=15), False, True),
        ((False, NOBODY), NEEDED, timedelta(days=1), False, False),
    ],
)
def test_who_needs_a_second_step_is_half_in_without_it_and_asked_again(
    needs: tuple[bool, frozenset[Role]], needed: frozenset[Role], proved: timedelta | None, is_half: bool, asks: bool
) -> None:
    """`needs` is whether the session began with a step that its person has, and their roles."""
    needs_proof, roles = needs
    proved_at = None if proved is None else NOW - proved
    session: Any = SimpleNamespace(needs_proof=needs_proof, proved_at=proved_at, person=SimpleNamespace(roles=roles))

    assert rules.is_half(session, needed) is is_half
    assert rules.asks_again(session, needed, at=NOW) is asks
