"""The small mistakes that are tried: each turns one place of a file into what a tired person might have written."""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_COUNTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_CALLED = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True)
class Mutant:
    """One mistake: where it stands, what was written there, and what is tried in its place."""

    path: str
    function: str
    lines: tuple[int, int]
    was: str
    now: str
    number: int
    node: int = field(repr=False)
    variant: int = field(repr=False)

    @property
    def key(self) -> tuple[str, str, str, str, int]:
        """What names it, also after lines above it were added: `number` counts equal ones of a function, from 1."""
        return self.path, self.function, self.was, self.now, self.number

    def __str__(self) -> str:
        return f"{self.path}:{self.lines[0]} {self.function}: `{self.was}` became `{self.now}`"


def mutants_of(path: str, source: str) -> list[Mutant]:
    """Every mistake that is tried in a file, from top to bottom."""
    found: list[Mutant] = []
    seen: Counter[tuple[str, str, str]] = Counter()
    for number, (node, function, lines) in enumerate(_places(ast.parse(source))):
        for variant, new in enumerate(_variants(node)):
            was, now = _text(node), _text(new)
            seen[function, was, now] += 1
            found.append(Mutant(path, function, lines, was, now, seen[function, was, now], number, variant))
    return sorted(found, key=lambda mutant: (mutant.lines, mutant.node, mutant.variant))


def tree_with(mutant: Mutant, source: str) -> ast.Module:
    """The file with the mistake in it, to be compiled."""
    tree = ast.parse(source)
    node = list(_places(tree))[mutant.node][0]
    new = list(_variants(node))[mutant.variant]
    ast.copy_location(new, node)
    changed = _Swap(node, new).visit(tree)
    return ast.fix_missing_locations(changed)  # type: ignore[no-any-return]


class _Swap(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else self.generic_visit(node)


def _text(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 100 else f"{text[:60]} … {text[-37:]}"


Place = tuple[ast.AST, str, tuple[int, int]]


def _places(tree: ast.Module) -> Iterator[Place]:
    """Every node that may hold a mistake, with its function and the first and last line of its statement.

    Types, decorators and docstrings hold none.
    """

    def walk(node: ast.AST, name: str, lines: tuple[int, int]) -> Iterator[Place]:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            name = f"{name}.{node.name}".removeprefix(".")
        if isinstance(node, ast.stmt):
            lines = _lines_of(node)
        yield node, name or "the file itself", lines
        for part, value in ast.iter_fields(node):
            if part in {"annotation", "returns", "decorator_list", "type_params", "format_spec"}:
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and not _says_nothing(child):
                    yield from walk(child, name, lines)

    yield from walk(tree, "", (1, 1))


def _lines_of(statement: ast.stmt) -> tuple[int, int]:
    """The lines of a statement, without those of the block below it."""
    body = getattr(statement, "body", None)
    last = max(statement.lineno, body[0].lineno - 1) if body else statement.end_lineno or statement.lineno
    return statement.lineno, last


def _says_nothing(node: ast.AST) -> bool:
    """A docstring, or what is there for the type checker only."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _variants(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare():
            yield from _compared(node)
        case ast.BoolOp():
            yield _changed(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
            yield from (_without(node, at) for at in range(len(node.values)))
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand
        case ast.BinOp() | ast.AugAssign() if type(node.op) in _COUNTED:
            yield _changed(node, op=_COUNTED[type(node.op)]())
        case ast.Constant(value=bool()):
            yield ast.Constant(not node.value)
        case ast.Constant(value=int()):
            yield ast.Constant(node.value + 1)
            yield ast.Constant(node.value - 1)
        case ast.If() | ast.IfExp() | ast.While() if not _is_mutated_itself(node.test):
            yield _changed(node, test=ast.UnaryOp(ast.Not(), node.test))
        case ast.comprehension():
            yield from _filters(node)
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield ast.Return(ast.Constant(None))
        case ast.Expr(value=ast.Call() | ast.YieldFrom()):
            yield ast.Pass()
        case ast.Call(func=ast.Name(id=name)) if name in _CALLED:
            yield _changed(node, func=ast.Name(_CALLED[name], ast.Load()))


def _is_mutated_itself(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare | ast.BoolOp | ast.UnaryOp)


def _compared(node: ast.Compare) -> Iterator[ast.AST]:
    for at, op in enumerate(node.ops):
        yield _changed(node, ops=[*node.ops[:at], _COMPARED[type(op)](), *node.ops[at + 1 :]])


def _without(node: ast.BoolOp, at: int) -> ast.AST:
    rest = [*node.values[:at], *node.values[at + 1 :]]
    return rest[0] if len(rest) == 1 else _changed(node, values=rest)


def _filters(node: ast.comprehension) -> Iterator[ast.AST]:
    for at, test in enumerate(node.ifs):
        if not _is_mutated_itself(test):
            yield _changed(node, ifs=[*node.ifs[:at], ast.UnaryOp(ast.Not(), test), *node.ifs[at + 1 :]])


def _changed(node: ast.AST, **fields: object) -> ast.AST:
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new
