"""One line of each file of funds, districts, topics and rounds: what it must hold, and how much."""

from __future__ import annotations

from typing import Any

import pytest

from grants.foundation.documents.cells import Cells
from grants.foundation.documents.rows import TableRow
from grants.foundation.values.days import Day
from grants.funds.rows import Districts, Funds, Rounds, Table, Topics
from tests.support import factories

pytestmark = pytest.mark.usefixtures("app")

LINES: dict[type[Table], dict[str, str]] = {
    Funds: {"fund": "SCF", "name": "Safer", "largest_grant_is_set_by": "round"},
    Districts: {"code": "E08", "name": "Leeds", "kind": "metropolitan district"},
    Topics: {"topic": "hate crime"},
    Rounds: {"fund": "SCF", "round": "SCF 2"},
}


def _read(kind: type[Table], /, **cells: str) -> tuple[dict[str, Any], list[str]]:
    """The values of a line that is right but for some cells, and what is wrong with it."""
    factories.fund("SCF")
    found = Cells(TableRow(2, LINES[kind] | cells))
    values = kind().read(found)
    return values, [f"{problem.column}: {problem.reason}" for problem in found.problems]


@pytest.mark.parametrize("kind", LINES)
def test_field_that_is_compared_is_one_of_the_values_and_stands_in_a_column(kind: type[Table]) -> None:
    values, problems = _read(kind, wording="about hate")

    assert problems == []
    assert set(kind.named) <= set(values)
    assert set(kind.named.values()) <= {*kind.columns, *kind.optional}


NEEDED = [
    (Funds, "fund"),
    (Funds, "name"),
    (Districts, "code"),
    (Districts, "name"),
    (Districts, "kind"),
    (Topics, "topic"),
    (Rounds, "fund"),
    (Rounds, "round"),
]


@pytest.mark.parametrize(("kind", "column"), NEEDED)
def test_line_lacks_none_of_what_it_is_known_by(kind: type[Table], column: str) -> None:
    assert f"{column}: is required" in _read(kind, **{column: ""})[1]


@pytest.mark.parametrize(
    ("kind", "column", "most"),
    [(Funds, "fund", 20), (Districts, "code", 20), (Funds, "name", 100), (Funds, "description", 1000)],
)
def test_words_have_room_for_so_many_characters(kind: type[Table], column: str, most: int) -> None:
    assert _read(kind, **{column: "x" * most})[1] == []
    assert _read(kind, **{column: "x" * (most + 1)})[1] == [f"{column}: must be {most:,} characters or fewer"]


def test_wording_of_a_topic_stays_where_the_file_has_no_such_column() -> None:
    assert "wording" not in _read(Topics)[0]
    assert _read(Topics, wording="about hate")[0]["wording"] == "about hate"


@pytest.mark.parametrize("code", ["&", "scf-1"])
def test_round_needs_an_address_of_its_own(code: str) -> None:
    factories.open_round(code="SCF 1", slug="scf-1")

    assert _read(Rounds, round=code)[1] == ["round: needs letters or digits that make an address of its own"]
    assert _read(Rounds, round="SCF 1")[1] == []


@pytest.mark.parametrize(
    ("opens", "closes", "problems"),
    [
        ("2014-06-13", "2014-06-13", []),
        ("2014-06-13", "2014-06-12", ["closes: is before the round opens"]),
        ("by 2014-06-13", "2014-06-12", []),
        ("2999-06-13", "2999-06-14", []),
    ],
)
def test_round_closes_no_day_before_it_opens_even_in_the_future(opens: str, closes: str, problems: list[str]) -> None:
    values, found = _read(Rounds, opens=opens, closes=closes)

    assert found == problems
    assert (values["opens_day"], values["closes_day"]) == (Day.parse(opens), Day.parse(closes))
