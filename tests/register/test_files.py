"""The register as CSV and XLSX: exactly what the page shows, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from typing import Any

import openpyxl
import pytest

from grants.awards.entries.operations import record_repayment, withdraw
from grants.foundation.documents.exports import unescape
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from grants.register.columns import COLUMNS
from tests.register.test_list import listed, some_awards
from tests.support import factories as make
from tests.support.client import Client

KEYS = (
    "reference",
    "fund",
    "fund_name",
    "round",
    "award_date",
    "decision_reference",
    "decision_date",
    "decision_maker",
    "department",
    "legal_power",
    "recipient",
    "recipient_kind",
    "charity_number",
    "company_number",
    "project",
    "purpose",
    "reasons",
    "conditions",
    "amount_requested_gbp",
    "amount_awarded_gbp",
    "amount_paid_gbp",
    "amount_returned_gbp",
    "amount_net_gbp",
    "planned_start",
    "planned_end",
    "planned_months",
    "districts",
    "district_codes",
    "primary_topic",
    "other_topics",
    "plan_priority",
    "plan",
    "funding_source",
    "aris_category",
    "financial_year",
    "status",
    "status_date",
    "first_published",
    "last_changed",
    "illustrative",
    "source",
)


def csv_rows(client: Client, address: str = "/register.csv") -> list[dict[str, str]]:
    """The rows of the CSV by column."""
    return list(csv.DictReader(io.StringIO(client.get(address).get_data().decode("utf-8-sig"), newline="")))


def xlsx_rows(client: Client, address: str = "/register.xlsx") -> list[dict[str, Any]]:
    """The rows of the XLSX by heading, with their cells."""
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(address).get_data())).active
    assert sheet is not None
    head, *rows = sheet.iter_rows()
    return [{str(name.value): cell for name, cell in zip(head, row, strict=True)} for row in rows]


def test_columns_are_a_promise() -> None:
    """Whoever reads the files by machine relies on the keys and their order. New columns come at the end."""
    assert tuple(column.key for column in COLUMNS) == KEYS
    assert len({column.title for column in COLUMNS}) == len(COLUMNS)


def test_csv_holds_every_column_of_an_award(client: Client) -> None:
    group = make.organisation("Blast", kind="charity", charity_number="0123456", company_number="00012345")
    award = make.award(
        reference="0042",
        organisation=group,
        award_day="2015-03",
        amount=592_550,
        source="https://example.org/a",
        topics=[make.topic("CSE"), make.topic("knife crime")],
        districts=[make.district("Leeds"), make.district("Bradford")],
        title="Safe talks",
        purpose="To talk",
        reasons="It helps",
        conditions="None",
        priority=make.priority(),
        requested=Pence(600_000),
    )
    record_repayment(
        actor=make.TESTS, award=award, amount=Pence(5), effective=Day.parse("2015-09-01"), reason="Unspent."
    )

    (row,) = csv_rows(client)

    assert {key: value for key, value in row.items() if key not in {"first_published", "last_changed"}} == {
        "reference": "0042",
        "fund": "SCF",
        "fund_name": "Safer Communities Fund",
        "round": "",
        "award_date": "2015-03",
        "decision_reference": "",
        "decision_date": "",
        "decision_maker": "",
        "department": "",
        "legal_power": "",
        "recipient": "Blast",
        "recipient_kind": "charity",
        "charity_number": "0123456",
        "company_number": "00012345",
        "project": "Safe talks",
        "purpose": "To talk",
        "reasons": "It helps",
        "conditions": "None",
        "amount_requested_gbp": "6000.00",
        "amount_awarded_gbp": "5925.50",
        "amount_paid_gbp": "",
        "amount_returned_gbp": "0.05",
        "amount_net_gbp": "5925.45",
        "planned_start": "",
        "planned_end": "",
        "planned_months": "",
        "districts": "Leeds; Bradford",
        "district_codes": "E08000035; E08000032",
        "primary_topic": "CSE",
        "other_topics": "knife crime",
        "plan_priority": "Safeguarding vulnerable people",
        "plan": "Police and Crime Plan 2026",
        "funding_source": "Proceeds of Crime Act 2002",
        "aris_category": "",
        "financial_year": "2014-15",
        "status": "awarded",
        "status_date": "2015-03",
        "illustrative": "no",
        "source": "https://example.org/a",
    }


def test_unknown_amount_is_blank_and_never_nothing(client: Client) -> None:
    make.award(reference="PUB-1", amount=None, source="a cutting")

    (row,) = csv_rows(client)
    (cells,) = xlsx_rows(client)

    assert [row[key] for key in ("amount_awarded_gbp", "amount_net_gbp", "amount_requested_gbp")] == ["", "", ""]
    assert [cells[key].value for key in ("Awarded (£)", "Net (£)", "Asked for (£)")] == [None, None, None]


def test_withdrawn_award_has_its_status_and_the_day(client: Client) -> None:
    award = make.award(reference="SCF-1")
    withdraw(actor=make.TESTS, award=award, effective=Day.parse("2026-04-01"), reason="It did not begin.")

    (row,) = csv_rows(client)

    assert (row["status"], row["status_date"], row["amount_awarded_gbp"]) == ("withdrawn", "2026-04-01", "0.00")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "fund=SCF&sort=oldest",
        "q=blast&sort=organisation-down",
        "amount=unknown",
        "topic=knife+crime&sort=smallest",
        "sort=largest",
        "q=nothing+fits",
    ],
)
def test_files_hold_exactly_what_the_page_shows(client: Client, query: str) -> None:
    some_awards()
    shown = listed(client.get(f"/register?{query}"))

    assert [row["reference"] for row in csv_rows(client, f"/register.csv?{query}")] == shown
    assert [row["Reference"].value for row in xlsx_rows(client, f"/register.xlsx?{query}")] == shown


def test_page_links_to_its_own_files(client: Client) -> None:
    some_awards()

    page = client.get("/register?fund=SCF&sort=oldest&after=nonsense").page

    assert page.select_one('a[href="/register.csv?fund=SCF&sort=oldest"]') is not None
    assert page.select_one('a[href="/register.xlsx?fund=SCF&sort=oldest"]') is not None


FORMULAS = ["=1+1", "+44", "-1", "@SUM(A1)", "\t=1+1", '=HYPERLINK("https://evil.example")']


@pytest.mark.parametrize("name", FORMULAS)
def test_name_that_looks_like_a_formula_stays_text(client: Client, name: str) -> None:
    """Risk: a group names itself with a formula that runs when finance opens the file."""
    make.award(reference="A-1", organisation=make.organisation(name), title=name, source="a list")

    (row,) = csv_rows(client)
    (cells,) = xlsx_rows(client)

    assert row["recipient"].startswith("'")
    assert unescape(row["recipient"]) == name
    assert row["project"].startswith("'")
    assert (cells["Group"].value, cells["Group"].data_type) == (name, "s")


def test_numbers_as_text_keep_their_leading_zeros(client: Client) -> None:
    group = make.organisation("Blast", charity_number="0012345", company_number="00000042")
    make.award(reference="0007", organisation=group)

    (cells,) = xlsx_rows(client)

    assert [cells[name].value for name in ("Reference", "Charity number", "Company number")] == [
        "0007",
        "0012345",
        "00000042",
    ]
    assert {cells[name].data_type for name in ("Reference", "Charity number", "Company number")} == {"s"}
    assert cells["Awarded (£)"].value == 5000
    assert cells["Awarded (£)"].data_type == "n"


def test_file_of_a_wrong_filter_is_refused_with_the_reason(client: Client) -> None:
    some_awards()

    answer = client.get("/register.csv?until=2017-02-31&fund=XYZ")

    assert answer.status_code == 400
    assert "Awarded until: “2017-02-31” is not a day of the calendar." in answer.main
    assert "Fund: There is no fund called “XYZ”." in answer.main


def test_file_of_nothing_has_its_heading(client: Client) -> None:
    assert client.get("/register.csv").get_data().decode("utf-8-sig").strip() == ",".join(KEYS)


@pytest.mark.parametrize("number", [1, 3, 8])
def test_files_ask_the_same_number_of_questions_however_long(client: Client, count_queries: Any, number: int) -> None:
    for at in range(number):
        make.award(reference=f"A-{at}")

    with count_queries() as queries:
        rows = csv_rows(client)

    assert len(rows) == number
    assert queries.count == 3
