"""The pages by which a payment is put right: what one officer records, and another approves or refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from grants.accounts.models import Person
from grants.foundation.records.db import db
from grants.foundation.records.outbox import OutboxMessage
from grants.payments.models import Payment, PaymentStatus, Reversal, ReversalStatus
from tests.conftest import MovedClock
from tests.support import factories
from tests.support import payments_factories as make
from tests.support.client import Client

SignIn = Callable[[Any], Client]

DAY = {"day-day": "22", "day-month": "11", "day-year": "2026"}
BOUNCE = {**DAY, "finance_reference": "R-1", "reason": "Account closed."}
WRONG = {"truth": "waiting", "reason": "It names another payment."}
REFUSE = 'form[action$="/refuse"]'
APPROVE = 'form[action$="/approve"]'


@pytest.fixture(autouse=True)
def _noon(clock: MovedClock) -> None:
    """It is noon on 22 November 2026."""


@pytest.fixture
def paid(app: Flask) -> Payment:
    """A payment of £5,400 that was paid."""
    return make.settled()


@pytest.fixture
def finance(paid: Payment, sign_in: SignIn) -> Client:
    """A finance officer's browser."""
    return sign_in(make.finance("Rex Records"))


@pytest.fixture
def second(paid: Payment, sign_in: SignIn) -> Client:
    """The browser of another finance officer."""
    return sign_in(make.finance("Sue Second"))


def _page_of(payment: Payment) -> str:
    return f"/payments/all/{payment.reference}"


def _reversals() -> list[Reversal]:
    return list(db.session.scalars(select(Reversal).execution_options(populate_existing=True)))


def test_bounce_is_recorded_by_one_officer_and_approved_by_another(
    finance: Client, second: Client, paid: Payment
) -> None:
    page = finance.get(_page_of(paid))
    assert "The money came back" in page.main
    answer = finance.submit(_page_of(paid) + "/came-back", BOUNCE)
    (reversal,) = _reversals()
    assert answer.goes_to == f"/payments/reversals/{reversal.id}"
    own = finance.get(answer.goes_to)
    assert "You recorded this, so another finance officer approves or refuses it." in own.main
    assert not own.page.select(APPROVE)

    second.submit(answer.goes_to, form=APPROVE)

    found = db.session.get_one(Payment, paid.id, populate_existing=True)
    assert found.status == PaymentStatus.BOUNCED
    after = second.get(_page_of(paid)).main
    assert "Came back" in after
    assert "Account closed." in after
    assert "line 2" in after


def test_double_click_records_a_bounce_once(finance: Client, paid: Payment) -> None:
    page = finance.get(_page_of(paid) + "/came-back")

    first, again = finance.submit(page, BOUNCE), finance.submit(page, BOUNCE)

    assert first.goes_to == again.goes_to
    assert len(_reversals()) == 1


@pytest.mark.parametrize(
    ("name", "typed", "message"),
    [
        ("finance_reference", "", "Enter the bank’s reference"),
        ("reason", "", "Enter why it came back"),
        ("day-day", "23", "The day on which the money came back must be"),
    ],
)
def test_bounce_that_lacks_something_is_refused_beside_its_field(
    finance: Client, paid: Payment, name: str, typed: str, message: str
) -> None:
    page = finance.submit(_page_of(paid) + "/came-back", {**BOUNCE, name: typed})

    assert page.status_code == 422
    assert page.errors[name.partition("-")[0]].startswith(message)
    assert _reversals() == []


def test_account_number_in_a_reason_is_refused_and_kept_in_the_form(finance: Client, paid: Payment) -> None:
    reason = "Account 01-23-45 00733445 is closed."

    page = finance.submit(_page_of(paid) + "/came-back", {**BOUNCE, "reason": reason})

    assert page.errors == {"reason": "This looks like an account number. Take it out: write the last four digits"}
    assert reason in page.page.select_one("#reason").get_text()
    assert _reversals() == []


def test_wrong_line_is_recorded_and_refused_with_the_reason(finance: Client, second: Client, paid: Payment) -> None:
    answer = finance.submit(_page_of(paid) + "/wrong-line", WRONG)
    assert "Return file 1, line 2" in second.get(answer.goes_to).main

    missing = second.submit(answer.goes_to, {"why": ""}, form=REFUSE)
    assert (missing.status_code, missing.errors["why"]) == (422, "Enter the reason")
    second.submit(answer.goes_to, {"why": "The statement shows it."}, form=REFUSE)

    (reversal,) = _reversals()
    assert (reversal.status, reversal.why) == (ReversalStatus.REFUSED, "The statement shows it.")
    assert "The statement shows it." in second.get(answer.goes_to).main


def test_payment_that_was_paid_after_all_needs_its_day(finance: Client, paid: Payment) -> None:
    page = finance.submit(_page_of(paid) + "/wrong-line", {**WRONG, "truth": "paid"})

    assert page.status_code == 422
    assert "Enter the day on which it was paid, and the finance reference." in page.main


def test_payment_that_is_being_put_right_offers_nothing_more(finance: Client, paid: Payment) -> None:
    make.bounced(paid)

    page = finance.get(_page_of(paid))

    assert "Nothing is paid of this award until another finance officer" in page.main
    assert "The money came back" in page.main
    assert not page.page.select('a[href$="/came-back"], a[href$="/wrong-line"]')
    refused = finance.submit(_page_of(paid) + "/came-back", BOUNCE)
    assert "being put right already" in refused.main


def test_payment_that_failed_cannot_come_back(app: Flask, sign_in: SignIn) -> None:
    failed = make.settled("failed")
    browser = sign_in(make.finance())

    assert browser.get(_page_of(failed) + "/came-back").status_code == 404
    assert not browser.get(_page_of(failed)).page.select('a[href$="/came-back"]')


def test_auditor_reads_it_and_changes_nothing(paid: Payment, sign_in: SignIn) -> None:
    reversal, browser = make.bounced(paid), sign_in(factories.auditor())

    page = browser.get(f"/payments/reversals/{reversal.id}")

    assert "Account closed." in page.main
    assert not page.page.select("main form")


def test_list_start_page_and_desk_lead_to_what_waits(second: Client, paid: Payment) -> None:
    reversal = make.bounced(paid)
    here = f"/payments/reversals/{reversal.id}"

    assert second.get("/payments/reversals?status=recorded").page.select(f'a[href="{here}"]')
    assert not second.get("/payments/reversals?status=approved").page.select(f'main a[href="{here}"]')
    assert "1 payment is being put right" in second.get("/payments").main
    assert second.get("/desk").page.select(f'a[href="{here}"]')


def test_desk_of_who_recorded_it_does_not_ask_for_approval(finance: Client, paid: Payment) -> None:
    person = db.session.scalars(select(Person).where(Person.name == "Rex Records")).one()
    make.bounced(paid, by=person)

    assert not finance.get("/desk").page.select('main a[href^="/payments/reversals/"]')


def _approved(reversal: Reversal) -> Reversal:
    return make.reversals.approve(person=make.finance("Sue Second"), reversal=reversal, seen=reversal.version)


def test_group_is_told_nothing_as_long_as_one_officer_alone_says_it(paid: Payment, sign_in: SignIn) -> None:
    """The risk: a group reads that its bank sent the money back, which the second officer then refuses."""
    make.bounced(paid)
    make.accepted_award(paid.bank_details.organisation)
    member = sign_in(db.session.get_one(Person, paid.bank_details.given_by_id))

    page = member.get(f"/organisations/{paid.bank_details.organisation_id}/bank-details")

    assert "We are looking at a payment to the account ending 3445, and pay nothing more to it meanwhile." in page.main
    assert "sent a payment" not in page.main
    assert "Give your bank details" not in member.get("/desk").main
    assert not db.session.scalars(select(OutboxMessage).where(OutboxMessage.purpose == "payment-bounced")).all()


def test_group_whose_payment_did_not_come_back_is_paid_to_the_same_account(paid: Payment, sign_in: SignIn) -> None:
    reversal = make.bounced(paid)
    make.reversals.refuse(
        person=make.finance("Sue Second"), reversal=reversal, seen=reversal.version, why="It is there."
    )
    member = sign_in(db.session.get_one(Person, paid.bank_details.given_by_id))

    page = member.get(f"/organisations/{paid.bank_details.organisation_id}/bank-details")

    assert "looking at a payment" not in page.main
    assert "Where we pay now" in page.main


def test_group_reads_why_it_is_not_paid(paid: Payment, sign_in: SignIn) -> None:
    group_id = paid.bank_details.organisation_id
    _approved(make.bounced(paid))
    member = db.session.get_one(Person, paid.bank_details.given_by_id)

    page = sign_in(member).get(f"/organisations/{group_id}/bank-details")

    assert "Give your bank details" in sign_in(member).get("/desk").main
    assert "We cannot pay you" in page.main
    assert f"the account {paid.bank_details.ending} back to us" in page.main
    assert page.page.select("main form input[name=account_name]")


@pytest.mark.parametrize("count", [1, 3])
def test_pages_ask_as_often_whatever_they_hold(finance: Client, paid: Payment, count_queries: Any, count: int) -> None:
    for number in range(count):
        make.take(make.line(paid, trace=f"F-{number + 5}"))
    reversal = make.bounced(paid)

    for address, expected in (
        (_page_of(paid), 6),
        (f"/payments/reversals/{reversal.id}", 4),
        ("/payments/reversals", 3),
    ):
        with count_queries() as queries:
            finance.get(address)
        assert queries.count == expected, address
