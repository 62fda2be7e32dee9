"""What of payments waits on a desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from grants.accounts.models import Organisation, Person
from grants.awards.models import Award
from grants.foundation.records.db import db
from grants.payments.models import BatchStatus
from tests.conftest import MovedClock
from tests.support import factories
from tests.support import payments_factories as make
from tests.support.client import Client

SignIn = Callable[[Any], Client]


def _tasks(client: Client) -> list[str]:
    return [" ".join(link.get_text().split()) for link in client.get("/desk").page.select(".g-heap li a")]


def _member(award: Award) -> Person:
    return factories.applicant(db.session.get_one(Organisation, award.organisation_id))


def test_group_is_asked_for_its_details_then_for_proof_then_for_nothing(app: Flask, sign_in: SignIn) -> None:
    award = make.accepted_award()
    browser = sign_in(_member(award))
    assert _tasks(browser) == [f"Give your bank details for {award.reference}"]

    make.given(award, proven=False)
    assert _tasks(browser) == [f"Send proof of your bank details for {award.reference}"]

    details = make.bank.prove(
        person=_member(award), details=make.set_of(award.organisation_id, make.BankStatus.GIVEN), upload=make.upload()
    )
    assert _tasks(browser) == []

    make.bank.refuse(person=make.finance(), details=details, seen=details.version, reason="Not theirs.")
    assert _tasks(browser) == [f"Give your bank details for {award.reference}"]


def test_group_with_details_in_force_is_asked_for_nothing(app: Flask, sign_in: SignIn) -> None:
    assert _tasks(sign_in(_member(make.payable_award()))) == []


def test_finance_sees_each_step_that_may_be_theirs(app: Flask, sign_in: SignIn, clock: MovedClock) -> None:
    one, two = make.finance("One"), make.finance("Two")
    first, second = sign_in(one), sign_in(two)
    award = make.accepted_award(factories.organisation("Northside"))
    details = make.given(award)
    assert _tasks(first)[0] == _tasks(second)[0] == "Verify the bank details of Northside"

    make.verify(details, by=one)
    assert _tasks(first)[0] == "Prepare a batch: 1 award can be paid"

    batch = make.batch(awards=[award])
    assert f"Approve batch {batch.number}" not in _tasks(first)  # who verified the payee
    assert f"Approve batch {batch.number}" in _tasks(second)

    make.batches.approve(person=two, batch=batch, seen=batch.version)
    assert f"Send batch {batch.number}" in _tasks(first)
    make.batches.download(person=one, batch=batch, kind=make.FileKind.CSV)
    assert f"Take in the return file of batch {batch.number}" in _tasks(second)


def test_who_prepared_is_not_asked_to_approve(app: Flask, sign_in: SignIn) -> None:
    person = make.finance()
    make.batch(by=person)

    assert not [task for task in _tasks(sign_in(person)) if task.startswith("Approve")]


@pytest.mark.parametrize("count", [1, 3, 12])
def test_desk_asks_as_often_for_few_as_for_many(app: Flask, sign_in: SignIn, count_queries: Any, count: int) -> None:
    for _ in range(count):
        make.given(make.accepted_award())
        make.batch(BatchStatus.PREPARED)
    browser = sign_in(make.finance())

    with count_queries() as queries:
        page = browser.get("/desk")

    assert queries.count == 3
    assert ("And" in page.main) == (count > 10)
