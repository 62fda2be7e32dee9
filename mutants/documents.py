"""Typst in a process of its own for each document: its threads would not live on in a fork, which then waits for ever.

What was made once from the same words is not made again, so that a mutant's tests do not pay for it.
"""

from __future__ import annotations

import os
import pickle
from typing import Any

import typst

_REAL = typst.Compiler
_MADE: dict[bytes, tuple[bool, Any]] = {}


class Compiler:
    """In place of `typst.Compiler`, with the same arguments, result and errors."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.made_with = arguments, options

    def compile(self, **options: Any) -> Any:
        """What Typst makes. Raises typst.TypstError as Typst does."""
        wanted = pickle.dumps((self.made_with, options))
        if wanted not in _MADE:
            _MADE[wanted] = _in_a_fork(self.made_with, options)
        is_made, result = _MADE[wanted]
        if not is_made:
            raise typst.TypstError(*result)
        return result


def _in_a_fork(made_with: tuple[Any, Any], options: dict[str, Any]) -> tuple[bool, Any]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            with os.fdopen(writing, "wb") as out:
                pickle.dump(_made(made_with, options), out)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        found: tuple[bool, Any] = pickle.load(answer)  # noqa: S301 - written a moment ago by this process' child
    os.waitpid(child, 0)
    return found


def _made(made_with: tuple[Any, Any], options: dict[str, Any]) -> tuple[bool, Any]:
    arguments, named = made_with
    try:
        return True, _REAL(*arguments, **named).compile(**options)
    except typst.TypstError as error:
        return False, error.args


def keep_threads_out() -> None:
    """From now on no document is made in this process."""
    typst.Compiler = Compiler  # type: ignore[misc,assignment]
