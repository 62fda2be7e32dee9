"""Reading tables that people bring: CSV or XLSX, row by row, with a name for everything that is wrong."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Self

from grants.foundation.records.db import Refused
from grants.foundation.values.words import tidy_line

from . import delimited, foreign, workbook
from .limits import BROUGHT, MB, UPLOADED, BadTable, Limits

MOST_SHOWN = 50
"""Refused lines that are kept to be shown; the rest is counted."""

LONGEST_GUESSED = 100
"""Characters of a word whose nearest neighbour is looked for."""

_ZIP = b"PK\x03\x04"
_NOT_TEXT = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


@dataclass(frozen=True)
class CellProblem:
    """Why a line is refused."""

    line: int
    column: str
    value: str
    reason: str

    def __str__(self) -> str:
        """`line N, column: value: reason`."""
        return f"line {self.line}, {self.column}: {_shown(self.value)}: {self.reason}"


@dataclass(frozen=True)
class TableRow:
    """One line of a table: what stands in each of its columns, with single spaces."""

    line: int
    cells: dict[str, str]


@dataclass
class Problems:
    """The refused lines: the first of them in full, all of them counted."""

    shown: list[CellProblem] = field(default_factory=list)
    lines: int = 0
    _last: int = 0

    def add(self, problems: Iterable[CellProblem]) -> None:
        """Take in what is wrong; several problems of one line are one refused line."""
        for problem in problems:
            if problem.line != self._last:
                self.lines, self._last = self.lines + 1, problem.line
            if self.lines <= MOST_SHOWN:
                self.shown.append(problem)

    def __bool__(self) -> bool:
        return self.lines > 0

    def __iter__(self) -> Iterator[str]:
        """The sentences for the person who brought the file."""
        yield from map(str, self.shown)
        if self.lines > MOST_SHOWN:
            yield f"… and {self.lines - MOST_SHOWN:,} more lines are refused."


def read(
    path: Path,
    columns: Sequence[str],
    optional: Sequence[str] = (),
    *,
    limits: Limits = UPLOADED,
    headings: Mapping[str, str] | None = None,
) -> Iterator[TableRow | CellProblem]:
    """The rows of a CSV (UTF-8) or of the first sheet of an XLSX file, and what is wrong with them, as they come.

    The header names `columns`, in any order, and may name `optional` ones. Empty rows are passed over. With `headings`
    the file is one that another system wrote: see `foreign`. Beyond its `limits` the file is refused. Holds one row at
    a time. Raises OSError where the file cannot be read.
    """
    names: list[str] | None = None
    has_rows = False
    try:
        known = foreign.Known(columns, optional, headings) if headings is not None else None
        for line, cells in _lines(path, limits, known):
            if not any(cell.strip() for cell in cells):
                continue
            if names is None:
                names, wrong = _header(line, cells, columns, optional) if known is None else (known.names(cells), [])
                if wrong:
                    yield from wrong
                    return
            else:
                has_rows = True
                yield from _row(line, cells, names)
    except BadTable as bad:
        yield CellProblem(bad.line, "file", path.name, str(bad))
        return
    if names is None:
        yield CellProblem(1, "file", path.name, "the file is empty")
    elif not has_rows:
        yield CellProblem(2, "file", path.name, "the file holds a header and no rows")


Watch = Callable[[Iterable[Any], str, int | None], Iterable[Any]]
"""Something that shows how far it is: it passes the lines on, given what is done and how many lines there may be."""


def unwatched(lines: Iterable[Any], _what: str, _most: int | None) -> Iterable[Any]:
    """Nobody looks."""
    return lines


class Kept:
    """A file that was read whole, its lines laid by on the disk: to be gone through while something is locked."""

    def __init__(
        self,
        path: Path,
        columns: Sequence[str],
        optional: Sequence[str] = (),
        *,
        limits: Limits = BROUGHT,
        watch: Watch = unwatched,
    ) -> None:
        """Read it. Raises OSError, and Refused where it changes meanwhile."""
        self.sha256 = sha256_of(path)
        self._file, self._count = TemporaryFile(), 0  # noqa: SIM115 - closed as this is left
        lines = watch(read(path, columns, optional, limits=limits), "Reading", count_lines(path))
        try:
            for line in lines:
                self._count += 1
                self._file.write(json.dumps([*vars(line).values()]).encode() + b"\n")
            if sha256_of(path) != self.sha256:
                raise Refused(f"{path.name} changed while it was read. Nothing was imported: try again.")
        except BaseException:
            self._file.close()
            raise

    def __iter__(self) -> Iterator[TableRow | CellProblem]:
        """Every line, in order, as often as it is asked for."""
        self._file.seek(0)
        for raw in self._file:
            line, *values = json.loads(raw)
            yield TableRow(line, *values) if len(values) == 1 else CellProblem(line, *values)

    def __len__(self) -> int:
        """How many lines there are."""
        return self._count

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()


def _lines(path: Path, limits: Limits, known: foreign.Known | None) -> Iterator[tuple[int, list[str]]]:
    limits.check_size(path.stat().st_size)
    if _begins_with(path, _ZIP):
        found = workbook.lines_of(path, limits)
        return found if known is None else foreign.below_title(found, known)
    return delimited.lines_of(path, limits) if known is None else foreign.lines_of(path, limits, known)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, as hexadecimal digits. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def count_lines(path: Path) -> int | None:
    """About how many lines a CSV file has, for a progress bar; None for a workbook."""
    if _begins_with(path, _ZIP):
        return None
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(MB), b""))


def nearest(word: str, known: Iterable[str], what: str) -> str:
    """The reason why a word is refused, with the known word that is nearest to it.

    >>> nearest("Leads", ["Leeds", "Bradford"], "district")
    'is not a known district; the nearest is Leeds'
    """
    return f"is not a known {what}" + _guess(word.casefold(), tuple(known))


@lru_cache(maxsize=1000)
def _guess(word: str, known: tuple[str, ...]) -> str:
    if len(word) > LONGEST_GUESSED:
        return ""
    by_key = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word, by_key, n=1, cutoff=0.5)
    return f"; the nearest is {by_key[found[0]]}" if found else ""


def one_line(text: str) -> str:
    """The text with single spaces, also where it had line breaks, and without what cannot be seen."""
    return tidy_line(text)


def _begins_with(path: Path, magic: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(magic)) == magic


def _header(
    line: int, cells: Sequence[str], columns: Sequence[str], optional: Sequence[str]
) -> tuple[list[str], list[CellProblem]]:
    names = [one_line(cell).casefold() for cell in cells]
    while names and not names[-1]:
        names.pop()
    known = [*columns, *optional]
    wrong = [
        *(
            CellProblem(line, name or "header", name, _fault(name) or nearest(name, known, "column"))
            for name in dict.fromkeys(names)
            if name not in known
        ),
        *(CellProblem(line, name, name, "the column is there twice") for name in known if names.count(name) > 1),
        *(CellProblem(line, name, "", "the column is missing") for name in columns if name not in names),
    ]
    return names, wrong


def _row(line: int, cells: Sequence[str], names: Sequence[str]) -> Iterator[TableRow | CellProblem]:
    faults = [
        CellProblem(line, names[at] if at < len(names) else "row", cell, fault)
        for at, cell in enumerate(cells)
        if (at >= len(names) or names[at]) and (fault := _fault(cell))
    ]
    extra = [cell for cell in cells[len(names) :] if cell.strip()]
    if faults:
        yield from faults
    elif any(names[len(cells) :]):
        reason = f"the row is short: it has {len(cells)} of {len(names)} columns"
        yield CellProblem(line, names[len(cells)], "", reason)
    elif extra:
        yield CellProblem(line, "row", "; ".join(extra), f"the row is long: the header has {len(names)} columns")
    else:
        yield TableRow(line, {name: one_line(cell) for name, cell in zip(names, cells, strict=False) if name})


def _fault(cell: str) -> str:
    if "\0" in cell:
        return "holds a NUL character"
    if _NOT_TEXT.search(cell):
        return "is not UTF-8 text: save the file as “CSV UTF-8”"
    return "holds a control character" if _CONTROL.search(cell) else ""


def _shown(value: str, most: int = 80) -> str:
    tidy = "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in value)
    return tidy if len(tidy) <= most else f"{tidy[: most - 1]}…"
