"""The page of a new batch: what is ticked at first, what each other line says, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect

from grants.accounts.models import Membership, Organisation, Person
from grants.accounts.rights import MemberRole
from grants.applications.models import Bar
from grants.awards.models import Award, AwardSnapshot
from grants.foundation.records import held
from grants.foundation.records.db import db, transaction
from grants.foundation.values import clock as clocks
from grants.payments.models import BatchStatus, PaymentStatus
from tests.conftest import MovedClock
from tests.support import award_factories, factories
from tests.support import payments_factories as make
from tests.support.client import Client, Page, words

SignIn = Callable[[Any], Client]
NEW = "/payments/batches/new"


@pytest.fixture
def person(app: Flask, clock: MovedClock) -> Person:
    """A finance officer who prepares."""
    return make.finance("Prue Prepares")


@pytest.fixture
def finance(person: Person, sign_in: SignIn) -> Client:
    """Their browser."""
    return sign_in(person)


@pytest.fixture
def abe(app: Flask) -> Person:
    """Another finance officer."""
    return make.finance("Abe Approves")


def _ticked(page: Page) -> list[bool]:
    return [box.has_attr("checked") for box in page.page.select("form input[type=checkbox]")]


def _sum(page: Page) -> str:
    return str(page.page.select_one("output").get_text()).replace("\xa0", " ")


def test_what_another_officer_could_approve_is_ticked_and_summed(finance: Client, abe: Person) -> None:
    make.payable_award()
    make.payable_award()

    page = finance.get(NEW)

    assert _ticked(page) == [True, True]
    assert _sum(page) == "2 payments, £10,800.00 in total"
    assert "Could not be approved" not in page.main


def test_line_that_the_only_other_officer_could_not_approve_is_not_ticked_and_says_so(
    finance: Client, abe: Person
) -> None:
    make.payable_award(by=abe)

    page = finance.get(NEW)

    assert (_ticked(page), _sum(page)) == ([False], "0 payments, £0.00 in total")
    assert "The only other finance officer could not approve this: Abe Approves verified bank details" in page.main


def test_line_that_nobody_could_approve_can_be_prepared_all_the_same(finance: Client, abe: Person) -> None:
    """A colleague may come who can."""
    make.payable_award(by=abe)

    answer = finance.submit(NEW, {"lines-0-pay": "yes"})

    assert answer.goes_to == "/payments/batches/B-2026-0001"


def test_officer_whose_account_is_closed_approves_nothing(finance: Client, abe: Person) -> None:
    award = make.payable_award()
    with transaction() as session:
        for other in session.scalars(db.select(Person).where(Person.name.in_(["Abe Approves", "Vera Verifies"]))):
            other.disabled_at = clocks.now()

    page = finance.get(NEW)

    assert _ticked(page) == [False]
    assert "no other finance officer who could approve a batch" in page.main
    assert award.reference in page.main


def test_form_that_is_refused_keeps_the_ticks_and_sums_them(finance: Client, abe: Person) -> None:
    make.payable_award()
    make.payable_award()

    page = finance.submit(NEW, {"lines-0-amount": "1,200.50", "lines-1-amount": "much"})

    assert (page.status_code, _ticked(page)) == (422, [True, True])
    assert _sum(page) == "2 payments, £1,200.50 in total, without 1 amount that cannot be read"


def test_every_amount_that_will_not_do_names_its_award_and_all_are_told_at_once(finance: Client, abe: Person) -> None:
    first, second, third = (make.payable_award() for _ in range(3))

    page = finance.submit(NEW, {"lines-0-amount": "much", "lines-1-amount": "5,400.01", "lines-2-amount": ""})

    assert [text.split(": ")[0] for text in page.summary] == [first.reference, second.reference, third.reference]
    assert "£5,400 or less" in page.summary[1]


def test_line_that_is_not_ticked_raises_no_error(finance: Client, abe: Person) -> None:
    make.payable_award()
    make.payable_award()

    answer = finance.submit(NEW, {"lines-0-amount": "much", "lines-0-pay": None})

    assert answer.goes_to == "/payments/batches/B-2026-0001"


# What cannot be paid


def _offered(_: Person) -> Award:
    return award_factories.offered_award()


def _without_details(_: Person) -> Award:
    return make.accepted_award()


def _without_proof(_: Person) -> Award:
    award = make.accepted_award()
    make.given(award, proven=False)
    return award


def _not_verified(_: Person) -> Award:
    award = make.accepted_award()
    make.given(award)
    return award


def _varied(_: Person) -> Award:
    award = make.payable_award()
    award_factories.begun_variation(award, title="Other evenings")
    return award


def _partly_paid(_: Person) -> Award:
    award = make.payable_award()
    make.batch(awards=[award], amounts=[100])
    return award


def _own(person: Person) -> Award:
    award = make.payable_award()
    with transaction() as session:
        group = session.get_one(Organisation, award.organisation_id)
        person.memberships.append(
            Membership(person=person, organisation=group, role=MemberRole.OWNER, made_at=clocks.now())
        )
    return award


def _interested(person: Person) -> Award:
    award = make.payable_award()
    with transaction() as session:
        session.add(Bar(application_id=award.application_id, person_id=person.id, barred_at=clocks.now()))
    return award


def _two_of_a_blocked_group() -> tuple[Award, Award]:
    group = factories.organisation()
    a_round = factories.open_round(pot_pence=10**9)
    first, second = (make.payable_award(group, in_round=a_round) for _ in range(2))
    make.bounced(make.settled(award=first))
    return first, second


def _blocked(_: Person) -> Award:
    return _two_of_a_blocked_group()[1]


def _held(_: Person) -> Award:
    award = _two_of_a_blocked_group()[1]
    make.given(award, account=make.BankAccount("N", "000001", "00000001", "", "01134960000"))
    return award


def _in_doubt(_: Person) -> Award:
    award = make.payable_award()
    (payment,) = make.payments_of(make.batch(BatchStatus.EXPORTED, awards=[award], amounts=[100]))
    make.take(make.line(payment, "failed"))
    make.reversals.record_wrong_line(
        person=make.finance(), payment=payment, truth=PaymentStatus.WAITING, reason="Another payment failed."
    )
    return award


@pytest.mark.parametrize(
    ("due", "why"),
    [
        (_offered, "The group has not accepted its agreement yet."),
        (_without_details, "The group has not given its bank details yet."),
        (_without_proof, "The group has not sent proof of its bank details yet."),
        (_not_verified, "The group’s bank details are not verified yet."),
        (_varied, "The variation V1 of this award waits, so nothing of it is paid."),
        (_partly_paid, "It is in batch B-2026-0001: the rest can be paid when that is settled."),
        (_own, "This batch pays a grant of your own group, so others deal with it."),
        (_interested, "You declared an interest in this application, so it stays closed to you."),
        (_blocked, "A payment came back, so the account is blocked. The group has not given other details yet."),
        (_held, "The group’s new bank details wait: they can be verified from"),
        (_in_doubt, "An earlier payment of it is being put right: its money may be out."),
    ],
)
def test_award_that_cannot_be_paid_is_listed_without_a_box_and_says_why(
    person: Person, sign_in: SignIn, abe: Person, due: Callable[[Person], Award], why: str
) -> None:
    award = due(person)

    page = sign_in(person).get(NEW)

    (row,) = [row for row in page.page.select("main tbody tr") if award.reference in row.get_text()]
    assert why in words(row).replace("\xa0", " ")
    assert not row.select("input")


# Many


def _many(award: Award, count: int) -> None:
    """So many more awards like this one."""
    snapshot = db.session.get_one(AwardSnapshot, award.id)
    with transaction():
        awards, snapshots = [], []
        first = 1000 * award.id  # apart from what the database numbers itself
        for number in range(count):
            new = {"reference": f"{award.reference}-C{number}", "decision_id": None, "application_id": None}
            awards.append({**_values(award), **new, "id": first + number})
            snapshots.append({**_values(snapshot), "reference": new["reference"], "award_id": first + number})
        held.insert_rows(Award, awards)
        db.session.execute(db.insert(AwardSnapshot), snapshots)


def _values(thing: Any) -> dict[str, Any]:
    return {column.key: getattr(thing, column.key) for column in inspect(type(thing)).column_attrs}


@pytest.mark.parametrize("count", [2, 300])
def test_three_hundred_awards_are_asked_for_as_often_as_three(
    finance: Client, abe: Person, count_queries: Any, count: int
) -> None:
    for award in (make.accepted_award(), make.payable_award()):
        _many(award, count)

    with count_queries() as queries:
        page = finance.get(NEW)

    assert queries.count == 6
    assert len(_ticked(page)) == min(count + 1, 60)
    assert all(_ticked(page))
    assert ("more." in page.main) == (count == 300)
    assert page.weight(50) < 60 * 1024
