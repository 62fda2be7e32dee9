"""Tables as other systems write them: a title above the headings, other headings, more columns, other signs between.

The headings are looked for in the first rows, and of the signs that can part cells the one that finds most of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from . import delimited
from .delimited import Line
from .limits import BadTable, Limits

TITLE_ROWS = 20
"""So many rows may stand above the headings."""
MOST_SHOWN, LONGEST_SHOWN = 12, 40
"""Headings that are named where one is missing, and characters of each."""
DELIMITERS = (",", ";", "\t")


class Known:
    """The columns that are looked for, and the other headings by which they go."""

    def __init__(self, columns: Sequence[str], optional: Sequence[str], headings: Mapping[str, str]) -> None:
        self.columns = tuple(columns)
        self._by_key = {_key(name): name for name in (*columns, *optional)}
        self._by_key |= {_key(heading): column for heading, column in headings.items()}

    def names(self, cells: Sequence[str]) -> list[str]:
        """The column that stands in each cell of a row of headings; nothing where it is one that is not asked for."""
        return [self._by_key.get(_key(cell), "") for cell in cells]

    def count(self, cells: Sequence[str]) -> int:
        """How many of the columns that must be there a row names."""
        return len(set(self.names(cells)) & set(self.columns))

    def check(self, line: int, cells: Sequence[str]) -> None:
        """Raise BadTable where a row of headings lacks a column, or names one twice."""
        names = self.names(cells)
        if missing := [name for name in self.columns if name not in names]:
            has = ", ".join(cell.strip()[:LONGEST_SHOWN] for cell in cells[:MOST_SHOWN] if cell.strip())
            raise BadTable(f"has no column for {', '.join(missing)}. Its headings are: {has}", line)
        if twice := [name for name in dict.fromkeys(names) if name and names.count(name) > 1]:
            raise BadTable(f"has two columns for {', '.join(twice)}", line)


def lines_of(path: Path, limits: Limits, known: Known) -> Iterator[Line]:
    """Each row of a CSV file from its headings on, with the number of its first line. Raises BadTable."""
    encoding = delimited.encoding_of(path)

    def parted(delimiter: str) -> Iterator[Line]:
        return delimited.lines_of(path, limits, delimiter=delimiter, encoding=encoding)

    best = max(DELIMITERS, key=lambda delimiter: _most_known(parted(delimiter), known))
    return below_title(parted(best), known)


def below_title(lines: Iterator[Line], known: Known) -> Iterator[Line]:
    """The rows from the headings on. Raises BadTable where there are none."""
    above = [(line, cells) for line, cells in islice(lines, TITLE_ROWS) if any(cell.strip() for cell in cells)]
    if not above:
        return
    at = max(range(len(above)), key=lambda at: known.count(above[at][1]))
    known.check(*above[at])
    yield from above[at:]
    yield from lines


def _most_known(lines: Iterable[Line], known: Known) -> int:
    """How many columns the best of the first rows names; -1 where the rows cannot be read like this."""
    try:
        return max((known.count(cells) for _line, cells in islice(lines, TITLE_ROWS)), default=0)
    except BadTable:
        return -1


def _key(heading: str) -> str:
    return " ".join(heading.replace("_", " ").split()).strip(" .:*").casefold()
