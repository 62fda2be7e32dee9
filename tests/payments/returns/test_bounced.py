"""A line of a return file that says that a payment came back: listed, recorded by one officer, approved by another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from grants.accounts.models import Person
from grants.applications.models import Bar
from grants.awards.models import Award
from grants.foundation.records.db import db, transaction
from grants.foundation.values import clock as clocks
from grants.payments.models import BatchStatus, Payment, PaymentStatus, ReturnLine, ReturnOutcome, Reversal
from grants.payments.returns.operations import Taken
from grants.payments.returns.queries import line_to_record
from tests.conftest import MovedClock
from tests.support import payments_factories as make
from tests.support.client import Client

SignIn = Callable[[Any], Client]
HEAD = f"{make.HEAD},reason"


@pytest.fixture(autouse=True)
def _noon(clock: MovedClock) -> None:
    """It is noon on 22 November 2026."""


@pytest.fixture
def paid(app: Flask) -> Payment:
    """A payment of £5,400 that was paid on 22 November under F-1."""
    return make.settled()


@pytest.fixture
def rex(app: Flask) -> Person:
    """A finance officer who records."""
    return make.finance("Rex Records")


@pytest.fixture
def finance(rex: Person, sign_in: SignIn) -> Client:
    """Their browser."""
    return sign_in(rex)


def _bounce(payment: Payment, trace: str = "R-5", reason: str = "Account closed") -> Taken:
    return make.take(f"{make.line(payment, 'bounced', trace=trace)},{reason}", head=HEAD)


def _line(taken: Taken) -> ReturnLine:
    return db.session.scalars(select(ReturnLine).where(ReturnLine.return_file_id == taken.file.id)).one()


def _forms_page(payment: Payment) -> str:
    return f"/payments/all/{payment.reference}/came-back"


def _fresh(payment: Payment) -> Payment:
    return db.session.get_one(Payment, payment.id, populate_existing=True)


def test_line_is_counted_and_changes_nothing_yet(paid: Payment) -> None:
    taken = _bounce(paid)

    assert (_line(taken).outcome, _line(taken).reason) == (ReturnOutcome.BOUNCED, "")
    assert (taken.file.bounced_count, taken.file.difference_count) == (1, 0)
    assert _fresh(paid).status == PaymentStatus.PAID
    assert line_to_record(paid.id) == _line(taken)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{reference},2026-11-22,R-5,5400,bounced", "It is not recorded as paid, so it cannot have come back."),
        ("{paid},2026-11-22,R-5,5399,bounced", "£5,399 is not £5,400, which was paid."),
        ("{paid},2026-11-21,R-5,5400,bounced", "21 November 2026 is before it was paid, 22 November 2026."),
        ("{paid},2026-11-23,R-5,5400,bounced", "23 November 2026 is in the future."),
        ("{failed},2026-11-22,R-5,5400,bounced", "It is recorded as failed already."),
    ],
)
def test_line_that_cannot_be_true_is_a_difference(paid: Payment, line: str, reason: str) -> None:
    (waiting,) = make.payments_of(make.batch(BatchStatus.EXPORTED))
    failed = make.settled("failed")

    taken = make.take(
        line.format(reference=waiting.reference, paid=paid.reference, failed=failed.reference), head=make.HEAD
    )

    assert _line(taken).outcome == ReturnOutcome.DIFFERENCE
    assert reason in _line(taken).reason.replace("\xa0", " ")


def test_page_of_the_file_and_the_desk_lead_to_a_form_that_says_what_the_line_says(
    finance: Client, paid: Payment
) -> None:
    taken = _bounce(paid)
    here = f"/payments/returns/{taken.file.id}"

    assert "1 payment that came back is still to be recorded" in finance.get(here).main.replace("\xa0", " ")
    assert finance.get(here).page.select(f'a[href="{_forms_page(paid)}"]')
    assert finance.get("/desk").page.select(f'main a[href="{_forms_page(paid)}"]')
    assert "1 line of a return file says that a payment came back" in finance.get("/payments").main.replace("\xa0", " ")
    form = finance.get(_forms_page(paid)).page
    typed = {box["name"]: box.get("value") for box in form.select("main input[type=text]")}
    assert typed == {"day-day": "22", "day-month": "11", "day-year": "2026", "finance_reference": "R-5"}
    assert form.select_one("#reason").get_text().strip() == "Account closed"


def test_recording_ties_the_line_and_the_reversal_both_ways(finance: Client, paid: Payment, sign_in: SignIn) -> None:
    taken = _bounce(paid)

    answer = finance.submit(_forms_page(paid))

    reversal = db.session.scalars(select(Reversal)).one()
    assert (reversal.line_id, reversal.reason, reversal.finance_reference) == (_line(taken).id, "Account closed", "R-5")
    page = finance.get(answer.goes_to)
    assert page.page.select(f'a[href="/payments/returns/{taken.file.id}"]')
    of_file = finance.get(f"/payments/returns/{taken.file.id}")
    assert "still to be recorded" not in of_file.main
    assert of_file.page.select(f'a[href="{answer.goes_to}"]')
    assert not finance.get("/desk").page.select(f'main a[href="{_forms_page(paid)}"]')
    assert "nobody has recorded it" not in finance.get("/payments").main
    assert "Recorded by Rex Records" in finance.get(f"/payments/all/{paid.reference}").main


@pytest.mark.parametrize("judge", ["approve", "refuse"])
def test_line_is_dealt_with_whatever_the_second_officer_says(paid: Payment, judge: str) -> None:
    _bounce(paid)
    reversal, second = make.bounced(paid), make.finance("Sue Second")

    if judge == "approve":
        make.reversals.approve(person=second, reversal=reversal, seen=reversal.version)
    else:
        make.reversals.refuse(person=second, reversal=reversal, seen=reversal.version, why="It is there.")

    assert line_to_record(paid.id) is None


def test_line_of_a_payment_that_never_left_is_not_to_be_recorded_any_more(paid: Payment) -> None:
    _bounce(paid)
    reversal = make.reversals.record_wrong_line(
        person=make.finance("Rex Records"), payment=paid, truth=PaymentStatus.FAILED, reason="It never left."
    )
    make.reversals.approve(person=make.finance("Sue Second"), reversal=reversal, seen=reversal.version)

    assert line_to_record(paid.id) is None


def test_line_that_says_again_what_waits_is_known_already(paid: Payment) -> None:
    """The risk: two files of the bank say it, and two officers record it twice."""
    first = _bounce(paid)

    again = make.take(make.line(paid, "bounced", trace="R-5"), "NONE-1,2026-11-22,F-1,1,paid")
    assert [line.outcome for line in again.file.lines] == ["repeated", "difference"]
    make.bounced(paid)
    later = make.take(make.line(paid, "bounced", trace="R-5"), "NONE-2,2026-11-22,F-1,1,paid")
    assert [line.outcome for line in later.file.lines] == ["repeated", "difference"]
    assert _line(first).outcome == ReturnOutcome.BOUNCED


def test_same_file_again_does_nothing(paid: Payment) -> None:
    first = _bounce(paid)

    assert _bounce(paid).file.id == first.file.id


def test_line_that_came_back_again_after_it_was_refused_is_a_new_one(paid: Payment) -> None:
    _bounce(paid)
    reversal = make.bounced(paid)
    make.reversals.refuse(
        person=make.finance("Sue Second"), reversal=reversal, seen=reversal.version, why="It is there."
    )

    assert _line(_bounce(paid, trace="R-6")).outcome == ReturnOutcome.BOUNCED


def test_desk_does_not_ask_whoever_is_tied_to_the_grant(finance: Client, rex: Person, paid: Payment) -> None:
    _bounce(paid)
    award = db.session.get_one(Award, paid.award_id)
    with transaction() as session:
        session.add(Bar(application_id=award.application_id, person_id=rex.id, barred_at=clocks.now()))

    assert not finance.get("/desk").page.select(f'main a[href="{_forms_page(paid)}"]')
    assert finance.get(_forms_page(paid)).status_code == 404
