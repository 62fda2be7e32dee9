"""What the mails about a payment say: the amount, the references, the day, and of the account the last digits."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from grants.foundation.records.db import db
from grants.foundation.records.outbox import OutboxMessage
from grants.payments.bank.operations import opened
from grants.payments.models import Payment, PaymentStatus
from grants.payments.reversals import operations as reversals
from tests.conftest import MovedClock
from tests.support import payments_factories as make


@pytest.fixture(autouse=True)
def _noon(clock: MovedClock) -> None:
    """It is 22 November 2026."""


def _body(purpose: str) -> str:
    bodies = db.session.scalars(select(OutboxMessage.body).where(OutboxMessage.purpose == purpose))
    (body,) = {body.partition("\n\n")[2] for body in bodies}  # but for whom it greets
    return " ".join(body.split())


def _names_all(body: str, payment: Payment) -> None:
    account = opened(payment.bank_details)
    assert f"£5,400 to {payment.payee}" in body
    assert payment.award.reference in body
    assert f"payment {payment.reference}" in body
    assert f"account ending {account.number[-4:]}" in body
    assert account.number not in body
    assert account.sort_code not in body


def test_letter_of_a_payment_names_amount_references_day_and_last_digits(app: Flask) -> None:
    payment = make.settled()

    body = _body("payment-paid")

    _names_all(body, payment)
    assert "on 22 November 2026" in body
    assert "under the reference F-1" in body


def test_letter_of_a_payment_that_failed_names_the_same(app: Flask) -> None:
    payment = make.settled("failed")

    body = _body("payment-failed")

    _names_all(body, payment)
    assert "as we learnt on 22 November 2026" in body


def test_letter_of_a_payment_that_came_back_names_the_same(app: Flask) -> None:
    payment = make.settled()
    reversal = make.bounced(payment)

    reversals.approve(person=make.finance("Sue"), reversal=reversal, seen=reversal.version)

    _names_all(_body("payment-bounced"), payment)
    assert "back to us on 22 November 2026" in _body("payment-bounced")


def test_letter_of_a_payment_that_waits_again_names_the_same(app: Flask) -> None:
    payment = make.settled()
    reversal = reversals.record_wrong_line(
        person=make.finance(), payment=payment, truth=PaymentStatus.WAITING, reason="Another payment was meant."
    )

    reversals.approve(person=make.finance("Sue"), reversal=reversal, seen=reversal.version)

    _names_all(_body("payment-waiting"), payment)
