"""An account whose payment failed is paid to no more, until details are verified anew or the failure was none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from grants.accounts.models import Organisation, Person
from grants.foundation.records import audit
from grants.foundation.records.db import Refused, db
from grants.foundation.records.outbox import OutboxMessage
from grants.payments.batches.queries import payable
from grants.payments.models import BankDetails, BankStatus, BatchStatus, Payment, PaymentStatus
from grants.payments.reversals import operations as reversals
from tests.conftest import MovedClock
from tests.support import factories
from tests.support import payments_factories as make
from tests.support.client import Client

SignIn = Callable[[Any], Client]
NOON = date(2026, 11, 22)
CLOSED = "The last payment to this account failed on 22 November 2026: Account closed."


@pytest.fixture(autouse=True)
def _noon(clock: MovedClock) -> None:
    """It is 22 November 2026."""


def _failed(*payments: Payment) -> Payment:
    """Each of these payments failed, else a new one: the last of them."""
    found = payments or make.payments_of(make.batch(BatchStatus.EXPORTED))
    make.take(*(make.line(payment, "failed") + ",Account closed" for payment in found), head=make.HEAD + ",reason")
    return found[-1]


@pytest.fixture
def failed(app: Flask) -> Payment:
    """A payment of a whole award that failed: the account was closed."""
    return _failed()


@pytest.fixture
def both(app: Flask) -> list[Payment]:
    """Two payments to one account, both of which failed."""
    group, a_round = factories.organisation(), factories.open_round(pot_pence=10**9)
    awards = [make.payable_award(group, in_round=a_round) for _ in range(2)]
    payments = make.payments_of(make.batch(BatchStatus.EXPORTED, awards=awards))
    _failed(*payments)
    return payments


def _status(payment: Payment) -> str:
    return db.session.get_one(BankDetails, payment.bank_details_id, populate_existing=True).status


def _is_payable(payment: Payment) -> bool:
    return bool(payable(make.finance("Pam Pays"), most=1, award_ids=[payment.award_id]))


def _was_none(payment: Payment, truth: PaymentStatus = PaymentStatus.WAITING) -> None:
    """Two officers find that it did not fail."""
    paid = {"day": NOON, "finance_reference": "F-3"} if truth == PaymentStatus.PAID else {}
    made = reversals.record_wrong_line(
        person=make.finance("Rex Records"),
        payment=payment,
        truth=truth,
        reason="Another was meant.",
        **paid,  # type: ignore[arg-type]
    )
    reversals.approve(person=make.finance("Sue Second"), reversal=made, seen=made.version)


def test_account_whose_payment_failed_is_blocked_and_not_offered_again(failed: Payment) -> None:
    assert _status(failed) == BankStatus.BLOCKED
    assert not _is_payable(failed)
    with pytest.raises(Refused, match="cannot be paid now"):
        make.batch(awards=[failed.award])
    assert audit.verify().broken is None


def test_award_is_paid_again_when_other_details_are_verified(failed: Payment, clock: MovedClock) -> None:
    make.verified_anew(failed.award, clock)

    assert (_status(failed), _is_payable(failed)) == (BankStatus.REPLACED, True)


def test_same_account_is_verified_anew_with_a_new_proof(failed: Payment) -> None:
    assert make.given(failed.award).changes_id == failed.bank_details_id


@pytest.mark.parametrize("truth", [PaymentStatus.WAITING, PaymentStatus.PAID])
def test_account_is_free_again_when_the_failure_was_none(failed: Payment, truth: PaymentStatus) -> None:
    _was_none(failed, truth)

    assert _status(failed) == BankStatus.VERIFIED


def test_account_stays_blocked_while_another_payment_to_it_failed(both: list[Payment]) -> None:
    _was_none(both[0])
    assert _status(both[0]) == BankStatus.BLOCKED

    _was_none(both[1])
    assert _status(both[0]) == BankStatus.VERIFIED


def test_account_that_a_payment_failed_to_stays_blocked_when_a_bounce_is_refused(app: Flask) -> None:
    group, a_round = factories.organisation(), factories.open_round(pot_pence=10**9)
    awards = [make.payable_award(group, in_round=a_round) for _ in range(2)]
    paid, failed = make.payments_of(make.batch(BatchStatus.EXPORTED, awards=awards))
    make.take(make.line(paid), make.line(failed, "failed"))
    bounce = make.bounced(paid)

    reversals.refuse(person=make.finance("Sue Second"), reversal=bounce, seen=bounce.version, why="It is there.")

    assert _status(paid) == BankStatus.BLOCKED


def test_failure_of_an_account_that_was_replaced_leaves_the_one_in_force(app: Flask, clock: MovedClock) -> None:
    (payment,) = make.payments_of(make.batch(BatchStatus.EXPORTED))
    other = make.verified_anew(payment.award, clock)

    _failed(payment)

    assert (_status(payment), other.status) == (BankStatus.REPLACED, BankStatus.VERIFIED)
    assert _is_payable(payment)
    bodies = db.session.scalars(select(OutboxMessage.body).where(OutboxMessage.purpose == "payment-failed"))
    (body,) = {body.partition("\n\n")[2] for body in bodies}  # but for whom it greets
    assert "check whether the bank details that we hold are still right" in body


def test_group_is_asked_for_other_details(failed: Payment, sign_in: SignIn) -> None:
    member = sign_in(db.session.get_one(Person, failed.bank_details.given_by_id))
    ending = failed.bank_details.ending

    page = member.get(f"/organisations/{failed.bank_details.organisation_id}/bank-details")

    assert f"A payment to the account {ending} failed, so we pay nothing more to it." in page.main
    assert page.page.select("main form input[name=account_name]")
    assert "Give your bank details" in member.get("/desk").main
    bodies = db.session.scalars(select(OutboxMessage.body).where(OutboxMessage.purpose == "payment-failed"))
    (body,) = {body.partition("\n\n")[2] for body in bodies}  # but for whom it greets
    assert f"We pay nothing more to the account {ending}. Please give us other bank details here" in body


def test_finance_reads_why_and_what_comes_next(failed: Payment, client: Client, clock: MovedClock) -> None:
    client.sign_in(make.finance())
    make.accepted_award(db.session.get_one(Organisation, failed.bank_details.organisation_id))
    payment = f"/payments/all/{failed.reference}"

    assert f"{CLOSED} Ask the group for other bank details." in client.get("/payments/batches/new").main
    assert "The group was asked for other bank details" in client.get(payment).main
    assert CLOSED in client.get(f"/payments/bank-details/{failed.bank_details_id}").main

    make.verified_anew(failed.award, clock)
    client.sign_in(make.finance())
    assert CLOSED not in client.get("/payments/batches/new").main
    assert "can go into another batch" in client.get(payment).main
