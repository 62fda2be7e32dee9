"""The mistakes that the mutation tests try are those that they say, and each is named for good."""

from __future__ import annotations

import ast

import pytest

from mutants.operators import mutants_of, tree_with
from mutants.targets import ROOT, beside, chosen, noticed_by


def _tried(source: str) -> list[str]:
    """The file with each mistake in it."""
    return [ast.unparse(tree_with(mutant, source)) for mutant in mutants_of("a.py", source)]


@pytest.mark.parametrize(
    ("source", "tried"),
    [
        ("a < b", ["a <= b"]),
        ("a == b", ["a != b"]),
        ("a in b", ["a not in b"]),
        ("a and b", ["a or b", "b", "a"]),
        ("a or b or c", ["a and b and c", "b or c", "a or c", "a or b"]),
        ("not a", ["a"]),
        ("-a", ["a"]),
        ("a + b", ["a - b"]),
        ("a += b", ["a -= b"]),
        ("f(True)", ["pass", "f(False)"]),
        ("x = 7", ["x = 8", "x = 6"]),
        ("x = max(a)", ["x = min(a)"]),
        ("x = a if b else c", ["x = a if not b else c"]),
        ("x = [a for a in b if c]", ["x = [a for a in b if not c]"]),
    ],
)
def test_each_mistake_is_tried(source: str, tried: list[str]) -> None:
    assert _tried(source) == tried


def test_returned_value_is_left_out_and_an_if_turned() -> None:
    source = "def f(a):\n    if a:\n        return a"
    assert _tried(source) == [
        "def f(a):\n    if not a:\n        return a",
        "def f(a):\n    if a:\n        return None",
    ]


@pytest.mark.parametrize(
    "source",
    ['"""Says 1 + 1."""', "x: Literal[1]", "@f(1)\ndef g(a: 'int' = b) -> 1: ...", "if TYPE_CHECKING:\n    x = 1"],
)
def test_what_does_nothing_is_left_alone(source: str) -> None:
    assert _tried(source) == []


def test_equal_mistakes_of_a_function_are_counted_and_lines_above_change_no_name() -> None:
    source = "def f():\n    a = 1\n    b = 1\n"
    found = [(mutant.function, mutant.now, mutant.number) for mutant in mutants_of("a.py", source)]

    assert found == [("f", "2", 1), ("f", "0", 1), ("f", "2", 2), ("f", "0", 2)]
    assert [one.key for one in mutants_of("a.py", f"import os\n\n{source}")] == [
        one.key for one in mutants_of("a.py", source)
    ]


def test_rules_of_every_room_are_tried_by_tests_that_are_there() -> None:
    files = chosen([])

    assert {str(path.relative_to(ROOT)) for path in (ROOT / "grants").rglob("rules.py")} <= set(files)
    assert all((ROOT / folder).exists() for path in files for folder in noticed_by(path))
    assert chosen(["grants/awards/rules.py"]) == ["grants/awards/rules.py"]
    assert set(chosen(["grants/awards"])) < set(files)


def test_test_beside_a_file_is_tried_first() -> None:
    assert beside("grants/awards/past/rows.py") == ["tests/awards/past/test_rows.py"]
    assert beside("grants/awards/commands.py") == []
