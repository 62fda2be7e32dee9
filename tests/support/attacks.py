"""Files that are made to hold up whoever reads them, and a look from outside at what is locked meanwhile."""

from __future__ import annotations

import csv
import io
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url

from grants.foundation.records.db import db

from .databases import psycopg_url

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
HEAD = ("reference", "date", "finance reference", "amount", "status")


def inline(cells: dict[str, str]) -> str:
    """Cells with their texts in them, by their addresses."""
    return "".join(f'<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>' for at, text in cells.items())


HEADINGS = f'<row r="1">{inline(dict(zip(("A1", "B1", "C1", "D1", "E1"), HEAD, strict=True)))}</row>'


def workbook(rows: str, *, dimension: str = "A1:E2", packed: int = zipfile.ZIP_DEFLATED, **parts: str) -> bytes:
    """A workbook with these rows as XML; `parts` go beside its sheet, or replace what stands there."""
    sheet = f'<worksheet xmlns="{MAIN}"><dimension ref="{dimension}"/><sheetData>{rows}</sheetData></worksheet>'
    links = "".join(
        f'<Relationship Id="r{at}" Type="{LINKS}/{kind}" Target="{target}"/>'
        for at, (kind, target) in enumerate(
            [("worksheet", "worksheets/one.xml"), ("sharedStrings", "strings.xml"), ("styles", "styles.xml")]
        )
    )
    contents = {
        "workbook": f'<workbook xmlns:r="{LINKS}"><sheets><sheet name="1" r:id="r0"/></sheets></workbook>',
        "_rels/workbook.xml.rels": f"<Relationships>{links}</Relationships>",
        "worksheets/one": sheet,
        "strings": f'<sst xmlns="{MAIN}"/>',
        "styles": f'<styleSheet xmlns="{MAIN}"/>',
    } | parts
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packed) as archive:
        for name, content in contents.items():
            archive.writestr(f"xl/{name}" if name.endswith(".rels") else f"xl/{name}.xml", content)
    return file.getvalue()


def wide_workbook() -> bytes:
    """12 KB: cells at the far end of 2,000 rows, each of which used to cost its whole width."""
    rows = "".join(f'<row r="{at}"><c r="XFD{at}"/></row>' for at in range(2, 2_200))
    return workbook(HEADINGS + rows, dimension="A1:XFD2200")


def far_workbook() -> bytes:
    """1 KB: one cell in the last corner of the sheet."""
    return workbook(f'{HEADINGS}<row r="1048576"><c r="XFD1048576"/></row>', dimension="A1:XFD1048576")


def wrong_csv(size: int = 9 * 1024 * 1024) -> bytes:
    """9 MB of rows that are too short, each of which used to be remembered."""
    head = (",".join(HEAD) + "\n").encode()
    return head + b"a\n" * ((size - len(head)) // 2)


@contextmanager
def looking_for_locks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Whenever a file is parsed inside, another writer goes through everything. Gives what was parsed."""
    parsed: list[str] = []
    url = db.engine.url.render_as_string(hide_password=False)
    parts, reader = zipfile.ZipFile.infolist, csv.reader

    def unpack(archive: zipfile.ZipFile) -> Any:
        parsed.append("zip")
        _write(url)
        return parts(archive)

    def read(*args: Any, **kwargs: Any) -> Any:
        parsed.append("csv")
        _write(url)
        return reader(*args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(zipfile.ZipFile, "infolist", unpack)
        patched.setattr(csv, "reader", read)
        yield parsed


def _write(url: str) -> None:
    """Write as another process would, into a database that nobody else holds; it does not wait."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(str(make_url(url).database), timeout=0, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("INSERT INTO idempotency_keys VALUES ('x', '2026-01-01', '', '')")
            other.execute("ROLLBACK")
        return
    with psycopg.connect(psycopg_url(url)) as other:
        tables = ", ".join(table.name for table in db.metadata.sorted_tables)
        other.execute(f"LOCK TABLE {tables} IN EXCLUSIVE MODE NOWAIT")  # type: ignore[call-overload]
        other.rollback()
