"""The pages of return files: what each line said, the file as it was sent, and the words that finance sets."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from grants.accounts.rights import Role
from grants.foundation.records.audit import AuditLine
from grants.foundation.records.db import LostUpdate, Refused, db
from grants.payments.models import Payment, PaymentStatus, ReturnFile, ReturnWords
from grants.payments.returns import operations as returns
from grants.payments.returns.contents import FIELDS
from tests.conftest import MovedClock
from tests.support import factories
from tests.support import payments_factories as make
from tests.support.client import Client
from tests.support.trail import kept_of, lines_after

SignIn = Callable[[Any], Client]
WORDS = "/payments/returns/words"
SET = {"amount": "Net\nNet paid", "paid": "cleared", "failed": "Rejected\nrejected by bank", "bounced": "returned"}


@pytest.fixture(autouse=True)
def _noon(clock: MovedClock) -> None:
    """It is noon on 22 November 2026."""


@pytest.fixture
def finance(app: Flask, sign_in: SignIn) -> Client:
    """A finance officer's browser."""
    return sign_in(make.finance())


def _sent(browser: Client, content: str) -> str:
    """Where a file that is sent by its form leads."""
    file = (BytesIO(content.encode()), "return.csv")
    answer = browser.submit("/payments/returns", {"returned": file})
    return str(answer.goes_to)


def test_page_shows_what_each_line_said_as_it_was_written(finance: Client) -> None:
    payment = make.settled()
    head = "Reference;Date;Finance reference;Amount;Status;Reason;Sort code"
    line = f"{payment.reference.lower()} ;22/11/2026;F-9;5,400;PAID;late;01-02-03"

    page = finance.get(_sent(finance, f"Payment run 7\n\n{head}\n{line}\n"))

    (said,) = [one.get_text(" ", strip=True) for one in page.page.select('td[data-label="What it said"]')]
    assert " ".join(said.split()) == (
        f"{payment.reference.lower()}; PAID; 5,400; 22/11/2026; finance reference F-9; reason late"
    )
    assert "01-02-03" not in page.get_data(as_text=True)


def test_file_is_downloaded_as_it_was_sent_and_that_is_written_down(finance: Client) -> None:
    payment = make.settled()
    file = db.session.scalars(select(ReturnFile)).one()

    answer = finance.submit(f"/payments/returns/{file.id}", form='form[action$="/file"]')

    assert payment.reference.encode() in answer.data
    assert answer.headers["Content-Disposition"] == "attachment; filename=return.csv"
    last = db.session.scalars(select(AuditLine).order_by(AuditLine.id.desc()).limit(1)).one()
    assert (last.verb, last.thing_id) == ("download return file", file.id)


def test_auditor_reads_the_lines_and_cannot_have_the_file(app: Flask, sign_in: SignIn) -> None:
    make.settled()
    file = db.session.scalars(select(ReturnFile)).one()
    auditor = factories.auditor()

    page = sign_in(auditor).get(f"/payments/returns/{file.id}")

    assert page.page.select('td[data-label="What it said"]')
    assert not page.page.select('form[action$="/file"]')
    with pytest.raises(Refused, match="Only a finance officer"):
        returns.download(person=auditor, file=file)


def test_words_that_finance_sets_are_those_of_the_next_file(finance: Client) -> None:
    (payment,) = make.payments_of(make.batch(make.BatchStatus.EXPORTED))
    finance.submit(WORDS, SET)

    _sent(finance, f"reference,date,finance reference,NET,status\n{payment.reference},2026-11-22,,5400,REJECTED\n")

    assert db.session.get_one(Payment, payment.id, populate_existing=True).status == PaymentStatus.FAILED
    shown = finance.get("/payments/returns").main
    assert "“Net” for amount" in shown
    assert "“returned” for bounced" in shown
    assert finance.get(WORDS).page.select_one("#failed").get_text().split("\n")[-2:] == ["Rejected", "rejected by bank"]


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ({"paid": "done", "failed": "Done"}, "“Done” cannot mean two things."),
        ({"failed": "paid"}, "“paid” cannot mean two things."),
        ({"amount": "reference"}, "“reference” cannot mean two things."),
        ({"paid": "x" * 101}, "A word must be 100 characters or fewer."),
        ({"paid": "\n".join(map(str, range(21)))}, "At most 20 words can be set for one thing."),
    ],
)
def test_words_that_say_two_things_or_too_much_are_refused(finance: Client, typed: dict[str, str], reason: str) -> None:
    page = finance.submit(WORDS, typed)

    assert (page.status_code, page.summary) == (422, [reason])
    assert db.session.scalars(select(ReturnWords)).all() == []


def test_line_of_the_words_tells_each_that_was_changed_before_and_after(finance: Client) -> None:
    every = {name: f"The {name}" for name in FIELDS}
    finance.submit(WORDS, every)
    (first,) = _lines_of_words()

    finance.submit(WORDS, {**every, "reference": "Payment ID", "paid": ""})
    _first, second = _lines_of_words()

    assert kept_of(first) == {name: ("", text) for name, text in every.items()}
    assert kept_of(second) == {"paid": ("The paid", ""), "reference": ("The reference", "Payment ID")}


def _lines_of_words() -> list[AuditLine]:
    return [line for line in lines_after(0) if line.kind == ReturnWords.__tablename__]


def test_words_are_set_by_one_at_a_time(app: Flask) -> None:
    returns.set_words(person=make.finance(), seen=0, paid="cleared")

    with pytest.raises(LostUpdate):
        returns.set_words(person=make.finance(), seen=0, paid="done")
    returns.set_words(person=make.finance(), seen=1, paid="done")
    assert db.session.scalars(select(ReturnWords.paid)).all() == ["done"]


@pytest.mark.parametrize("role", [role for role in Role if role != Role.FINANCE])
def test_only_finance_sets_words(app: Flask, role: Role) -> None:
    with pytest.raises(Refused, match="Only a finance officer"):
        returns.set_words(person=factories.person(role), seen=0, paid="cleared")


def test_page_after_taking_in_says_in_one_line_what_needs_somebody(finance: Client) -> None:
    first, _second = make.payments_of(
        make.batch(make.BatchStatus.EXPORTED, awards=[make.payable_award() for _ in "12"])
    )
    content = f"{make.HEAD}\n{make.line(first)}\nNONE-1,2026-11-22,F-2,1,paid\nNONE-2,2026-11-22,F-3,1,paid\n"

    page = finance.get(_sent(finance, content))
    assert "1 of 3 lines recorded; 2 need you." in page.words
    assert "Ask the bank about them" in page.main

    assert "2 need you still." in finance.get(_sent(finance, content)).words


def test_file_whose_lines_are_all_recorded_says_so(finance: Client) -> None:
    (payment,) = make.payments_of(make.batch(make.BatchStatus.EXPORTED))

    assert "1 of 1 line recorded." in finance.get(_sent(finance, f"{make.HEAD}\n{make.line(payment)}\n")).words


def test_missing_heading_is_named_with_those_that_are_there_and_the_way_to_the_words(finance: Client) -> None:
    file = (BytesIO(b"Ref,date,finance reference,amount,status\nA,B,C,D,E\n"), "return.csv")

    page = finance.submit("/payments/returns", {"returned": file})

    assert "no column for reference. Its headings are: Ref, date, finance reference, amount, status" in page.summary[0]
    assert page.page.select(f'main a[href="{WORDS}"]')
