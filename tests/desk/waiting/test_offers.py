"""The offers on a desk: for the group that has to answer, and for the officer who looks after them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from grants.accounts.rights import Role
from grants.applications.models import Bar
from grants.awards.models import Award
from grants.awards.offers import operations as offers
from grants.foundation.records.db import transaction
from grants.foundation.values import clock
from tests.support import award_factories as awards
from tests.support import factories
from tests.support.client import Client
from tests.support.kept import kept

SignIn = Callable[[Any], Client]
START = datetime(2026, 12, 1, 10, tzinfo=UTC)


@pytest.fixture
def award(app: Flask) -> Award:
    with time_machine.travel(START, tick=False):
        return kept(
            "offered SCF-21-0042",
            lambda: awards.offered_award(of=factories.application("recommended", reference="SCF-21-0042")),
        )


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(START + timedelta(hours=1), tick=False) as traveller:
        yield traveller


def desk(client: Client) -> str:
    return client.get("/desk").main.replace("\xa0", " ").replace(" :", ":")


def test_group_is_asked_to_accept_by_its_time(award: Award, sign_in: SignIn) -> None:
    client = sign_in(awards.member_of(award))

    assert "Accept the offer of £5,400 for SCF-21-0042: by 11:59pm, Tuesday 15 December 2026" in desk(client)
    assert client.get("/desk").page.find("a", href="/awards/SCF-21-0042/offer") is not None


def test_group_that_is_late_is_told_to_ask(award: Award, sign_in: SignIn, now: Any) -> None:
    now.move_to(START + timedelta(days=15))

    assert "Ask for more time for the offer of £5,400 for SCF-21-0042: its time has passed" in desk(
        sign_in(awards.member_of(award))
    )


def test_offer_that_is_answered_waits_no_more(award: Award, sign_in: SignIn) -> None:
    awards.accept(award)

    assert "the offer of" not in desk(sign_in(awards.member_of(award)))


def test_another_group_hears_nothing(award: Award, sign_in: SignIn) -> None:
    assert "SCF-21-0042" not in desk(sign_in(factories.applicant()))


def test_officer_hears_of_an_offer_three_days_before_its_end(award: Award, sign_in: SignIn, now: Any) -> None:
    assert "SCF-21-0042" not in desk(sign_in(factories.officer()))
    now.move_to(datetime(2026, 12, 13, 9, tzinfo=UTC))

    assert "Remind the group of the offer for SCF-21-0042: Northside Youth Project" in desk(
        sign_in(factories.officer())
    )


def test_officer_hears_of_what_can_lapse_and_nothing_lapses_by_itself(award: Award, sign_in: SignIn, now: Any) -> None:
    now.move_to(START + timedelta(days=60))
    officer = factories.officer()

    assert "Give more time or let lapse the offer for SCF-21-0042" in desk(sign_in(officer))
    assert awards.offer_of(award).status == "made"
    offers.lapse_offer(person=officer, award=award)
    assert "SCF-21-0042" not in desk(sign_in(officer))


def test_officer_with_a_tie_does_not_hear_of_it(award: Award, sign_in: SignIn, now: Any) -> None:
    now.move_to(START + timedelta(days=60))
    barred, own = factories.officer(), factories.person(Role.OFFICER, member_of=award.organisation)
    with transaction() as session:
        session.add(Bar(application_id=award.application_id, person_id=barred.id, barred_at=clock.now()))

    for person in (barred, own):
        assert "let lapse" not in desk(sign_in(person))


@pytest.mark.parametrize("rows", [1, 3, 8])
def test_desk_asks_the_database_as_often_for_few_offers_as_for_many(
    app: Flask, sign_in: SignIn, count_queries: Any, now: Any, rows: int
) -> None:
    group, in_round = factories.organisation(), factories.open_round(pot_pence=100_000_000)
    member, decider = factories.applicant(group), factories.decision_maker()
    for _ in range(rows):
        bid = factories.application("recommended", in_round=in_round, organisation=group, by=member)
        awards.offered_award(of=bid, by=decider)
    now.move_to(START + timedelta(days=60))

    asked = []
    for person in (member, factories.officer()):
        client = sign_in(person)
        with count_queries() as counted:
            client.get("/desk")
        asked.append(counted.count)

    assert asked == [5, 3]


def _own(client: Client) -> list[str]:
    return [" ".join(row.get_text(" ").split()) for row in client.get("/desk").page.select("#own ~ table tbody tr")]


def test_group_reads_on_its_desk_where_its_grant_is(award: Award, sign_in: SignIn) -> None:
    client = sign_in(awards.member_of(award))

    def tag() -> str:
        (row,) = _own(client)
        return row.rpartition("£6,000 ")[2]

    assert tag() == "Grant offered"
    awards.accept(award)
    assert tag() == "Grant accepted"
    awards.withdraw(award)
    assert tag() == "Grant withdrawn"


def test_grant_that_another_group_took_over_is_on_both_desks(award: Award, sign_in: SignIn) -> None:
    awards.accept(award)
    successor = factories.organisation("Northside Together")
    former, new = sign_in(awards.member_of(award)), sign_in(factories.applicant(successor))

    awards.approve(awards.begun_variation(award, group=successor))

    assert _own(former)[0].endswith("With another group")
    assert _own(new)[0].endswith("Grant accepted")
    assert new.get("/desk").page.find("a", href=f"/awards/{award.reference}/offer") is not None
    assert new.get(f"/awards/{award.reference}/offer").status_code == 200


def test_decision_that_is_not_announced_is_on_no_desk_of_the_group(app: Flask, sign_in: SignIn) -> None:
    made = factories.decision(amount=540_000)

    (row,) = _own(sign_in(factories.applicant(made.application.organisation)))

    assert row.endswith("Waiting for a decision")
