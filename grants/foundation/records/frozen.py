"""What is frozen: canonical JSON that is written once, and read for ever, whatever became of the class that wrote it.

Each kind of frozen record ("submission", "decision notice" …) is a `Kind`. Its JSON holds as `form` the number of its
shape; what was frozen before that number stood in it is of the first form. A kind has a reader for each form that was
ever written, and a reader stays when the next form comes. How to change what is frozen: docs/house.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date
from typing import Any, Generic, TypeVar

Content = dict[str, Any]
T = TypeVar("T")
Reader = Callable[[Content], T]


class UnknownForm(ValueError):
    """A frozen record has a form that no reader knows: a later version wrote it."""


class Kind(Generic[T]):
    """One kind of frozen record: the form in which it is written today, and a reader for each form there was."""

    def __init__(self, name: str, *, form: int) -> None:
        self.name = name
        self.form = form
        self.readers: dict[int, Reader[T]] = {}
        KINDS[name] = self

    def reader(self, form: int) -> Callable[[Reader[T]], Reader[T]]:
        """Marks the function that reads one form: it gets the JSON as plain values."""

        def keep(function: Reader[T]) -> Reader[T]:
            self.readers[form] = function
            return function

        return keep

    def freeze(self, content: Mapping[str, Any]) -> tuple[str, str]:
        """The canonical JSON of a record in today's form, and its SHA-256. The same content gives the same bytes."""
        text = canonical({**content, "form": self.form})
        return text, sha256(text)

    def read(self, text: str | bytes) -> T:
        """What was frozen, in whichever form. Raises UnknownForm."""
        content: Content = json.loads(text)
        form = content.get("form", 1)
        if form not in self.readers:
            known = ", ".join(str(number) for number in sorted(self.readers))
            raise UnknownForm(f"a {self.name} has form {form!r}, and this version reads {known}")
        return self.readers[form](content)


KINDS: dict[str, Kind[Any]] = {}
"""Every kind of frozen record by its name."""


def fill(cls: type[T], values: Mapping[str, Any], **more: Any) -> T:
    """A dataclass from frozen values. A key that the class has no field for is left aside.

    `more` stands in place of a value as it was frozen, or for a field that the form did not have yet.
    Raises TypeError where a field without a default gets no value.
    """
    known = {field.name for field in fields(cls)}  # type: ignore[arg-type]
    return cls(**{name: value for name, value in values.items() if name in known} | more)


def canonical(content: Any) -> str:
    """The content as JSON that is always the same for the same content: keys in order, no spaces, days as ISO."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=date.isoformat)


def sha256(text: str) -> str:
    """The SHA-256 of a text, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
