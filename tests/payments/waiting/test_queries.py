"""What waits for finance: the lists leave out what the rules refuse, for everybody who is near the grant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from grants.awards.around.queries import around
from grants.foundation.records.db import db
from grants.foundation.values import clock
from grants.payments import rules
from grants.payments.bank.queries import around_group
from grants.payments.batches.queries import payable, payees_of
from grants.payments.models import HOLD, BatchStatus
from grants.payments.waiting import queries
from tests.conftest import MovedClock
from tests.support import award_factories as awards
from tests.support import payments_factories as make
from tests.support.client import Client
from tests.support.near import PEOPLE, scored_bid

SignIn = Callable[[Any], Client]


@pytest.mark.parametrize("who", PEOPLE)
def test_details_to_verify_are_those_that_the_rules_let_one_verify(app: Flask, who: str) -> None:
    award = awards.accepted_award(of=scored_bid())
    details = make.given(award)
    person = PEOPLE[who](award)

    may = rules.can_verify(person, details, None, clock.now(), around_group(details.organisation_id))

    assert (db.session.execute(queries.to_verify(person)).first() is not None) is bool(may), may.reason
    assert queries.counts(person).to_verify == int(bool(may))


def _start(browser: Client) -> str:
    return " ".join(browser.get("/payments").main.replace("\xa0", " ").split())


def test_start_page_says_from_when_a_change_can_be_verified_and_then_counts_it(
    sign_in: SignIn, clock: MovedClock
) -> None:
    award, person = make.payable_award(), make.finance()
    make.given(award, account=make.BankAccount("Northside", "112233", "00998877", "", "0113 496 0000"))

    assert "1 change of bank details is held, the first until 12 noon on 24 November 2026" in _start(sign_in(person))
    clock.shift(HOLD)

    assert "1 set of bank details waits to be verified" in _start(sign_in(person))


def test_start_page_says_that_a_change_is_for_another_than_who_verified_those_in_force(
    sign_in: SignIn, clock: MovedClock
) -> None:
    vera = make.finance("Vera Verifies")
    award = make.payable_award(by=vera)
    make.given(award, account=make.BankAccount("Northside", "112233", "00998877", "", "0113 496 0000"))
    clock.shift(HOLD)

    page = _start(sign_in(vera))

    assert "No bank details wait for you to verify now. 1 set waits for another finance officer" in page


def test_way_to_the_reasons_stays_where_no_award_can_be_paid(sign_in: SignIn) -> None:
    make.accepted_award()

    page = sign_in(make.finance()).get("/payments")

    assert "No award can be paid now." in page.main
    assert page.page.select('main a[href="/payments/batches/new"]')


@pytest.mark.parametrize("who", [who for who in PEOPLE if "held it" not in who])
def test_awards_to_pay_are_those_that_the_rules_let_one_pay(app: Flask, who: str) -> None:
    award = awards.accepted_award(of=scored_bid())
    details = make.verified(award)
    person = PEOPLE[who](award)

    may = rules.can_prepare(person, rules.Payee(details, around([award.id])[award.id]))

    assert bool(payable(person, most=9)) is bool(may), may.reason
    assert queries.counts(person).ready == int(bool(may))


@pytest.mark.parametrize("who", [who for who in PEOPLE if "held it" not in who])
def test_batches_to_approve_are_those_that_the_rules_let_one_approve(app: Flask, who: str) -> None:
    award = awards.accepted_award(of=scored_bid())
    make.verified(award)
    batch = make.batch(BatchStatus.PREPARED, awards=[award])
    person = PEOPLE[who](award)

    may = rules.can_approve(person, batch, payees_of(batch))

    assert (db.session.execute(queries.batches_waiting(person)).first() is not None) is bool(may), may.reason
