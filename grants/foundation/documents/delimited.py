"""The rows of a CSV file, one at a time, within limits."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from . import limits as most
from .limits import BadTable, Limits

Line = tuple[int, list[str]]

_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def lines_of(path: Path, limits: Limits, *, delimiter: str = ",", encoding: str = "utf-8") -> Iterator[Line]:
    """Each row with the number of its first line. Raises BadTable, and OSError where the file cannot be read."""
    with path.open("rb") as file:
        head = file.readline(most.LONGEST_LINE)
        if head.startswith(_OLD_EXCEL):
            raise BadTable("is an old Excel workbook: save it as XLSX or CSV UTF-8")
        if head.startswith(_UTF_16):
            raise BadTable("is UTF-16 text: save it as “CSV UTF-8”")
        file.seek(0)
        yield from _parted(file, limits, delimiter, encoding)


def encoding_of(path: Path) -> str:
    """UTF-8 where the whole file is that, else the Windows-1252 of older finance systems."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            for chunk in iter(lambda: file.read(most.MB), b""):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "windows-1252"
    return "utf-8"


def _parted(file: BinaryIO, limits: Limits, delimiter: str, encoding: str) -> Iterator[Line]:
    text = _Text(file, encoding)
    reader = csv.reader(text, strict=True, delimiter=delimiter)
    lines = rows = cells = 0
    while True:
        line, text.taken = reader.line_num + 1, 0
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadTable(_why_not(error), line) from error
        filled = [at for at, cell in enumerate(row, start=1) if cell]
        lines, rows, cells = lines + 1, rows + any(cell.strip() for cell in row), cells + len(filled)
        limits.check_lines(lines, rows - 1, line)
        limits.check_columns(filled[-1] if filled else 0, line)
        limits.check_cells(cells, line)
        limits.check_cell(max(map(len, row), default=0), line)
        yield line, row


class _Text:
    """The lines of a file as text; bytes that are none become surrogates, so that their cell can be named."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self.file, self.encoding, self.is_first, self.taken = file, encoding, True, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        raw = self.file.readline(most.LONGEST_LINE + 1)
        if not raw:
            raise StopIteration
        self.taken += len(raw)
        if self.taken > most.LONGEST_LINE:
            raise csv.Error("field larger than a line may be")
        text = raw.decode(self.encoding, "surrogateescape")
        if self.is_first:
            self.is_first, text = False, text.removeprefix("\ufeff")
        return text


def _why_not(error: csv.Error) -> str:
    text = str(error)
    if "unexpected end" in text:
        return "a quotation mark is opened here and never closed"
    if "new-line" in text:
        return "has line ends of another kind: save the file as “CSV UTF-8”"
    if "larger" in text:
        return "is longer than a row can be; is a quotation mark never closed?"
    return f"cannot be read as CSV: {text}"
