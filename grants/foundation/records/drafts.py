"""Drafts that several people of a group write, section by section: what was seen, what is saved, what still lacks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from .db import LostUpdate, db

Content = Mapping[str, Any]
"""What a section holds, in plain values that JSON knows."""

Changes = dict[str, tuple[Any, Any]]
"""What a save changed: each name with what it was and what it is."""


class Draft(Protocol):
    """What is written section by section: it knows when it was saved last (UTC), and how often."""

    saved_at: Any
    version: Any


Written = TypeVar("Written", bound=Draft)


@dataclass(frozen=True)
class Problem:
    """What keeps a draft from being sent: the section, the field in it, and what to do.

    `missing` tells what was never filled in from what was filled in and does not fit.
    """

    section: str
    field: str
    message: str
    missing: bool = True


class Incomplete(Exception):
    """The draft cannot be sent yet; `problems` says why, each with its section and field."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = list(problems)


def missing_by_section(found: Sequence[Problem]) -> dict[str, list[Problem]]:
    """The problems by the section that mends them."""
    by_section: dict[str, list[Problem]] = {}
    for problem in found:
        by_section.setdefault(problem.section, []).append(problem)
    return by_section


def fingerprint(content: Content) -> str:
    """The version of a section: a text that changes when its content does.

    Two people who edit two sections at the same time do not stand in each other's way, and a form
    that is sent again with the same text is no lost update.
    """
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def save(
    draft: Written,
    *,
    seen: str,
    new: Content,
    read: Callable[[Written], Content],
    write: Callable[[Written], None],
    at: datetime,
) -> Changes:
    """Write one section of a locked draft, in the caller's deed; nothing where it holds this already.

    `seen` is the fingerprint that the section had when its form was opened. Raises LostUpdate where it changed since.
    """
    before = read(draft)
    if before == new:
        return {}
    current = fingerprint(before)
    if current != seen:
        raise LostUpdate(seen, current)
    write(draft)
    draft.saved_at = at
    draft.version += 1
    db.session.flush()
    return {name: (before[name], new[name]) for name in new if before[name] != new[name]}
