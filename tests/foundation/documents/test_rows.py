"""Tables that people bring: what is read of them, and what is said about each line that is refused."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from openpyxl import Workbook

from grants.foundation.documents import limits, rows
from grants.foundation.documents.limits import LONGEST_LINE, UPLOADED
from grants.foundation.documents.rows import MOST_SHOWN, CellProblem, Kept, Problems, TableRow, read
from grants.foundation.records.db import Refused
from grants.foundation.values.words import tidy_line

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A file with this content: `write("a,b\\n1,2\\n")`."""

    def write(content: str | bytes, name: str = "list.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def _read(path: Path, columns: Any = ("a", "b"), optional: Any = (), **more: Any) -> list[Any]:
    """Each row as its line and cells, each problem as its sentence."""
    found = read(path, columns, optional, **more)
    return [(one.line, one.cells) if isinstance(one, TableRow) else str(one) for one in found]


def test_rows_are_named_by_the_header_in_any_order(write: Write) -> None:
    path = write("\ufeffB , a\r\n\r\n  two  words ,1\r\n , \r\n3,4\r\n")

    assert _read(path) == [(3, {"b": "two words", "a": "1"}), (5, {"b": "3", "a": "4"})]


def test_mark_at_the_beginning_is_no_text_and_one_further_on_cannot_be_seen(write: Write) -> None:
    assert _read(write("\ufeffa,b\n\ufeff1,2\n")) == [(2, {"a": "1", "b": "2"})]


def test_optional_columns_may_be_there(write: Write) -> None:
    assert _read(write("a,b,c\n1,2,3\n"), optional=["c"]) == [(2, {"a": "1", "b": "2", "c": "3"})]
    assert _read(write("a,b\n1,2\n"), optional=["c"]) == [(2, {"a": "1", "b": "2"})]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", ["line 1, file: list.csv: the file is empty"]),
        ("\n , \n", ["line 1, file: list.csv: the file is empty"]),
        ("a,b\n\n", ["line 2, file: list.csv: the file holds a header and no rows"]),
        ("a\n1\n", ["line 1, b: : the column is missing"]),
        ("a,b,a\n", ["line 1, a: a: the column is there twice"]),
        ("a,b,x,x\n", ["line 1, x: x: is not a known column"]),
        ("a,,b\n", ["line 1, header: : is not a known column"]),
        ("\na,b,bb\n", ["line 2, bb: bb: is not a known column; the nearest is b"]),
        ("a,b\n1\n", ["line 2, b: : the row is short: it has 1 of 2 columns"]),
        ("a,b\n1,2,3, ,4\n", ["line 2, row: 3; 4: the row is long: the header has 2 columns"]),
        ("a,b\n1,2, ,\n", [(2, {"a": "1", "b": "2"})]),
        ("a,b,,\n1,2\n", [(2, {"a": "1", "b": "2"})]),
        ("a,b\n1,x\0y\n", ["line 2, b: x\\x00y: holds a NUL character"]),
        ("a,b\n1,x\x07y\n3,4\n", ["line 2, b: x\\x07y: holds a control character", (3, {"a": "3", "b": "4"})]),
        ("a,b,c\x07\n", ["line 1, c\x07: c\\x07: holds a control character"]),
        ("a,b\n1,2,\x07\n", ["line 2, row: \\x07: holds a control character"]),
        ('a,b\n1,"2\n', ["line 2, file: list.csv: a quotation mark is opened here and never closed"]),
        ("a,b\r1,2\r", ["line 1, file: list.csv: has line ends of another kind: save the file as “CSV UTF-8”"]),
        ('a,b\n"1"x,2\n', ["line 2, file: list.csv: cannot be read as CSV: ',' expected after '\"'"]),
    ],
)
def test_what_is_wrong_is_named_with_its_line(write: Write, content: str, said: list[Any]) -> None:
    assert _read(write(content)) == said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xd0\xcf\x11\xe0 old", "is an old Excel workbook: save it as XLSX or CSV UTF-8"),
        ("a,b\n1,2\n".encode("utf-16-le").join([b"\xff\xfe", b""]), "is UTF-16 text: save it as “CSV UTF-8”"),
        ("a,b\n1,2\n".encode("utf-16-be").join([b"\xfe\xff", b""]), "is UTF-16 text: save it as “CSV UTF-8”"),
        (b"PK\x03\x04 no book", "cannot be read as an XLSX workbook (BadZipFile)"),
    ],
)
def test_file_of_another_kind_is_told_what_to_do(write: Write, content: bytes, said: str) -> None:
    assert _read(write(content)) == [f"line 1, file: list.csv: {said}"]


def test_text_in_another_encoding_is_named_in_its_cell(write: Write) -> None:
    (said,) = _read(write("a,b\n1,café\n".encode("latin-1")))

    assert said == "line 2, b: caf\\udce9: is not UTF-8 text: save the file as “CSV UTF-8”"


def test_line_may_be_as_long_as_the_longest(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    assert LONGEST_LINE == 1024 * 1024
    monkeypatch.setattr(limits, "LONGEST_LINE", 10)

    assert _read(write("a,b\n1,3456789\n")) == [(2, {"a": "1", "b": "3456789"})]
    assert _read(write("a,b\n1,34567890\n")) == [
        "line 2, file: list.csv: is longer than a row can be; is a quotation mark never closed?"
    ]


@pytest.mark.parametrize(
    ("content", "sign"),
    [("a;b\n1,5;2\n", ";"), ("a,b\n1;5,2\n", ","), ("a\tb\n1;5\t2,0\n", "\t"), ("x,y;z,v\na;b\n1;2\n", ";")],
)
def test_sign_that_finds_the_headings_parts_the_cells_of_another_systems_file(
    write: Write, content: str, sign: str
) -> None:
    last = content.splitlines()[-1].split(sign)

    ((_line, cells),) = _read(write(content), headings={})

    assert cells == {"a": last[0], "b": last[1]}


def test_file_of_another_system_may_have_more_columns_other_headings_and_short_rows(write: Write) -> None:
    path = write("Title\n\nx,A,Bee *,y\n9,1,2\n9,3\n9,4,5,6,7\n")

    assert _read(path, headings={"bee": "b"}) == [
        (4, {"a": "1", "b": "2"}),
        "line 5, b: : the row is short: it has 2 of 4 columns",
        "line 6, row: 7: the row is long: the header has 4 columns",
    ]


def test_what_stands_in_a_column_that_is_not_asked_for_is_not_looked_at(write: Write) -> None:
    assert _read(write("a,x,b\n1,\0,2\n"), headings={}) == [(2, {"a": "1", "b": "2"})]
    assert _read(write("a,x,b\n1,2,\0\n"), headings={})[0].endswith("holds a NUL character")


def test_windows_text_is_read_where_another_system_wrote_it(write: Write) -> None:
    assert _read(write("a,b\n1,Zoë’s\n".encode("windows-1252")), headings={}) == [(2, {"a": "1", "b": "Zoë’s"})]
    assert _read(write("a,b\n1,Zoë’s\n"), headings={}) == [(2, {"a": "1", "b": "Zoë’s"})]


def test_file_of_another_system_with_nothing_in_it_is_empty(write: Write) -> None:
    assert _read(write("\n\n"), headings={}) == ["line 1, file: list.csv: the file is empty"]


def _book(path: Path, lines: list[list[Any]]) -> Path:
    book = Workbook()
    for line in lines:
        book.active.append(line)  # type: ignore[union-attr]
    book.create_sheet("another").append(["x"])
    book.save(path)
    return path


def test_first_sheet_of_a_workbook_is_read_as_it_shows(tmp_path: Path) -> None:
    when = datetime.fromisoformat("2014-05-12")
    lines = [["a", "b", None], [8000.0, 5925.5], [], [when, None], [when.replace(hour=9)], [None, "x"]]
    path = _book(tmp_path / "list.xlsx", lines)

    assert _read(path) == [
        (2, {"a": "8000", "b": "5925.5"}),
        (4, {"a": "2014-05-12", "b": ""}),
        (5, {"a": "2014-05-12 09:00:00", "b": ""}),
        (6, {"a": "", "b": "x"}),
    ]


def test_formula_of_a_workbook_is_read_as_what_it_came_to(tmp_path: Path) -> None:
    """The risk: "=1+1" is taken for a name. Nobody has worked this one out yet, so nothing stands there."""
    path = _book(tmp_path / "list.xlsx", [["a", "b"], ["x", "=1+1"]])

    assert _read(path) == [(2, {"a": "x", "b": ""})]


def test_row_of_a_workbook_beyond_its_header_is_refused(tmp_path: Path) -> None:
    path = _book(tmp_path / "list.xlsx", [["a", "b"], [1, 2, 3]])

    assert _read(path) == ["line 2, row: 3: the row is long: the header has 2 columns"]


plain = some.text(
    some.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufeff\ufffe\uffff")
)


@given(some.lists(some.tuples(plain, plain), min_size=1))
def test_what_was_written_is_read_with_single_spaces(tmp_path_factory: Any, lines: list[tuple[str, str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([("a", "b"), *lines])
    path = tmp_path_factory.getbasetemp() / "written.csv"
    path.write_text(text.getvalue(), newline="")

    wanted = [{"a": tidy_line(a), "b": tidy_line(b)} for a, b in lines if a.strip() or b.strip()]
    assert [one.cells for one in read(path, ["a", "b"]) if isinstance(one, TableRow)] == wanted


def _problems(how_many: int) -> Problems:
    problems = Problems()
    problems.add(CellProblem(line, "a", "x", "is bad") for line in range(1, how_many + 1))
    return problems


def test_several_problems_of_a_line_are_one_refused_line() -> None:
    problems = Problems()
    assert not problems
    assert _problems(1)
    problems.add([CellProblem(1, "a", "", "is bad"), CellProblem(1, "b", "", "is bad"), CellProblem(3, "a", "", "too")])

    assert problems
    assert (problems.lines, len(list(problems))) == (2, 3)


def test_first_refused_lines_are_shown_and_the_rest_is_counted() -> None:
    assert MOST_SHOWN == 50
    assert len(list(_problems(50))) == 50
    *shown, rest = _problems(1_051)
    assert (len(shown), rest) == (50, "… and 1,001 more lines are refused.")
    assert list(_problems(51))[-1] == "… and 1 more lines are refused."


def test_value_is_shown_shortened_and_without_what_cannot_be_seen() -> None:
    assert str(CellProblem(1, "a", "x" * 80, "is bad")) == f"line 1, a: {'x' * 80}: is bad"
    assert str(CellProblem(1, "a", "x" * 81, "is bad")) == f"line 1, a: {'x' * 79}…: is bad"
    assert str(CellProblem(1, "a", "x\u202ey", "is bad")) == "line 1, a: x\\u202ey: is bad"


def test_lines_are_counted_and_digested(write: Write, tmp_path: Path) -> None:
    content = "a,b\n" + "1,2\n" * 300_000
    path = write(content)

    assert rows.count_lines(path) == 300_001
    assert rows.sha256_of(path) == hashlib.sha256(content.encode()).hexdigest()
    assert rows.count_lines(_book(tmp_path / "list.xlsx", [["a"]])) is None


def test_file_that_is_too_large_is_not_opened(write: Write) -> None:
    path = write("a,b\n1,2\n")

    assert _read(path, limits=replace(UPLOADED, size=8)) == [(2, {"a": "1", "b": "2"})]
    assert "is the most" in _read(path, limits=replace(UPLOADED, size=7))[0]


def test_kept_file_is_gone_through_as_often_as_it_is_asked_for(write: Write) -> None:
    path = write("a,b,c\n1,2,\n3\n5,6,7\n")
    watched: list[Any] = []

    def watch(lines: Any, what: str, most: int | None) -> Any:
        watched.extend((what, most))
        return lines

    with Kept(path, ("a", "b"), ("c",), watch=watch) as kept:
        assert list(kept) == list(kept) == list(read(path, ("a", "b"), ("c",)))
        assert (len(kept), kept.sha256) == (3, rows.sha256_of(path))
    with Kept(path, ("a", "b"), ("c",)) as unwatched:
        assert len(unwatched) == 3
    assert watched == ["Reading", 4]
    with pytest.raises(ValueError, match="closed"):
        list(kept)


def test_file_that_changes_while_it_is_kept_is_refused_and_let_go(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, opened = write("a,b\n1,2\n"), []

    def open_file() -> Any:
        opened.append(TemporaryFile())  # noqa: SIM115 - whether it is closed is what is tried
        return opened[0]

    def meddle(lines: Any, _what: str, _most: int | None) -> Any:
        path.write_text("a,b\n1,3\n")
        return lines

    monkeypatch.setattr(rows, "TemporaryFile", open_file)
    with pytest.raises(Refused, match=r"list\.csv changed while it was read"):
        Kept(path, ("a", "b"), watch=meddle)
    assert opened[0].closed


def test_word_of_more_than_a_hundred_characters_has_no_neighbour() -> None:
    known = ["x" * 100]

    assert rows.nearest("x" * 100, known, "topic") == f"is not a known topic; the nearest is {known[0]}"
    assert rows.nearest("x" * 101, known, "topic") == "is not a known topic"


def test_nearest_word_is_offered_only_where_it_is_near() -> None:
    assert rows.nearest("LEEDS ", ["Leeds"], "district") == "is not a known district; the nearest is Leeds"
    assert rows.nearest("York", ["Leeds"], "district") == "is not a known district"
    assert rows.nearest("York", [], "district") == "is not a known district"
