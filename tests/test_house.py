"""How the house is built: which room knows which, and what a file may be called."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grants import ROOMS

ROOT = Path(__file__).parents[1]
CODE = ROOT / "grants"
LONGEST = {"grants": 450, "tests": 700}
"""Lines. Past this a file is split by noun."""


def _files(pattern: str) -> Iterator[Path]:
    return (path for path in sorted(ROOT.glob(pattern)) if "build" not in path.parts)


def test_rooms_import_from_their_left_only() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_every_folder_of_the_code_is_a_known_room() -> None:
    rooms = {path.name for path in CODE.iterdir() if path.is_dir() and (path / "__init__.py").exists()}
    assert rooms == set(ROOMS)


def test_contract_lists_the_rooms_in_the_order_of_the_app() -> None:
    import tomllib

    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    assert layers == [f"grants.{room}" for room in reversed(ROOMS)]


@pytest.mark.parametrize("room", ROOMS)
def test_room_says_what_it_is_for(room: str) -> None:
    assert ast.get_docstring(ast.parse((CODE / room / "__init__.py").read_text()))


def test_files_stay_short() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for folder, most in LONGEST.items()
        for path in _files(f"{folder}/**/*.py")
        if (lines := len(path.read_text().splitlines())) > most
    }
    assert long == {}


def test_public_functions_say_what_they_do() -> None:
    silent = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in _files("grants/**/*.py")
        for node in _public(ast.parse(path.read_text()).body)
        if not ast.get_docstring(node)
    ]
    assert silent == []


def _public(body: list[ast.stmt]) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node


def test_only_operations_commit() -> None:
    """A query, a rule or a view that commits would break the deed that it is part of."""
    allowed = {"foundation/db.py", "foundation/backup.py"}
    found = [
        str(path.relative_to(CODE))
        for path in _files("grants/**/*.py")
        if ".commit()" in path.read_text() and str(path.relative_to(CODE)) not in allowed
    ]
    assert found == []


def test_only_the_clock_asks_what_time_it_is() -> None:
    asks = ("datetime.now(", "date.today(", "datetime.utcnow(")
    found = [
        str(path.relative_to(CODE))
        for path in _files("grants/**/*.py")
        if path.name != "clock.py" and any(call in path.read_text() for call in asks)
    ]
    assert found == []


def test_only_the_demonstration_pretends_what_time_it_is() -> None:
    """An entry of the ledger is never dated back: no other code may move the clock."""
    found = {
        str(path.relative_to(CODE))
        for path in _files("grants/**/*.py")
        if "pretending(" in path.read_text() and path.name != "clock.py"
    }
    assert found == {"desk/demo/__init__.py"}


def test_pages_have_no_inline_styles_or_scripts() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in _files("templates/**/*.html")
        if any(mark in path.read_text() for mark in (' style="', " onclick=", "<style", "javascript:", "|safe"))
    ]
    assert found == []


def test_templates_mirror_the_rooms() -> None:
    folders = {path.name for path in (ROOT / "templates").iterdir() if path.is_dir()}
    assert folders <= {*ROOMS, "ui", "errors", "documents"}


def test_tests_mirror_the_rooms() -> None:
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders <= {*ROOMS, "journeys", "support"}


def test_makefile_explains_its_targets() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    for target in ("install", "run", "test", "bench", "help", "lock"):
        assert f"make {target} " in done.stdout


def test_nothing_names_a_package_index() -> None:
    """The locked files work with whatever index a machine is set up for."""
    for path in [*_files("requirements*.txt"), ROOT / "package-lock.json"]:
        text = path.read_text()
        assert "--index-url" not in text, path.name
        assert '"resolved"' not in text, path.name


def test_every_locked_package_has_its_hash() -> None:
    for path in _files("requirements*.txt"):
        for line in path.read_text().splitlines():
            if line and not line.startswith((" ", "#")):
                assert line.endswith("\\"), f"{path.name}: {line}"
