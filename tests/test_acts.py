"""Whatever is done leaves a line in the trail under the name of an act, and every act is told in a story."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

from grants import ROOMS
from grants.desk.story.words import told
from grants.foundation.records.acts import Act, act_of, all_acts

ROOT = Path(__file__).parents[1]
FILES = [path for path in sorted((ROOT / "grants").rglob("*.py")) if path.name != "acts.py"]

for _room in ROOMS:
    if (ROOT / "grants" / _room / "acts.py").exists():
        import_module(f"grants.{_room}.acts")


def test_every_room_that_writes_lines_has_acts() -> None:
    assert {room.__module__.split(".")[1] for room in Act.__subclasses__()} == {*ROOMS} - {"register"}


@pytest.mark.parametrize("act", all_acts().values(), ids=lambda act: act.value)
def test_act_is_told_in_words_of_its_own(act: Act) -> None:
    verb = f"{act.value} something" if act.detail else act.value
    assert act_of(verb) is act
    assert told(verb) == act.told
    assert act.told[:1].isupper()
    assert act.told != act.value.capitalize()


def test_no_two_acts_are_called_the_same() -> None:
    assert len(all_acts()) == sum(len(list(room)) for room in Act.__subclasses__())


@pytest.mark.parametrize("act", all_acts().values(), ids=lambda act: act.value)
def test_act_is_done_somewhere(act: Act) -> None:
    name = f"{type(act).__name__}.{act.name}"
    looked_up = f"{type(act).__name__}(verb)"
    assert any(name in path.read_text() for path in FILES) or (
        act.value in {"decline offer", "lapse offer"} and any(looked_up in path.read_text() for path in FILES)
    )


def test_no_line_is_written_under_a_loose_word() -> None:
    """A verb that is typed where it is used is one that no story knows."""
    loose = [
        f"{path.relative_to(ROOT)}:{keyword.value.lineno}"
        for path in FILES
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "audit.record"
        for keyword in call.keywords
        if keyword.arg == "verb" and isinstance(keyword.value, ast.Constant | ast.JoinedStr)
    ]
    assert loose == []


def test_line_of_an_older_version_stands_as_the_trail_names_it() -> None:
    assert act_of("do something of old") is None
    assert told("do something of old") == "Do something of old"
