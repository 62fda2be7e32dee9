"""The cells of one row, read strictly."""

from __future__ import annotations

from typing import Any

import pytest

from grants.foundation.documents.cells import Cells
from grants.foundation.documents.rows import TableRow

FUTURE = "is in the future"


def _cells(value: str) -> Cells:
    return Cells(TableRow(7, {"a": value}))


def _told(cells: Cells) -> list[str]:
    assert all((problem.line, problem.column) == (7, "a") for problem in cells.problems)
    return [problem.reason for problem in cells.problems]


def test_column_that_is_not_there_is_blank() -> None:
    cells = _cells("x")

    assert (cells.cell("a"), cells.cell("b")) == ("x", "")
    assert cells.text("b", 0) == ""
    assert cells.problems == []


def test_problem_shows_the_cell_or_the_value_that_is_given() -> None:
    cells = _cells("x")
    cells.refuse("a", "is bad")
    cells.refuse("a", "is bad", "y")
    cells.refuse("a", "is bad", "")

    assert [problem.value for problem in cells.problems] == ["x", "y", ""]


@pytest.mark.parametrize(
    ("value", "required", "told"),
    [
        ("", False, []),
        ("", True, ["is required"]),
        ("xxx", True, []),
        ("xxx", False, []),
        ("xxxx", False, ["must be 3 characters or fewer"]),
        ("🎈x", False, []),
        ("🎈🎈", True, ["must be 3 characters or fewer"]),
    ],
)
def test_text(value: str, required: bool, told: list[str]) -> None:
    cells = _cells(value)

    assert cells.text("a", 3, required=required) == value
    assert _told(cells) == told


@pytest.mark.parametrize(
    ("value", "more", "day", "told"),
    [
        ("", {}, None, []),
        ("2026-11-22", {}, "2026-11-22", []),
        ("2026-11-23", {}, "2026-11-23", [FUTURE]),
        ("2026-11-23", {"future": True}, "2026-11-23", []),
        ("2026", {}, "2026", []),
        ("2026-02-30", {}, None, ["is not a day of the calendar"]),
        ("22/11/2026", {}, None, ["must be YYYY-MM-DD, by YYYY-MM-DD, YYYY-MM or YYYY"]),
    ],
)
def test_day(clock: Any, value: str, more: dict[str, bool], day: str | None, told: list[str]) -> None:
    cells = _cells(value)
    found = cells.day("a", **more)

    assert (found.text if found else None) == day
    assert _told(cells) == told


@pytest.mark.parametrize(
    ("value", "pence", "told"),
    [
        ("", None, []),
        ("5925.5", 592_550, []),
        ("0.01", 1, []),
        ("0", 0, ["is nothing: leave it blank where there is none or it is not known"]),
        ("£5,925.50", None, ["must be pounds as digits: write 5925.50"]),
        ("a lot", None, ["must be pounds as digits, like 5925 or 5925.50"]),
    ],
)
def test_pence(value: str, pence: int | None, told: list[str]) -> None:
    cells = _cells(value)

    assert cells.pence("a") == pence
    assert _told(cells) == told


@pytest.mark.parametrize(
    ("value", "number", "told"),
    [
        ("", None, []),
        ("0", 0, []),
        ("999999999", 999_999_999, []),
        ("1000000000", None, ["must be a whole number"]),
        ("-1", None, ["must be a whole number"]),
        ("٣", None, ["must be a whole number"]),
    ],
)
def test_whole(value: str, number: int | None, told: list[str]) -> None:
    cells = _cells(value)

    assert cells.whole("a") == number
    assert _told(cells) == told


@pytest.mark.parametrize(
    ("value", "yes", "told"),
    [("yes", True, []), ("no", False, []), ("", False, []), ("Yes", False, ["must be yes or no or blank"])],
)
def test_yes(value: str, yes: bool, told: list[str]) -> None:
    cells = _cells(value)

    assert cells.yes("a") is yes
    assert _told(cells) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [("", []), ("Leeds", []), ("Leads", ["is not a known district; the nearest is Leeds"])],
)
def test_known(value: str, told: list[str]) -> None:
    cells = _cells(value)

    assert cells.known("a", ["Leeds", "Bradford"], "district") == value
    assert _told(cells) == told


def test_choice_has_to_be_one_of_its_words() -> None:
    cells = _cells("")

    assert cells.choice("a", ("paid", "failed")) == ""
    assert _told(cells) == ["must be paid or failed"]
