"""Return files: what finance paid is recorded once, and what differs changes nothing."""

from __future__ import annotations

import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Config, Flask
from hypothesis import given
from hypothesis import strategies as some
from openpyxl import Workbook
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from grants.accounts.rights import Role
from grants.awards.models import Account, Award, AwardSnapshot, AwardStatus, LedgerEntry
from grants.foundation.documents.rows import TableRow
from grants.foundation.records import audit, files
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.records.kinds import EXCEL
from grants.foundation.records.outbox import OutboxMessage
from grants.foundation.values.money import Pence, plain
from grants.payments.batches import operations as batches
from grants.payments.models import Batch, BatchStatus, Payment, PaymentStatus, ReturnFile, ReturnLine, ReturnOutcome
from grants.payments.returns import operations as returns
from grants.payments.returns.rows import NoReturnFile, ReturnCells
from tests.conftest import MovedClock
from tests.support import factories
from tests.support import payments_factories as make
from tests.support.kept import kept

HEAD = "reference,date,finance reference,amount,status"
TODAY = "2026-11-22"


@pytest.fixture(autouse=True)
def _noon(clock: MovedClock) -> None:
    """It is 22 November 2026."""


@pytest.fixture
def batch(app: Flask) -> Batch:
    """A batch of two payments, £5,400 and £1,000, that was sent to be paid."""
    return kept("a batch of two", _of_two)


def _of_two() -> Batch:
    awards = [make.payable_award(), make.payable_award(amount=100_000)]
    return make.batch(BatchStatus.EXPORTED, awards=awards)


def _take(content: str | bytes, name: str = "return.csv", media_type: str = "text/csv") -> returns.Taken:
    data = content.encode() if isinstance(content, str) else content
    return returns.take(person=make.finance(), upload=make.upload(data, name, media_type))


def _line(payment: Payment, **more: str) -> str:
    cells = {
        "reference": payment.reference,
        "date": TODAY,
        "finance": "F-1",
        "amount": plain(payment.amount_pence),
        "status": "paid",
        **more,
    }
    return ",".join(f'"{cell}"' for cell in cells.values())


def _file(*lines: str) -> str:
    return "\n".join((HEAD, *lines)) + "\n"


def _lines(taken: returns.Taken) -> list[tuple[str, str]]:
    query = select(ReturnLine).where(ReturnLine.return_file_id == taken.file.id).order_by(ReturnLine.line)
    return [(line.outcome, line.reason) for line in db.session.scalars(query)]


def _entries(account: Account) -> list[int]:
    query = select(LedgerEntry.amount_pence).where(LedgerEntry.account == account).order_by(LedgerEntry.id)
    return [amount or 0 for amount in db.session.scalars(query)]


def _fresh(batch: Batch) -> Batch:
    return db.session.get_one(Batch, batch.id, populate_existing=True)


def test_paid_lines_are_paid_in_the_ledger_and_the_groups_hear_of_it(batch: Batch) -> None:
    first, second = make.payments_of(batch)

    taken = _take(_file(_line(first), _line(second, finance="F-2")))

    assert taken.is_new
    assert _lines(taken) == [("paid", ""), ("paid", "")]
    assert _entries(Account.PAID) == [540_000, 100_000]
    assert (first.status, first.paid_on, first.finance_reference) == (PaymentStatus.PAID, date(2026, 11, 22), "F-1")
    assert db.session.get_one(Award, first.award_id).status == AwardStatus.PAID
    assert _fresh(batch).status == BatchStatus.RECONCILED
    subjects = set(db.session.scalars(select(OutboxMessage.subject).where(OutboxMessage.purpose == "payment-paid")))
    assert subjects == {
        f"We have paid £5,400 for {first.award.reference}",
        f"We have paid £1,000 for {second.award.reference}",
    }
    assert audit.verify().broken is None


def test_failed_line_is_released_and_free_for_another_batch(batch: Batch, clock: MovedClock) -> None:
    first, second = make.payments_of(batch)

    _take(
        "reference;date;finance reference;amount;status;reason\n"
        f"{first.reference};{TODAY};;5400;failed;Account closed\n"
        f"{second.reference};{TODAY};F-2;1000;paid;\n"
    )

    assert (first.status, first.why, first.paid_on) == (PaymentStatus.FAILED, "Account closed", None)
    assert _fresh(batch).status == BatchStatus.RECONCILED
    assert db.session.get_one(AwardSnapshot, first.award_id, populate_existing=True).committed_pence == 0
    make.verified_anew(first.award, clock)
    again = make.batch(awards=[first.award])
    assert make.payments_of(again)[0].reference == f"{first.award.reference}-2"
    assert db.session.scalar(select(func.count()).where(OutboxMessage.purpose == "payment-failed"))


def test_same_file_again_does_nothing(batch: Batch) -> None:
    """The risk: a grant is paid twice in the books because a file was sent twice."""
    content = _file(*(_line(payment) for payment in make.payments_of(batch)))
    first = _take(content)

    again = _take(content)

    assert (again.is_new, again.file.id) == (False, first.file.id)
    assert _entries(Account.PAID) == [540_000, 100_000]
    assert db.session.scalar(select(func.count()).select_from(ReturnFile)) == 1


def test_same_lines_in_another_file_do_nothing(batch: Batch) -> None:
    first, second = make.payments_of(batch)
    _take(_file(_line(first)))

    taken = _take(_file(_line(second, finance="F-2"), _line(first)))

    assert _lines(taken) == [("paid", ""), ("repeated", "")]
    assert _entries(Account.PAID) == [540_000, 100_000]


def test_file_with_differences_can_be_sent_again_when_they_are_put_right(batch: Batch) -> None:
    """A batch whose file says too early that it was paid: the same file counts once the batch was sent."""
    early = make.batch(BatchStatus.APPROVED)
    content = _file(_line(make.payments_of(early)[0]))
    assert _lines(_take(content)) == [("difference", f"Batch {early.number} has not been sent to be paid yet.")]
    assert not _take(content).is_new

    batches.download(person=make.finance(), batch=early, kind=make.FileKind.CSV)

    assert _lines(_take(content)) == [("paid", "")]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"reference": "SCF-99-0001-1"}, "No payment has this reference."),
        ({"amount": "5,400.01"}, "£5,400.01 is not £5,400, which was approved."),
        ({"amount": "1e3"}, "The amount “1e3” must be an amount in pounds, like 3400 or 3,400.50."),
        ({"amount": "5400,00"}, "The amount “5400,00” must be an amount in pounds, like 3400 or 3,400.50."),
        ({"amount": ""}, "The amount “” must be an amount in pounds, like 3400 or 3,400.50."),
        ({"date": "2026-11-23"}, "23\xa0November\xa02026 is in the future."),
        ({"date": "2026-11-21"}, "21\xa0November\xa02026 is before its batch was approved, 22\xa0November\xa02026."),
        ({"date": "2026-02-30"}, "The date “2026-02-30” must be like 2026-12-04 or 4/12/2026."),
        ({"date": "31/11/2026"}, "The date “31/11/2026” must be like 2026-12-04 or 4/12/2026."),
        ({"date": "November"}, "The date “November” must be like 2026-12-04 or 4/12/2026."),
        ({"status": "sent"}, "The status “sent” must be paid, failed or bounced, or a word that finance has set."),
        ({"finance": ""}, "The finance reference is missing."),
        ({"finance": "x" * 101}, "The finance reference must be 100 characters or fewer."),
        ({"reference": ""}, "The reference is missing."),
        ({"reference": "x" * 5000}, "The reference must be 200 characters or fewer."),
    ],
)
def test_line_that_differs_is_listed_and_changes_nothing(batch: Batch, change: dict[str, str], reason: str) -> None:
    first, second = make.payments_of(batch)

    taken = _take(_file(_line(first, **change), _line(second)))

    assert _lines(taken) == [("difference", reason), ("paid", "")]
    assert _entries(Account.PAID) == [100_000]
    assert (first.status, _fresh(batch).status) == (PaymentStatus.WAITING, BatchStatus.EXPORTED)


def test_reference_that_stands_twice_is_a_difference_both_times(batch: Batch) -> None:
    first, _second = make.payments_of(batch)

    taken = _take(_file(_line(first), _line(first, status="failed")))

    assert _lines(taken) == [("difference", "The reference stands 2 times in the file.")] * 2
    assert _entries(Account.PAID) == []


@pytest.mark.parametrize("change", [{"status": "failed"}, {"finance": "F-9"}, {"date": "2026-11-22 ", "amount": "1"}])
def test_what_is_recorded_as_paid_is_never_overwritten(batch: Batch, change: dict[str, str]) -> None:
    first, _second = make.payments_of(batch)
    _take(_file(_line(first)))

    ((outcome, reason),) = _lines(_take(_file(_line(first, **change))))

    assert outcome == ReturnOutcome.DIFFERENCE
    assert reason.startswith("It is recorded as paid on 22\xa0November\xa02026 under F-1.")
    assert (first.status, first.finance_reference) == (PaymentStatus.PAID, "F-1")


def test_payment_of_a_cancelled_batch_is_a_difference(app: Flask) -> None:
    cancelled = make.batch(BatchStatus.CANCELLED)

    assert _lines(_take(_file(_line(make.payments_of(cancelled)[0])))) == [
        ("difference", "It is recorded as cancelled already.")
    ]


@pytest.mark.parametrize("amount", ["£5,400", "5 400.00", "5400.0", " 5400 "])
@pytest.mark.parametrize("day", [TODAY, "22/11/2026", "22/11/2026 ", "2026-11-22 09:30:00"])
def test_what_people_and_spreadsheets_write_is_read(batch: Batch, amount: str, day: str) -> None:
    first, _second = make.payments_of(batch)

    taken = _take("\ufeff" + _file(_line(first, amount=amount, date=day, status="PAID")))

    assert _lines(taken) == [("paid", "")]


def test_workbook_with_real_dates_and_numbers_is_read(batch: Batch) -> None:
    first, second = make.payments_of(batch)
    book, content = Workbook(), io.BytesIO()
    sheet: Any = book.active
    sheet.append(["Status", "Amount", "Reference", "Finance reference", "Date"])
    sheet.append(["paid", 5400.0, first.reference, 77, datetime(2026, 11, 22)])  # noqa: DTZ001 - as Excel has it
    sheet.append(["Failed", "£1,000", second.reference, None, "22/11/2026"])
    book.save(content)

    taken = _take(content.getvalue(), "return.xlsx", EXCEL.media_type)

    assert _lines(taken) == [("paid", ""), ("failed", "")]
    assert first.finance_reference == "77"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("reference,date\nA,B\n", "has no column for finance reference, amount, status"),
        (HEAD + "\n", "no rows"),
        ("\n", "empty"),
        (HEAD + '\n"A,B,C,D,E\n', "never closed"),
        (HEAD + "\n" + "A,2026-11-22,F,1,paid\n" * 1001, "more than 1,000 rows"),
    ],
)
def test_file_that_is_none_is_refused_whole(batch: Batch, content: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        _take(content)
    assert db.session.scalar(select(func.count()).select_from(ReturnFile)) == 0


def test_line_with_a_nul_is_a_difference(batch: Batch) -> None:
    first, second = make.payments_of(batch)

    lines = _lines(_take(_file(_line(first, finance="F\0"), _line(second))))

    assert lines == [("difference", "finance reference: holds a NUL character"), ("paid", "")]


@pytest.mark.parametrize("role", [role for role in Role if role != Role.FINANCE])
def test_only_finance_takes_in_a_file(batch: Batch, role: Role) -> None:
    content = _file(_line(make.payments_of(batch)[0]))

    with pytest.raises(Refused, match="Only a finance officer"):
        returns.take(person=factories.person(role), upload=make.upload(content.encode(), "r.csv", "text/csv"))


def test_file_is_kept_and_its_lines_only_grow(batch: Batch) -> None:
    taken = _take(_file(_line(make.payments_of(batch)[0])))

    assert taken.file.name == "return.csv"
    for statement in ("UPDATE return_lines SET reason = 'x'", "DELETE FROM return_files"):
        with pytest.raises(DatabaseError, match="append-only"), transaction() as session:
            session.execute(text(statement))


def test_file_lies_sealed_and_is_given_back_as_it_was_sent(batch: Batch) -> None:
    """The risk: account numbers of a bank's file stand in the clear on the disk and in every backup."""
    content = _file(_line(make.payments_of(batch)[0]))
    taken = _take(content)

    on_disk = files.checked_path(taken.file.stored).read_bytes()
    assert make.payments_of(batch)[0].reference.encode() not in on_disk
    assert returns.download(person=make.finance(), file=taken.file).decode() == content


def test_file_is_not_taken_where_no_scanner_answers(
    batch: Batch, tmp_path: Path, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(config, "CLAMAV_SOCKET", str(tmp_path / "nobody"))

    with pytest.raises(NoReturnFile, match="could not be checked for viruses"):
        _take(_file(_line(make.payments_of(batch)[0])))


@pytest.mark.parametrize("name", ["difference_says_why", "knows_its_payment", "outcome_is_known"])
def test_database_refuses_what_must_not_be(batch: Batch, name: str) -> None:
    taken = _take(_file(_line(make.payments_of(batch)[0])))
    outcome = {"difference_says_why": "difference", "knows_its_payment": "paid", "outcome_is_known": "lost"}[name]

    payment_id = None if name == "knows_its_payment" else make.payments_of(batch)[0].id
    line = ReturnLine(
        return_file_id=taken.file.id, line=9, reference="", outcome=outcome, reason="", said={}, payment_id=payment_id
    )

    with pytest.raises(IntegrityError, match=name), transaction() as session:
        session.add(line)


@given(some.integers(1, 10**9))
def test_amount_that_our_own_files_write_is_read_back(pence: int) -> None:
    assert _cells(amount=plain(pence)).typed_amount() == Pence(pence)


@given(some.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31)))
def test_day_is_read_however_it_is_written(day: date) -> None:
    for written in (day.isoformat(), f"{day.day}/{day.month}/{day.year}", f"{day:%d/%m/%Y}"):
        assert _cells(date=written).typed_day() == day


def _cells(**cells: str) -> ReturnCells:
    return ReturnCells(TableRow(1, cells))
