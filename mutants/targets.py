"""What is mutated, and which tests have to notice."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]

TARGETS = (
    "grants/**/rules.py",
    "grants/awards/ledger/*.py",
    "grants/awards/past/rows.py",
    "grants/awards/snapshots/operations.py",
    "grants/desk/story/contents.py",
    "grants/funds/rows.py",
    "grants/foundation/documents/cells.py",
    "grants/foundation/documents/rows.py",
    "grants/foundation/values/days.py",
    "grants/foundation/values/money.py",
    "grants/outcomes/reports/contents.py",
    "grants/outcomes/totals/filters.py",
    "grants/payments/returns/rows.py",
    "grants/register/filters.py",
    "grants/review/ranking/queries.py",
)
"""Rules, money, days, the ledger, the ranking, and the readers of what people bring or ask for."""

OF_THE_WHOLE_ROOM = {"awards/ledger", "awards/snapshots"}
"""Sub-rooms that all others of their room write to."""
EVERYWHERE = ("tests/test_examples.py", "tests/test_lifecycles.py")
"""Tests of no room that hold something of each."""


def chosen(what: Iterable[str]) -> list[str]:
    """The files that are mutated: all, or those of `what` (files and folders, also others than the targets)."""
    wanted = [Path(name) for name in what]
    files = {path.relative_to(ROOT) for pattern in TARGETS for path in ROOT.glob(pattern)}
    if wanted:
        named = {path for path in wanted if path.suffix == ".py"}
        files = named | {path for path in files if any(path.is_relative_to(folder) for folder in wanted)}
    return sorted(str(path) for path in files if path.name != "__init__.py")


def beside(path: str) -> list[str]:
    """The test that is named like a file, which is tried before all others; nothing where there is none."""
    test = Path("tests", Path(path).parent.relative_to("grants"), f"test_{Path(path).name}")
    return [str(test)] if (ROOT / test).exists() else []


def noticed_by(path: str) -> list[str]:
    """The tests that have to notice what is wrong in a file: those of its sub-room, or of its whole room."""
    inside = Path(path).parent.relative_to("grants")
    folder = Path("tests", inside)
    if str(inside) in OF_THE_WHOLE_ROOM or not any((ROOT / folder).glob("test_*.py")):
        folder = Path("tests", inside.parts[0])
    return [str(folder), *EVERYWHERE]
