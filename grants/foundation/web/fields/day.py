"""A field for a day, in three boxes."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from wtforms.utils import unset_value
from wtforms.validators import StopValidation

from grants.foundation.values.days import MONTHS, long_date
from grants.foundation.values.words import the, tidy, without_hidden

from .base import OwnField

PARTS = ("day", "month", "year")
EARLIEST_YEAR, LATEST_YEAR = 1900, 2199


@dataclass(frozen=True)
class Part:
    """One of the three boxes: its name in the form, its label, what was typed, and whether it is wrong."""

    name: str
    id: str
    label: str
    value: str
    wrong: bool
    width: str
    autocomplete: str = ""


class BadParts(ValueError):
    """What is wrong with a day, and in which boxes."""

    def __init__(self, message: str, *wrong: str) -> None:
        super().__init__(message)
        self.wrong = wrong or PARTS


class DayField(OwnField):
    """A day of the calendar in three boxes, `<name>-day`, `-month` and `-year`; `data` is a date or None.

    Months may be written as words. `earliest` and `latest` may be set on the bound field, before `validate`.
    """

    kind = "day"
    inputmode = "numeric"
    data: date | None

    def __init__(self, label: str, *, earliest: date | None = None, latest: date | None = None, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.earliest, self.latest = earliest, latest
        self.texts: Sequence[str] = ("", "", "")
        self.wrong: Sequence[str] = ()

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Read the three boxes, or take the date that the form was opened with."""
        super().process(None, data, extra_filters)
        if formdata is None:
            self.texts = _texts(self.data)
            return
        self.raw_data = [str(formdata.get(f"{self.name}-{part}", "")) for part in PARTS]
        self.texts = [without_hidden(tidy(text)) for text in self.raw_data]
        self.data, self.wrong = None, ()
        if any(self.texts):
            try:
                self.data = _read(self.texts, the(self.thing))
            except BadParts as error:
                self.process_errors = [str(error)]
                self.wrong = error.wrong

    @property
    def parts(self) -> list[Part]:
        """The three boxes as a page draws them."""
        wrong = self.wrong or (PARTS if self.errors else ())
        return [
            Part(
                f"{self.name}-{part}",
                f"{self.id}-{part}",
                part.capitalize(),
                text,
                part in wrong,
                "4" if part == "year" else "2",
            )
            for part, text in zip(PARTS, self.texts, strict=True)
        ]

    @property
    def error_id(self) -> str:
        """The first box that is wrong."""
        return next((part.id for part in self.parts if part.wrong), f"{self.id}-day")

    def check(self) -> None:
        """Hold the day against its limits."""
        assert self.data is not None  # noqa: S101 - for the type checker
        if self.earliest is not None and self.data < self.earliest:
            raise StopValidation(self.must(f"be {long_date(self.earliest)} or later"))
        if self.latest is not None and self.data > self.latest:
            raise StopValidation(self.must(f"be {long_date(self.latest)} or earlier"))


def _texts(day: date | None) -> Sequence[str]:
    return (str(day.day), str(day.month), str(day.year)) if day is not None else ("", "", "")


def _read(texts: Sequence[str], name: str) -> date:
    missing = [part for part, text in zip(PARTS, texts, strict=True) if not text]
    if missing:
        raise BadParts(f"{name} must include {' and '.join(f'a {part}' for part in missing)}", *missing)
    day, month, year = _number(texts[0]), _month(texts[1]), _number(texts[2])
    if day is None:
        raise BadParts(f"{name} must have a day in figures, like 27", "day")
    if month is None:
        raise BadParts(f"{name} must have a month from 1 to 12, like 3 or March", "month")
    if year is None or not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise BadParts(f"{name} must have a year in four figures, like 2027", "year")
    if not 1 <= day <= 31:
        raise BadParts(f"{name} must have a day from 1 to 31", "day")
    last = calendar.monthrange(year, month)[1]
    if day > last:
        raise BadParts(f"{name} cannot be {day} {MONTHS[month]} {year}: that month has {last} days", "day")
    return date(year, month, day)


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,4}", text) else None


def _month(text: str) -> int | None:
    number = _number(text)
    if number is None and len(text) >= 3:
        names = [n for n in range(1, 13) if MONTHS[n].lower().startswith(text.lower())]
        number = names[0] if names else None
    return number if number is not None and 1 <= number <= 12 else None
