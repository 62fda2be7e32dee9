"""How the house is built: which room knows which, and what a file may be called."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pytest

from grants import ROOMS
from grants.accounts.rights import HOLDERS, Right, Role

ROOT = Path(__file__).parents[1]
CODE = ROOT / "grants"
STANDARD = {
    *("__init__", "blueprint", "models", "acts", "access", "rules", "queries", "operations", "forms", "views"),
    *("commands", "setup", "letters", "contents", "document", "columns", "filters", "rows", "imports", "sections"),
}
"""What a file of a room may be called: docs/house.md says what each holds."""
OF_THEIR_OWN = {
    "accounts": {"demo", "guesses", "limits", "passwords", "rights", "tokens"},
    "awards/corrections": {"kinds"},
    "awards/past": {"differences"},
    "desk/demo": {"bids", "courses", "grants_made", "timetable", "together", "visits"},
    "desk/story": {"words"},
    "desk/trail": {"things"},
    "desk/waiting": {"finance", "groups", "office", "tasks"},
    "outcomes/totals": {"charts", "maps", "pictures", "statements"},
    "payments": {"sealing"},
    "register": {"opendata"},
    "review/recommendations": {"drafts"},
}
"""Files that are none of these, and why: each holds a noun of the field that has no other place."""
LONGEST = {"grants": 400, "tests": 700}
"""Lines. Past this a file is split by noun."""
LONGEST_FUNCTION = 50
"""Lines, its signature and docstring among them. Past this a function is split into steps with names."""
LONG_FUNCTIONS = {"enter_award": "an award has 22 facts: each is named by whoever enters it, and once where it is kept"}


def _files(pattern: str) -> Iterator[Path]:
    return (path for path in sorted(ROOT.glob(pattern)) if "build" not in path.parts)


def test_rooms_import_from_their_left_only() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_every_folder_of_the_code_is_a_known_room() -> None:
    rooms = {path.name for path in CODE.iterdir() if path.is_dir() and (path / "__init__.py").exists()}
    assert rooms == set(ROOMS)


def _contracts() -> list[dict[str, Any]]:
    contracts: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    return contracts


def test_contract_lists_the_rooms_in_the_order_of_the_app() -> None:
    assert _contracts()[0]["layers"] == [f"grants.{room}" for room in reversed(ROOMS)]


def test_every_room_has_an_order_inside_that_names_each_of_its_parts() -> None:
    inside = {name for contract in _contracts()[1:] for name in contract["containers"]}
    assert all(contract["exhaustive"] for contract in _contracts()[1:])
    assert inside >= {f"grants.{room}" for room in ROOMS}


def _subrooms() -> list[str]:
    """Each folder of a room that holds code, below `grants/`."""
    return sorted(
        str(path.parent.relative_to(CODE)) for path in CODE.glob("*/**/__init__.py") if path.parent.parent != CODE
    )


@pytest.mark.parametrize("folder", [*ROOMS, *_subrooms()])
def test_files_are_called_what_they_are_called_in_every_room(folder: str) -> None:
    if folder.startswith("foundation") or folder.endswith(("/models", "/kinds")):
        return  # the foundation is made of tools, the models of nouns, the kinds of kinds
    names = {path.stem for path in (CODE / folder).glob("*.py")}
    assert names - STANDARD == OF_THEIR_OWN.get(folder, set())


@pytest.mark.parametrize("folder", _subrooms())
def test_subroom_says_what_it_is_for(folder: str) -> None:
    assert ast.get_docstring(ast.parse((CODE / folder / "__init__.py").read_text()))


def test_nothing_is_imported_for_what_importing_it_does() -> None:
    """Tables and pages are found by their names: an import that nothing uses would be such a side effect."""
    found = [str(path.relative_to(CODE)) for path in _files("grants/**/*.py") if "noqa: F401" in path.read_text()]
    assert found == []


@pytest.mark.parametrize("room", ROOMS)
def test_room_says_what_it_is_for(room: str) -> None:
    assert ast.get_docstring(ast.parse((CODE / room / "__init__.py").read_text()))


def test_columns_of_a_file_stand_where_one_looks_for_them() -> None:
    """Whoever adds a column finds it by the name of the file; a kind of question makes its own."""
    makes = re.compile(r"\bColumn\(")
    found = {path.name for path in _files("grants/*/**/*.py") if makes.search(path.read_text())}
    assert found == {"columns.py", "kind.py"}


def test_files_stay_short() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for folder, most in LONGEST.items()
        for path in _files(f"{folder}/**/*.py")
        if (lines := len(path.read_text().splitlines())) > most
    }
    assert long == {}


def test_functions_stay_short() -> None:
    long = {
        node.name
        for path in _files("grants/**/*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
        if (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    }
    assert long == LONG_FUNCTIONS.keys()


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
    allowed = {"foundation/records/db.py", "foundation/records/backup.py"}
    found = [
        str(path.relative_to(CODE))
        for path in _files("grants/**/*.py")
        if ".commit()" in path.read_text() and str(path.relative_to(CODE)) not in allowed
    ]
    assert found == []


NOTE_APART = {
    "accounts/access.py": "that somebody took a file",
    "accounts/factors/operations.py": "what a passkey is asked",
    "accounts/provider/operations.py": "that somebody came in by a provider for the first time",
    "accounts/sessions/operations.py": "that somebody came in, left or could not come in",
}
"""Where even a GET may write, and what: a line of the audit trail, or a mark on one's own session."""


def test_a_line_is_noted_apart_in_known_places_only() -> None:
    found = {
        str(path.relative_to(CODE))
        for path in _files("grants/**/*.py")
        if "noting()" in path.read_text() and path.name != "db.py"
    }
    assert found == NOTE_APART.keys()


HEAR_A_NO = {
    "foundation/web/posting.py": "it tells a form what a rule said",
    "accounts/commands.py": "a command prints it",
    "accounts/sessions/operations.py": "a second step that fails counts as a failed try",
    "awards/commands.py": "a command prints it",
    "desk/commands.py": "a command prints it",
    "outcomes/commands.py": "a command prints it",
    "awards/past/differences.py": "an award that differs is listed, and the next one read",
    "payments/returns/operations.py": "a line of the bank that differs is listed, and the next one taken",
}
"""Where a refusal is caught: everywhere else `web.posting` answers a form with it."""


def test_forms_are_answered_by_posting_alone() -> None:
    """A view that catches a refusal, or does something once by hand, would answer its form in a way of its own."""
    catches = r"except .*\b(Refused|LostUpdate)\b|\bonce\("
    found = {
        str(path.relative_to(CODE))
        for path in _files("grants/**/*.py")
        if re.search(catches, path.read_text()) and path.name != "once.py"
    }
    assert found == HEAR_A_NO.keys()


MEANT_TO_BE_USED = {
    "_get_current_object": "Werkzeug's way from a proxy to what it stands for",
    "_make": "a named tuple's own maker",
    "_value_": "how a member of an enum is given its value",
}
"""Names that begin with an underscore so that they clash with none of the user's, and stand in the manual."""


def test_nothing_private_of_others_is_used() -> None:
    """What a library keeps to itself may go with its next release."""
    found = [
        f"{path.relative_to(CODE)}:{node.lineno} {ast.unparse(node)}"
        for path in _files("grants/**/*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (
            isinstance(node, ast.Attribute)
            and re.match(r"_[^_]", node.attr)
            and node.attr not in MEANT_TO_BE_USED
            and ast.unparse(node.value) not in {"self", "cls"}
        )
        or (isinstance(node, ast.ImportFrom) and re.search(r"(^|[ .])_[^_]", ast.unparse(node)))
    ]
    assert found == []


def test_a_class_has_one_name_in_every_file() -> None:
    """A class that is imported under another name is searched for in vain."""
    found = [
        f"{path.relative_to(CODE)}: {alias.name} as {alias.asname}"
        for path in _files("grants/**/*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname and alias.asname[0].isupper()
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
    assert found == {"desk/demo/operations.py"}


BYTES = {"foundation/documents/rows.py", "foundation/documents/exports.py"}
"""Where a limit is one of bytes, or of a spreadsheet's cell."""


def test_text_is_counted_in_one_way() -> None:
    """`words.count_characters` counts as a browser does: `len` beside it would let a page and its server differ."""
    found = [
        f"{path.relative_to(CODE)}:{node.lineno}"
        for path in _files("grants/**/*.py")
        if str(path.relative_to(CODE)) not in BYTES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Compare) and re.search(r"\blen\(.*\b(LONGEST|SHORTEST)_", ast.unparse(node))
    ]
    assert found == []


def test_pages_have_no_inline_styles_or_scripts() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in _files("templates/**/*.html")
        if any(mark in path.read_text() for mark in (' style="', " onclick=", "<style", "javascript:", "|safe"))
    ]
    assert found == []


def _folders(name: str) -> set[str]:
    top = ROOT / name
    return {str(path.relative_to(top)) for path in top.rglob("*") if path.is_dir() and path.name != "__pycache__"}


def test_templates_mirror_the_rooms() -> None:
    assert _folders("templates") <= {*ROOMS, *_subrooms(), "ui", "errors", "documents"}


def test_tests_mirror_the_rooms() -> None:
    assert _folders("tests") <= {*ROOMS, *_subrooms(), "journeys", "support", "support/frozen", "trust"}


def test_pages_are_made_where_their_templates_stand() -> None:
    """A view shows the templates of its own sub-room, or those of its room that several sub-rooms share."""
    strange = [
        f"{path.relative_to(CODE)}: {name}"
        for path in _files("grants/**/views.py")
        for name in re.findall(r'"([a-z_]+(?:/[a-z_]+)*)/\{?[a-z_.]+\}?\.html"', path.read_text())
        if not str(path.parent.relative_to(CODE)).startswith(name)
    ]
    assert strange == []


def test_first_change_names_files_that_are_there() -> None:
    """The page is for somebody who does not know the house yet. What it makes up is yes-no, and nothing else."""
    named = re.findall(
        r"`((?:grants|templates|tests|docs|migrations)/[a-z0-9_./]+)`", (ROOT / "docs/first-change.md").read_text()
    )
    assert len(named) > 15
    assert {name for name in named if not (ROOT / name).exists()} == {
        "grants/funds/kinds/yes_no.py",
        "templates/funds/kinds/yes_no.html",
        "tests/funds/kinds/test_yes_no.py",
    }


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


def test_migrations_stand_alone() -> None:
    """A step of the past must go on doing what it did, whatever becomes of the app's code."""
    found = [
        f"{path.name}: {ast.unparse(node)}"
        for path in _files("migrations/versions/*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom) and "grants" in ast.unparse(node)
    ]
    assert found == []


def test_no_two_classes_have_one_name() -> None:
    """Whoever reads a name knows what it is, whichever room it comes from. Those of one module alone may repeat."""
    places: dict[str, list[str]] = {}
    for path in _files("grants/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(str(path.relative_to(CODE)))
    twice = {name: where for name, where in places.items() if len(where) > 1}
    assert twice == {}


def test_nothing_is_called_by_one_letter() -> None:
    """A status is called by its name: a table of steps says of what it is."""
    found = [
        f"{path.relative_to(CODE)}: {ast.unparse(node)}"
        for path in _files("grants/**/*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and len(node.targets[0].id) == 1
        and "Var(" not in ast.unparse(node.value)
        and "ParamSpec(" not in ast.unparse(node.value)
    ]
    assert found == []


KNOW_ROLES = (CODE / "accounts", CODE / "desk/demo", ROOT / "templates/accounts")


def test_code_asks_for_rights_and_never_for_roles() -> None:
    """Who has a role is for accounts; only the people of the demonstration are given theirs elsewhere."""
    found = [
        str(path.relative_to(ROOT))
        for path in [*_files("grants/**/*.py"), *_files("templates/**/*.html")]
        if re.search(r"\bRole\b|\.roles *[&|.-]|\bin \w+\.roles\b", path.read_text())
        and not any(path.is_relative_to(place) for place in KNOW_ROLES)
    ]
    assert found == []


def test_every_right_has_a_role_and_every_role_a_right() -> None:
    assert set(HOLDERS) == set(Right)
    assert all(HOLDERS.values())
    assert {role for roles in HOLDERS.values() for role in roles} == set(Role)


def test_every_right_is_asked_for() -> None:
    asked = {
        name
        for path in [*_files("grants/**/*.py"), *_files("templates/**/*.html")]
        if path != CODE / "accounts/rights.py"
        for name in re.findall(r"\bRight\.([A-Z_]+)", path.read_text())
    }
    assert asked == {right.name for right in Right}


def _imports_of(path: Path) -> Iterator[str]:
    """The modules of grants that a file imports, wherever in it."""
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    package = name.removesuffix(".__init__") if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - max(node.level - 1, 0)]
            base = ".".join([*(above if node.level else []), *([node.module] if node.module else [])])
            for alias in node.names:
                yield from (f"{base}.{alias.name}", base)


def test_no_modules_import_each_other() -> None:
    """What goes round in a circle cannot be read from its beginning."""
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in _files("grants/**/*.py")}
    graph = {name: {*_imports_of(path)} & modules.keys() - {name} for name, path in modules.items()}
    TopologicalSorter(graph).prepare()


def test_what_a_url_names_is_asked_for_in_one_way() -> None:
    """`allowed` and `there` of accounts.access refuse what is not there or not for this person: nothing else does."""
    found = [
        str(path.relative_to(CODE))
        for path in _files("grants/**/*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.If) and any(ast.unparse(step) == "abort(404)" for step in [*node.body, *node.orelse])
    ]
    assert found == ["accounts/access.py"]


def test_guards_deny_by_default() -> None:
    """What a rule does not name is refused: none ends in a yes for whatever is left."""
    found = [
        f"{path.relative_to(CODE)}:{node.lineno}"
        for path in _files("grants/**/*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.IfExp) and isinstance(node.orelse, ast.Constant) and node.orelse.value is True
    ]
    assert found == []
