"""The page of a batch shows who approves it what the officer who prepared it saw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from grants.payments.batches import queries
from grants.payments.models import BatchStatus
from tests.conftest import MovedClock
from tests.support import payments_factories as make
from tests.support.client import Client

SignIn = Callable[[Any], Client]
OTHER = make.BankAccount("Northside", "112233", "00998877", "", "0113 496 0000")


@pytest.fixture(autouse=True)
def _noon(app: Flask, clock: MovedClock) -> None:
    """It is noon on 22 November 2026."""


def test_part_of_an_award_who_verified_and_a_change_that_waits_stand_beside_the_payment(sign_in: SignIn) -> None:
    award = make.payable_award()
    batch = make.batch(awards=[award], amounts=[240_000])
    browser = sign_in(make.finance("Abe Approves"))
    page = browser.get(f"/payments/batches/{batch.number}")
    assert "of £5,400.00 awarded" in page.main
    assert "verified by Vera Verifies on 22 Nov 2026" in " ".join(page.main.split())
    assert "A change waits" not in page.main

    make.given(award, account=OTHER)

    assert "A change waits" in browser.get(f"/payments/batches/{batch.number}").main


def test_whole_award_says_nothing_of_a_part(sign_in: SignIn) -> None:
    batch = make.batch()

    assert "awarded" not in sign_in(make.finance()).get(f"/payments/batches/{batch.number}").main


def test_page_says_to_load_it_anew_after_the_download_and_an_old_one_cancels_nothing(sign_in: SignIn) -> None:
    browser = sign_in(make.finance("Prue Prepares"))
    batch = make.batch(BatchStatus.APPROVED)
    old = browser.get(f"/payments/batches/{batch.number}")
    assert "Reload this page after the download" in old.main
    browser.submit(old, form='form[action$="/payments.csv"]')

    answer = browser.submit(old, {"reason": "A mistake."}, form='form[action$="/cancel"]')

    assert answer.status_code == 422
    page = browser.get(f"/payments/batches/{batch.number}").main
    assert "Cancel the batch" not in page
    assert "Reload this page" not in page


def test_payment_that_an_officer_could_not_approve_says_so(sign_in: SignIn) -> None:
    abe = make.finance("Abe Approves")
    batch = make.batch(awards=[make.payable_award(by=abe)])

    page = sign_in(abe).get(f"/payments/batches/{batch.number}")

    assert "Could not be approved" in page.main
    assert "Abe Approves verified bank details" in page.main


def test_change_that_waits_is_told_of_the_payment_of_its_group_alone(app: Flask) -> None:
    """Whichever of the payments is the first."""
    one, other = make.payable_award(), make.payable_award()
    made = make.batch(awards=[one, other])
    make.given(other, account=make.account_of(4711), proven=False)

    batch = queries.locked(made.id)

    assert [payment.has_change for payment in batch.payments] == [False, True]
