"""The rows of the first sheet of an XLSX workbook, one at a time, in time and memory that its limits bound.

Nothing that the file says of itself is believed: not how wide it is, nor how far its rows go, nor what its parts come
to. What a row leaves out costs nothing. Only what is read of a part is unpacked, and counted as it comes.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import BinaryIO, NoReturn
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

from grants.foundation.records.kinds import open_archive

from .limits import LONGEST_LINE, BadTable, Limits

BLOCK = 64 * 1024
DEEPEST = 64
"""Elements within each other."""
MOST_NAMES = 2_000
"""Names of elements and attributes in one part: a workbook has a few dozen."""
LONGEST_FORMAT = 255

_COLUMN = re.compile(r"([A-Z]{1,3})[0-9]*")

Shown = str | float | date | time | timedelta
Attributes = Mapping[str, str]


def lines_of(path: Path, limits: Limits) -> Iterator[tuple[int, list[str]]]:
    """Each row that has a cell, with its number, as wide as the first of them or wider.

    Raises BadTable, and OSError where the file cannot be read.
    """
    width = 0
    try:
        with path.open("rb") as file:
            for line, cells in _Book(file, limits).rows():
                filled = [at for at, cell in cells.items() if cell]
                width = width or max(filled, default=0)
                yield line, [cells.get(at, "") for at in range(1, max(width, *filled, 0) + 1)]
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, KeyError, NotImplementedError) as error:
        raise BadTable(f"cannot be read as an XLSX workbook ({error.__class__.__name__})") from error


class _Book:
    """A workbook's parts, as far as they say what its first sheet shows."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self.limits, self.read = limits, 0
        self.archive = open_archive(file)
        limits.check_unpacked(sum(part.file_size for part in self.archive.infolist()))

    def rows(self) -> Iterator[tuple[int, dict[int, str]]]:
        """Each row with its cells by column."""
        book, links = _Contents(self.limits), _Links(self.limits)
        self._whole("xl/workbook.xml", book)
        self._whole("xl/_rels/workbook.xml.rels", links)
        if (first := next((links.sheets[key] for key in book.sheets if key in links.sheets), None)) is None:
            raise BadTable("holds no sheet")
        strings, styles = _Strings(self.limits), _Styles(self.limits)
        if links.strings:
            self._whole(links.strings, strings)
        if links.styles:
            self._whole(links.styles, styles)
        sheet = _Sheet(self.limits, strings, styles, MAC_EPOCH if book.is_mac else WINDOWS_EPOCH)
        for _block in self._blocks(first, sheet):
            yield from sheet.ready
            sheet.ready.clear()

    def _whole(self, name: str, part: _Part) -> None:
        for _block in self._blocks(name, part):
            pass

    def _blocks(self, name: str, part: _Part) -> Iterator[None]:
        info = self.archive.getinfo(name)
        if info.flag_bits & 1:
            raise BadTable("is protected by a password: take that off")
        with self.archive.open(info) as content:
            while block := content.read(BLOCK):
                self.read += len(block)
                self.limits.check_unpacked(self.read)
                part.feed(block)
                yield
        part.feed(b"", is_last=True)
        yield


class _Part:
    """One XML part on its way through. `wanted` collects the text of an element that is read, else it is None."""

    def __init__(self, limits: Limits) -> None:
        self.limits, self.line = limits, 1
        self.depth = self.elements = self.fed = self.length = 0
        self.names = set[str]()
        self.wanted: list[str] | None = None
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self.reads
        self.parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, block: bytes, *, is_last: bool = False) -> None:
        """Go on with what comes next of it."""
        self.parser.Parse(block, is_last)
        self.fed += len(block)
        if self.fed - self.parser.CurrentByteIndex > LONGEST_LINE:
            raise BadTable("holds what no workbook holds: a piece without an end", self.line)

    def opens(self, name: str, attributes: Attributes) -> None:
        """An element begins."""

    def closes(self, name: str) -> None:
        """An element ends."""

    def words(self) -> str:
        """What was collected."""
        words = "".join(self.wanted or ())
        self.wanted = None
        return words

    def collect(self) -> None:
        """Begin to collect."""
        self.wanted, self.length = [], 0

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth, self.elements = self.depth + 1, self.elements + 1
        self.limits.check_elements(self.elements, self.line)
        self.names.add(name)
        self.names.update(attributes)
        if self.depth > DEEPEST or len(self.names) > MOST_NAMES:
            raise BadTable("holds what no workbook holds: too many kinds or layers of elements", self.line)
        self.opens(name.rpartition(":")[2], attributes)

    def _end(self, name: str) -> None:
        self.depth -= 1
        self.closes(name.rpartition(":")[2])

    def reads(self, text: str) -> None:
        """Some text comes; it may go on."""
        if self.wanted is not None:
            self.length += len(text)
            self.limits.check_cell(self.length, self.line)
            self.wanted.append(text)

    def _doctype(self, *_declared: object) -> NoReturn:
        raise BadTable("declares what no workbook declares (a DOCTYPE)")


def _own(attributes: Attributes, name: str) -> str:
    """An attribute whatever the prefix of its name."""
    return next((value for key, value in attributes.items() if key.rpartition(":")[2] == name), "")


class _Contents(_Part):
    """`workbook.xml`: its sheets in order, by the keys of their links."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.sheets: list[str] = []
        self.is_mac = False

    def opens(self, name: str, attributes: Attributes) -> None:
        if name == "sheet":
            self.sheets.append(next((attributes[key] for key in attributes if key.endswith(":id")), ""))
        elif name == "workbookPr":
            self.is_mac = _own(attributes, "date1904") in {"1", "true"}


class _Links(_Part):
    """`workbook.xml.rels`: where the sheets, the texts and the styles lie."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.sheets: dict[str, str] = {}
        self.strings = self.styles = ""

    def opens(self, name: str, attributes: Attributes) -> None:
        if name != "Relationship":
            return
        kind = attributes.get("Type", "").rpartition("/")[2]
        where = posixpath.normpath(posixpath.join(posixpath.sep, "xl", attributes.get("Target", ""))).lstrip("/")
        if kind == "worksheet":
            self.sheets[attributes.get("Id", "")] = where
        elif kind == "sharedStrings":
            self.strings = where
        elif kind == "styles":
            self.styles = where


class _Styles(_Part):
    """`styles.xml`: which styles show a day or a length of time."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.formats: dict[str, str] = {str(number): code for number, code in BUILTIN_FORMATS.items()}
        self.of_styles: list[str] = []
        self.is_among_them = False

    def opens(self, name: str, attributes: Attributes) -> None:
        if name == "numFmt":
            self.formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")[:LONGEST_FORMAT]
        elif name == "cellXfs":
            self.is_among_them = True
        elif name == "xf" and self.is_among_them:
            self.of_styles.append(attributes.get("numFmtId", "0"))

    def closes(self, name: str) -> None:
        if name == "cellXfs":
            self.is_among_them = False

    def format_of(self, style: str) -> str:
        """The format of a style's numbers."""
        number = int(style) if style.isdecimal() and len(style) < 6 else 0
        return self.formats.get(self.of_styles[number], "") if number < len(self.of_styles) else ""


class _Texts(_Part):
    """A part with texts in it: plain, or in runs; how a word is spoken is no part of it."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.is_text = self.is_spoken = False

    def opens(self, name: str, attributes: Attributes) -> None:  # noqa: ARG002
        if name == "rPh":
            self.is_spoken = True
        elif name == "t":
            self.is_text = True

    def closes(self, name: str) -> None:
        if name == "rPh":
            self.is_spoken = False
        elif name == "t":
            self.is_text = False

    def reads(self, text: str) -> None:
        if self.is_text and not self.is_spoken:
            super().reads(text)


class _Strings(_Texts):
    """`sharedStrings.xml`: the texts that cells name by number."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.strings: list[str] = []

    def opens(self, name: str, attributes: Attributes) -> None:
        super().opens(name, attributes)
        if name == "si":
            self.collect()

    def closes(self, name: str) -> None:
        super().closes(name)
        if name == "si":
            self.strings.append(self.words())
            self.limits.check_cells(len(self.strings), 1)


class _Sheet(_Texts):
    """A sheet: `ready` are the rows that are whole."""

    def __init__(self, limits: Limits, strings: _Strings, styles: _Styles, epoch: datetime) -> None:
        super().__init__(limits)
        self.strings, self.styles, self.epoch = strings.strings, styles, epoch
        self.ready: list[tuple[int, dict[int, str]]] = []
        self.row: dict[int, str] = {}
        self.line = self.column = self.cells = self.lines = self.rows = 0
        self.kind = self.style = ""

    def opens(self, name: str, attributes: Attributes) -> None:
        super().opens(name, attributes)
        if name == "row":
            self.row, self.column = {}, 0
            self.line = _whole(attributes.get("r", ""), self.line + 1)
        elif name == "c":
            where = _COLUMN.fullmatch(attributes.get("r", ""))
            self.column = _number_of(where[1]) if where else self.column + 1
            self.kind, self.style = attributes.get("t", "n"), attributes.get("s", "0")
            self.cells += 1
            self.limits.check_cells(self.cells, self.line)
        elif name == "v" or (name == "is" and self.kind == "inlineStr"):
            self.is_text = name == "v"
            self.collect()

    def closes(self, name: str) -> None:
        super().closes(name)
        if name in {"v", "is"} and self.wanted is not None:
            self.is_text = False
            if shown := _shown(self._value(self.words())):
                self.limits.check_columns(self.column, self.line)
                self.row[self.column] = shown
        elif name == "row":
            self.lines, self.rows = self.lines + 1, self.rows + any(cell.strip() for cell in self.row.values())
            self.limits.check_lines(self.lines, self.rows - 1, self.line)
            if self.row:
                self.ready.append((self.line, self.row))

    def _value(self, text: str) -> Shown:
        try:
            if self.kind == "s":
                return self.strings[int(text)] if text.isdecimal() else ""
            if self.kind == "b":
                return text not in {"0", ""}
            if self.kind == "d":
                return datetime.fromisoformat(text)
            if self.kind == "n" and text:
                return self._number(text)
        except (ValueError, IndexError, OverflowError) as error:
            raise BadTable("holds a cell that says nothing: open it in Excel and save it again", self.line) from error
        return text

    def _number(self, text: str) -> Shown:
        number = float(text) if set(".eE") & set(text) else int(text)
        form = self.styles.format_of(self.style)
        if not is_date_format(form):
            return number
        try:
            shown: Shown = from_excel(number, self.epoch, timedelta=is_timedelta_format(form))
        except (OverflowError, ValueError):
            return "#VALUE!"
        return shown


def _number_of(letters: str) -> int:
    """The number of a column.

    >>> _number_of("A"), _number_of("Z"), _number_of("AA"), _number_of("XFD")
    (1, 26, 27, 16384)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _whole(text: str, otherwise: int) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else otherwise


def _shown(value: Shown) -> str:
    """What a cell shows: whole numbers without a point, days as YYYY-MM-DD, numbers with every digit that they have.

    >>> _shown(5925.5), _shown(8000.0), _shown(datetime(2014, 5, 12))
    ('5925.5', '8000', '2014-05-12')
    """
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(sep=" ")
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return str(value)
