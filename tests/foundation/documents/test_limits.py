"""Tables within limits: a file that would hold up whoever reads it is refused in words that name the limit."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grants.foundation.documents.limits import BROUGHT, UPLOADED, Limits
from grants.foundation.documents.rows import TableRow, read
from grants.foundation.records.kinds import ODT, BadFile, examine, sniff
from tests.support import attacks
from tests.support.attacks import inline, workbook

SMALL = Limits(rows=3, cells=12, columns=4, characters=10, size=100_000, unpacked=100_000)
TOO_MANY = "1: holds what no workbook holds: too many kinds or layers of elements"
NOTHING = "2: holds a cell that says nothing: open it in Excel and save it again"
ROW = '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>2</v></c></row>'
AB = f'<row r="1">{inline({"A1": "a", "B1": "b"})}</row>'
MB = 1024 * 1024


def _read(path: Path, content: str | bytes, limits: Limits = SMALL) -> list[Any]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    found = read(path, ("a", "b"), limits=limits)
    return [one.cells if isinstance(one, TableRow) else f"{one.line}: {one.reason}" for one in found]


@pytest.fixture
def told(tmp_path: Path) -> Callable[..., list[Any]]:
    """What is read of a file, or said about it."""
    return lambda content, **limits: _read(tmp_path / "list", content, replace(SMALL, **limits))


Told = Callable[..., list[Any]]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a,b\n" + "1,2\n" * 4, "5: has more than 3 rows: send it in parts"),
        ("a,b\n" + "\n" * 30, "31: has more than 30 lines, most of them empty: take those out"),
        ("a,b\n1,2,3,4,5\n", "2: has more than 4 columns"),
        ("a,b,c,d,e\n1,2\n", "1: has more than 4 columns"),
        ("a,b\n1," + "x" * 11 + "\n", "2: has more than 10 characters in a cell"),
        ("a,b\n" + "1,2\n" * 24_999, "5: has more than 3 rows: send it in parts"),
        ("a,b\n" + "1,2\n" * 25_000, "1: has 98\xa0KB: 98\xa0KB is the most"),
    ],
)
def test_csv_beyond_a_limit_is_refused(told: Told, content: str, said: str) -> None:
    assert told(content)[-1] == said


def test_csv_within_all_limits_is_read(told: Told) -> None:
    assert told("a,b,,,\n1,0123456789\n" + "\n" * 5 + "3,4\n5,6\n") == [
        {"a": "1", "b": "0123456789"},
        {"a": "3", "b": "4"},
        {"a": "5", "b": "6"},
    ]


def test_cells_of_a_csv_that_hold_something_are_counted(told: Told) -> None:
    assert told("a,b\n1,2\n1,\n", cells=5) == [{"a": "1", "b": "2"}, {"a": "1", "b": ""}]
    assert told("a,b\n1,2\n1,\n", cells=4)[-1] == "3: has more than 4 cells: send it in parts"


def test_row_of_many_lines_is_no_longer_than_one_of_one_line(told: Told) -> None:
    """The risk: a single row that goes on over line ends is held in memory whole."""
    content = "a,b\n" + '"\n",' * (MB // 2)

    assert told(content, size=3 * MB) == ["2: is longer than a row can be; is a quotation mark never closed?"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (AB + "<row><c><v>1</v></c></row>" * 4, "5: has more than 3 rows: send it in parts"),
        (AB + "<row/>" * 30, "31: has more than 30 lines, most of them empty: take those out"),
        (AB + '<row r="2"><c r="E2"><v>1</v></c></row>', "2: has more than 4 columns"),
        (AB + '<row r="2"><c r="XFD2"><v>1</v></c></row>', "2: has more than 4 columns"),
        (AB + f'<row r="2">{"<c/>" * 11}</row>', "2: has more than 12 cells: send it in parts"),
        (AB + f'<row r="2"><c t="str"><v>{"x" * 11}</v></c></row>', "2: has more than 10 characters in a cell"),
        (AB + f'<row r="2">{inline({"A2": "x" * 11})}</row>', "2: has more than 10 characters in a cell"),
        (AB + "<x>" * 65, TOO_MANY),
        (AB + "<x/>" * 121, "1: has more than 120 elements in a part: send it in parts"),
        (AB + "<x " + " ".join(f"a{at}='1'" for at in range(2_001)) + "/>", TOO_MANY),
        (AB + '<row r="2"><c t="s"><v>7</v></c></row>', NOTHING),
        (AB + '<row r="2"><c><v>x</v></c></row>', NOTHING),
    ],
)
def test_workbook_beyond_a_limit_is_refused(told: Told, rows: str, said: str) -> None:
    assert told(workbook(rows))[-1] == said


def test_empty_cells_and_rows_far_away_cost_nothing(told: Told) -> None:
    rows = f'{AB}{ROW}<row r="1048576"><c r="XFD1048576"/></row>'

    assert told(workbook(rows, dimension="A1:XFD1048576")) == [{"a": "1", "b": "2"}]


def test_texts_that_cells_share_are_counted(told: Told) -> None:
    strings = "<sst>" + "<si><t>x</t></si>" * 13 + "</sst>"

    assert told(workbook(AB + ROW, strings=strings)) == ["1: has more than 12 cells: send it in parts"]


def test_names_of_elements_are_counted(told: Told) -> None:
    assert told(workbook(AB + "".join(f"<x{at}/>" for at in range(2_001))), cells=1_000) == [TOO_MANY]


def test_what_a_workbook_unpacks_to_is_bounded_by_its_directory(told: Told) -> None:
    content = workbook(AB + ROW, unread="x" * 100_000)

    assert len(content) < 5_000
    assert told(content)[0].startswith("1: unpacks to 99\xa0KB or more: 98\xa0KB is the most")


def test_what_a_workbook_really_unpacks_to_is_bounded(told: Told) -> None:
    """The risk: the directory is believed. Each part is named twice in it, and says that it is small."""
    content = workbook(AB + ROW + f'<x a="{"y" * 60_000}"/>', **{"_rels/workbook.xml.rels": _links_to_one_part()})

    assert told(content)[0].startswith("1: unpacks to")


def _links_to_one_part(name: str = "one") -> str:
    kinds = ("worksheet", "sharedStrings", "styles")
    target = f'Target="worksheets/{name}.xml"'
    links = (f'<Relationship Id="r{at}" Type="x/{kind}" {target}/>' for at, kind in enumerate(kinds))
    return f"<Relationships>{''.join(links)}</Relationships>"


def test_piece_without_an_end_is_refused_before_it_fills_the_memory(told: Told) -> None:
    """The risk: an XML parser holds a tag until it is closed, and looks at it anew with each block."""
    content = workbook(f'{AB}<x a="{"y" * (2 * MB)}"/>')

    assert told(content, unpacked=9 * MB) == ["1: holds what no workbook holds: a piece without an end"]


def test_entities_are_not_unfolded(told: Told) -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>'

    assert told(workbook(AB + ROW, strings=laughs)) == ["1: declares what no workbook declares (a DOCTYPE)"]


@pytest.mark.parametrize("packed", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packing_that_cannot_be_bounded_is_refused(told: Told, packed: int) -> None:
    content = workbook(AB + ROW, packed=packed)

    assert told(content) == ["1: cannot be read as an XLSX workbook (BadZipFile)"]
    assert sniff(io.BytesIO(content)) is None


def test_workbook_with_a_password_on_its_parts_is_told(told: Told) -> None:
    content = bytearray(workbook(AB + ROW))
    at = 0
    while (at := content.find(b"PK\x01\x02", at)) >= 0:
        content[at + 8] |= 1
        at += 1

    assert told(bytes(content)) == ["1: is protected by a password: take that off"]


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"workbook": "<workbook/>"}, "1: holds no sheet"),
        ({"workbook": "<workbook>"}, "1: cannot be read as an XLSX workbook (ExpatError)"),
        ({"_rels/workbook.xml.rels": _links_to_one_part("two")}, "1: cannot be read as an XLSX workbook (KeyError)"),
    ],
)
def test_workbook_that_is_none_is_told(told: Told, parts: dict[str, str], said: str) -> None:
    content = workbook(AB + ROW, **parts)

    assert told(content) == [said]


def test_runs_of_a_text_are_one_and_how_it_is_spoken_is_no_part_of_it(told: Told) -> None:
    strings = "<sst><si><r><t>Saf</t></r><r><t>er</t></r><rPh><t>ふり</t></rPh></si></sst>"
    rows = f'{AB}<row r="2"><c t="s"><v>0</v></c><c t="b"><v>1</v></c></row>'

    assert told(workbook(rows, strings=strings)) == [{"a": "Safer", "b": "True"}]


def test_days_of_a_workbook_are_told_by_their_style(told: Told) -> None:
    styles = (
        '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd mmm"/></numFmts><cellStyleXfs><xf/></cellStyleXfs>'
    )
    styles += '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>'
    row = '<row><c s="{}"><v>46348</v></c><c s="{}"><v>46348.5</v></c></row>'

    content = workbook(AB + row.format(0, 1) + row.format(2, 9), styles=styles)

    assert told(content) == [
        {"a": "46348", "b": "2026-11-22 12:00:00"},
        {"a": "2026-11-22", "b": "46348.5"},
    ]


def test_days_of_an_old_macintosh_begin_in_1904(told: Told) -> None:
    styles = '<styleSheet><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>'
    book = (
        f'<workbook xmlns:r="{attacks.LINKS}"><workbookPr date1904="1"/><sheets><sheet r:id="r0"/></sheets></workbook>'
    )

    content = workbook(f"{AB}<row><c><v>44886</v></c></row>", styles=styles, workbook=book)

    assert told(content) == [{"a": "2026-11-22", "b": ""}]


def test_names_with_a_prefix_are_the_same_names(told: Told) -> None:
    sheet = f'<x:worksheet xmlns:x="{attacks.MAIN}"><x:sheetData>{AB}{ROW}</x:sheetData></x:worksheet>'
    for name in ("row", "c", "v", "is", "t"):
        sheet = re.sub(f"<(/?){name}([ >])", r"<\1x:" + name + r"\2", sheet)

    assert told(workbook("", **{"worksheets/one": sheet})) == [{"a": "1", "b": "2"}]


# Files of every kind


def test_directory_without_an_end_is_not_read() -> None:
    """The risk: 10 MB of names in a directory take seconds and hundreds of megabytes before anything is unpacked."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for at in range(10_001):
            archive.writestr(f"{at}", b"")

    with pytest.raises(BadFile, match="something else inside"):
        examine(file, "a.docx")


def test_part_that_says_it_is_small_is_not_unpacked_whole() -> None:
    """The risk: 1 MB that unpacks to a gigabyte, read because its directory says that it has 100 bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", ODT.media_type.encode().ljust(64 * MB))
    said = (64 * MB).to_bytes(4, "little")
    content = file.getvalue().replace(said, (100).to_bytes(4, "little"))

    assert _peak("sniff(io.BytesIO(data))", content) < 20


def test_limits_of_what_is_sent_are_tighter_than_of_what_is_brought() -> None:
    assert (UPLOADED.rows, UPLOADED.cells, UPLOADED.columns, UPLOADED.size, UPLOADED.unpacked) == (
        1_000,
        50_000,
        100,
        10 * MB,
        30 * MB,
    )
    assert (BROUGHT.rows, BROUGHT.cells, BROUGHT.size, BROUGHT.unpacked) == (200_000, 5_000_000, 100 * MB, 500 * MB)


PROGRAM = """
import io, sys, time
from pathlib import Path
from grants.foundation.records.db import Refused
from grants.foundation.records.kinds import sniff
from grants.payments.returns.rows import lines_of
def peak():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]) / 1024
data = sys.stdin.buffer.read()
before = peak()
{work}
print(peak() - before)
"""


def _peak(work: str, content: bytes) -> float:
    """How many megabytes more than before a fresh process needs for some work on `data`."""
    program = PROGRAM.format(imports=work.split("\n", maxsplit=1)[0], work=work)
    done = subprocess.run([sys.executable, "-c", program], input=content, capture_output=True, check=True, timeout=60)
    return float(done.stdout.split()[-1])


@pytest.mark.parametrize("attack", [attacks.wide_workbook, attacks.far_workbook, attacks.wrong_csv])
def test_attack_is_refused_in_little_memory_and_time(attack: Callable[[], bytes], tmp_path: Path) -> None:
    """12 KB took 10 s, 1 KB minutes, and 9 MB took 1.2 GB and 97 s."""
    path = tmp_path / "attack"
    path.write_bytes(attack())
    work = (
        "begun = time.process_time()\n"
        f"try: lines_of(Path({str(path)!r}))\n"
        "except Refused: pass\n"
        "assert time.process_time() - begun < 2, time.process_time() - begun"
    )

    assert _peak(work, b"") < 20
