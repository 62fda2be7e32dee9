"""What a line of a return file says of a payment, and each reason for which a line or a file cannot be read."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from grants.foundation.documents.rows import CellProblem, TableRow
from grants.foundation.records.db import Refused
from grants.foundation.records.kinds import Upload
from grants.foundation.values.money import Pence
from grants.payments.models import PaymentStatus
from grants.payments.returns import rows
from grants.payments.returns.rows import Brought, FinanceWords, ReturnCells, Said, bring, lines_of

HEAD = "reference,date,finance reference,amount,status"
LINE = "A-1,2026-12-04,F-1,5400,paid"

Lines = Callable[..., list[Said]]


@pytest.fixture
def lines(tmp_path: Path) -> Lines:
    """Reads a file of these lines."""

    def read(*lines: str) -> list[Said]:
        path = tmp_path / "return.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return lines_of(path)

    return read


def _paid(line: int, **more: object) -> Said:
    said = {
        "status": PaymentStatus.PAID,
        "amount": Pence(540_000),
        "day": date(2026, 12, 4),
        "finance_reference": "F-1",
    }
    return Said(line, "A-1", **{**said, **more})  # type: ignore[arg-type]


def test_line_is_read_as_what_it_says(lines: Lines) -> None:
    why = "x" * 1001

    assert lines(f"{HEAD.replace(',', ';')};Reason", "A-1;4/12/2026;;5,400.00;FAILED;" + why) == [
        _paid(2, status=PaymentStatus.FAILED, finance_reference="", reason=why[:1000])
    ]
    assert lines(HEAD, LINE.replace("2026-12-04", "2026-12-04T09:30")) == [_paid(2)]


@pytest.mark.usefixtures("app")
def test_file_that_is_brought_is_read_from_its_beginning() -> None:
    content = f"{HEAD}\n{LINE}\n".encode()
    stream = io.BytesIO(content)
    stream.seek(0, io.SEEK_END)
    upload = Upload("return.csv", "text/csv", len(content), stream)

    assert bring(upload) == Brought(upload, hashlib.sha256(content).hexdigest(), (_paid(2),))


def test_line_that_cannot_be_read_stands_in_its_place_with_its_first_problem(lines: Lines) -> None:
    assert lines(HEAD, "A\0,B\0,C,D,E", LINE, "A-2,,F-2,,sent", LINE) == [
        Said(2, "", problem="reference: holds a NUL character"),
        _paid(3),
        Said(4, "A-2", problem="The status “sent” must be paid, failed or bounced, or a word that finance has set."),
        _paid(5),
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (f"{'X' * 200},2026-12-04,F-1,1,paid", ""),
        (f"{'X' * 201},2026-12-04,F-1,1,paid", "The reference must be 200 characters or fewer."),
        (",2026-12-04,F-1,1,paid", "The reference is missing."),
        (f"A-1,2026-12-04,{'x' * 100},1,failed", ""),
        (f"A-1,2026-12-04,{'x' * 101},1,failed", "The finance reference must be 100 characters or fewer."),
        ("A-1,2026-12-04,,1,paid", "The finance reference is missing."),
        ("A-1,2026-12-04,,1,failed", ""),
        (
            f"A-1,2026-12-04,F-1,1,{'x' * 41}",
            f"The status “{'x' * 40}” must be paid, failed or bounced, or a word that finance has set.",
        ),
        (
            f"A-1,2026-12-04,F-1,{'x' * 41},paid",
            f"The amount “{'x' * 40}” must be an amount in pounds, like 3400 or 3,400.50.",
        ),
        (f"A-1,{'x' * 41},F-1,1,paid", f"The date “{'x' * 40}” must be like 2026-12-04 or 4/12/2026."),
        ("A-1,31/11/2026,F-1,1,paid", "The date “31/11/2026” must be like 2026-12-04 or 4/12/2026."),
    ],
)
def test_line_is_refused_for_what_it_lacks(lines: Lines, line: str, problem: str) -> None:
    (said,) = lines(HEAD, line)

    assert said.problem == problem
    assert said.reference == line.partition(",")[0][:200]


@pytest.mark.parametrize(("length", "kept"), [(199, 199), (200, 200), (201, 200)])
def test_so_much_of_a_cell_is_kept_as_it_was_written(lines: Lines, length: int, kept: int) -> None:
    (said,) = lines(HEAD + ",reason", f"{LINE},{'x' * length}")

    assert said.cells["reason"] == "x" * kept


def test_cell_that_cannot_be_read_is_worth_nothing() -> None:
    cells = ReturnCells(TableRow(2, {"status": "sent", "amount": "x", "date": "x"}))

    assert (cells.status(), cells.typed_amount(), cells.typed_day()) == (PaymentStatus.WAITING, 0, date.min)
    assert cells.short("status", 3) == "sent"


def test_file_holds_at_most_a_thousand_lines(lines: Lines) -> None:
    assert len(lines(HEAD, *[LINE] * 1000)) == 1000
    with pytest.raises(Refused, match="more than 1,000 rows"):
        lines(HEAD, *[LINE] * 1001)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ((HEAD, LINE, "A\0,B,C,D,E", '"A'), "4, file: a quotation mark is opened here and never closed"),
        ((HEAD,), "2, file: the file holds a header and no rows"),
    ],
)
def test_file_that_cannot_be_read_to_its_end_is_refused(lines: Lines, content: tuple[str, ...], problem: str) -> None:
    with pytest.raises(Refused) as caught:
        lines(*content)

    assert str(caught.value) == f"The file is no return file. Line {problem}."


def test_file_of_other_columns_is_refused_with_those_that_it_lacks(lines: Lines) -> None:
    with pytest.raises(Refused) as caught:
        lines("one,two", "A,B")

    assert str(caught.value) == (
        "The file is no return file. "
        "Line 1, file: has no column for reference, date, finance reference, amount, status. "
        "Its headings are: one, two."
    )


def _fault(number: int, column: str) -> CellProblem:
    return CellProblem(number, column, "", f"is wrong {number}")


def _read(monkeypatch: pytest.MonkeyPatch, *found: CellProblem | TableRow) -> list[Said]:
    monkeypatch.setattr(rows, "read", lambda *_args, **_more: iter(found))
    return lines_of(Path("return.csv"))


ROW = TableRow(9, {"reference": "A-1", "date": "2026-12-04", "finance reference": "F", "amount": "1", "status": "paid"})


def test_file_without_a_line_that_can_be_read_says_its_first_five_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused) as caught:
        _read(monkeypatch, *(_fault(number, "date") for number in range(2, 9)))

    assert [word for word in range(2, 9) if f"is wrong {word}" in str(caught.value)] == [2, 3, 4, 5, 6]


def test_fault_of_a_line_stays_with_its_line_where_others_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [said.line for said in _read(monkeypatch, _fault(2, "date"), ROW) if said.problem] == [2]


def test_fault_of_the_file_stops_it_whatever_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused, match="is wrong 3"):
        _read(monkeypatch, ROW, _fault(3, "file"))


TITLE = ("Payment run 7 of the Combined Authority", "Printed 4/12/2026, page 1")


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_file_as_finance_writes_it_is_read(tmp_path: Path, sign: str) -> None:
    """A title above the headings, capitals, more columns, other headings and words, and Windows-1252."""
    words = FinanceWords(
        headings={"Your Ref": "reference", "Value date": "date", "BACS ref": "finance reference", "Net": "amount"},
        statuses={"Cleared": PaymentStatus.PAID},
    )
    head = ("Supplier", "YOUR REF", "value_date", "BACS Ref.", "NET", "Status", "")
    line = ("Zoë’s Café", " a -1 ", "04/12/2026", "F-1", "5400.00", "CLEARED", "x")
    path = tmp_path / "return.csv"
    rows = [*TITLE[:1], "", sign.join(head), sign.join(line)]
    path.write_bytes("\r\n".join(rows).encode("windows-1252"))

    (said,) = lines_of(path, words)

    assert said == _paid(4)
    assert said.cells == {
        "reference": "a -1",
        "date": "04/12/2026",
        "finance reference": "F-1",
        "amount": "5400.00",
        "status": "CLEARED",
    }


def test_workbook_as_finance_writes_it_is_read(tmp_path: Path) -> None:
    book = Workbook()
    for row in ([TITLE[0]], [], ["Bank", *HEAD.upper().split(",")], ["01-02-03", *LINE.split(",")]):
        book.active.append(row)  # type: ignore[union-attr]
    book.save(tmp_path / "return.xlsx")

    assert lines_of(tmp_path / "return.xlsx") == [_paid(4)]


def test_heading_that_stands_twice_is_refused(lines: Lines) -> None:
    with pytest.raises(Refused, match="has two columns for amount"):
        lines(HEAD + ",Amount", LINE + ",1")


def test_headings_are_looked_for_in_the_first_rows_alone(lines: Lines) -> None:
    assert lines(*["Title"] * 19, HEAD, LINE) == [_paid(21)]
    with pytest.raises(Refused, match="has no column for"):
        lines(*["Title"] * 20, HEAD, LINE)


def test_bank_numbers_in_other_columns_are_not_kept_with_the_line(lines: Lines) -> None:
    (said,) = lines(HEAD + ",Account number", LINE + ",00733445")

    assert "00733445" not in repr(said)


@pytest.mark.parametrize("written", ["a-1", " A - 1 ", "a–1", "A‑1"])
def test_reference_is_the_same_in_any_case_with_any_spaces(lines: Lines, written: str) -> None:
    assert lines(HEAD, LINE.replace("A-1", written)) == [_paid(2)]


def test_account_number_in_a_reason_is_covered_wherever_it_is_kept(lines: Lines) -> None:
    (said,) = lines(f"{HEAD},reason", "A-1,4/12/2026,,5400,failed,Account 01-23-45 00733445 is closed")

    assert said.reason == said.cells["reason"] == "Account ending 3445 is closed"


def test_headings_of_our_own_payment_file_and_the_words_of_banks_are_known(lines: Lines) -> None:
    head = "Payment reference,Date,Finance reference,Amount (£),Status"

    said = lines(head, "A-1,4/12/2026,,1,Rejected", "A-2,4/12/2026,F-1,1,returned", "A-3,4/12/2026,F-1,1,PAID")

    assert [one.status for one in said] == [PaymentStatus.FAILED, PaymentStatus.BOUNCED, PaymentStatus.PAID]


def test_finance_may_mean_something_else_by_the_words_of_banks() -> None:
    words = FinanceWords(statuses={"Returned": PaymentStatus.FAILED})

    assert (words.status("returned"), words.status("rejected")) == (PaymentStatus.FAILED, PaymentStatus.FAILED)
