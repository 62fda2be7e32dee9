"""What waits on a desk about reports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from grants.accounts.models import Person
from grants.awards.models import Award
from grants.foundation.values import clock as time
from tests.support import factories
from tests.support import outcomes_factories as make
from tests.support.client import Client

SignIn = Callable[[Any], Client]


@pytest.fixture
def award(clock: Any, app: Any) -> Award:
    return make.paid_award()


@pytest.fixture
def member(award: Award) -> Person:
    return make.member_of(award)


def test_group_is_told_what_to_report_and_until_when(clock: Any, sign_in: SignIn, award: Award, member: Person) -> None:
    assert f"Report on {award.reference} : “Safe evenings on the estate”, by 30 July 2027" in _desk(sign_in, member)

    clock.move_to(time.start_of_day(date(2027, 8, 1)))

    assert "by 30 July 2027 (overdue)" in _desk(sign_in, member)


def test_group_is_told_to_change_and_to_pay_back(sign_in: SignIn, award: Award, member: Person) -> None:
    from grants.outcomes.reports.answers import operations as judging
    from grants.outcomes.reports.drafts import operations

    report = make.sent_report(award, member)
    assert "Your reports" not in _desk(sign_in, member)
    officer = factories.officer()
    judging.answer(person=officer, award=award, seen=report.version, accepts=False, words="More.")
    assert f"Change the report on {award.reference}" in _desk(sign_in, member)
    operations.submit(person=member, award=award, declared_name="Morgan Member")
    judging.answer(person=officer, award=award, seen=report.version, accepts=True)

    assert f"Pay back {award.reference} : £200 that was not spent" in _desk(sign_in, member)


def test_officer_has_reports_to_read_and_finance_repayments(sign_in: SignIn, award: Award) -> None:
    owing = make.paid_award()
    make.sent_report(award)
    make.accepted_report(owing)

    officer, finance = _desk(sign_in, factories.officer()), _desk(sign_in, factories.finance_officer())

    assert f"Read the report on {award.reference}" in officer
    for desk in (officer, finance):
        assert f"Await the repayment of {owing.reference} : £200 not spent" in desk
    assert award.reference not in finance


def test_nobody_else_hears_of_it(sign_in: SignIn, award: Award) -> None:
    make.sent_report(award)

    for person in (factories.panel_member(), factories.auditor(), factories.applicant()):
        assert award.reference not in _desk(sign_in, person)


def _desk(sign_in: SignIn, person: Person) -> str:
    return sign_in(person).get("/desk").main
