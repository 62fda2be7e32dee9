"""Reading tables that people bring: CSV or XLSX, row by row, with a name for everything that is wrong."""

from __future__ import annotations

import csv
import difflib
import hashlib
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from typing import BinaryIO
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

LONGEST_LINE = 1024 * 1024
"""Bytes of one line of a CSV file; beyond that it is no table."""

MOST_SHOWN = 50
"""Refused lines that are kept to be shown; the rest is counted."""

_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
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
    path: Path, columns: Sequence[str], optional: Sequence[str] = (), *, semicolons: bool = False
) -> Iterator[TableRow | CellProblem]:
    """The rows of a CSV (UTF-8) or of the first sheet of an XLSX file, and what is wrong with them, as they come.

    The header names `columns`, in any order, and may name `optional` ones. Empty rows are passed over. With
    `semicolons` a file whose header has more of them than commas is parted by them.
    Holds one row at a time. Raises OSError where the file cannot be read.
    """
    lines = _xlsx(path) if _begins_with(path, _ZIP) else _csv(path, _delimiter(path) if semicolons else ",")
    names: list[str] | None = None
    has_rows = False
    for line in lines:
        if isinstance(line, CellProblem):
            yield line
            if line.column == "file":
                return
        elif any(cell.strip() for cell in line[1]):
            if names is None:
                names, wrong = _header(*line, columns, optional)
                if wrong:
                    yield from wrong
                    return
            else:
                has_rows = True
                yield from _row(*line, names)
    if names is None:
        yield CellProblem(1, "file", path.name, "the file is empty")
    elif not has_rows:
        yield CellProblem(2, "file", path.name, "the file holds a header and no rows")


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, as hexadecimal digits. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def count_lines(path: Path) -> int | None:
    """About how many lines a CSV file has, for a progress bar; None for a workbook."""
    if _begins_with(path, _ZIP):
        return None
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(LONGEST_LINE), b""))


def nearest(word: str, known: Iterable[str], what: str) -> str:
    """The reason why a word is refused, with the known word that is nearest to it.

    >>> nearest("Leads", ["Leeds", "Bradford"], "district")
    'is not a known district; the nearest is Leeds'
    """
    by_key = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word.casefold(), by_key, n=1, cutoff=0.5)
    return f"is not a known {what}" + (f"; the nearest is {by_key[found[0]]}" if found else "")


def one_line(text: str) -> str:
    """The text with single spaces, also where it had line breaks."""
    return " ".join(text.split())


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
        if (fault := _fault(cell))
    ]
    extra = [cell for cell in cells[len(names) :] if cell.strip()]
    if faults:
        yield from faults
    elif len(cells) < len(names):
        reason = f"the row is short: it has {len(cells)} of {len(names)} columns"
        yield CellProblem(line, names[len(cells)], "", reason)
    elif extra:
        yield CellProblem(line, "row", "; ".join(extra), f"the row is long: the header has {len(names)} columns")
    else:
        yield TableRow(line, {name: one_line(cell) for name, cell in zip(names, cells, strict=False)})


def _fault(cell: str) -> str:
    if "\0" in cell:
        return "holds a NUL character"
    if _NOT_TEXT.search(cell):
        return "is not UTF-8 text: save the file as “CSV UTF-8”"
    return "holds a control character" if _CONTROL.search(cell) else ""


def _delimiter(path: Path) -> str:
    with path.open("rb") as file:
        head = file.readline(LONGEST_LINE)
    return ";" if head.count(b";") > head.count(b",") else ","


def _csv(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]] | CellProblem]:
    if _begins_with(path, _OLD_EXCEL):
        yield CellProblem(1, "file", path.name, "is an old Excel workbook: save it as XLSX or CSV UTF-8")
        return
    if _begins_with(path, b"\xff\xfe") or _begins_with(path, b"\xfe\xff"):
        yield CellProblem(1, "file", path.name, "is UTF-16 text: save it as “CSV UTF-8”")
        return
    with path.open("rb") as file:
        reader = csv.reader(_text_lines(file), strict=True, delimiter=delimiter)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield CellProblem(line, "file", path.name, _why_not_csv(error))
                return
            yield line, cells


def _text_lines(file: BinaryIO) -> Iterator[str]:
    """Lines as text; bytes that are not UTF-8 become surrogates, so that their line and column can be named."""
    first = True
    while raw := file.readline(LONGEST_LINE + 1):
        if len(raw) > LONGEST_LINE:
            raise csv.Error("field larger than a line may be")
        text = raw.decode("utf-8", "surrogateescape")
        yield text.removeprefix("\ufeff") if first else text
        first = False


def _why_not_csv(error: csv.Error) -> str:
    text = str(error)
    if "unexpected end" in text:
        return "a quotation mark is opened here and never closed"
    if "new-line" in text:
        return "has line ends of another kind: save the file as “CSV UTF-8”"
    if "larger" in text:
        return "is longer than a row can be; is a quotation mark never closed?"
    return f"cannot be read as CSV: {text}"


def _xlsx(path: Path) -> Iterator[tuple[int, list[str]] | CellProblem]:
    try:
        with warnings.catch_warnings(), path.open("rb") as file:
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            width = 0
            try:
                for line, values in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1):
                    cells = [_cell(value) for value in values]
                    while cells and not cells[-1]:
                        cells.pop()
                    width = width or len(cells)
                    yield line, cells + [""] * (width - len(cells))
            finally:
                book.close()
    except (zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, IndexError, EOFError) as error:
        yield CellProblem(1, "file", path.name, f"cannot be read as an XLSX workbook ({error.__class__.__name__})")


def _cell(value: object) -> str:
    """What a cell shows: whole numbers without a point, days as YYYY-MM-DD, numbers with every digit that they have.

    >>> _cell(5925.5), _cell(8000.0), _cell(datetime(2014, 5, 12))
    ('5925.5', '8000', '2014-05-12')
    """
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(sep=" ")
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return str(value)


def _shown(value: str, most: int = 80) -> str:
    tidy = "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in value)
    return tidy if len(tidy) <= most else f"{tidy[: most - 1]}…"
