"""What an address may ask of a list or a file. What is not known is refused with what is, and never ignored."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import request

from grants.foundation.values.words import count_characters, has_hidden, listed, printable, tidy_line

LONGEST_FILTER = 200

LONGEST_ECHO = 40
"""Characters of something wrong that its message repeats."""

MOST_NAMED = 12
"""So many choices a message still tells; of a longer list it names the nearest alone."""

PAGES = ("after", "before")

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


class BadFilter(ValueError):
    """A filter cannot be used; the message is a sentence for the person who typed it. `parameter` is its name."""

    def __init__(self, sentence: str, parameter: str = "") -> None:
        super().__init__(sentence)
        self.parameter = parameter


@dataclass(frozen=True)
class Parameters:
    """The parameters that a list or file takes: those with known values, those that are searched for, and its pages."""

    choices: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    turns: bool = False

    @property
    def filters(self) -> tuple[str, ...]:
        """What a person may choose or type."""
        return (*self.choices, *self.searches)

    def check(self) -> None:
        """Raises BadFilter where the address asks for something else, or for one thing twice."""
        known = {*self.filters, *(PAGES if self.turns else ())}
        for name, values in request.args.lists():
            if name not in known:
                raise BadFilter(f"There is no filter “{echo(name)}” here. {self._hint(name)}", name)
            if len(values) > 1:
                raise BadFilter(f"The filter “{name}” is there more than once. Give it once only.", name)

    def _hint(self, name: str) -> str:
        if not self.filters:
            return "This page has no filters."
        return meant(name, self.filters) + f"There {'are' if len(self.filters) > 1 else 'is'} {listed(self.filters)}."


def takes(
    *choices: str, searches: tuple[str, ...] = (), turns: bool = False
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A list or a file, and every parameter that its address may have. To any other it says what is known (400)."""
    taken = Parameters(choices, searches, turns)

    def door(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            taken.check()
            return view(*args, **kwargs)

        checked.__dict__["taken"] = taken
        return checked

    return door


def clean_filter(text: str | None, *, name: str = "The search") -> str:
    """What was typed into a filter, tidied. Raises BadFilter for what no search can use."""
    text = tidy_line(text or "")
    if has_hidden(text):
        raise BadFilter(f"{name} has a hidden character. Type it again.")
    if count_characters(text) > LONGEST_FILTER:
        raise BadFilter(f"{name} must be {LONGEST_FILTER} characters or fewer. Shorten it.")
    return text


def choice_filter(text: str | None, known: Mapping[str, T], *, name: str) -> T | None:
    """What a word of the URL stands for, or None where there is none. Raises BadFilter for an unknown one."""
    found = name_filter(text, lambda: known, name=name)
    return known[found] if found else None


def name_filter(text: str | None, known: Callable[[], Iterable[str]], *, name: str) -> str:
    """A name of the URL that is known, or "". What is known is asked for only where a name is given."""
    text = clean_filter(text, name=name)
    if not text:
        return ""
    names = list(known())
    if text not in names:
        hint = meant(text, names) + (f"There are {listed(names)}." if 1 < len(names) <= MOST_NAMED else "")
        raise BadFilter(f"{name} “{echo(text)}” is not known. {hint}".strip())
    return text


def meant(text: str, names: Iterable[str]) -> str:
    """A question that offers the known name most like a wrong one, or ""."""
    near = nearest(text, {name: name for name in names})
    return f"Did you mean “{near}”? " if near else ""


def nearest(text: str, names: Mapping[str, str]) -> str:
    """What the known name stands for that is most like a wrong one, or ""."""
    folded = {name.casefold(): value for name, value in names.items()}
    found = difflib.get_close_matches(text.casefold()[:LONGEST_FILTER], folded, n=1)
    return folded[found[0]] if found else ""


def echo(text: str) -> str:
    """Something wrong, fit to be repeated in a message: printable and short."""
    shown = printable(text, "\N{REPLACEMENT CHARACTER}")
    return shown if count_characters(shown) <= LONGEST_ECHO else shown[: LONGEST_ECHO - 1] + "…"
