"""Every export says one thing in one way: what a column reads of its row is its meaning, and has one heading."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from grants.foundation.documents.exports import Column
from grants.foundation.values.days import Day
from grants.payments.exports import columns as finance
from grants.register import columns as register
from grants.review.ranking.columns import ranking_columns
from tests.test_house import CODE, ROOT

pytestmark = pytest.mark.usefixtures("app")

PARTS = {"payment", "result", "bank_details", "account", "money", "of", "lines", "line"}
"""What a row holds that is no value itself, but has some."""

SAME = {
    "approved": "approved_pence",
    "asked": "requested_pence",
    "fund": "fund_code",
    "kind": "organisation_kind",
    "main_topic": "primary_topic",
    "organisation": "organisation_name",
    "project": "title",
    "recommended": "recommended_pence",
    "returned": "paid_pence returned_pence",
    "paid": "paid_pence",
    "round": "round_code",
}
"""What rows of several rooms call by several names."""

OTHERWISE: Mapping[str, Mapping[str, str]] = {
    "grants.applications.listing.columns": {"people_helped": "people to be helped"},
    "grants.outcomes.reports.listing.columns": {
        "accepted_at": "when a report was accepted",
        "submitted_at": "when a report was sent",
    },
    "grants.payments.batches.columns": {"payment.reference": "reference of a payment"},
    "grants.payments.exports.columns.PAYMENTS": {"reference": "reference of a payment"},
}
"""Names that mean something of their own in one file."""


class Probe:
    """A row that notes what is read of it."""

    def __init__(self, read: list[str], path: str = "") -> None:
        self._read, self._path = read, path

    def __getattr__(self, name: str) -> Any:
        if self._path and self._path.rpartition(".")[2] not in PARTS:
            raise AttributeError(name)
        path = f"{self._path}.{name}".lstrip(".")
        if name not in PARTS:
            self._read.append(path)
        return False if name.startswith("is_") else Probe(self._read, path)

    def __call__(self, name: str) -> Any:
        return getattr(self, name)

    def __getitem__(self, _at: int) -> Probe:
        return self

    def __iter__(self) -> Iterator[Probe]:
        raise TypeError

    def __gt__(self, _other: object) -> bool:
        return False


def _exports() -> dict[str, Sequence[Column]]:
    """The columns of every file, by the name that they have in their module."""
    found: dict[str, Sequence[Column]] = {
        "grants.register.columns": register.for_people(),
        "grants.review.ranking.columns": ranking_columns(SimpleNamespace(scores_needed=3)),  # type: ignore[arg-type]
    }
    for path in CODE.rglob("columns.py"):
        module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for name, value in vars(module).items():
            if isinstance(value, tuple) and value and all(isinstance(one, Column) for one in value):
                found[f"{module.__name__}.{name}"] = value
    return found


def _meaning(file: str, column: Column) -> str:
    read: list[str] = []
    try:
        column.value(Probe(read))
    except (AttributeError, TypeError, ValueError, KeyError):
        assert read, column.heading
    own = next((names for prefix, names in OTHERWISE.items() if file.startswith(prefix)), {})
    names = [own.get(path) or _known(path) for path in dict.fromkeys(read) if not path.startswith("is_")]
    return " ".join(sorted(names)) or column.heading


def _known(path: str) -> str:
    name = re.sub(r"^(payment|result|bank_details|money\.of)\.", "", path).removeprefix("bank_details.")
    return SAME.get(name, name)


EVERY = [
    (file, column) for file, columns in _exports().items() for column in columns if column.heading != "Financial year"
]


_CLOCK = re.compile(r" \((UTC|UK time)\)$")
"""Which clock a file tells its instants by: the same instant, told by that of the file."""


def test_every_file_of_columns_is_looked_at() -> None:
    rooms = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in CODE.rglob("columns.py")}
    assert {room for room in rooms if not any(file.startswith(room) for file in _exports())} == set()
    assert len(EVERY) > 120


def test_one_meaning_has_one_heading() -> None:
    headings: dict[str, set[str]] = {}
    for file, column in EVERY:
        headings.setdefault(_meaning(file, column), set()).add(_CLOCK.sub("", column.heading))
    assert {meaning: said for meaning, said in headings.items() if len(said) > 1} == {}


def test_one_heading_has_one_meaning_and_one_kind() -> None:
    """But a status, which is that of whatever a line stands for."""
    meanings: dict[str, set[tuple[str, str]]] = {}
    for file, column in EVERY:
        if column.heading != "Status":
            meanings.setdefault(column.heading, set()).add((_meaning(file, column), column.kind))
    assert {heading: meant for heading, meant in meanings.items() if len(meant) > 1} == {}


def test_money_is_in_pounds_and_says_so() -> None:
    assert {
        column.heading for _file, column in EVERY if ("(£)" in column.heading) != (column.kind == "pounds")
    } == set()


# What is not known

YEARS = [column for column in (*register.for_people(), *finance.AWARDS) if column.heading == "Financial year"]


@pytest.mark.parametrize(
    ("day", "year"),
    [
        ("2015-03-31", "2014-15"),
        ("2015-04-01", "2015-16"),
        ("2015-03", "2014-15"),
        ("1999-12", "1999-00"),
        ("2015", None),
        ("by 2015-06-29", None),
    ],
)
def test_financial_year_of_an_award_has_one_form_and_none_where_the_day_does_not_say(
    day: str, year: str | None
) -> None:
    row = SimpleNamespace(award_day=Day.parse(day))
    assert [column.value(row) for column in YEARS] == [year, year]


@pytest.mark.parametrize(
    ("paid", "returned", "known"), [(None, 0, None), (None, 500, 500), (0, 0, 0), (900, 0, 0), (900, 500, 500)]
)
def test_nothing_returned_is_said_only_where_payments_are_known(
    paid: int | None, returned: int, known: int | None
) -> None:
    row = SimpleNamespace(paid_pence=paid, returned_pence=returned)
    columns = [
        one for _file, one in EVERY if one.heading == "Returned (£)" and _file != "grants.desk.story.columns.CSV"
    ]
    assert [column.value(row) for column in columns] == [known] * 3
