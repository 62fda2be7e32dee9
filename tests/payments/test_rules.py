"""Financial years."""

from __future__ import annotations

from datetime import date

import pytest

from grants.payments.rules import days_of_year, years_between


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-28", "2026-2027", "٢٠٢٦-٢٧", "0000-01", "2026-27 ", "9999-00", "' OR 1"]
)
def test_what_is_no_financial_year(text: str) -> None:
    assert days_of_year(text) is None


def test_the_turn_of_a_century() -> None:
    assert days_of_year("1999-00") == (date(1999, 4, 1), date(2000, 3, 31))


def test_years_between_the_first_and_the_last_award() -> None:
    assert years_between(date(2014, 3, 31), date(2015, 4, 1)) == ["2015-16", "2014-15", "2013-14"]
    assert years_between(None, None) == []
