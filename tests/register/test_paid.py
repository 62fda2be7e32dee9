"""What the public reads of an award that is offered, accepted and paid here; and what it never reads."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask

from grants.awards.entries import operations
from grants.awards.entries import operations as commitments
from grants.awards.models import Award, AwardStatus
from grants.awards.offers import operations as offers
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from grants.outcomes.announced import queries as announced
from grants.outcomes.announced.models import PublishedFigure
from grants.outcomes.totals import queries as outcomes
from grants.outcomes.totals.rules import Filters
from tests.register.test_award import facts, foot, story
from tests.register.test_opendata import needs_schema, official, package, published
from tests.support import award_factories as awards
from tests.support import factories
from tests.support.client import Client

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
BATCH = {"actor": factories.TESTS, "reason": "batch B-2026-0001 of the secret bank"}


@pytest.fixture
def paid(app: Flask) -> Award:
    """Awarded on 1 June, committed on 2 June, paid in part on 5 June; £200 came back on 9 June."""
    with at(1):
        award = awards.offered_award(540_000)
        awards.accept(award, signatory_name="Secretia Signs", signatory_position="Chair of secrets")
    with at(2):
        commitments.commit(**BATCH, award=award, amount=Pence(500_000))
    with at(5):
        commitments.record_payment(
            **BATCH,
            award=award,
            amount=Pence(400_000),
            paid_on=Day.exactly(date(2026, 6, 5)),
            source="return-secret.csv",
        )
    with at(9):
        operations.record_repayment(
            actor=factories.TESTS,
            award=award,
            amount=Pence(20_000),
            effective=Day.exactly(date(2026, 6, 9)),
            reason="It was not spent.",
        )
    return award


def at(day: int) -> Any:
    return time_machine.travel(datetime(2026, 6, day, 12, tzinfo=UTC), tick=False)


def row(client: Client) -> dict[str, str]:
    """The only row of the register's CSV."""
    (found,) = csv.DictReader(io.StringIO(client.get("/register.csv").get_data(as_text=True).removeprefix("\ufeff")))
    return found


def test_register_holds_awarded_paid_returned_and_net(paid: Award, client: Client) -> None:
    found = row(client)

    amounts = [found[f"amount_{name}_gbp"] for name in ("requested", "awarded", "paid", "returned", "net")]
    assert amounts == ["6000.00", "5400.00", "4000.00", "200.00", "5200.00"]
    assert (found["status"], found["status_date"]) == ("awarded", "2026-06-01")


def test_award_page_shows_awarded_paid_returned_and_net(paid: Award, client: Client) -> None:
    page = client.get(f"/awards/{paid.reference}")

    figures = [" ".join(part.get_text(" ").split()) for part in page.page.select(".g-figures > *")]
    assert figures == ["£6,000 asked for", "£5,400 awarded", "£4,000 paid", "£200 came back", "£5,200 net"]
    assert [(line[1], line[3]) for line in story(page)] == [
        ("Award", "£5,400.00"),
        ("Payment", "£4,000.00"),
        ("Repayment It was not spent.", "−£200.00"),
    ]
    assert foot(page) == ["Awarded £5,400.00", "Paid £4,000.00", "Came back −£200.00", "Net £5,200.00"]


@pytest.mark.parametrize("address", ["/register", "/register.csv", "/register/360giving.json", "/awards/{}"])
def test_public_never_reads_what_is_between_office_and_group(paid: Award, client: Client, address: str) -> None:
    """Risk: who signed, which batch a payment was in, or what is still to be paid leaks through the register."""
    text = client.get(address.format(paid.reference)).get_data(as_text=True)

    assert paid.reference in text
    for secret in ("Secretia", "Chair of secrets", "B-2026-0001", "return-secret", "5,000", "5000", "ommitment"):
        assert secret not in text, secret


def test_commitment_changes_nothing_that_the_public_reads(app: Flask, client: Client) -> None:
    with at(1):
        award = awards.accepted_award()
    before = row(client)
    with at(2):
        commitments.commit(**BATCH, award=award, amount=Pence(500_000))

    assert row(client) == before
    assert before["amount_paid_gbp"] == "0.00"


@pytest.mark.parametrize("state", [AwardStatus.OFFERED, AwardStatus.ACCEPTED, AwardStatus.PAID])
def test_public_reads_awarded_until_it_is_complete(app: Flask, client: Client, state: AwardStatus) -> None:
    award = awards.AWARDS[state]()

    assert row(client)["status"] == "awarded"
    assert facts(client.get(f"/awards/{award.reference}"))["Status"] == "Awarded"
    assert state.label not in client.get("/register").main.replace("Award date", "")


def test_complete_award_has_the_day_on_which_it_was_found_so(app: Flask, client: Client) -> None:
    with at(1):
        award = awards.paid_award()
    with at(20):
        offers.complete(actor=factories.TESTS, award=award, reason="Its report is accepted.")

    found = row(client)
    assert (found["status"], found["status_date"], found["last_changed"]) == ("complete", "2026-06-20", "2026-06-20")
    assert facts(client.get(f"/awards/{award.reference}"))["Status"].replace("\xa0", " ") == "Complete, 20 June 2026"


def test_withdrawn_award_keeps_what_was_paid_of_it_and_says_what_is_still_to_come_back(
    paid: Award, client: Client
) -> None:
    with at(10):
        commitments.release(**BATCH, award=paid, amount=Pence(100_000))
        awards.withdraw(paid)

    found = row(client)
    assert [found[f"amount_{name}_gbp"] for name in ("awarded", "paid", "returned")] == ["0.00", "4000.00", "0.00"]
    page = client.get(f"/awards/{paid.reference}")
    assert foot(page) == ["Awarded £0.00", "Paid £4,000.00", "Came back −£200.00", "Still to come back £3,800.00"]
    assert "£3,800 still to come back" in page.main
    assert " net" not in page.main


def test_award_from_older_records_has_no_paid_amount(app: Flask, client: Client) -> None:
    factories.award(reference="PUB-1", source="a list")

    assert row(client)["amount_paid_gbp"] == ""
    assert " paid" not in client.get("/awards/PUB-1").main


# Totals


def test_totals_and_comparisons_know_nothing_of_payments(paid: Award) -> None:
    figure = PublishedFigure(
        as_at_day=Day.exactly(date(2026, 6, 30)),
        as_at_last=date(2026, 6, 30),
        fund_id=paid.fund_id,
        topic_id=None,
        scope="all",
        figure_kind="awarded",
        amount_pence=Pence(1),
        amount_quality="exact",
        count=None,
        count_unit="",
        source="a test",
    )
    with factories.transaction() as session:
        session.add(figure)

    totals = outcomes.statement(Filters(as_at=date(2026, 6, 30))).totals
    (compared,) = announced.comparisons(announced.figures(), None)

    for sums in (totals, compared.held):
        assert (sums.projects, sums.total_pence, sums.returned_pence) == (1, 540_000, 20_000)
    with at(12):
        commitments.release(**BATCH, award=paid, amount=Pence(100_000))
        awards.withdraw(paid)
    (compared,) = announced.comparisons(announced.figures(), None)
    assert (compared.held.projects, compared.held.total_pence, compared.held.returned_pence) == (0, 0, 0)


# Open data


@needs_schema
@pytest.mark.parametrize("illustrative", [True, False])
def test_open_data_leaves_out_what_is_illustrative(app: Flask, client: Client, illustrative: bool) -> None:
    published()
    in_round = factories.open_round(illustrative=illustrative)
    bid = factories.application("recommended", in_round=in_round, illustrative=illustrative)
    award = awards.paid_award(of=bid)

    found = package(client)

    listed = [grant["id"] for grant in found["grants"]]
    assert listed == ([] if illustrative else [f"360G-office-{award.reference}"])
    assert found["leftOut"]["illustrative"] == int(illustrative)
    if listed:
        assert [error.message for error in official().iter_errors(found)] == []


@pytest.mark.parametrize("number", [1, 3, 8])
def test_award_page_asks_as_often_for_few_payments_as_for_many(
    app: Flask, client: Client, count_queries: Callable, number: int
) -> None:
    award = awards.accepted_award()
    for _ in range(number):
        awards.pay(award, 100)

    with count_queries() as queries:
        page = client.get(f"/awards/{award.reference}")

    assert len(story(page)) == number + 1
    assert queries.count == 4
