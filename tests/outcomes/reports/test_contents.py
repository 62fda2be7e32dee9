"""How a grant is shared out over the lines of a budget, and when a line needs its reason."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from grants.foundation.values.money import Pence
from grants.outcomes.reports.contents import SpentLine, shares

pence = some.integers(0, 10**9)


@given(asked=some.lists(pence, max_size=8), total=pence)
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


@pytest.mark.parametrize(
    ("planned", "spent", "difference", "needs"),
    [
        (10_000, 11_000, 1_000, False),  # ten per cent itself needs no word
        (10_000, 11_001, 1_001, True),
        (10_000, 8_999, -1_001, True),
        (10_000, 9_000, -1_000, False),
        (0, 0, 0, False),
        (0, 1, 1, True),
        (10_000, None, -10_000, False),
    ],
)
def test_line_needs_its_reason_past_ten_per_cent(planned: int, spent: Any, difference: int, needs: bool) -> None:
    line = SpentLine("Hall", Pence(planned), Pence(planned), spent, "")

    assert (line.difference, line.needs_reason) == (difference, needs)
