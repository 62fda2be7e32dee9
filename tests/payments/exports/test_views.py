"""What finance reads and downloads."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from openpyxl import load_workbook

from grants.accounts.rights import Role
from grants.foundation.records.db import transaction
from grants.foundation.values.clock import london
from grants.funds.models import Round
from grants.payments.models import BatchStatus, Payment
from tests.support import factories
from tests.support import payments_factories as payments
from tests.support.client import Client
from tests.support.decision_factories import announced

SignIn = Callable[[Any], Client]


@pytest.fixture
def finance(sign_in: SignIn, app: Any) -> Client:
    return sign_in(factories.finance_officer())


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def _round(code: str = "SCF 21", **more: str) -> Round:
    a_round = factories.open_round(code=code)
    with transaction() as session:
        a_round = session.merge(a_round)
        for name, value in more.items():
            setattr(a_round, name, value)
    return a_round


def test_csv_holds_one_line_for_each_award(finance: Client) -> None:
    a_round = _round(cost_centre="00123", account_code="4500")
    factories.award(
        reference="A-1",
        a_round=a_round,
        award_day="2026-03-31",
        amount=540_000,
        organisation=factories.organisation("=HYPERLINK(1)"),
    )
    factories.award(reference="A-2", amount=None, award_day="2015")

    first, second = _rows(finance.get("/payments/awards.csv").get_data(as_text=True))

    assert first == {
        "Reference": "A-1",
        "Group": "'=HYPERLINK(1)",
        "Project": "Safe evenings",
        "Awarded (£)": "5400.00",
        "Committed (£)": "",
        "Paid (£)": "",
        "Returned (£)": "",
        "Fund": "SCF",
        "Round": "SCF 21",
        "Award date": "2026-03-31",
        "Financial year": "2025-26",
        "Decision": "",
        "Decision date": "",
        "Planned start": "",
        "Planned end": "",
        "Status": "Awarded",
        "Finance has": "",
        "Main topic": "CSE",
        "Districts": "Leeds",
        "Cost centre": "00123",
        "Account code": "4500",
        "Project code": "",
        "Illustrative": "No",
    }
    assert (second["Awarded (£)"], second["Award date"], second["Cost centre"]) == ("", "2015", "")
    assert (second["Financial year"], second["Returned (£)"]) == ("", "")


def test_csv_names_the_decision(finance: Client) -> None:
    decision = announced(amount=540_000)

    (row,) = _rows(finance.get("/payments/awards.csv").get_data(as_text=True))

    assert (row["Decision"], row["Awarded (£)"]) == (decision.reference, "5400.00")
    assert row["Decision date"] == london(decision.decided_at).date().isoformat()


def test_xlsx_keeps_leading_zeros_and_formulas_as_text(finance: Client) -> None:
    a_round = _round(cost_centre="00123")
    factories.award(reference="A-1", a_round=a_round, amount=540_050, organisation=factories.organisation("=1+1"))

    response = finance.get("/payments/awards.xlsx")

    sheet = load_workbook(io.BytesIO(response.data)).worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    row = dict(zip(heads, sheet[2], strict=True))
    assert (row["Group"].value, row["Group"].data_type) == ("=1+1", "s")
    assert (row["Cost centre"].value, row["Cost centre"].data_type) == ("00123", "s")
    assert row["Awarded (£)"].value == 5400.5


def test_page_and_files_follow_the_same_filters(finance: Client) -> None:
    a_round = _round()
    factories.award(reference="A-1", a_round=a_round, award_day="2026-03-31", amount=100)
    factories.award(reference="A-2", a_round=a_round, award_day="2026-04-01", amount=200)
    factories.award(reference="A-3", award_day="2026-04", amount=400)
    factories.award(reference="A-4", award_day="2026", amount=400)
    factories.award(reference="A-5", award_day="by 2026-04-02", amount=400)

    for query, expected in {
        "": {"A-1", "A-2", "A-3", "A-4", "A-5"},
        "round=SCF+21": {"A-1", "A-2"},
        "year=2026-27": {"A-2", "A-3"},
        "round=SCF+21&year=2026-27": {"A-2"},
        "round=SCF+21&year=2025-26&status=withdrawn": set(),
    }.items():
        page = finance.get(f"/payments/awards?{query}")
        shown = {link.get_text() for link in page.page.select("tbody th a")}
        rows = _rows(finance.get(f"/payments/awards.csv?{query}").get_data(as_text=True))
        assert shown == {row["Reference"] for row in rows} == expected
        if expected:
            assert page.page.find(
                "a", href=lambda to, query=query: to == f"/payments/awards.csv{'?' * bool(query)}{query}"
            )


def test_page_adds_up_what_is_known(finance: Client) -> None:
    factories.award(amount=540_000)
    factories.award(amount=None)

    assert "2 awards, £5,400 in all; 1 amount is not known." in finance.get("/payments/awards").main


@pytest.mark.parametrize("query", ["year=2026", "year=%00", "round=%00", "round=" + "x" * 10_000, "year=%27"])
def test_bad_filter_is_told(finance: Client, query: str) -> None:
    page = finance.get(f"/payments/awards?{query}")

    assert page.status_code == 400
    assert finance.get(f"/payments/awards.csv?{query}").status_code == 400


@pytest.mark.parametrize("role", [None, *Role])
def test_only_finance_and_auditors_find_it(sign_in: SignIn, app: Any, role: Role | None) -> None:
    browser = sign_in(factories.person(*([role] if role else [])))
    code = 200 if role in {Role.FINANCE, Role.AUDITOR} else 404

    for path in ("/payments", "/payments/awards", "/payments/all", "/payments/awards.csv", "/payments/awards.xlsx"):
        assert browser.get(path).status_code == code


LIST = 6


@pytest.mark.parametrize("count", [1, 3, 8])
def test_list_asks_as_often_whatever_the_number(finance: Client, count_queries: Any, count: int) -> None:
    group = factories.organisation()
    for _ in range(count):
        factories.award(organisation=group)

    with count_queries() as queries:
        page = finance.get("/payments/awards")

    assert len(page.page.select("tbody tr")) == count
    assert queries.count == LIST
    assert page.weight(50) < 60 * 1024


def _paid_on(day: date, amount: int) -> Payment:
    """A payment that was paid on a day, after its batch was approved and sent."""
    with time_machine.travel(datetime(2027, 3, 30, 12, tzinfo=UTC), tick=False):
        award = payments.payable_award(amount=amount)
        (payment,) = payments.payments_of(payments.batch(BatchStatus.EXPORTED, awards=[award]))
    with time_machine.travel(datetime(2027, 4, 10, 12, tzinfo=UTC), tick=False):
        payments.take(payments.line(payment, day=day.isoformat()))
    return payment


def test_payment_counts_towards_the_year_of_the_day_on_which_it_was_paid(finance: Client) -> None:
    """Both batches were prepared and approved in March."""
    in_march, in_april = _paid_on(date(2027, 3, 31), 100_000), _paid_on(date(2027, 4, 1), 200_000)
    payments.batch()

    years = {}
    for year in ("", "2026-27", "2027-28"):
        rows = _rows(finance.get(f"/payments/all.csv?year={year}").get_data(as_text=True))
        years[year] = {row["Payment reference"]: row["Financial year"] for row in rows}

    assert years["2026-27"] == {in_march.reference: "2026-27"}
    assert years["2027-28"] == {in_april.reference: "2027-28"}
    assert sorted(years[""].values()) == ["", "2026-27", "2027-28"]


def test_lists_say_by_which_day_they_count(finance: Client) -> None:
    payment = _paid_on(date(2027, 4, 1), 100_000)

    page = finance.get("/payments/all?year=2027-28")

    assert payment.reference in page.main
    assert "towards the financial year of the day on which it was paid" in page.main
    assert [one.get_text() for one in page.page.select("#year option")][1:] == ["2027-28"]
    assert "towards the financial year of its award date" in finance.get("/payments/awards").main
