"""Every kind of question by its name: those whose files stand in this folder."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from pathlib import Path
from typing import Protocol

from grants.funds.models import Question

from .kind import GivenAnswer, QuestionKind


class UnknownKind(LookupError):
    """A question of a kind that nobody registered: its file was taken away, or its row is of a later version."""


class HasKind(Protocol):
    """A question, or an answer with its question."""

    @property
    def kind(self) -> str:
        """The name of its kind."""


def register(kind: QuestionKind) -> None:
    """Know a kind by its name."""
    _kinds[kind.name] = kind


def names() -> list[str]:
    """What a question may be."""
    return sorted(_kinds)


def kind_of(asked: HasKind) -> QuestionKind:
    """The kind of a question or an answer. Raises UnknownKind."""
    if asked.kind not in _kinds:
        raise UnknownKind(asked.kind)
    return _kinds[asked.kind]


def given(question: Question, text: str) -> GivenAnswer:
    """A question of the round with what a group answered."""
    return GivenAnswer(
        key=question.key,
        question=question.text,
        most_words=question.most_words,
        required=question.required,
        text=text,
        kind=question.kind,
        settings=question.settings,
    )


_kinds: dict[str, QuestionKind] = {}

for _module in pkgutil.iter_modules([str(Path(__file__).parent)]):
    if _module.name not in {"kind", "registry"}:
        register(import_module(f"{__package__}.{_module.name}").KIND)
