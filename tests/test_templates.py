"""The templates: every call of a macro fits the macro, and says by name what it may leave out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

ROOT = Path(__file__).parents[1] / "templates"
TEMPLATES = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*.html"))

MOST_BY_POSITION = 1
"""Arguments with a default that a call may give by position: of two such, a reader and the next macro mix up which."""


@cache
def parsed(name: str) -> nodes.Template:
    """A template, parsed."""
    return Environment(autoescape=True).parse((ROOT / name).read_text(), name)


def _macros(template: nodes.Template) -> dict[str, nodes.Macro]:
    """The macros that a template can call, by the name that it calls them by."""
    known = {macro.name: macro for macro in template.find_all(nodes.Macro)}
    for taken in template.find_all(nodes.FromImport):
        assert isinstance(taken.template, nodes.Const)
        theirs = {macro.name: macro for macro in parsed(taken.template.value).find_all(nodes.Macro)}
        for given in taken.names:
            name, here = given if isinstance(given, tuple) else (given, given)
            known[here] = theirs[name]
    return known


def misfits(template: nodes.Template) -> Iterator[str]:
    """What is wrong with the calls of macros in a template."""
    assert not list(template.find_all(nodes.Import)), "import the macros by their names: so a call shows which it is"
    known = _macros(template)
    for call in template.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in known:
            for fault in _faults(call, known[call.node.name]):
                yield f"line {call.lineno}, {call.node.name}: {fault}"


def _faults(call: nodes.Call, macro: nodes.Macro) -> Iterator[str]:
    names = [argument.name for argument in macro.args]
    needed, by_name = names[: len(names) - len(macro.defaults)], [given.key for given in call.kwargs]
    by_position = names[: len(call.args)]
    if call.dyn_args is not None or call.dyn_kwargs is not None:
        yield "its arguments are not written out"
        return
    if len(call.args) > len(names):
        yield f"{len(call.args)} arguments by position, and it takes {len(names)}"
    yield from (f"{name} is unknown to it" for name in by_name if name not in names)
    yield from (f"{name} is given twice" for name in by_name if name in by_position)
    yield from (f"{name} is missing" for name in needed if name not in {*by_position, *by_name})
    for name in by_position[len(needed) + MOST_BY_POSITION :]:
        yield f"give {name} by its name"


def test_layout_names_nothing_that_a_page_could_mean_otherwise() -> None:
    """What a layout sets at its top, each page that extends it reads in place of what its view gave it."""
    layout = Environment(autoescape=True).parse((ROOT / "layout.html").read_text())
    named = {name.name for name in layout.find_all(nodes.Name) if name.ctx == "store"}
    looped = {"label", "href", "current", "kind", "message"}

    assert [name for name in named - looped if not name.startswith("layout_")] == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_call_of_a_macro_fits_it(name: str) -> None:
    assert list(misfits(parsed(name))) == []


MACROS = """{% macro pager(page, label="Pages") %}{% endmacro %}
{% macro submit(text, look="", name="", value="") %}{% endmacro %}
"""


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        ("pager(1)", ""),
        ('pager(page=1, label="Awards")', ""),
        ('submit("Save", "secondary", name="go")', ""),
        ("pager()", "page is missing"),
        ('pager(label="Awards")', "page is missing"),
        ("pager(1, 2, 3)", "3 arguments by position, and it takes 2"),
        ("pager(1, before=2)", "before is unknown to it"),
        ("pager(1, page=2)", "page is given twice"),
        ('submit("Save", "", "go")', "give name by its name"),
        ("submit(*texts)", "its arguments are not written out"),
        ("call: submit()", "text is missing"),
    ],
)
def test_call_that_does_not_fit_is_found(call: str, fault: str) -> None:
    written = f"{{% call {call[6:]} %}}{{% endcall %}}" if call.startswith("call: ") else f"{{{{ {call} }}}}"
    found = list(misfits(Environment(autoescape=True).parse(MACROS + written)))
    assert [line.partition(": ")[2] for line in found] == ([fault] if fault else [])
