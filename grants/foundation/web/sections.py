"""The sections of a draft, one page each: showing one, saving it beside what others saved, and the task list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, Self, TypeVar

from flask import request

from grants.foundation.records.db import LostUpdate, Refused
from grants.foundation.records.drafts import Content, Problem, fingerprint, missing_by_section
from grants.foundation.records.lifecycle import Ruling
from grants.foundation.web.posting import Answered, refused, sent

Written = TypeVar("Written")

OVERTAKEN = "Somebody of your group saved this page while you were writing. Both texts are below."


@dataclass(frozen=True)
class Section(Generic[Written]):
    """One page of a draft, opened: `form` is filled with `content`, `save` keeps what was sent, `tell` says in words
    what is stored. `template` is the page's file, without its folder.
    """

    name: str
    title: str
    content: Content
    form: Any
    save: Callable[[Any], Written]
    tell: Callable[[Content], Sequence[tuple[str, str]]]
    template: str = "section"
    intro: str = ""

    @classmethod
    def of(
        cls,
        name: Any,
        content: Content,
        form: Any,
        save: Callable[[Any], Written],
        tell: Callable[[Content], Sequence[tuple[str, str]]],
        **more: str,
    ) -> Self:
        """The section that a member of the names stands for, under its label."""
        return cls(name, name.label, content, form, save, tell, **more)

    @property
    def fingerprint(self) -> str:
        """The version that the form carries."""
        return fingerprint(self.content)

    def show(self, problems: Iterable[Problem]) -> None:
        """Say beside the fields what is filled in and does not fit."""
        for problem in problems:
            field = self._field(problem.field)
            if problem.section == self.name and not problem.missing and field is not None:
                field.errors = [problem.message]

    def _field(self, name: str) -> Any:
        """A field by the id that it has on the page; `lines-0-amount` is a part of the first line."""
        lines, _, rest = name.partition("-")
        if not rest:
            return getattr(self.form, name, None)
        at, _, part = rest.partition("-")
        entries = getattr(getattr(self.form, lines, None), "entries", [])
        return entries[int(at)].form[part] if int(at) < len(entries) else None


def edited(
    section: Section[Written],
    *,
    may: Ruling,
    problems: Callable[[], Iterable[Problem]],
    page: Callable[[Sequence[tuple[str, str]] | None], str],
    done: Callable[[Written], str],
) -> Answered:
    """Answer a GET or a POST of a section: its page, or on to the address that `done` returns once it is saved.

    The page gets what is stored now where somebody else saved it since the form was opened, else None.
    """
    if request.method != "POST":
        if may:
            section.show(problems())
        return page(None), 200
    stored: list[Sequence[tuple[str, str]]] = []

    def overtaken(_lost: Exception) -> None:
        stored.append(section.tell(section.content))
        section.form.version.data = section.fingerprint
        section.form.is_overtaken = True
        section.form.refuse(OVERTAKEN)

    return sent(
        section.form,
        lambda: done(section.save(section.form)),
        beside={LostUpdate: overtaken, Refused: section.form.refuse_saving},
    ) or (page(stored[0] if stored else None), refused(section.form))


@dataclass(frozen=True)
class SectionTask:
    """A line of the task list: where it leads, and how far it is."""

    name: str
    title: str
    problems: Sequence[Problem]

    @property
    def label(self) -> str:
        """The word on its tag."""
        if not self.problems:
            return "Done"
        return "To do" if all(problem.missing for problem in self.problems) else "To mend"

    @property
    def colour(self) -> str:
        """The tag's modifier."""
        return {"Done": "yes", "To do": "quiet", "To mend": "no"}[self.label]


def tasks(sections: Iterable[tuple[str, str]], problems: Sequence[Problem]) -> list[SectionTask]:
    """Every section, given by name and title, with what is still wrong with it."""
    by_section = missing_by_section(problems)
    return [SectionTask(name, title, by_section.get(name, [])) for name, title in sections]


def any_of(names: type[StrEnum]) -> str:
    """The part of a URL rule that takes each of these names and nothing else, as `section`.

    >>> any_of(StrEnum("Sections", ["DATES", "AIMS"]))
    '<any(dates, aims):section>'
    """
    return f"<any({', '.join(names)}):section>"
