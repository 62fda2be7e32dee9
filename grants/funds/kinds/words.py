"""A question that is answered in words, up to as many as it says."""

from __future__ import annotations

from typing import Any

from wtforms import Field

from grants.foundation.values.words import too_long
from grants.foundation.web.fields.drafts import DraftWords
from grants.foundation.web.pages import plural
from grants.funds.models import WORDS, Question

from .kind import GivenAnswer, QuestionKind


class WordsKind(QuestionKind):
    """Text of several lines. A draft keeps it however long it is."""

    name = WORDS
    template = "funds/kinds/words.html"

    def limit(self, question: Question) -> str:
        """How many words."""
        return f"Up to {plural(question.most_words, 'word')}"

    def blank(self, question: Question) -> dict[str, Any]:
        """Lines to write on, by how many words there may be."""
        return {"kind": "words", "most_words": question.most_words}

    def field(self, question: Question) -> Field:
        """A large box that counts."""
        return DraftWords(
            question.text,
            thing="your answer",
            required=question.required,
            hint=question.hint,
            most_words=question.most_words,
            rows=10,
        )

    def problem(self, answer: GivenAnswer) -> str:
        """That it is too long."""
        return too_long(f"answer to “{answer.question}”", answer.text, answer.most_words)

    def freeze(self, answer: GivenAnswer) -> dict[str, Any]:
        """As it was frozen when there were no other kinds: the same answer always gives the same bytes."""
        return {name: value for name, value in super().freeze(answer).items() if name not in {"kind", "settings"}}


KIND = WordsKind()
