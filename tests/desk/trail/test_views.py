"""The audit trail as a tool: its filters, what a line tells, and its files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import delete

from grants.accounts.models import Person
from grants.accounts.organisations import operations as organisations
from grants.accounts.people import operations as people
from grants.accounts.rights import MemberRole, Role
from grants.applications.models import ApplicationStatus
from grants.awards.corrections import operations as corrections
from grants.awards.models import ChangedField
from grants.foundation.documents.exports import XLSX_TYPE
from grants.foundation.records import audit
from grants.foundation.records.audit import HistoryValue
from grants.foundation.records.db import transaction
from grants.foundation.values import clock as time
from tests.support import factories, life
from tests.support.client import Client, Page
from tests.support.life import Life
from tests.support.queries import Queries
from tests.support.trail import last_line, lines_after

SignIn = Callable[[Person], Client]
Counts = Callable[[], AbstractContextManager[Queries]]


@pytest.fixture
def auditor(sign_in: SignIn) -> Client:
    return sign_in(factories.auditor())


@pytest.fixture
def grant(clock: Any, app: Any) -> Life:
    return life.whole_life(clock)


def _cells(page: Page, label: str) -> list[str]:
    """What a column of the list says, from top to bottom, without what it is folded under."""
    for summary in page.page.select("td summary"):
        summary.clear()
    return [" ".join(cell.get_text(" ").split()) for cell in page.page.select(f'td[data-label="{label}"]')]


def _file(page: Page) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(page.get_data().decode("utf-8-sig"))))


# What a line tells


def test_line_tells_who_did_what_to_what_and_what_changed(grant: Life, auditor: Client) -> None:
    bid = grant.application

    page = auditor.get(f"/audit?grant={bid.reference}&kind=applications&verb=submit+application")

    assert _cells(page, "What") == ["Submitted the application"]
    assert _cells(page, "About") == [f"Application {bid.reference} {bid.title}"]
    assert page.page.select_one('td[data-label="About"] a')["href"] == f"/applications/{bid.reference}"
    assert "Status: from “Draft” to “Submitted”" in _cells(page, "What changed")[0]


def test_person_leads_to_their_page_or_to_all_that_they_did(sign_in: SignIn) -> None:
    officer = factories.officer()
    people.change_name(person=officer, name="Olive Officer", version=officer.version)

    both = sign_in(factories.person(Role.AUDITOR, Role.ADMINISTRATOR)).get("/audit?verb=change+name")
    alone = sign_in(factories.auditor()).get("/audit?verb=change+name")

    assert _cells(both, "Who") == _cells(alone, "Who") == ["Olive Officer"]
    assert both.page.select_one('td[data-label="Who"] a')["href"] == f"/people/{officer.id}"
    assert alone.page.select_one('td[data-label="Who"] a')["href"] == f"/audit?who={officer.id}"


def test_change_of_the_group_says_from_whom_to_whom(auditor: Client) -> None:
    award = factories.award(organisation=factories.organisation("Northside Youth"))
    corrections.change_field(
        actor=factories.TESTS,
        award=award,
        field=ChangedField.RECIPIENT,
        value=factories.organisation("Southside Youth"),
        reason="The first group closed.",
    )

    (changed,) = _cells(auditor.get("/audit?verb=change+award"), "What changed")

    assert "Group: from “Northside Youth” to “Southside Youth”" in changed


def test_new_member_and_new_role_are_told_by_name(auditor: Client) -> None:
    group = factories.organisation("Northside Youth")
    member = factories.person(name="Nadia New")
    organisations.add_member(actor=factories.TESTS, person=member, organisation=group, role=MemberRole.OWNER)
    people.grant_role(actor=factories.administrator().actor, person=member, role=Role.PANEL)

    added = _cells(auditor.get("/audit?verb=add+member"), "What changed")
    granted = _cells(auditor.get("/audit?verb=grant+role"), "What changed")

    assert added[0] == "Member: Nadia New Role: Owner"
    assert granted == ["Role: Panel member"]


def test_links_of_a_whole_life_lead_to_pages(grant: Life, auditor: Client) -> None:
    """One of each kind of thing."""
    links = {}
    page = auditor.get("/audit")
    while page.link("next"):
        for cell in page.page.select('td[data-label="About"]:has(a)'):
            links[cell.div.contents[0].strip()] = cell.a["href"]
        page = auditor.get(page.link("next"))

    assert {auditor.get(link).status_code for link in links.values()} == {200}
    assert len(links) > 9


# Filters


@pytest.mark.parametrize("typed", ["olive", "OLIVE OFF", "o.officer@", "olive officer"])
def test_person_is_found_by_part_of_the_name_or_address(auditor: Client, typed: str) -> None:
    officer = factories.person(Role.OFFICER, name="Olive Officer", email="o.officer@example.org")
    other = factories.person(Role.OFFICER, name="Omar Other")
    for person in (officer, other):
        people.change_name(person=person, name=person.name + " MBE", version=person.version)

    page = auditor.get("/audit", query_string={"who": typed, "verb": "change name"})

    assert _cells(page, "Who") == ["Olive Officer MBE"]


def test_person_is_also_found_by_what_was_done_to_their_account(auditor: Client, client: Client) -> None:
    person = factories.person(name="Sam Lee")
    client.submit("/sign-in", {"email": person.email, "password": "not the password"})

    page = auditor.get("/audit?who=Sam+Lee&verb=fail+to+sign+in")

    assert _cells(page, "Who") == ["Somebody who was not signed in"]
    assert _cells(page, "About") == [f"Person Sam Lee {person.email}"]


def test_what_is_done_without_an_account_has_words_of_its_own(auditor: Client, client: Client) -> None:
    factories.award()
    client.submit("/sign-in", {"email": "nobody@example.org", "password": "not the password"})

    nobody, system = auditor.get("/audit?who=nobody"), auditor.get("/audit?who=system")

    assert set(_cells(nobody, "Who")) == {"Somebody who was not signed in"}
    assert {who.partition(" (")[0] for who in _cells(system, "Who")} == {"The system"}


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("who=zebedee", "Nobody has “zebedee” in their name or e-mail address."),
        ("who=4711", "Nobody has “4711”"),
        ("who=99999999999999999999999", "Nobody has “99999999999999999999999”"),
        ("verb=submit", "The deed “submit” is not known. Did you mean"),
        ("kind=award", "The kind of thing “award” is not known. Did you mean “awards”?"),
        ("grant=SCF-99-9999", "There is no application and no award “SCF-99-9999”."),
        ("since=yesterday", "“yesterday” is not a day."),
        ("until=2026-02-30", "“2026-02-30” is not a day."),
        ("since=2026-02-02&until=2026-02-01", "The first day is after the last one."),
    ],
)
@pytest.mark.parametrize("ending", ["", ".csv", ".xlsx"])
def test_filter_that_means_nothing_is_refused_in_words(auditor: Client, query: str, sentence: str, ending: str) -> None:
    page = auditor.get(f"/audit{ending}?{query}")

    assert page.status_code == 400
    assert sentence in page.main


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("who=zebedee&grant=OLD-1", {"who": "Nobody has “zebedee” in their name or e-mail address. Type less of it."}),
        ("group=zebedee", {"group": "No group has “zebedee” in its name or number. Type less of it."}),
        ("grant=OLD-1&since=2026-02-02&until=2026-02-01", {"since": "The first day is after the last one."}),
        ("group=zebedee&who=zebedee", {"who": "Nobody has “zebedee”", "group": "No group has “zebedee”"}),
    ],
)
def test_filter_that_means_nothing_is_said_beside_its_field(auditor: Client, query: str, wrong: dict[str, str]) -> None:
    """What was typed is kept, no line is shown, and no file is offered."""
    factories.award(reference="OLD-1")

    page = auditor.get(f"/audit?{query}")

    assert page.status_code == 400
    assert page.page.title is not None
    assert page.page.title.get_text().startswith("Error: The audit trail")
    shown = {one["id"].removesuffix("-error"): one.get_text() for one in page.page.select(".govuk-error-message")}
    assert shown.keys() == wrong.keys()
    assert all(sentence in shown[name] for name, sentence in wrong.items())
    assert [link["href"] for link in page.page.select(".govuk-error-summary a")] == [f"#{name}" for name in wrong]
    typed = {field["name"]: field["value"] for field in page.page.select(".g-filter-form input") if field["value"]}
    assert typed == dict(pair.split("=") for pair in query.split("&"))
    assert (page.page.table, page.page.select('a[href*="audit.csv"]')) == (None, [])


@pytest.mark.parametrize(
    ("query", "is_open"), [("", False), ("grant=OLD-1", False), ("kind=awards", True), ("until=zebedee", True)]
)
def test_folded_filters_are_open_where_one_is_in_use_or_wrong(auditor: Client, query: str, is_open: bool) -> None:
    factories.award(reference="OLD-1")

    page = auditor.get(f"/audit?{query}").page

    assert page.select_one(".g-filter-form__more").has_attr("open") is is_open
    assert page.select_one(".g-filter-form > .g-fold").has_attr("open") is (query == "until=zebedee")


def test_act_with_a_detail_is_found_whatever_its_detail(grant: Life, auditor: Client) -> None:
    page = auditor.get(f"/audit?verb=save+answer&grant={grant.reference}")

    told = _cells(page, "What")
    assert told
    assert all(what.startswith("Answered a question: ") for what in told)


def test_day_is_that_of_london(clock: Any, sign_in: SignIn) -> None:
    """Between its midnights, in summer too, when the day begins at 11pm UTC."""
    officer = factories.officer()
    for instant in ("2027-07-09T22:59:59Z", "2027-07-09T23:00:00Z", "2027-07-10T22:59:59Z", "2027-07-10T23:00:00Z"):
        clock.move_to(datetime.fromisoformat(instant))
        people.change_name(person=officer, name=f"Olive {instant}", version=officer.version)

    page = sign_in(factories.auditor()).get("/audit?verb=change+name&since=2027-07-10&until=2027-07-10")

    assert [after.partition("to “")[2] for after in _cells(page, "What changed")] == [
        "Olive 2027-07-10T22:59:59Z”",
        "Olive 2027-07-09T23:00:00Z”",
    ]


def test_grant_has_all_that_happened_to_the_bid_and_what_came_of_it(grant: Life, auditor: Client) -> None:
    other = factories.application(ApplicationStatus.SUBMITTED)

    page = auditor.get(f"/audit?grant={grant.reference.lower()}")
    told = _cells(page, "About")
    while page.link("next"):
        page = auditor.get(page.link("next"))
        told += _cells(page, "About")

    kinds = {"Application", "Award", "Scores", "Decision notice", "Bank details", "Batch of payments", "Report"}
    assert all(any(about.startswith(kind) for about in told) for kind in {*kinds, "Return file", "Question to a group"})
    assert not any(other.reference in about for about in told)


def test_past_award_is_found_by_its_reference(auditor: Client) -> None:
    award = factories.award(reference="OLD-1")

    page = auditor.get("/audit?grant=old-1")

    assert _cells(page, "About") == [f"Award OLD-1 {award.title}"]


def test_filters_in_use_can_be_taken_off_one_by_one(auditor: Client) -> None:
    factories.award(reference="OLD-1")

    page = auditor.get("/audit?grant=OLD-1&kind=awards&since=2026-01-01")

    words = [
        word.get_text().removeprefix("Take off the filter ").rstrip("×")
        for word in page.page.select(".g-filters__word")
    ]
    assert words == ["About: Awards", "From: 1\N{NO-BREAK SPACE}January\N{NO-BREAK SPACE}2026", "Grant: OLD-1"]


# What a reader may see


def test_changes_in_a_grant_that_one_is_tied_to_are_not_shown(grant: Life, sign_in: SignIn) -> None:
    browser = sign_in(factories.person(Role.AUDITOR, member_of=grant.group))
    shared = ("Batch of payments", "Decision notice", "Return file")

    rows = _file(browser.get(f"/audit.csv?grant={grant.reference}"))
    page = browser.get(f"/audit?grant={grant.reference}")

    seen = {row["What changed"] for row in rows if not row["About"].startswith(shared)}
    assert seen == {"", "You are tied to this grant, so what changed is not shown to you."}
    assert grant.application.title not in page.main
    assert f"/applications/{grant.reference}" not in {link["href"] for link in page.page.select("tbody a")}


@pytest.mark.usefixtures("grant")
def test_scores_are_not_shown_to_a_panel_member(sign_in: SignIn) -> None:
    both = factories.person(Role.AUDITOR, Role.PANEL)

    seen = sign_in(factories.auditor()).get("/audit?kind=score_sheets")
    unseen = sign_in(both).get("/audit?kind=score_sheets")

    assert "Criterion" in seen.main
    assert "Criterion" not in unseen.main
    assert "You score applications" in unseen.main


def test_value_that_was_erased_is_said_to_be_gone(auditor: Client) -> None:
    officer = factories.officer()
    people.change_name(person=officer, name="Olive Other", version=officer.version)
    with transaction() as session:
        session.execute(delete(HistoryValue))

    assert _cells(auditor.get("/audit?verb=change+name"), "What changed") == ["1 value no longer kept"]


# Its files


def test_file_is_what_the_pages_show(grant: Life, auditor: Client) -> None:
    query = f"grant={grant.reference}&kind=applications"
    page = auditor.get(f"/audit?{query}")

    rows = _file(auditor.get(f"/audit.csv?{query}"))

    assert [row["Line"] for row in rows] == [cell.get_text(strip=True) for cell in page.page.select("tbody th")]
    for column in ("Who", "What"):
        assert [row[column] for row in rows] == _cells(page, column)
    assert [row["About"] for row in rows] == [f"Application {grant.reference}"] * len(rows)
    for row, shown in zip(rows, _cells(page, "What changed"), strict=True):
        assert all(part.partition(": ")[0] in shown for part in row["What changed"].split(" | ") if part)


def test_both_files_hold_the_same(grant: Life, auditor: Client) -> None:
    rows = _file(auditor.get(f"/audit.csv?grant={grant.reference}"))
    answer = auditor.get(f"/audit.xlsx?grant={grant.reference}")

    heads, *lines = load_workbook(io.BytesIO(answer.data)).active.values  # type: ignore[union-attr]

    assert answer.mimetype == XLSX_TYPE
    assert [str(head).replace("UK time", "UTC") for head in heads] == list(rows[0])
    assert [str(line[0]) for line in lines] == [row["Line"] for row in rows]
    assert [line[heads.index("What")] for line in lines] == [row["What"] for row in rows]


def test_files_tell_two_people_of_one_name_apart(auditor: Client) -> None:
    both = [factories.person(Role.OFFICER, name="Olive", email=f"{at}@example.org") for at in ("a", "b")]
    for person in both:
        people.change_name(person=person, name="Olive Officer", version=person.version)

    rows = _file(auditor.get("/audit.csv?verb=change+name"))

    assert [(row["Who"], row["E-mail address"]) for row in rows] == [
        ("Olive Officer", "b@example.org"),
        ("Olive Officer", "a@example.org"),
    ]
    factories.award()
    assert {row["E-mail address"] for row in _file(auditor.get("/audit.csv?who=system"))} == {""}


def test_each_file_says_by_which_clock_it_tells_the_time(clock: Any, sign_in: SignIn) -> None:
    """In summer these differ by an hour."""
    clock.move_to(datetime.fromisoformat("2027-07-09T12:00:00Z"))
    officer, browser = factories.officer(), sign_in(factories.auditor())
    people.change_name(person=officer, name="Olive Officer", version=officer.version)

    (row,) = _file(browser.get("/audit.csv?verb=change+name"))
    heads, line = load_workbook(io.BytesIO(browser.get("/audit.xlsx?verb=change+name").data)).active.values  # type: ignore[union-attr]

    assert row["When (UTC)"] == "2027-07-09T12:00:00Z"
    assert line[heads.index("When (UK time)")] == datetime(2027, 7, 9, 13, 0)  # noqa: DTZ001 - cells have no zone


def test_what_changed_is_folded_on_a_phone_and_everywhere_where_it_is_long(grant: Life, auditor: Client) -> None:
    page = auditor.get(f"/audit?grant={grant.reference}&kind=applications")

    folded = page.page.select("td details")
    values = {len(one.select("span.g-quiet")): "g-fold" in one["class"] for one in folded}

    assert folded
    assert all(is_folded is (number <= 4) for number, is_folded in values.items() if number != 4)
    assert set(values.values()) == {True, False}


def test_file_goes_on_past_the_lines_that_are_read_together(auditor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grants.desk.trail.queries.LINES_AT_A_TIME", 7)
    factories.award()

    rows = _file(auditor.get("/audit.csv"))

    assert [int(row["Line"]) for row in rows] == [*range(last_line() - 1, 0, -1)]


def test_taking_the_trail_away_is_a_line_that_the_file_does_not_hold(auditor: Client) -> None:
    last = last_line()

    rows = _file(auditor.get("/audit.csv?verb=export+audit+trail"))
    (line,) = lines_after(last)

    assert rows == []
    assert line.verb == "export audit trail"
    assert _cells(auditor.get("/audit?verb=export+audit+trail"), "What changed") == [
        "File: csv Selection: verb: export audit trail"
    ]


def test_hashes_of_the_file_are_those_of_the_chain(auditor: Client) -> None:
    factories.award()

    rows = _file(auditor.get("/audit.csv"))

    assert {int(row["Line"]): row["Hash of the line"] for row in rows} == {
        line.id: line.hash for line in lines_after(0) if line.id < last_line()
    }
    assert audit.verify().broken is None


@pytest.mark.parametrize("rows", [1, 3, 8])
def test_page_asks_as_often_for_few_lines_as_for_many(auditor: Client, count_queries: Counts, rows: int) -> None:
    """The person, what the filters mean, the lines, their values, the names of all, and the office."""
    officer = factories.person(Role.OFFICER, name="Olive Officer")
    for number in range(rows):
        people.change_name(person=officer, name=f"Olive Officer {number}", version=officer.version)
        factories.application(ApplicationStatus.SUBMITTED)

    with count_queries() as asked:
        auditor.get("/audit")
    with count_queries() as narrowed:
        auditor.get("/audit?who=olive&verb=change+name")

    assert (asked.count, narrowed.count) == (5, 6)


def test_days_are_taken_from_the_clock_of_the_office(clock: Any, auditor: Client) -> None:
    factories.award(reference="OLD-1")
    today, tomorrow = time.today(), time.today() + timedelta(days=1)

    assert _cells(auditor.get(f"/audit?grant=OLD-1&until={today}"), "What") != []
    assert _cells(auditor.get(f"/audit?grant=OLD-1&since={tomorrow}"), "What") == []
