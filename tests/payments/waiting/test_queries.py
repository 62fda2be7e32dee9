"""What waits for finance: the lists leave out what the rules refuse, for everybody who is near the grant."""

from __future__ import annotations

import pytest
from flask import Flask

from grants.awards.around.queries import around
from grants.foundation.records.db import db
from grants.foundation.values import clock
from grants.payments import rules
from grants.payments.bank.queries import around_group
from grants.payments.batches.queries import payable, payees_of
from grants.payments.models import BatchStatus
from grants.payments.waiting import queries
from tests.support import award_factories as awards
from tests.support import payments_factories as make
from tests.support.near import PEOPLE, scored_bid


@pytest.mark.parametrize("who", PEOPLE)
def test_details_to_verify_are_those_that_the_rules_let_one_verify(app: Flask, who: str) -> None:
    award = awards.accepted_award(of=scored_bid())
    details = make.given(award)
    person = PEOPLE[who](award)

    may = rules.can_verify(person, details, None, clock.now(), around_group(details.organisation_id))

    assert (db.session.execute(queries.to_verify(person)).first() is not None) is bool(may), may.reason
    assert queries.counts(person).to_verify == int(bool(may))


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
