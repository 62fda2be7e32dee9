"""How a round stands, closing it, and completing it once everything is announced."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from grants.accounts.rights import Role
from grants.applications.models import ApplicationStatus
from grants.applications.rounds.operations import complete_round
from grants.foundation.records.db import Refused, db
from grants.foundation.values import clock
from grants.funds.models import Round, RoundStatus
from tests.support import factories
from tests.support.client import Client

pytestmark = pytest.mark.usefixtures("app")

S = ApplicationStatus
SignIn = Callable[[Any], Client]


def a_round(status: RoundStatus = RoundStatus.CLOSED) -> Round:
    """A round whose closing time has passed."""
    now = clock.now()
    return factories.open_round(
        code="SCF-21", opens_at=now - timedelta(days=30), closes_at=now - timedelta(days=1), status=status
    )


@pytest.mark.parametrize("status", [S.SUBMITTED, S.ELIGIBLE, S.RECOMMENDED, S.DECIDED])
def test_round_is_not_complete_while_an_application_waits(status: S) -> None:
    its_round = a_round()
    factories.application(status, in_round=its_round)

    with pytest.raises(Refused, match="1 application waits to be decided and announced"):
        complete_round(person=factories.officer(), a_round=its_round)
    assert its_round.status == RoundStatus.CLOSED


def test_round_is_complete_when_nothing_waits(app: Any) -> None:
    its_round = a_round()
    for status in (S.DRAFT, S.INELIGIBLE, S.AWARDED, S.DECLINED, S.WITHDRAWN):
        factories.application(status, in_round=its_round)
    factories.application(S.SUBMITTED)

    complete_round(person=factories.officer(), a_round=its_round)

    assert its_round.status == RoundStatus.COMPLETE


@pytest.mark.parametrize("status", [RoundStatus.DRAFT, RoundStatus.OPEN, RoundStatus.COMPLETE])
def test_completing_out_of_its_order_is_refused(status: RoundStatus) -> None:
    its_round = a_round(status)

    with pytest.raises(Refused, match="Only a round that is closed"):
        complete_round(person=factories.officer(), a_round=its_round)
    assert its_round.status == status


@pytest.mark.parametrize("role", [None, *(role for role in Role if role != Role.OFFICER)])
def test_nobody_else_completes_a_round(role: Role | None) -> None:
    its_round = a_round()

    with pytest.raises(Refused, match="Only a grants officer"):
        complete_round(person=factories.person(*([role] if role else [])), a_round=its_round)
    assert its_round.status == RoundStatus.CLOSED


def test_officer_closes_and_completes_it_by_buttons(sign_in: SignIn) -> None:
    its_round = a_round(RoundStatus.OPEN)
    browser, where = sign_in(factories.officer()), "/rounds/scf-21/progress"
    assert "Close SCF-21" in browser.get("/desk").main
    assert "how it stands" in browser.get("/rounds/scf-21").main

    browser.submit(where, form="form[action='/rounds/scf-21/close']")
    assert "Complete SCF-21" in browser.get("/desk").main
    browser.submit(where, form="form[action='/rounds/scf-21/complete']")

    db.session.expire_all()
    assert its_round.status == RoundStatus.COMPLETE
    page = browser.get(where)
    assert "Complete" in page.main
    assert not page.page.select("form[action^='/rounds/']")


def test_page_says_why_not_yet(sign_in: SignIn) -> None:
    factories.application(S.SUBMITTED, in_round=factories.open_round(code="SCF-22"))
    its_round = a_round()
    factories.application(S.DECIDED, in_round=its_round)
    browser = sign_in(factories.officer())

    assert "takes applications until" in browser.get("/rounds/scf-22/progress").main
    page = browser.get("/rounds/scf-21/progress")
    assert "1 application waits to be decided and announced." in page.main
    assert not page.page.select("form[action^='/rounds/']")
    token = page.page.select_one("input[name=csrf_token]")["value"]
    refused = browser.post("/rounds/scf-21/complete", data={"csrf_token": token})
    assert refused.status_code == 422
    assert its_round.status == RoundStatus.CLOSED


def test_auditor_sees_it_without_a_button(sign_in: SignIn) -> None:
    factories.application(S.SUBMITTED, in_round=a_round())

    page = sign_in(factories.auditor()).get("/rounds/scf-21/progress")

    assert "Submitted 1 All 1" in page.main
    assert not page.page.select("form[action^='/rounds/']")


@pytest.mark.parametrize("count", [1, 3, 8])
def test_page_asks_as_often_whatever_the_number(sign_in: SignIn, count_queries: Any, count: int) -> None:
    its_round = a_round()
    group = factories.organisation()
    owner = factories.applicant(group)
    for _ in range(count):
        factories.application(S.SUBMITTED, in_round=its_round, organisation=group, by=owner)
    browser = sign_in(factories.officer())

    with count_queries() as queries:
        page = browser.get("/rounds/scf-21/progress")

    assert f"All {count}" in page.main
    assert queries.count == 5
