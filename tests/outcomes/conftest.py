"""The fund's real past, as the imports bring it in."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Runner
from tests.support.kept import kept

DATA = Path(__file__).parents[2] / "grants" / "desk" / "data"

STOOD_FOR = {"PUB-0008", "PUB-0009", "PUB-0017", "PUB-0018"}
"""The published awards that the illustrative list stands for."""


@pytest.fixture
def past(runner: Runner, tmp_path: Path) -> Callable[..., None]:
    """Bring in the past: `past("published")`, `past("illustrative")` or, in place of four of them, both."""

    def bring(*lists: str) -> None:
        kept(("the past", lists), lambda: take_in(lists))

    def take_in(lists: tuple[str, ...]) -> None:
        _run(runner, "reference", "import", str(DATA))
        if "illustrative" in lists:
            _run(runner, "awards", "import", str(DATA / "cse_2014_2017_illustrative.csv"))
        if "published" in lists:
            left_out = STOOD_FOR if "illustrative" in lists else set()
            _run(runner, "awards", "import", str(_without(left_out, tmp_path)))

    return bring


def _run(runner: Runner, *args: str) -> None:
    result = runner.invoke(args=[*args])
    assert result.exit_code == 0, result.output


def _without(references: set[str], folder: Path) -> Path:
    with (DATA / "awards_published.csv").open(encoding="utf-8", newline="") as file:
        lines = [row for row in csv.reader(file) if row[0] not in references]
    path = folder / "published.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)
    return path
