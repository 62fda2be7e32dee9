"""What a kind of question has to know: how it is asked, and how an answer is taken, kept, judged, frozen and shown."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from wtforms import Field

from grants.foundation.documents import exports
from grants.funds.models import WORDS, Question


@dataclass(frozen=True)
class GivenAnswer:
    """A question as it was asked, and what the group answered, as its kind keeps it: always a text, "" for nothing."""

    key: str
    question: str
    most_words: int
    required: bool
    text: str
    kind: str = WORDS
    settings: Mapping[str, Any] = field(default_factory=dict)


class QuestionKind(ABC):
    """One kind of question. Each stands in a file of its own in this folder, which ends in `KIND = …()`.

    `template` shows an answer that is there, on a page; it knows it as `answer`. `cells` is how a file holds it.
    """

    name: ClassVar[str]
    template: ClassVar[str]
    cells: ClassVar[exports.Kind] = "text"

    @abstractmethod
    def limit(self, question: Question) -> str:
        """What may be answered, in a few words beside the question, like "Up to 250 words"."""

    @abstractmethod
    def blank(self, question: Question) -> dict[str, Any]:
        """How the blank form asks it: `kind` and what goes with it in `templates/documents/blank_form.typ`."""

    @abstractmethod
    def field(self, question: Question) -> Field:
        """The field by which it is answered, of `foundation.web.fields.drafts`, with the question as its label."""

    @abstractmethod
    def problem(self, answer: GivenAnswer) -> str:
        """What is wrong with an answer that is there, or nothing. That one is missing is told for every kind."""

    def kept(self, typed: Any) -> str:
        """What the field took, as the text that is kept; "" for nothing."""
        return str(typed or "")

    def shown(self, text: str) -> Any:
        """What is kept, as the field shows it: `kept` the other way round."""
        return text

    def words(self, text: str) -> str:
        """What is kept, in the words of a document."""
        return text

    def cell(self, text: str) -> Any:
        """What is kept, as the value of a cell in a file, by the kind of its `cells`."""
        return text

    def freeze(self, answer: GivenAnswer) -> dict[str, Any]:
        """The answer in the canonical JSON of a submission, with the question as it was asked."""
        return asdict(answer)

    def column(self, question: Question, read: Callable[[Any], str]) -> exports.Column:
        """The column of a file that holds the answers; `read` takes what is kept from a row."""
        return exports.Column(question.text, lambda row: self.cell(read(row)), self.cells)
