"""The office's list of applications: its filters, and the files that hold exactly what it shows."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import load_workbook

from grants.accounts.models import Organisation, Person
from grants.accounts.rights import Role
from grants.applications.listing.columns import COLUMNS
from grants.applications.models import Application, ApplicationDistrict, ApplicationStatus, ApplicationTopic, Bar
from grants.foundation.records.db import transaction
from grants.foundation.values import clock as time
from tests.support import factories
from tests.support.client import Client

S = ApplicationStatus
SignIn = Callable[[Any], Client]


@pytest.fixture
def officer(app: Any, sign_in: SignIn) -> Client:
    return sign_in(factories.officer())


@pytest.fixture
def group(app: Any) -> Organisation:
    return factories.organisation("Northside Youth Project", charity_number="0123456", company_number="01234567")


def _whole(group: Organisation) -> Application:
    """An application with two districts and three topics, named so that an order by number would be wrong."""
    made = factories.application(
        S.SUBMITTED, in_round=factories.open_round(code="SCF-21"), organisation=group, title="=Safe evenings"
    )
    hate, knives, wakefield = (
        factories.topic("hate crime"),
        factories.topic("knife crime"),
        factories.district("Bradford"),
    )
    with transaction() as session:
        held = session.merge(made)
        held.topics += [
            ApplicationTopic(topic_id=knives.id, position=1),
            ApplicationTopic(topic_id=hate.id, position=2),
        ]
        held.districts.append(ApplicationDistrict(district_id=wakefield.id))
    return made


def _rows(browser: Client, query: str = "") -> list[dict[str, str]]:
    found = browser.get(f"/applications.csv{query}")
    assert found.status_code == 200, found.words[:200]
    return list(csv.DictReader(io.StringIO(found.data.decode("utf-8-sig"))))


def _listed(browser: Client, query: str = "") -> list[str]:
    """The references on the pages of the list, one after the other."""
    references, where = [], f"/applications{query}"
    while where:
        page = browser.get(where)
        references += [link.get_text() for link in page.page.select("tbody th a")]
        further = page.page.find("a", rel="next")
        where = str(further["href"]) if further else ""
    return references


def test_csv_holds_what_an_office_asks_for(clock: Any, officer: Client, group: Organisation) -> None:
    _whole(group)

    (row,) = _rows(officer)

    assert row == {
        "Reference": "SCF-21-0001",
        "Round": "SCF-21",
        "Fund": "SCF",
        "Group": "Northside Youth Project",
        "Kind of group": "voluntary group",
        "Charity number": "0123456",
        "Company number": "01234567",
        "Project": "'=Safe evenings",
        "Summary": "Evening sessions for young people, run by local volunteers.",
        "Status": "Submitted",
        "Grant": "",
        "Submitted": "2026-11-22T12:00:00Z",
        "Asked for (£)": "6000.00",
        "Districts": "Bradford; Leeds",
        "Main topic": "CSE",
        "Other topics": "knife crime; hate crime",
        "Plan priority": "Safeguarding vulnerable people",
        "People to be helped": "60",
        "Planned start": "2027-01-11",
        "Planned end": "2027-06-30",
        "Illustrative": "No",
    }


def test_xlsx_keeps_leading_zeros_and_formulas_as_text(officer: Client, group: Organisation) -> None:
    _whole(group)

    sheet = load_workbook(io.BytesIO(officer.get("/applications.xlsx").data)).active
    head, row = list(sheet.iter_rows(values_only=True))

    assert list(head) == [column.heading for column in COLUMNS]
    found = dict(zip(head, row, strict=True))
    assert (found["Charity number"], found["Company number"]) == ("0123456", "01234567")
    assert (found["Project"], found["Asked for (£)"]) == ("=Safe evenings", 6000)


@pytest.fixture
def many(group: Organisation, clock: Any) -> list[Application]:
    """Sixty-five applications of two rounds, in several states, at several instants, two of them at the same."""
    rounds = [factories.open_round(code="SCF-21"), factories.open_round(code="SCF-22")]
    member = factories.applicant(group)
    made = []
    for number in range(65):
        status = [S.SUBMITTED, S.ELIGIBLE, S.AWARDED][number % 3]
        made.append(
            factories.application(
                status, in_round=rounds[number % 2], organisation=group, by=member, title=f"Project {number}"
            )
        )
        clock.shift(timedelta(seconds=number % 2))
    return made


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 65),
        ("?round=scf-21", 33),
        ("?status=eligible&round=scf-22", 11),
        ("?q=project+6", 17),
        ("?topic=CSE", 65),
        ("?district=Leeds&q=project+64", 1),
        ("?district=Bradford", 0),
    ],
)
@pytest.mark.usefixtures("many")
def test_file_holds_exactly_what_the_list_shows_in_its_order(officer: Client, query: str, count: int) -> None:
    factories.district("Bradford")

    shown = _listed(officer, query)

    assert [row["Reference"] for row in _rows(officer, query)] == shown
    assert len(shown) == count


def test_list_leads_to_its_files_with_its_filters(officer: Client, group: Organisation) -> None:
    _whole(group)

    page = officer.get("/applications?district=Leeds&status=submitted&after=&q=safe")

    links = [str(link["href"]) for link in page.page.select("main p a") if "/applications." in str(link["href"])]
    assert links == [f"/applications.{ending}?q=safe&status=submitted&district=Leeds" for ending in ("xlsx", "csv")]


@pytest.mark.parametrize("field", ["district", "topic"])
def test_list_filters_by_place_and_main_topic(officer: Client, group: Organisation, field: str) -> None:
    whole = _whole(group)
    other = factories.application(S.SUBMITTED)

    found = {
        value: _listed(officer, f"?{field}={value}")
        for value in {"district": ("Leeds", "Bradford"), "topic": ("CSE", "hate crime")}[field]
    }

    second = "Bradford" if field == "district" else "hate crime"
    assert sorted(found.pop(second)) == ([whole.reference] if field == "district" else [])
    assert [sorted(rest) for rest in found.values()] == [sorted([whole.reference, other.reference])]


@pytest.mark.parametrize("query", ["district=Nowhere", "topic=%00", "status=nothing", "topic=" + "x" * 1000])
def test_filter_that_is_not_known_is_told_and_gives_no_file(officer: Client, query: str) -> None:
    factories.application(S.SUBMITTED)

    assert officer.get(f"/applications?{query}").status_code == 400
    assert officer.get(f"/applications.csv?{query}").status_code == 400


def test_drafts_are_in_the_files_of_an_auditor_alone(officer: Client, sign_in: SignIn) -> None:
    draft = factories.application(S.DRAFT, title="Nobody's business yet")

    assert _rows(officer) == []
    assert [row["Reference"] for row in _rows(sign_in(factories.auditor()))] == [draft.reference]


def test_file_leaves_out_what_is_closed_to_its_reader(sign_in: SignIn, app: Any) -> None:
    """The risk: an interest that was declared closes the page and not the file."""
    application, torn = factories.application(S.SUBMITTED, title="The secret garden"), factories.officer()
    with transaction() as session:
        session.add(Bar(application_id=application.id, person_id=torn.id, barred_at=time.now()))

    assert _rows(sign_in(torn)) == []
    assert len(_rows(sign_in(factories.officer()))) == 1


@pytest.mark.parametrize("role", [None, *Role])
def test_files_are_there_only_for_officers_and_auditors(sign_in: SignIn, app: Any, role: Role | None) -> None:
    browser = sign_in(factories.person(*([role] if role else [])))

    for ending in ("csv", "xlsx"):
        code = 200 if role in {Role.OFFICER, Role.AUDITOR} else 404
        assert browser.get(f"/applications.{ending}").status_code == code


OF_A_FILE = 6
"""The person, what the filters know, the three of the audit line, and the rows."""


@pytest.mark.parametrize("count", [1, 3, 8])
def test_file_asks_as_often_whatever_the_number(
    officer: Client, group: Organisation, count_queries: Any, count: int
) -> None:
    in_round, member = factories.open_round(), factories.applicant(group)
    for _ in range(count):
        factories.application(S.SUBMITTED, in_round=in_round, organisation=group, by=member)

    with count_queries() as queries:
        rows = _rows(officer)

    assert len(rows) == count
    assert queries.count == OF_A_FILE


def test_page_of_sixty_long_rows_stays_light(officer: Client, group: Organisation) -> None:
    in_round, member = factories.open_round(), factories.applicant(group)
    for number in range(26):
        factories.topic(f"A topic of many words, number {number}")
    for number in range(62):
        factories.application(
            S.SUBMITTED,
            in_round=in_round,
            organisation=group,
            by=member,
            title=f"A rather long title of a project {number}",
        )

    page = officer.get("/applications")

    assert len(page.page.select("tbody tr")) == 60
    assert len(page.data) < 60 * 1024


def test_group_sees_no_filters_and_no_files(sign_in: SignIn, group: Organisation) -> None:
    member: Person = factories.applicant(group)
    factories.application(S.SUBMITTED, organisation=group, by=member)

    page = sign_in(member).get("/applications")

    assert not page.page.select("main form, main a[href*='.csv']")
    assert len(page.page.select("tbody tr")) == 1
