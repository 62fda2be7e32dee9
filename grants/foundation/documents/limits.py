"""How much a table that people bring may hold: what is beyond that is refused as soon as it is seen."""

from __future__ import annotations

from dataclasses import dataclass

from grants.foundation.records.kinds import LARGEST_FILE, megabytes

MB = 1024 * 1024
LONGEST_LINE = MB
"""Bytes of one row of a CSV file, and of one piece of a workbook; beyond that it is no table."""
EMPTY_LINES = 10
"""So many times as many lines as rows that hold something may be there, empty ones counted."""
ELEMENTS = 10
"""So many times as many elements as cells may be in a part of a workbook."""


class BadTable(ValueError):
    """A file that is no table, or too much of one, from `line` on. The message goes on from its name."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Limits:
    """The most of everything in one file. `unpacked` counts what a workbook's parts come to, each time one is read."""

    rows: int
    cells: int
    columns: int = 100
    characters: int = 32_767
    size: int = LARGEST_FILE
    unpacked: int = 3 * LARGEST_FILE

    def check_size(self, size: int) -> None:
        """Raise BadTable where the file as it came is too large."""
        if size > self.size:
            raise BadTable(f"has {megabytes(size)}: {megabytes(self.size)} is the most")

    def check_unpacked(self, size: int) -> None:
        """Raise BadTable where the parts of a workbook come to too much."""
        if size > self.unpacked:
            raise BadTable(f"unpacks to {megabytes(size)} or more: {megabytes(self.unpacked)} is the most")

    def check_cell(self, characters: int, line: int) -> None:
        """Raise BadTable where a cell is too long."""
        if characters > self.characters:
            raise BadTable(f"has more than {self.characters:,} characters in a cell", line)

    def check_columns(self, columns: int, line: int) -> None:
        """Raise BadTable where a row is too wide."""
        if columns > self.columns:
            raise BadTable(f"has more than {self.columns:,} columns", line)

    def check_cells(self, cells: int, line: int) -> None:
        """Raise BadTable where the file has too many cells."""
        if cells > self.cells:
            raise BadTable(f"has more than {self.cells:,} cells: send it in parts", line)

    def check_elements(self, elements: int, line: int) -> None:
        """Raise BadTable where a part of a workbook is taken to more pieces than its cells can need."""
        if elements > ELEMENTS * self.cells:
            raise BadTable(f"has more than {ELEMENTS * self.cells:,} elements in a part: send it in parts", line)

    def check_lines(self, lines: int, rows: int, line: int) -> None:
        """Raise BadTable where the file has too many rows, or too many lines of which most are empty."""
        if rows > self.rows:
            raise BadTable(f"has more than {self.rows:,} rows: send it in parts", line)
        if lines > EMPTY_LINES * self.rows:
            raise BadTable(f"has more than {EMPTY_LINES * self.rows:,} lines, most of them empty: take those out", line)


UPLOADED = Limits(rows=1_000, cells=50_000)
"""Of a table that is sent over the web."""
BROUGHT = Limits(rows=200_000, cells=5_000_000, size=100 * MB, unpacked=500 * MB)
"""Of a table that somebody brings in on the command line."""
