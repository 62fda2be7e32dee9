"""No address of our own is written by hand: `url_for` makes it from the page that answers for it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2 import nodes

from grants import ROOMS
from tests.test_templates import TEMPLATES, parsed

ROOT = Path(__file__).parents[1]
ADDRESS = re.compile(r"/[a-z{][\w{}./-]*(?:[?#].*)?")
"""What an address looks like that starts at the root of the site."""
IN_MARKUP = re.compile(r"""(?:href|action|src)=["']?/""")
NO_ADDRESSES = {
    ("foundation/web/security.py", "/static/"): "whitenoise is told where the built files are",
    ("foundation/web/pages.py", "/static/build/"): "no page: whitenoise answers for the built files",
}
"""Texts of the code that look like an address and are none of a page, with the reason."""


def _told_apart(template: nodes.Template) -> Iterator[tuple[int, str]]:
    """The hand-written addresses of a template, each with its line."""
    for data in template.find_all(nodes.TemplateData):
        yield from ((data.lineno, found) for found in IN_MARKUP.findall(data.data))
    for text in template.find_all(nodes.Const):
        if isinstance(text.value, str) and ADDRESS.fullmatch(text.value):
            yield text.lineno, text.value


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_writes_no_address_by_hand(name: str) -> None:
    assert list(_told_apart(parsed(name))) == []


def _faults(app: Flask, endpoint: str, given: set[str] | None) -> Iterator[str]:
    """What is wrong with a call of `url_for`; `given` are its arguments, or None where they are not written out."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint]
    if not rules:
        yield f"there is no page {endpoint}"
    elif given is not None and not any(rule.arguments - set(rule.defaults or {}) <= given for rule in rules):
        yield f"{endpoint} needs {sorted(rules[0].arguments)}, not {sorted(given)}"


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_names_pages_that_there_are(the_app: Flask, name: str) -> None:
    """A misspelt page is found in a template that no test opens, too."""
    template, faults = parsed(name), list[str]()
    for call in template.find_all(nodes.Call):
        if not (isinstance(call.node, nodes.Name) and call.node.name == "url_for"):
            continue
        if isinstance(call.args[0], nodes.Const):
            given = None if call.dyn_kwargs is not None else {argument.key for argument in call.kwargs}
            faults += [f"line {call.lineno}: {fault}" for fault in _faults(the_app, call.args[0].value, given)]
    assert faults == []


def _strings(tree: ast.AST) -> Iterator[ast.Constant]:
    """The texts of a module that are no docstring and no rule of a route."""
    passed: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            passed.add(id(node.value))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _ROUTES:
            passed |= {id(part) for argument in node.args for part in ast.walk(argument)}
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed:
            yield node


_ROUTES = {"route", "get", "post", "add_url_rule"}


@pytest.mark.parametrize("path", sorted((ROOT / "grants").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_code_writes_no_address_by_hand(path: Path) -> None:
    name = str(path.relative_to(ROOT / "grants"))
    found = [
        f"line {text.lineno}: {text.value}" for text in _strings(ast.parse(path.read_text())) if _is_own(name, text)
    ]
    assert found == []


@pytest.mark.parametrize("path", sorted((ROOT / "grants").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_code_names_pages_that_there_are(the_app: Flask, path: Path) -> None:
    room, faults = path.relative_to(ROOT / "grants").parts[0], list[str]()
    for call in ast.walk(ast.parse(path.read_text())):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in _MAKERS):
            continue
        if isinstance(call.args[0], ast.Constant):
            endpoint = str(call.args[0].value)
            given = (
                None if any(word.arg is None for word in call.keywords) else {str(word.arg) for word in call.keywords}
            )
            full = room + endpoint if endpoint.startswith(".") else endpoint
            faults += [f"line {call.lineno}: {fault}" for fault in _faults(the_app, full, given)]
    assert faults == []


_MAKERS = {"url_for", "public_address"}


def test_page_that_goes_by_a_variable_is_there(the_app: Flask) -> None:
    """A door, a tab or a link that is handed on by its name, anywhere in templates and code."""
    looks = re.compile(rf"(?:{'|'.join(ROOMS)})\.(?!id$)[a-z_]+")
    texts = {str(text.value) for name in TEMPLATES for text in parsed(name).find_all(nodes.Const)}
    for path in (ROOT / "grants").rglob("*.py"):
        texts |= {str(text.value) for text in _strings(ast.parse(path.read_text()))}
    named = {text for text in texts if looks.fullmatch(text)} - NO_PAGES
    assert named - {rule.endpoint for rule in the_app.url_map.iter_rules()} == set()
    assert {"review.score", "desk.desk", "payments.batch"} <= named


NO_PAGES = {"funds.csv", "accounts.limiter", "awards.correct_"}
"""What is called like a page: a file, an extension of the app, and the beginning of a name that a correction ends."""


def _is_own(name: str, text: ast.Constant) -> bool:
    value: Any = text.value
    return bool(ADDRESS.fullmatch(value)) and (name, value) not in NO_ADDRESSES


@pytest.mark.parametrize(
    ("endpoint", "given", "fault"),
    [
        ("desk.desk", set(), ""),
        ("desk.desk", {"page"}, ""),
        ("desk.dseks", set(), "there is no page desk.dseks"),
        ("desk.story", {"number"}, "desk.story needs ['reference'], not ['number']"),
        ("awards.correct_amount", {"reference"}, ""),
    ],
)
def test_call_that_leads_nowhere_is_found(the_app: Flask, endpoint: str, given: set[str], fault: str) -> None:
    assert list(_faults(the_app, endpoint, given)) == ([fault] if fault else [])
