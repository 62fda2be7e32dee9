"""Lists as files: CSV for machines, XLSX for people. No list is ever held whole.

The kind of a column decides how its cells are written, in both files:

- text: as text. In CSV a text that a spreadsheet would take for a formula begins with an apostrophe; in XLSX the cell
  is text, so that formulas stay words and leading zeros stay.
- pounds: pence as a number of pounds with two decimals. A negative amount is a number and no formula.
- number: a whole number.
- decimal: a number with one decimal, like a mean.
- date: a day or an instant. In CSV as YYYY-MM-DD, and instants as UTC; in XLSX as a date, and instants by the clock in
  Europe/London. A day that is not exact is text in both.

Nothing (None) is an empty cell, never 0.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import tempfile
import unicodedata
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from typing import IO, Any, Literal

from flask import Response, send_file, stream_with_context
from sqlalchemy import Select
from xlsxwriter import Workbook

from grants.foundation.records.db import db
from grants.foundation.values.clock import london
from grants.foundation.values.days import Day
from grants.foundation.values.money import plain
from grants.foundation.values.words import without_hidden

Kind = Literal["text", "pounds", "number", "decimal", "date"]

CHUNK = 64 * 1024
"""Bytes of CSV, about, that are sent at a time."""
ROWS_AT_A_TIME = 500
ROWS_OF_A_BATCH = 100
"""Rows of CSV that are written together."""
LONGEST_CELL = 32_767
"""Characters (UTF-16) that a cell of a spreadsheet holds at most."""
CUT = "… [the text is longer than a cell: the CSV file has it whole]"
ROWS_PER_SHEET = 1_048_575
FIRST_DATE = date(1900, 3, 1)
"""Spreadsheets miscount the days before it."""
MADE_AT = datetime(2000, 1, 1)  # noqa: DTZ001 - a fixed stamp, so that the same rows make the same bytes
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_WATCHED = frozenset("'=+-@\t\r\n＝＋－＠")
"""What the text of a formula begins with, or one that was escaped."""
_WIDTHS = {"text": 28, "pounds": 14, "number": 10, "decimal": 10, "date": 16}
_FORMATS = {"pounds": "#,##0.00", "number": "0", "decimal": "0.0", "day": "d mmm yyyy", "instant": "d mmm yyyy hh:mm"}


@dataclass(frozen=True)
class Column:
    """A column of a file: its heading, how its value is got from a row, and its kind. `width` is in characters."""

    heading: str
    value: Callable[[Any], Any]
    kind: Kind = "text"
    width: int = 0


def rows_of(query: Select[Any]) -> Iterator[Any]:
    """The rows of a select, some at a time: things for a select of one thing, else rows with the columns' names."""
    result = db.session.execute(query.execution_options(yield_per=ROWS_AT_A_TIME))
    if len(query.column_descriptions) == 1:
        yield from result.scalars()
    else:
        row: Any = namedtuple("Row", result.keys(), rename=True)  # type: ignore[misc]  # read faster than SQLAlchemy's
        yield from map(row._make, result)


def csv_response(rows: Iterable[Any], columns: Sequence[Column], filename: str) -> Response:
    """The rows as a CSV file to download, sent while they are read."""
    response = Response(stream_with_context(csv_chunks(rows, columns)), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=safe_filename(filename, "csv"))
    return response


def xlsx_response(rows: Iterable[Any], columns: Sequence[Column], filename: str, *, title: str = "") -> Response:
    """The rows as an XLSX file to download. `title` names the sheet and the document."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    write_xlsx(file, rows, columns, title=title)
    file.seek(0)
    tag = hashlib.file_digest(file, "sha256").hexdigest()[:32]
    file.seek(0)
    name = safe_filename(filename, "xlsx")
    return send_file(file, XLSX_TYPE, as_attachment=True, download_name=name, etag=tag)


def csv_chunks(rows: Iterable[Any], columns: Sequence[Column]) -> Iterator[bytes]:
    """The bytes of a CSV file: UTF-8 with a mark at its start, lines that end in CRLF."""
    buffer = io.StringIO("\ufeff", newline="")
    buffer.seek(0, io.SEEK_END)
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([escape(column.heading) for column in columns])
    rows = iter(rows)
    while batch := list(islice(rows, ROWS_OF_A_BATCH)):
        # column by column: a loop over the cells of one kind is twice as fast as a call for each cell
        writer.writerows(zip(*(_CSV_CELLS[column.kind](map(column.value, batch)) for column in columns), strict=True))
        if buffer.tell() >= CHUNK:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _texts(values: Iterable[Any]) -> list[str]:
    # Most cells are words with nothing to escape and nothing hidden, told at a glance.
    return [
        value
        if type(value) is str and value[:1] not in _WATCHED and value.isprintable()
        else ("" if value is None else escape(as_words(value)))
        for value in values
    ]


def escape(text: str) -> str:
    """A text that no spreadsheet takes for a formula. `unescape` gives the text back.

    >>> escape("=1+1"), escape("'=1+1"), escape("it’s")
    ("'=1+1", "''=1+1", 'it’s')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def unescape(text: str) -> str:
    """The text that `escape` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def as_words(value: Any) -> str:
    """A value as the text of a cell, without the characters that no file can hold."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return without_hidden(str(value))


def _date_text(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC).isoformat(timespec='seconds')[:-6]}Z"
    return value.text if isinstance(value, Day) else str(value.isoformat())


_CSV_CELLS: Mapping[Kind, Callable[[Iterable[Any]], list[str]]] = {
    "text": _texts,
    "pounds": lambda values: ["" if value is None else plain(int(value)) for value in values],
    "number": lambda values: ["" if value is None else str(int(value)) for value in values],
    "decimal": lambda values: ["" if value is None else f"{value:.1f}" for value in values],
    "date": lambda values: ["" if value is None else _date_text(value) for value in values],
}
"""The cells of a column, a kind at a time."""


def safe_filename(name: str, ending: str) -> str:
    """A file name that every system takes.

    >>> safe_filename("Round 21 – awards: Zoë/..", "csv")
    'round-21-awards-zoe.csv'
    """
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.sub(rf"\.{ending}$", "", ascii_name.lower())
    return (re.sub(r"[^a-z0-9]+", "-", words).strip("-")[:80] or "export") + f".{ending}"


def xlsx_bytes(rows: Iterable[Any], columns: Sequence[Column], *, title: str = "") -> bytes:
    """An XLSX file in memory, for a batch that is frozen. The same rows make the same bytes."""
    file = io.BytesIO()
    write_xlsx(file, rows, columns, title=title)
    return file.getvalue()


def write_xlsx(
    file: IO[bytes],
    rows: Iterable[Any],
    columns: Sequence[Column],
    *,
    title: str = "",
    rows_per_sheet: int = ROWS_PER_SHEET,
) -> None:
    """Write an XLSX file, with a further sheet where one is full. The same rows make the same bytes."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with Workbook(file, options) as book:
        book.set_properties({"title": title, "created": MADE_AT})
        sheets = _Sheets(book, columns, title)
        for number, row in enumerate(rows):
            if number and number % rows_per_sheet == 0:
                sheets.next()
            sheets.write(row)
        sheets.finish()


class _Sheets:
    """The sheets of a book, written one row after the other."""

    def __init__(self, book: Any, columns: Sequence[Column], title: str) -> None:
        self.book, self.columns, self.title, self.count = book, columns, title, 0
        self.heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self.formats = {kind: book.add_format({"num_format": text}) for kind, text in _FORMATS.items()}
        self.formats["text"] = book.add_format({"num_format": "@"})
        self.next()

    def next(self) -> None:
        """Begin a sheet."""
        if self.count:
            self.finish()
        self.count += 1
        self.line = 0
        self.sheet = self.book.add_worksheet(sheet_name(self.title, self.count))
        self.sheet.freeze_panes(1, 0)
        for place, column in enumerate(self.columns):
            width = column.width or max(_WIDTHS[column.kind], min(len(column.heading) + 2, 24))
            self.sheet.set_column(place, place, width, self.formats.get(column.kind))
            self.sheet.write_string(0, place, column.heading, self.heading)

    def write(self, row: Any) -> None:
        """Write a row."""
        self.line += 1
        for place, column in enumerate(self.columns):
            value = column.value(row)
            if value is not None:
                self._cell(place, value, column.kind)

    def finish(self) -> None:
        """Put the filter over the sheet, and quieten the warning about numbers that are meant as text."""
        last = len(self.columns) - 1
        self.sheet.autofilter(0, 0, self.line, last)
        self.sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{self.line + 1}"})

    def _cell(self, place: int, value: Any, kind: Kind) -> None:
        if kind == "pounds":
            self.sheet.write_number(self.line, place, Decimal(int(value)) / 100, self.formats["pounds"])
        elif kind == "number":
            self.sheet.write_number(self.line, place, int(value), self.formats["number"])
        elif kind == "decimal":
            self.sheet.write_number(self.line, place, round(value, 1), self.formats["decimal"])
        elif kind == "date":
            self._date(place, value)
        else:
            self.sheet.write_string(self.line, place, fitting(as_words(value)), self.formats["text"])

    def _date(self, place: int, value: Any) -> None:
        if isinstance(value, Day) and value.is_exact:
            value = value.last
        if isinstance(value, datetime):
            here = london(value).replace(tzinfo=None, microsecond=0)
            self.sheet.write_datetime(self.line, place, here, self.formats["instant"])
        elif isinstance(value, date) and value >= FIRST_DATE:
            self.sheet.write_datetime(self.line, place, value, self.formats["day"])
        else:
            self.sheet.write_string(self.line, place, _date_text(value), self.formats["text"])


def fitting(text: str) -> str:
    """The text, cut with a word about it where no cell can hold it."""
    if len(text) <= LONGEST_CELL // 2:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LONGEST_CELL:
        return text
    return units[: 2 * (LONGEST_CELL - len(CUT))].decode("utf-16-le", "ignore") + CUT


def sheet_name(title: str, number: int) -> str:
    """A name that a spreadsheet takes for a sheet.

    >>> sheet_name("Awards [2014/15]: all", 1), sheet_name("", 2)
    ('Awards 2014 15 all', 'Rows 2')
    """
    words = " ".join(re.sub(r"[\[\]:*?/\\']", " ", without_hidden(title)).split())[:26].strip()
    if words.lower() in {"", "history"}:
        words = "Rows"
    return f"{words} {number}" if number > 1 else words
