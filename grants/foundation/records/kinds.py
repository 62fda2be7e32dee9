"""Which files are taken: told by their content, not by their name."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import IO

import puremagic

from grants.foundation.values.invisible import without_invisible
from grants.foundation.values.words import without_hidden

LARGEST_FILE = 10 * 1024 * 1024
"""Bytes of a file that people send, where its form says nothing else."""
LONGEST_NAME = 120
_HEAD = 8192
_BLOCK = 1024 * 1024
_MOST_PARTS = 10_000
_PART = b"PK\x01\x02"
"""What each line of a ZIP file's directory begins with."""
_LONGEST_MEDIA_TYPE = 200


@dataclass(frozen=True)
class FileType:
    """A kind of file: what people call it, the endings of its name, and its media type."""

    label: str
    endings: tuple[str, ...]
    media_type: str


PDF = FileType("PDF", (".pdf",), "application/pdf")
WORD = FileType("Word", (".docx",), "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
EXCEL = FileType("Excel", (".xlsx",), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
ODT = FileType("OpenDocument text", (".odt",), "application/vnd.oasis.opendocument.text")
ODS = FileType("OpenDocument spreadsheet", (".ods",), "application/vnd.oasis.opendocument.spreadsheet")
JPEG = FileType("JPEG", (".jpg", ".jpeg"), "image/jpeg")
PNG = FileType("PNG", (".png",), "image/png")
CSV = FileType("CSV", (".csv",), "text/csv")

DOCUMENTS = (PDF, WORD, EXCEL, ODT, ODS, JPEG, PNG)
TABLES = (EXCEL, CSV)
_BY_MAGIC = (PDF, JPEG, PNG)
_BY_MEMBER = {"word/document.xml": WORD, "xl/workbook.xml": EXCEL}


@dataclass(frozen=True)
class Upload:
    """A file that may be kept: its tidy name, its media type by content, its size in bytes, and its content."""

    name: str
    media_type: str
    size: int
    stream: IO[bytes]


class BadFile(ValueError):
    """The file cannot be taken; the message goes on from the words for the file: "must be …"."""


def examine(
    stream: IO[bytes], name: str, *, kinds: Sequence[FileType] = DOCUMENTS, largest: int = LARGEST_FILE
) -> Upload:
    """Look at a file that was sent, without reading it whole. Raises BadFile."""
    stream.seek(0, 2)
    size = stream.tell()
    if size == 0:
        raise BadFile("must not be an empty file. Choose another one")
    if size > largest:
        raise BadFile(f"must be {megabytes(largest)} or less. This one has {megabytes(size)}")
    tidy = tidy_name(name)
    ending = tidy[tidy.rfind(".") :].lower() if "." in tidy else ""
    found = sniff(stream)
    if found is None and CSV in kinds and ending in CSV.endings and _is_text(stream):
        found = CSV
    if found not in kinds or found is None:
        raise BadFile(f"must be {listed(kinds)}. “{tidy}” is something else inside")
    if ending not in found.endings:
        tidy = f"{tidy.removesuffix(ending) if ending else tidy}{found.endings[0]}"
    stream.seek(0)
    return Upload(tidy, found.media_type, size, stream)


def sniff(stream: IO[bytes]) -> FileType | None:
    """The kind of a file by its content, or None for one that is not known."""
    stream.seek(0)
    head = stream.read(_HEAD)
    if head.startswith(b"PK\x03\x04"):
        return _sniff_zip(stream)
    try:
        matches = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return None
    best = matches[0].mime_type if matches else ""
    return next((kind for kind in _BY_MAGIC if kind.media_type == best), None)


def _sniff_zip(stream: IO[bytes]) -> FileType | None:
    """Office documents are ZIP files. One that carries macros or a program is not taken."""
    try:
        with open_archive(stream) as archive:
            names = archive.namelist()
            if any(re.search(r"vbaproject|\.(exe|dll|js|bat)$", name, re.I) for name in names):
                return None
            if "mimetype" in names and archive.getinfo("mimetype").file_size < _LONGEST_MEDIA_TYPE:
                with archive.open("mimetype") as part:
                    media_type = part.read(_LONGEST_MEDIA_TYPE).decode("ascii", "ignore").strip()
                return next((kind for kind in (ODT, ODS) if kind.media_type == media_type), None)
            return next((kind for member, kind in _BY_MEMBER.items() if member in names), None)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, RuntimeError):
        return None


def open_archive(stream: IO[bytes]) -> zipfile.ZipFile:
    """A ZIP file that costs little to look into. Raises zipfile.BadZipFile.

    Read its parts with a size: without one, a part that says that it is small may unpack to gigabytes.
    """
    stream.seek(0)
    parts, tail = 0, b""
    while block := stream.read(_BLOCK):
        parts += (tail + block).count(_PART)
        tail = block[1 - len(_PART) :]
    if parts > _MOST_PARTS:
        raise zipfile.BadZipFile("too many parts")
    archive = zipfile.ZipFile(stream)
    if any(part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for part in archive.infolist()):
        raise zipfile.BadZipFile("packed in a way that cannot be bounded")
    return archive


def _is_text(stream: IO[bytes]) -> bool:
    stream.seek(0)
    head = stream.read(_HEAD)
    return b"\0" not in head and not re.search(rb"[\x01-\x08\x0e-\x1f]", head)


def tidy_name(name: str) -> str:
    """The file's own name without folders, control characters and characters that file systems refuse.

    >>> tidy_name("C:\\\\My files\\\\accounts: 2026.PDF")
    'accounts 2026.PDF'
    """
    base = re.split(r"[/\\]", without_invisible(without_hidden(name)))[-1]
    words = " ".join(re.sub(r'[<>:"|?*\r\n\t]', " ", base).split()).strip(". ")
    stem, dot, ending = words.rpartition(".")
    return f"{stem[:LONGEST_NAME]}{dot}{ending[:10]}" if dot else words[:LONGEST_NAME] or "file"


def listed(kinds: Sequence[FileType]) -> str:
    """The kinds as people read them: a PDF, Word or Excel file.

    >>> listed([PDF, WORD]), listed([PDF])
    ('a PDF or Word file', 'a PDF file')
    """
    labels = [kind.label for kind in kinds]
    words = f"{', '.join(labels[:-1])} or {labels[-1]}" if len(labels) > 1 else labels[0]
    return f"{'an' if words[0] in 'AEIO' else 'a'} {words} file"


def megabytes(size: int) -> str:
    """A size as people read it.

    Rounded up, so that what is too large never looks as large as the limit.

    >>> megabytes(10 * 1024 * 1024), megabytes(10 * 1024 * 1024 + 1), megabytes(2000)
    ('10\\xa0MB', '10.1\\xa0MB', '2\\xa0KB')
    """
    if size < 1024 * 1024:
        return f"{ceil(size / 1024)}\u00a0KB"
    return f"{ceil(size / 1024 / 1024 * 10) / 10:.1f}".removesuffix(".0") + "\u00a0MB"
