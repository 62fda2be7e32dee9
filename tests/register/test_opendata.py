"""The 360Giving package: complete, true, valid against the official schema, and honest about what it leaves out."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from grants.accounts.models import Organisation
from grants.awards.corrections.operations import correct_amount
from grants.awards.entries.operations import record_repayment, vary, withdraw
from grants.foundation.records.office import set_office
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from tests.support import factories as make
from tests.support.client import Client
from tests.support.decision_factories import sign

SCHEMAS = Path(__file__).resolve().parents[3] / "shared" / "schemas" / "360giving"
POINTED_AT = "https://raw.githubusercontent.com/ThreeSixtyGiving/standard/1.4.2/schema/360-giving-schema.json"

needs_schema = pytest.mark.skipif(not SCHEMAS.is_dir(), reason=f"the official schema is not at {SCHEMAS}")


def published() -> None:
    """An office that may publish."""
    set_office(
        actor=make.TESTS,
        name="Office of the Commissioner",
        service="Safer Communities Fund",
        department="Grants",
        organisation_identifier="GB-LAE-WYO",
        publisher_prefix="360G-office",
        website="https://office.example.org",
    )


def package(client: Client) -> dict[str, Any]:
    """The file as a reader of JSON has it."""
    found: dict[str, Any] = client.get("/register/360giving.json").get_json()
    return found


def the_grant(client: Client) -> dict[str, Any]:
    """Its only grant."""
    (grant,) = package(client)["grants"]
    assert isinstance(grant, dict)
    return grant


def rich_award(group: Organisation | None = None, **more: Any) -> None:
    """An award of which everything is known."""
    from datetime import date

    values: dict[str, Any] = {
        "reference": "SCF-1",
        "organisation": group or make.organisation("Blast", kind="charity", charity_number="1234567"),
        "award_day": "2026-03-02",
        "amount": 592_550,
        "title": "Safe talks",
        "purpose": "Talks for parents and young people.",
        "topics": [make.topic("CSE"), make.topic("knife crime")],
        "districts": [make.district("Leeds"), make.district("Bradford")],
        "requested": Pence(600_000),
        "starts_on": date(2026, 4, 1),
        "ends_on": date(2027, 3, 31),
        "source": "a list",
    }
    make.award(**{**values, **more})


# What a grant says


def test_grant_has_everything_that_the_standard_asks_for(client: Client) -> None:
    published()
    rich_award()

    grant = the_grant(client)
    modified = grant.pop("dateModified")

    assert modified.endswith("+00:00")
    assert grant == {
        "id": "360G-office-SCF-1",
        "title": "Safe talks",
        "description": "Talks for parents and young people.",
        "currency": "GBP",
        "amountAwarded": 5925.5,
        "amountAppliedFor": 6000,
        "awardDate": "2026-03-02",
        "url": "https://localhost/awards/SCF-1",
        "plannedDates": [{"startDate": "2026-04-01", "endDate": "2027-03-31", "duration": 12}],
        "recipientOrganization": [
            {"id": "GB-CHC-1234567", "name": "Blast", "charityNumber": "1234567", "organisationType": "charity"}
        ],
        "fundingOrganization": [{"id": "GB-LAE-WYO", "name": "Office of the Commissioner", "department": "Grants"}],
        "beneficiaryLocation": [
            {"name": "Leeds", "countryCode": "GB", "geoCode": "E08000035", "geoCodeType": "MD"},
            {"name": "Bradford", "countryCode": "GB", "geoCode": "E08000032", "geoCodeType": "MD"},
        ],
        "locationScope": "GLS050",
        "grantProgramme": [{"code": "SCF", "title": "Safer Communities Fund"}],
        "fromOpenCall": "Yes",
        "classifications": [
            {"vocabulary": "Primary topic", "title": "CSE"},
            {"vocabulary": "Other topics", "title": "knife crime"},
        ],
    }


def test_award_without_a_purpose_gets_a_description_that_is_not_its_title(client: Client) -> None:
    published()
    rich_award(purpose="", a_round=make.open_round(code="SCF 3"))

    assert the_grant(client)["description"] == (
        "Safe talks: a project of Blast about CSE, knife crime in Leeds, Bradford"
        " with money of the Safer Communities Fund, round SCF 3."
    )


@pytest.mark.parametrize(
    "more",
    [
        {"title": "", "purpose": ""},
        {"title": "Same words", "purpose": "Same words"},
        {"title": "", "purpose": "", "topics": [], "districts": []},
    ],
)
def test_title_and_description_always_differ(client: Client, more: dict[str, Any]) -> None:
    published()
    rich_award(**more)

    grant = the_grant(client)

    assert grant["title"]
    assert grant["description"]
    assert grant["title"] != grant["description"]


def test_whole_area_is_a_region_and_not_a_local_authority(client: Client) -> None:
    published()
    rich_award(districts=[make.district("West Yorkshire")])

    grant = the_grant(client)

    assert grant["locationScope"] == "GLS040"
    assert grant["beneficiaryLocation"] == [
        {"name": "West Yorkshire", "countryCode": "GB", "geoCode": "E23000010", "geoCodeType": "PFA"}
    ]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ({"charity_number": "1234567"}, "GB-CHC-1234567"),
        ({"charity_number": " 123 4567 "}, "GB-CHC-1234567"),
        ({"charity_number": "SC012345"}, "GB-SC-SC012345"),
        ({"charity_number": "1234567", "company_number": "42"}, "GB-CHC-1234567"),
        ({"company_number": "42"}, "GB-COH-00000042"),
        ({"company_number": "ce012345"}, "GB-COH-CE012345"),
        ({"charity_number": "applied for"}, "360G-office-ORG{}"),
        ({"kind": "council"}, "360G-office-ORG{}"),
        ({}, "360G-office-ORG{}"),
    ],
)
def test_recipient_is_identified_by_its_number_or_by_ours(
    client: Client, numbers: dict[str, str], expected: str
) -> None:
    published()
    group = make.organisation("Blast", **numbers)
    rich_award(group)

    assert the_grant(client)["recipientOrganization"][0]["id"] == expected.format(group.id)


def test_amount_awarded_is_what_stands_and_not_what_came_back(client: Client) -> None:
    published()
    award = make.award(reference="A-1", amount=500_000, source="a list")
    vary(actor=make.TESTS, award=award, by=-10_000, effective=Day.parse("2026-04-01"), reason="A smaller hall.")
    record_repayment(
        actor=make.TESTS, award=award, amount=Pence(20_000), effective=Day.parse("2026-05-01"), reason="Unspent."
    )

    assert the_grant(client)["amountAwarded"] == 4900


# What is left out


def mixed_awards() -> None:
    """One complete award, and each reason to be left out."""
    make.award(reference="A-1", source="a list")
    for reference in ("B-1", "B-2"):
        make.award(reference=reference, illustrative=True, source="illustrative")
    gone = make.award(reference="C-1", source="a list")
    withdraw(actor=make.TESTS, award=gone, effective=Day.parse("2026-04-01"), reason="It did not begin.")
    make.award(reference="D-1", amount=None, award_day="by 2015-06-29", source="a list")
    for reference in ("E-1", "E-2", "E-3"):
        make.award(reference=reference, amount=None, source="a list")
    make.award(reference="F-1", award_day="2015-06", source="a list")


LEFT_OUT = {
    "total": 8,
    "illustrative": 2,
    "withdrawn": 1,
    "neither amount nor exact date known": 1,
    "amount not known": 3,
    "exact date not known": 1,
}


def test_package_holds_only_complete_awards_and_counts_the_rest_by_reason(client: Client) -> None:
    published()
    mixed_awards()

    found = package(client)

    assert [grant["id"] for grant in found["grants"]] == ["360G-office-A-1"]
    assert found["leftOut"] == LEFT_OUT
    assert "8 awards of the register are left out: 2 illustrative, 1 withdrawn," in found["description"]


def test_page_counts_the_same(client: Client) -> None:
    published()
    mixed_awards()

    page = client.get("/register/open-data")

    rows = {row.th.get_text(): row.td.get_text() for row in page.page.select(".g-register__left-out tbody tr")}  # type: ignore[union-attr]
    assert rows == {
        "Illustrative": "2",
        "Withdrawn": "1",
        "Neither amount nor exact date known": "1",
        "Amount not known": "3",
        "Exact date not known": "1",
    }
    assert "1 award is in the file" in page.main
    assert "8 are left out" in page.main
    assert page.page.select_one('a[href="/register/360giving.json"]') is not None


def test_award_comes_in_as_soon_as_its_amount_is_found(client: Client) -> None:
    published()
    award = make.award(reference="A-1", amount=None, source="a list")
    assert package(client)["grants"] == []

    correct_amount(actor=make.TESTS, award=award, amount=Pence(100_000), reason="Found in the minutes.")

    assert [grant["amountAwarded"] for grant in package(client)["grants"]] == [1000]


# Who publishes


def test_without_a_prefix_the_file_says_that_it_is_not_publishable(client: Client) -> None:
    rich_award()

    found, page = package(client), client.get("/register/open-data")

    assert found["title"].endswith("(not publishable)")
    assert found["description"].startswith("Not publishable: the office has not set a publisher prefix")
    assert found["grants"][0]["id"] == "NO-PREFIX-SCF-1"
    assert "Not publishable" in page.main


def test_trial_prefix_is_labelled_as_a_test(client: Client) -> None:
    published()
    set_office(actor=make.TESTS, is_test_prefix=True)
    rich_award()

    found, page = package(client), client.get("/register/open-data")

    assert found["title"].endswith("(a test)")
    assert found["description"].startswith("A test: the publisher prefix is only a trial one.")
    assert "A test: the publisher prefix" in page.main


def test_publishable_file_has_no_label(client: Client) -> None:
    published()
    rich_award()

    found = package(client)

    assert found["title"] == "Grants of Office of the Commissioner: Safer Communities Fund"
    assert found["publisher"] == {
        "name": "Office of the Commissioner",
        "identifier": "GB-LAE-WYO",
        "website": "https://office.example.org",
    }
    assert found["version"] == "1.4"


# The official schema


def official() -> Draft202012Validator:
    """The package schema with the grant schema behind both addresses by which it is known, and no network."""
    whole = json.loads((SCHEMAS / "360-giving-package-schema.json").read_text())
    grant = DRAFT202012.create_resource(json.loads((SCHEMAS / "360-giving-schema.json").read_text()))
    registry: Registry[Any] = Registry().with_resources([(grant.contents["$id"], grant), (POINTED_AT, grant)])
    return Draft202012Validator(whole, registry=registry, format_checker=FormatChecker())


def codes(name: str) -> set[str]:
    """A closed list of the standard."""
    with (SCHEMAS / "codelists" / f"{name}.csv").open(newline="") as file:
        return {row["Code"] for row in csv.DictReader(file)}


@needs_schema
@pytest.mark.parametrize("prefix", ["360G-office", ""])
def test_package_is_valid_by_the_official_schema(client: Client, prefix: str) -> None:
    published()
    set_office(actor=make.TESTS, publisher_prefix=prefix)
    rich_award()
    mixed_awards()
    rich_award(make.organisation("Ænon “Mill” <&>"), reference="ÅÄ 1", title="", purpose="", districts=[], topics=[])

    found = package(client)

    assert [error.message for error in official().iter_errors(found)] == []
    assert len(found["grants"]) == 3
    for grant in found["grants"]:
        assert grant.get("locationScope", "GLS050") in codes("locationScope")
        for place in grant.get("beneficiaryLocation", []):
            assert place["geoCodeType"] in codes("geoCodeType")


@needs_schema
@pytest.mark.parametrize(("field", "value"), [("awardDate", "by 2015-06-29"), ("amountAwarded", "5"), ("url", "a b")])
def test_official_schema_would_find_a_fault(client: Client, field: str, value: str) -> None:
    """The check above can fail: formats and types are really checked."""
    published()
    rich_award()
    found = package(client)

    found["grants"][0][field] = value

    assert list(official().iter_errors(found)) != []


@needs_schema
def test_award_of_this_system_is_valid_too(client: Client) -> None:
    from grants.applications.models import ApplicationStatus
    from grants.awards.models import Outcome

    published()
    bid = make.application(ApplicationStatus.RECOMMENDED)
    make.score_sheet(bid)
    sign(make.decision(bid, outcome=Outcome.APPROVED))

    found = package(client)

    assert [grant["id"] for grant in found["grants"]] == [f"360G-office-{bid.reference}"]
    assert [error.message for error in official().iter_errors(found)] == []


@pytest.mark.parametrize("number", [1, 3, 8])
def test_package_asks_the_same_number_of_questions_however_long(
    client: Client, count_queries: Any, number: int
) -> None:
    for at in range(number):
        make.award(reference=f"A-{at}", source="a list")

    with count_queries() as queries:
        assert len(package(client)["grants"]) == number

    assert queries.count == 6
