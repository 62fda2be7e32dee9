"""What finance has taken of the awards: each is new until then, and changed when it is another than what was taken."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from grants.accounts.models import Person
from grants.accounts.rights import Role
from grants.awards.corrections.operations import change_field
from grants.awards.entries import operations as entries
from grants.awards.models import Award, ChangedField
from grants.foundation.records import audit
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.values import clock
from grants.foundation.values.days import Day
from grants.payments.exports import operations, queries
from grants.payments.exports.queries import AwardFilters, ToEnter
from grants.payments.models import TakenAward
from tests.support import award_factories as awards
from tests.support import factories
from tests.support import payments_factories as make
from tests.support.client import Client

SignIn = Callable[[Any], Client]
ALL = AwardFilters()


@pytest.fixture
def person(app: Flask) -> Person:
    """A finance officer."""
    return make.finance()


def _taken(person: Person, filters: AwardFilters = ALL) -> list[str]:
    return [row.reference for row in operations.take_awards(person=person, filters=filters)]


def _states() -> dict[str, str]:
    return {row.reference: row.taken for row in db.session.execute(queries.awards(ALL))}


def _vary(award: Award) -> None:
    about: dict[str, Any] = {"actor": factories.TESTS, "award": award, "reason": "Less is needed."}
    entries.vary(**about, by=-10_000, effective=Day.exactly(clock.today()))


def _move(award: Award) -> None:
    _change(award, ChangedField.RECIPIENT, factories.organisation("The successor"))


def _rename(award: Award) -> None:
    _change(award, ChangedField.TITLE, "Another title")


def _change(award: Award, field: ChangedField, value: Any) -> None:
    change_field(actor=factories.TESTS, award=award, field=field, value=value, reason="It is another.")


def test_award_is_new_until_it_is_taken_and_is_taken_once(person: Person) -> None:
    award = awards.accepted_award()
    assert _states() == {award.reference: "new"}

    assert _taken(person) == [award.reference]

    assert _states() == {award.reference: "taken"}
    with pytest.raises(Refused, match="taken every award of this selection"):
        _taken(person)
    assert audit.verify().broken is None


@pytest.mark.parametrize("change", [_vary, _move, _rename, awards.withdraw])
def test_award_that_is_another_than_what_was_taken_is_changed(person: Person, change: Callable[[Award], Any]) -> None:
    award, other = awards.accepted_award(), awards.accepted_award()
    _taken(person)

    change(award)

    assert _states() == {award.reference: "changed", other.reference: "taken"}
    assert _taken(person) == [award.reference]
    assert _states() == {award.reference: "taken", other.reference: "taken"}


def test_payment_changes_nothing_that_finance_enters(person: Person) -> None:
    award = awards.accepted_award()
    _taken(person)

    awards.pay(award, 10_000)

    assert _states() == {award.reference: "taken"}


def test_award_of_older_records_and_one_withdrawn_before_are_none_to_enter(person: Person) -> None:
    factories.award(reference="OLD-1", source="a list")
    awards.withdraw(awards.accepted_award())

    assert set(_states().values()) == {""}
    with pytest.raises(Refused):
        _taken(person)


def test_only_the_selection_is_taken(person: Person) -> None:
    award, other = awards.accepted_award(), awards.accepted_award()

    assert _taken(person, AwardFilters(words=award.reference.casefold())) == [award.reference]

    assert _states() == {award.reference: "taken", other.reference: "new"}
    found = {
        state: [row.reference for row in db.session.execute(queries.awards(AwardFilters(entry=state)))]
        for state in ToEnter
    }
    assert found == {"due": [other.reference], "new": [other.reference], "changed": [], "taken": [award.reference]}


@pytest.mark.parametrize("role", [role for role in Role if role != Role.FINANCE])
def test_only_finance_takes_awards(app: Flask, role: Role) -> None:
    awards.accepted_award()

    with pytest.raises(Refused, match="Only a finance officer"):
        _taken(factories.person(role))


def test_what_was_taken_only_grows(person: Person) -> None:
    awards.accepted_award()
    _taken(person)

    with pytest.raises(DatabaseError, match="append-only"), transaction() as session:
        session.execute(text("UPDATE taken_awards SET title = 'x'"))


def test_page_marks_awards_and_its_buttons_take_them(person: Person, sign_in: SignIn) -> None:
    finance, award = sign_in(person), awards.accepted_award()
    address = "/payments/awards?entry=due"
    assert "New" in [
        one.get_text(strip=True) for one in finance.get(address).page.select('td[data-label="Finance has"]')
    ]

    answer = finance.submit(address, form='form[action*="take.csv"]')

    (row,) = csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff")))
    assert (row["Reference"], row["Finance has"]) == (award.reference, "New")
    assert db.session.scalars(select(TakenAward.award_id)).all() == [award.id]
    assert award.reference not in finance.get(address).main
    assert "Taken" in finance.get("/payments/awards?entry=taken").main
    again = finance.submit("/payments/awards?entry=taken", form='form[action*="take.xlsx"]')
    assert (again.status_code, "taken every award" in again.main) == (422, True)


def test_auditor_reads_the_marks_and_takes_nothing(app: Flask, sign_in: SignIn) -> None:
    awards.accepted_award()

    page = sign_in(factories.auditor()).get("/payments/awards")

    assert "New" in page.main
    assert not page.page.select('form[action*="/take."]')


def test_award_is_to_enter_when_its_group_has_accepted_it(person: Person) -> None:
    offered, accepted = awards.offered_award(), make.accepted_award()

    assert _states() == {offered.reference: "", accepted.reference: "new"}
    assert _taken(person) == [accepted.reference]


def test_desk_leads_to_what_finance_has_to_enter(person: Person, sign_in: SignIn) -> None:
    finance, award = sign_in(person), awards.accepted_award()
    assert "1 new or changed award for the finance system" in finance.get("/desk").main
    (link,) = finance.get("/desk").page.select('main a[href^="/payments/awards?"][href*="entry=due"]')
    assert award.reference in finance.get(str(link["href"])).main

    _taken(person)

    assert "new or changed" not in finance.get("/desk").main
