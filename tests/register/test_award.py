"""The page of one award, and what must never stand on it or in any file of the register."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date

import openpyxl
import pytest

from grants.accounts.rights import Role
from grants.applications.models import ApplicationStatus
from grants.awards.corrections.operations import change_field, correct_amount
from grants.awards.entries.operations import record_repayment, withdraw
from grants.awards.models import ChangedField, Outcome
from grants.foundation.records.office import set_office
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from tests.support import factories as make
from tests.support.client import Client, Page
from tests.support.decision_factories import sign


def facts(page: Page) -> dict[str, str]:
    """The summary list of an award's page."""
    rows = page.page.select(".g-register__facts .govuk-summary-list__row")
    return {row.dt.get_text(): " ".join(row.dd.get_text(" ").split()) for row in rows if row.dt and row.dd}


def story(page: Page) -> list[list[str]]:
    """The lines of its story: from, what, recorded, amount."""
    return [
        [" ".join(cell.get_text(" ").split()) for cell in row.find_all(["td", "th"])]
        for row in page.page.select(".g-ledger tbody tr")
    ]


def foot(page: Page) -> list[str]:
    """The sums at the foot of its story."""
    return [" ".join(row.get_text(" ").split()) for row in page.page.select(".g-ledger tfoot tr")]


def test_award_page_has_every_column_that_is_known(client: Client) -> None:
    set_office(
        actor=make.TESTS,
        decision_maker="Police and Crime Commissioner",
        department="Communities",
        legal_power="Police Reform and Social Responsibility Act 2011, section 9",
    )
    group = make.organisation("Blast", kind="charity", charity_number="0123456", company_number="00012345")
    bid = make.application(ApplicationStatus.RECOMMENDED, organisation=group, title="Safe talks")
    make.score_sheet(bid)
    notice = sign(make.decision(bid, outcome=Outcome.APPROVED, amount=540_000))

    page = client.get(f"/awards/{bid.reference}")

    assert page.page.h1 is not None
    assert page.page.h1.get_text() == "Safe talks"
    assert "To Blast, awarded " in page.main
    assert "£6,000 asked for" in page.main
    assert "£5,400 awarded" in page.main
    assert "Why it should reduce crime and disorder It should make the estate safer in the evenings." in page.main
    assert "Conditions For the agreed purpose only." in page.main
    known = facts(page)
    assert known["Reference"] == bid.reference
    assert known["Recipient"] == "Blast"
    assert known["Kind of recipient"] == "charity"
    assert known["Charity number"] == "0123456"
    assert known["Company number"] == "00012345"
    assert known["Planned dates"] == "11 January 2027 to 30 June 2027 (6 months)"
    assert known["Districts"] == "Leeds"
    assert known["Main topic"] == "CSE"
    assert known["Plan priority"] == "Safeguarding vulnerable people (Police and Crime Plan 2026)"
    assert known["Decision"] == f"D-{bid.reference}"
    assert known["Decision notice"] == notice.reference
    assert known["Decided by"] == "Police and Crime Commissioner"
    assert known["Department"] == "Communities"
    assert known["Legal power"] == "Police Reform and Social Responsibility Act 2011, section 9"
    assert known["Source of the money"] == "Proceeds of Crime Act 2002"


def test_award_page_of_a_bare_record_shows_what_is_known_and_no_more(client: Client) -> None:
    make.award(
        reference="PUB-9",
        title="",
        amount=None,
        award_day="by 2015-06-29",
        topics=[],
        districts=[],
        organisation=make.organisation("Safe T", kind="not recorded"),
        source="a cutting",
    )

    page = client.get("/awards/PUB-9")

    assert page.page.h1 is not None
    assert page.page.h1.get_text() == "Grant to Safe T"
    assert "not known" in page.main
    assert "£0" not in page.main
    assert facts(page) == {
        "Reference": "PUB-9",
        "Recipient": "Safe T",
        "Award date": "by 29 June 2015",
        "Status": "Awarded",
        "Source of the money": "Proceeds of Crime Act 2002",
        "First published": facts(page)["First published"],
        "Last changed": facts(page)["Last changed"],
        "Source of this record": "a cutting",
    }
    assert foot(page) == ["Awarded not known"]


def test_award_page_tells_the_story_with_amounts_that_add_up(client: Client) -> None:
    award = make.award(
        reference="PUB-1",
        amount=None,
        award_day="2014-10-22",
        source="https://example.org/news",
        topics=[make.topic("CSE")],
    )
    found = Day.parse("2014-10-22")
    correct_amount(actor=make.TESTS, award=award, amount=Pence(525_000), reason="Found in the minutes.")
    change_field(
        actor=make.TESTS,
        award=award,
        field=ChangedField.TITLE,
        value="Safe talks",
        reason="The group gave it a name.",
        effective=Day.parse("2015-01-10"),
    )
    record_repayment(
        actor=make.TESTS, award=award, amount=Pence(20_050), effective=Day.parse("2015-09-01"), reason="Unspent money."
    )

    page = client.get("/awards/PUB-1")

    lines = story(page)
    assert [(line[0], line[1], line[3]) for line in lines] == [
        ("22 October 2014", "Award", "not known"),
        ("22 October 2014", "Correction Found in the minutes.", "£5,250.00"),
        ("10 January 2015", "Project title changed from “Safe evenings” to “Safe talks” The group gave it a name.", ""),
        ("1 September 2015", "Repayment Unspent money.", "−£200.50"),
    ]
    assert foot(page) == ["Awarded £5,250.00", "Came back −£200.50", "Net £5,049.50"]
    assert found.is_exact


@pytest.mark.parametrize(("field", "what"), [(ChangedField.STARTS_ON, "First day"), (ChangedField.ENDS_ON, "Last day")])
def test_days_that_were_changed_are_said_in_words(client: Client, field: ChangedField, what: str) -> None:
    award = make.award(reference="PUB-1")
    for day in (date(2027, 7, 15), date(2027, 8, 31)):
        change_field(actor=make.TESTS, award=award, field=field, value=day, reason="As it was agreed.")

    told = [line[1] for line in story(client.get("/awards/PUB-1"))]

    assert told[1:] == [
        f"{what} changed from “nothing” to “15 July 2027” As it was agreed.",
        f"{what} changed from “15 July 2027” to “31 August 2027” As it was agreed.",
    ]


def test_award_page_of_a_withdrawn_award_adds_up_to_nothing(client: Client) -> None:
    award = make.award(reference="SCF-1", amount=500_000)
    withdraw(actor=make.TESTS, award=award, effective=Day.parse("2026-04-01"), reason="The project did not begin.")

    page = client.get("/awards/SCF-1")

    assert facts(page)["Status"] == "Withdrawn, 1 April 2026"
    assert [line[3] for line in story(page)] == ["£5,000.00", "−£5,000.00"]
    assert foot(page) == ["Awarded £0.00"]


@pytest.mark.parametrize(
    ("source", "linked"),
    [
        ("https://example.org/a?b=1&c=%20", True),
        ("http://example.org/", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("https://example.org/ and a letter", False),
        ('https://example.org/"onmouseover=alert(1)', False),
        ("https://", False),
        ("//example.org", False),
        ("Minutes of 3 May, item 4", False),
    ],
)
def test_source_becomes_a_link_only_where_it_is_a_web_address(client: Client, source: str, linked: bool) -> None:
    """Risk: a source from an imported file runs as script, or leads somewhere that nobody sees."""
    make.award(reference="PUB-1", source=source)

    page = client.get("/awards/PUB-1")

    links = page.page.select("a.g-register__source")
    assert [link["href"] for link in links] == ([source] if linked else [])
    assert all("noopener" in link["rel"] for link in links)
    assert source in page.get_data(as_text=True).replace("&amp;", "&").replace("&#34;", '"')


def test_award_page_bears_markup_and_long_names(client: Client) -> None:
    """Risk: a group's name is taken for HTML."""
    name = ("<b>Bold & Co</b> " * 20)[:200].strip()
    make.award(
        reference="A-1",
        organisation=make.organisation(name),
        title="<script>alert(1)</script>",
        purpose="Line one\n\n<i>Line two</i>",
    )

    page = client.get("/awards/A-1")

    assert page.page.h1 is not None
    assert page.page.h1.get_text() == "<script>alert(1)</script>"
    assert facts(page)["Recipient"] == name
    assert "<i>Line two</i>" in page.main


def test_award_page_that_is_not_there_is_404(client: Client) -> None:
    make.award(reference="A-1")

    assert client.get("/awards/A-2").status_code == 404
    assert client.get("/awards/a'%20OR%201=1").status_code == 404
    assert client.get("/awards/%00").status_code == 404
    assert client.get("/awards/" + "x" * 3000).status_code == 404


@pytest.mark.parametrize("role", [None, *Role])
def test_only_an_officer_is_led_to_the_corrections(client: Client, sign_in: Callable, role: Role | None) -> None:
    make.award(reference="A-1")
    reader = sign_in(make.person(role)) if role else client

    page = reader.get("/awards/A-1")

    assert ("Correct this award" in page.main) is (role is Role.OFFICER)


@pytest.mark.parametrize("number", [0, 2, 8])
def test_award_page_asks_the_same_number_of_questions_however_long_its_story(
    client: Client, count_queries: Callable, number: int
) -> None:
    award = make.award(reference="A-1", source="a list")
    for at in range(number):
        change_field(
            actor=make.TESTS,
            award=award,
            field=ChangedField.TITLE,
            value=f"Title {at}",
            effective=Day.parse("2026-05-01"),
            reason="It was renamed.",
        )

    with count_queries() as queries:
        page = client.get("/awards/A-1")

    assert len(story(page)) == number + 1
    assert queries.count == 4


SECRETS = {
    "the applicant’s e-mail": "secret.person@private.example",
    "the applicant’s name": "Secretia Person",
    "what a panel member wrote": "Weak on budget, strong on need",
    "a conflict": "My sister runs it.",
    "an answer": "Because people ask for it.",
    "a budget line": "Session workers",
    "the decision maker’s name": "Dana Decides",
    "the officer’s name": "Olive Officer",
    "why the pot was exceeded": "The underspend of last year covers it",
    "who entered a correction": "person:",
}


@pytest.mark.parametrize(
    "address",
    ["/register", "/register.csv", "/register.xlsx", "/register/360giving.json", "/register/open-data", "/awards/{}"],
)
def test_register_never_publishes_contacts_scores_or_names_of_people(client: Client, address: str) -> None:
    """Risk: what is kept for the office's eyes leaks through the register."""
    group = make.organisation("Open Group")
    someone = make.person(
        name=SECRETS["the applicant’s name"], email=SECRETS["the applicant’s e-mail"], member_of=group
    )
    bid = make.application(ApplicationStatus.RECOMMENDED, organisation=group, by=someone)
    for score in make.score_sheet(bid).scores:
        assert score.score == 4
    _write_secret_reason(bid.id)
    make.score_sheet(bid, make.panel_member("Con Flicted"), has_conflict=True)
    sign(make.decision(bid, outcome=Outcome.APPROVED, over_pot_reason=SECRETS["why the pot was exceeded"]))

    answer = client.get(address.format(bid.reference))

    text = answer.get_data(as_text=True) if not address.endswith("xlsx") else _cells(answer.get_data())
    assert "Open Group" in text or address.endswith("open-data")
    for what, secret in SECRETS.items():
        assert secret not in text, what


def _write_secret_reason(application_id: int) -> None:
    from sqlalchemy import select

    from grants.foundation.records.db import transaction
    from grants.review.models import Score, ScoreSheet

    with transaction() as session:
        for score in session.scalars(select(Score).join(ScoreSheet).where(ScoreSheet.application_id == application_id)):
            score.reason = SECRETS["what a panel member wrote"]


def _cells(content: bytes) -> str:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell)


def test_first_published_is_a_day_in_london(client: Client, clock: object) -> None:
    make.award(reference="A-1")

    assert facts(client.get("/awards/A-1"))["First published"] == f"{date(2026, 11, 22).day} November 2026"
