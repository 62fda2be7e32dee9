"""Fields for amounts and whole numbers."""

from __future__ import annotations

import re
from typing import Any

from wtforms.validators import StopValidation

from grants.foundation.values.money import MOST_PENCE, BadAmount, Pence, parse_typed, pounds
from grants.foundation.values.words import the, tidy, without_hidden

from .base import OwnField

NOTHING = Pence(0)
MOST = Pence(MOST_PENCE)


class PoundsField(OwnField):
    """An amount of money. `data` is in pence; `at_least` and `at_most` are too.

    It takes what people type (£3,400, 3 400, 3400.50) and gives it back tidy.
    """

    kind = "pounds"
    inputmode = "decimal"
    data: Pence | None

    def __init__(self, label: str, *, at_least: Pence = NOTHING, at_most: Pence = MOST, **kwargs: Any) -> None:
        super().__init__(label, **{"width": "10", **kwargs})
        self.at_least, self.at_most = at_least, at_most

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the amount. Raises ValueError with the message where it is none."""
        self.data = None
        text = tidy(str(valuelist[0])) if valuelist else ""
        if not text:
            return
        try:
            self.data = parse_typed(text)
        except BadAmount as error:
            raise ValueError(f"{the(self.thing)} {_what_is_wrong(text) or error}") from error

    def _value(self) -> str:
        if self.data is not None:
            return pounds(self.data).removeprefix("£")
        return without_hidden(self.typed)

    def check(self) -> None:
        """Hold the amount against its limits."""
        assert self.data is not None  # noqa: S101 - for the type checker
        if self.data < self.at_least:
            raise StopValidation(self.must(f"be {pounds(self.at_least)} or more"))
        if self.data > self.at_most:
            raise StopValidation(self.must(f"be {pounds(self.at_most)} or less"))


def _what_is_wrong(text: str) -> str:
    if re.match(r"£? ?[-−–]", text):
        return "must not be less than £0"
    if re.search(r"\d\.\d{3,}$", text):
        return "must have at most two figures after the point, like 3400.50"
    return ""


_WHOLE = re.compile(r"\d{1,3}(?:[ ,]\d{3})+|\d+")


class WholeNumberField(OwnField):
    """A whole number; it takes 1,200 as people type it."""

    kind = "number"
    inputmode = "numeric"
    data: int | None

    def __init__(self, label: str, *, at_least: int = 0, at_most: int = 2**31 - 1, **kwargs: Any) -> None:
        super().__init__(label, **{"width": "5", **kwargs})
        self.at_least, self.at_most = at_least, at_most

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the number. Raises ValueError with the message where it is none."""
        self.data = None
        text = re.sub(r"\s+", " ", tidy(str(valuelist[0]))) if valuelist else ""
        if not text:
            return
        if not text.isascii() or not _WHOLE.fullmatch(text):
            raise ValueError(self.must("be a whole number in figures, like 25"))
        digits = re.sub("[ ,]", "", text).lstrip("0") or "0"
        self.data = int(digits) if len(digits) < 19 else self.at_most + 1
        self.data = min(self.data, self.at_most + 1)  # what is too much stays what a database can be asked for

    def _value(self) -> str:
        return without_hidden(self.typed) if self.data is None or self.data > self.at_most else str(self.data)

    def check(self) -> None:
        """Hold the number against its limits."""
        assert self.data is not None  # noqa: S101 - for the type checker
        if self.data < self.at_least:
            raise StopValidation(self.must(f"be {self.at_least:,} or more"))
        if self.data > self.at_most:
            raise StopValidation(self.must(f"be {self.at_most:,} or less"))
