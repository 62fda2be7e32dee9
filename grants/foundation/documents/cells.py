"""Reading the cells of one row strictly: what does not hold is noted with its column, value and reason."""

from __future__ import annotations

import re
from collections.abc import Collection

from grants.foundation.values import money
from grants.foundation.values.days import BadDay, Day
from grants.foundation.values.money import Pence
from grants.foundation.values.words import count_characters

from .rows import CellProblem, TableRow, nearest


class Cells:
    """The cells of one row by column, and the problems that were found in them."""

    def __init__(self, row: TableRow) -> None:
        self.row = row
        self.problems: list[CellProblem] = []

    def cell(self, column: str) -> str:
        """What stands in a column; a column that the file does not have is blank."""
        return self.row.cells.get(column, "")

    def refuse(self, column: str, reason: str, value: str | None = None) -> None:
        """Note why a column is refused."""
        self.problems.append(CellProblem(self.row.line, column, self.cell(column) if value is None else value, reason))

    def text(self, column: str, most: int, *, required: bool = False) -> str:
        """Words of at most so many characters."""
        text = self.cell(column)
        if required and not text:
            self.refuse(column, "is required")
        elif count_characters(text) > most:
            self.refuse(column, f"must be {most:,} characters or fewer")
        return text

    def day(self, column: str, *, future: bool = False) -> Day | None:
        """A day, as exact as it is given; in the future only where that makes sense."""
        text = self.cell(column)
        if not text:
            return None
        try:
            day = Day.parse(text)
        except BadDay as error:
            self.refuse(column, str(error))
            return None
        if day.is_future and not future:
            self.refuse(column, "is in the future")
        return day

    def pence(self, column: str) -> Pence | None:
        """An amount in pounds of more than nothing, as pence; blank is not known."""
        text = self.cell(column)
        if not text:
            return None
        try:
            amount = money.parse_strict(text)
        except money.BadAmount as error:
            self.refuse(column, _plainly(text) or str(error))
            return None
        if not amount:
            self.refuse(column, "is nothing: leave it blank where there is none or it is not known")
        return amount

    def whole(self, column: str) -> int | None:
        """A whole number; blank is not known."""
        text = self.cell(column)
        if text and not re.fullmatch(r"[0-9]{1,9}", text):
            self.refuse(column, "must be a whole number")
            return None
        return int(text) if text else None

    def yes(self, column: str) -> bool:
        """Whether the cell says yes; blank is no."""
        return self.choice(column, ("yes", "no", "")) == "yes"

    def choice(self, column: str, words: Collection[str]) -> str:
        """One of some words."""
        text = self.cell(column)
        if text not in words:
            self.refuse(column, f"must be {' or '.join(word or 'blank' for word in words)}")
        return text

    def known(self, column: str, words: Collection[str], what: str) -> str:
        """One of the words that are known, of which there may be many; blank is none."""
        text = self.cell(column)
        if text and text not in words:
            self.refuse(column, nearest(text, words, what))
        return text


def _plainly(text: str) -> str:
    """How an amount that only a person would write is written in a file."""
    try:
        return f"must be pounds as digits: write {money.plain(money.parse_typed(text))}"
    except money.BadAmount:
        return ""
