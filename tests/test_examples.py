"""The examples in docstrings are true, in every room."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest
from flask import Flask

ROOT = Path(__file__).parents[1]
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in (ROOT / "grants").rglob("*.py")
    if ">>>" in path.read_text()
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_a_module_are_true(name: str, app: Flask) -> None:
    with app.app_context():
        result = doctest.testmod(import_module(name))

    assert result.attempted > 0
    assert result.failed == 0
