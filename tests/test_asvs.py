"""docs/asvs.md: its rows add up, and what they name is there."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from flask import Flask

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/asvs.md").read_text()
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split("|")) for line in PAGE.splitlines() if line.startswith("| V")
]
OF_EACH_CHAPTER = [27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7]
"""How many requirements of levels 1 and 2 each chapter of ASVS 5.0.0 has, from V1 on."""


def _named(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_every_requirement_of_levels_1_and_2_has_one_row() -> None:
    numbers = [tuple(map(int, number.removeprefix("V").split("."))) for number, *_ in ROWS]

    assert numbers == sorted(set(numbers))
    assert [chapter[1] for chapter in sorted(Counter(number[0] for number in numbers).items())] == OF_EACH_CHAPTER
    assert {level for _, level, *_ in ROWS} == {"1", "2"}


def test_sums_at_the_top_are_those_of_the_rows() -> None:
    counted = Counter(verdict for *_, verdict, _ in ROWS)

    said = ", ".join(f"{counted[verdict]} {verdict}" for verdict in ("met", "not met", "not applicable"))
    assert f"**{said}, of {len(ROWS)}.**" in PAGE
    assert counted.total() == sum(counted[verdict] for verdict in ("met", "not met", "not applicable"))


def test_every_row_says_by_what_or_why_not(app: Flask) -> None:
    pages = {rule.rule for rule in app.url_map.iter_rules()}
    for number, _, _, verdict, why in ROWS:
        there = [name for name in _named(why) if _is_there(name, pages)]
        lost = [name for name in _named(why) if ("::" in name or "/" in name) and name not in there]
        assert [name for name in lost if not name.startswith("https:")] == [], number
        assert there if verdict == "met" else why, number


def _is_there(name: str, pages: set[str]) -> bool:
    """Whether a file, what is defined in one, or a page is there."""
    path, _, defined = name.partition("::")
    if not (ROOT / path).is_file() or name.startswith("/"):
        return name in pages
    return (
        not defined
        or re.search(rf"^ *(def|class) {defined}\b|^{defined}\b", (ROOT / path).read_text(), re.M) is not None
    )
