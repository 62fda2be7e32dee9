"""A list as a file reads back as it was: no formula, no lost leading zero, no penny astray."""

from __future__ import annotations

import csv
import io
import itertools
import tracemalloc
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape as from_xml
from sqlalchemy import select

from grants.foundation.documents import exports
from grants.foundation.documents.exports import (
    CUT,
    LONGEST_CELL,
    Column,
    csv_chunks,
    csv_response,
    escape,
    fitting,
    rows_of,
    safe_filename,
    sheet_name,
    unescape,
    write_xlsx,
    xlsx_bytes,
    xlsx_response,
)
from grants.foundation.records import audit
from grants.foundation.records.actors import ANYONE
from grants.foundation.records.audit import AuditLine
from grants.foundation.values.days import Day
from grants.foundation.values.words import without_hidden

TEXT = [Column("Text", lambda row: row)]
COLUMNS = [
    Column("Reference", lambda row: row[0]),
    Column("Awarded £", lambda row: row[1], "pounds"),
    Column("Day", lambda row: row[2], "date"),
    Column("People", lambda row: row[3], "number"),
]
FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "=cmd|' /C calc'!A0",
    "'=1",
    "''+1",
    "＝1",
    '=HYPERLINK("x")',
]


def csv_text(rows: list[Any], columns: list[Column]) -> str:
    return b"".join(csv_chunks(rows, columns)).decode("utf-8-sig")


def csv_rows(rows: list[Any], columns: list[Column]) -> list[list[str]]:
    return list(csv.reader(io.StringIO(csv_text(rows, columns), newline="")))


def xlsx_rows(content: bytes) -> list[tuple[Any, ...]]:
    book = load_workbook(io.BytesIO(content), read_only=True)
    rows = list(itertools.chain.from_iterable(sheet.iter_rows(values_only=True) for sheet in book.worksheets))
    book.close()
    return rows


# CSV


def test_csv_begins_with_a_mark_and_ends_its_lines_for_every_system() -> None:
    content = b"".join(csv_chunks([("SCF-1", 540_000, date(2015, 3, 1), 12)], COLUMNS))
    assert content == b"\xef\xbb\xbfReference,Awarded \xc2\xa3,Day,People\r\nSCF-1,5400.00,2015-03-01,12\r\n"


@given(st.lists(st.text()))
@example(FORMULAS)
@example(["007", "0", "", " x ", "a,b", 'a"b', "a\r\nb", "👩🏽‍🚒", "\u200fשלום", "NULL", "1e3", "TRUE"])
def test_any_text_reads_back_from_csv(texts: list[str]) -> None:
    read = csv_rows(texts, TEXT)
    assert [unescape(row[0]) if row else "" for row in read[1:]] == [without_hidden(text) for text in texts]
    assert not any(row and row[0].startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for row in read)


@pytest.mark.parametrize("formula", FORMULAS)
def test_formula_is_text_in_csv(formula: str) -> None:
    assert csv_rows([formula], TEXT)[1] == [f"'{formula}"]


def test_formula_in_a_heading_is_text_in_csv() -> None:
    assert csv_rows([], [Column("=1+1", str)]) == [["'=1+1"]]


@given(st.text())
def test_escaped_text_is_given_back(text: str) -> None:
    assert unescape(escape(text)) == text


def test_negative_amount_stays_a_number_in_csv() -> None:
    assert csv_rows([("-5", -20_001, None, -3)], COLUMNS)[1] == ["'-5", "-200.01", "", "-3"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Day.parse("2015-03"), "2015-03"),
        (Day.parse("by 2015-06-29"), "by 2015-06-29"),
        (Day.parse("2015-03-01"), "2015-03-01"),
        (date(214, 1, 2), "0214-01-02"),
        (datetime(2026, 7, 1, 12, 0, 5, tzinfo=UTC), "2026-07-01T12:00:05Z"),
        (None, ""),
    ],
)
def test_days_are_as_exact_in_csv_as_they_are_known(value: Any, shown: str) -> None:
    assert csv_rows([("x", None, value, None)], COLUMNS)[1][2] == shown


def test_unknown_is_empty_and_never_nought() -> None:
    assert csv_rows([(None, None, None, None)], COLUMNS)[1] == ["", "", "", ""]
    assert xlsx_rows(xlsx_bytes([("x", None, None, None)], COLUMNS))[1] == ("x", None, None, None)


def test_words_for_yes_and_no() -> None:
    assert csv_rows([True, False], TEXT)[1:] == [["Yes"], ["No"]]


# XLSX


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=20))
@example(FORMULAS)
@example(
    [
        "007",
        "00",
        " x ",
        "a\r\nb",
        "👩🏽‍🚒",
        "\u200fשלום",
        "http://x.org",
        "_x0041_",
        "12",
        "1e3",
        "TRUE",
        "#N/A",
        "mailto:a@b",
    ]
)
def test_any_text_reads_back_from_xlsx(texts: list[str]) -> None:
    read = xlsx_rows(xlsx_bytes(texts, TEXT))
    assert [from_xml(row[0] or "") if row else "" for row in read[1:]] == [without_hidden(text) for text in texts]


def test_decimal_is_a_number_with_one_decimal_in_both_files() -> None:
    columns = [Column("Mean", lambda row: row, "decimal")]

    assert csv_rows([200 / 3, None, 80], columns) == [["Mean"], ["66.7"], [""], ["80.0"]]
    assert xlsx_rows(xlsx_bytes([200 / 3, None, 80], columns))[1:] == [(66.7,), (None,), (80,)]


def test_formula_and_number_are_text_in_xlsx() -> None:
    book = load_workbook(io.BytesIO(xlsx_bytes([*FORMULAS, "007", "12"], TEXT)))
    cells = [row[0] for row in book.worksheets[0].iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.number_format for cell in cells} == {"@"}
    assert [cell.hyperlink for cell in cells] == [None] * len(cells)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-(10**13), 10**13), min_size=1, max_size=200))
@example([841, 10**13, 10**13 - 1, 1, -1, 0, 29, 113, 999_999_999_999_9])
def test_every_penny_reads_back_from_xlsx(amounts: list[int]) -> None:
    read = xlsx_rows(xlsx_bytes([("x", amount, None, None) for amount in amounts], COLUMNS))
    assert [round(row[1] * 100) for row in read[1:]] == amounts
    assert [repr(float(row[1])) for row in read[1:]] == [repr(amount / 100) for amount in amounts]


def test_amount_shows_two_decimals_and_a_day_is_a_day() -> None:
    rows = [("x", 540_000, Day.parse("2015-03-01"), 1200), ("y", 1, datetime(2026, 7, 1, 12, tzinfo=UTC), 0)]
    sheet = load_workbook(io.BytesIO(xlsx_bytes(rows, COLUMNS, title="Awards"))).worksheets[0]
    assert [sheet["B2"].value, sheet["B2"].number_format] == [5400, "#,##0.00"]
    assert [sheet["C2"].value, sheet["C2"].is_date] == [datetime(2015, 3, 1), True]  # noqa: DTZ001
    assert sheet["C3"].value == datetime(2026, 7, 1, 13)  # noqa: DTZ001 - the clock in London
    assert sheet["D2"].value == 1200


@pytest.mark.parametrize("value", [Day.parse("2015-03"), Day.parse("by 2015-06-29"), Day.parse("1066")])
def test_day_that_is_not_exact_is_text_in_xlsx(value: Day) -> None:
    assert xlsx_rows(xlsx_bytes([("x", None, value, None)], COLUMNS))[1][2] == value.text


@given(st.dates())
@settings(max_examples=40, deadline=None)
@example(date(1899, 12, 31))
@example(date(1900, 2, 28))
@example(date(1, 1, 1))
def test_any_day_reads_back_from_xlsx(day: date) -> None:
    read = xlsx_rows(xlsx_bytes([("x", None, day, None)], COLUMNS))[1][2]
    assert (read if isinstance(read, str) else read.date().isoformat()) == day.isoformat()


def test_sheet_has_a_bold_frozen_heading_a_filter_and_a_title() -> None:
    book = load_workbook(io.BytesIO(xlsx_bytes([("a", 1, None, None)] * 3, COLUMNS, title="Awards: 2014/15")))
    sheet = book.worksheets[0]
    assert (sheet.title, book.properties.title) == ("Awards 2014 15", "Awards: 2014/15")
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:D4")
    assert [cell.font.bold for cell in sheet[1]] == [True] * 4
    assert sheet.column_dimensions["A"].width > 20


def test_same_rows_make_the_same_bytes_on_another_day() -> None:
    rows = [("a", 1, date(2015, 3, 1), 2)] * 3
    with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC)):
        first = xlsx_bytes(rows, COLUMNS, title="Batch")
    with time_machine.travel(datetime(2031, 6, 1, tzinfo=UTC)):
        assert xlsx_bytes(iter(rows), COLUMNS, title="Batch") == first


def test_full_sheet_is_followed_by_another() -> None:
    file = io.BytesIO()
    write_xlsx(file, [str(n) for n in range(5)], TEXT, title="Awards", rows_per_sheet=2)
    book = load_workbook(file)
    assert book.sheetnames == ["Awards", "Awards 2", "Awards 3"]
    assert [cell.value for sheet in book for cell in sheet["A"][1:]] == ["0", "1", "2", "3", "4"]
    assert [sheet["A1"].value for sheet in book] == ["Text"] * 3


def test_list_without_rows_is_a_heading() -> None:
    assert xlsx_rows(xlsx_bytes([], COLUMNS)) == [("Reference", "Awarded £", "Day", "People")]
    assert csv_text([], COLUMNS) == "Reference,Awarded £,Day,People\r\n"


@pytest.mark.parametrize("text", ["a" * (LONGEST_CELL + 1), "👋" * 20_000])
def test_text_longer_than_a_cell_says_that_it_was_cut(text: str) -> None:
    cut = fitting(text)
    assert cut.endswith(CUT)
    assert text.startswith(cut.removesuffix(CUT))
    assert LONGEST_CELL - 1 <= len(cut.encode("utf-16-le")) // 2 <= LONGEST_CELL
    assert xlsx_rows(xlsx_bytes([text], TEXT))[1][0] == cut
    assert csv_rows([text], TEXT)[1][0] == text


def test_text_that_just_fits_is_whole() -> None:
    assert fitting("a" * LONGEST_CELL) == "a" * LONGEST_CELL


@given(st.text(), st.integers(1, 30))
def test_any_title_names_a_sheet(title: str, number: int) -> None:
    name = sheet_name(title, number)
    assert 0 < len(name) <= 31
    assert not set(name) & set("[]:*?/\\'")
    assert name.lower() != "history"


@given(st.text())
@example("../../etc/passwd")
@example("")
def test_any_name_makes_a_safe_file_name(name: str) -> None:
    made = safe_filename(name, "csv")
    assert made.endswith(".csv")
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
    assert made.count(".") == 1
    assert len(made) <= 84


# Responses


@pytest.fixture
def lines(app: Flask) -> None:
    for n in range(3):
        audit.record(actor=ANYONE, verb=f"=look {n}")


def test_download_is_an_attachment_with_a_safe_name(app: Flask, lines: None) -> None:
    columns = [Column("Verb", lambda line: line.verb)]
    with app.test_request_context("/"):
        plain = csv_response(rows_of(select(AuditLine).order_by(AuditLine.id)), columns, "Trail: é")
        assert plain.get_data().decode("utf-8-sig") == "Verb\r\n'=look 0\r\n'=look 1\r\n'=look 2\r\n"
        book = xlsx_response(rows_of(select(AuditLine).order_by(AuditLine.id)), columns, "Trail.xlsx", title="Trail")
        book.direct_passthrough = False
        assert xlsx_rows(book.get_data()) == [("Verb",), ("=look 0",), ("=look 1",), ("=look 2",)]
        book.close()
    assert plain.headers["Content-Disposition"] == "attachment; filename=trail-e.csv"
    assert plain.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert book.headers["Content-Disposition"] == "attachment; filename=trail.xlsx"
    assert book.headers["Content-Type"] == exports.XLSX_TYPE


def test_rows_of_several_columns_are_rows(app: Flask, lines: None) -> None:
    rows = list(rows_of(select(AuditLine.id, AuditLine.verb).order_by(AuditLine.id)))
    assert [(row.id, row.verb) for row in rows] == [(1, "=look 0"), (2, "=look 1"), (3, "=look 2")]


@pytest.mark.parametrize(
    "write", [lambda rows: list(map(len, csv_chunks(rows, TEXT))), lambda rows: write_xlsx(io.BytesIO(), rows, TEXT)]
)
def test_long_list_is_never_held_whole(write: Callable[[Any], Any]) -> None:
    tracemalloc.start()
    write(f"{n:0200}" for n in range(20_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_500_000  # the texts alone are 4 MB
