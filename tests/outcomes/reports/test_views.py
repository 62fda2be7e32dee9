"""The pages of a report: what a group types, what the office reads, and the list with its files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from grants.accounts.models import Organisation, Person
from grants.applications.contents import BidLine
from grants.awards.models import Award, AwardStatus, LedgerEntry
from grants.foundation.records import office as offices
from grants.foundation.records.db import db
from grants.foundation.values import clock as time
from grants.foundation.values.money import Pence
from grants.outcomes.reports.contents import Told
from grants.outcomes.reports.models import Report, ReportSubmission
from grants.outcomes.reports.queries import case_of
from tests.support import award_factories as awards
from tests.support import factories
from tests.support import outcomes_factories as make
from tests.support.client import Client
from tests.support.kept import kept

SignIn = Callable[[Any], Client]


@pytest.fixture
def award(clock: Any, app: Any) -> Award:
    return kept("paid to Northside", lambda: make.paid_award(factories.organisation("Northside Youth Project")))


@pytest.fixture
def member(award: Award) -> Person:
    return make.member_of(award)


@pytest.fixture
def group(sign_in: SignIn, member: Person) -> Client:
    return sign_in(member)


@pytest.fixture
def officer(sign_in: SignIn, clock: Any, app: Any) -> Client:
    return sign_in(factories.officer())


@pytest.fixture
def finance(sign_in: SignIn, clock: Any, app: Any) -> Client:
    return sign_in(factories.finance_officer())


def _at(award: Award, rest: str = "") -> str:
    return f"/reports/{award.reference}{rest}"


def _count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def _stored(award: Award) -> Report:
    found = case_of(award.reference)
    assert found is not None
    assert found.report is not None
    return found.report


# The group


def test_group_writes_and_sends_its_report(group: Client, award: Award) -> None:
    before = group.get(_at(award))
    assert "Please send this report by 30 July 2027" in before.main
    group.submit(before)
    assert "1 of 4 sections are done" in group.get(_at(award)).main

    group.submit(
        _at(award, "/people"), {"people_helped": "1,072", "counted": "estimated", "volunteers": "9", "sessions": "24"}
    )
    group.submit(_at(award, "/difference"), {"difference": "Fewer calls to the police."})
    saved = group.submit(
        _at(award, "/spending"), {"lines-0-spent": "£3 500", "lines-1-spent": "1,700.00", "lines-1-reason": ""}
    )
    assert "£200 of what we paid is not spent." in group.get(saved.goes_to).main
    group.submit(_at(award, "/story"), {"story": "A boy found friends.", "story_consent": "yes"})
    assert "4 of 4 sections are done" in group.get(_at(award)).main

    sent = group.submit(_at(award, "/check"), {"agrees": "yes", "declared_name": "Morgan Member"})

    assert sent.goes_to == _at(award, "/receipt")
    receipt = group.get(sent.goes_to)
    assert "how to pay back the £200" in receipt.main
    assert _count(ReportSubmission) == 1
    assert (_stored(award).people_helped, _stored(award).spent_pence) == (1072, 520_000)
    pdf = group.get(_at(award, "/versions/1/report.pdf"))
    assert pdf.data.startswith(b"%PDF-")
    assert pdf.headers["Content-Disposition"].endswith("-report-1.pdf")


def test_start_sent_twice_is_one_report(group: Client, award: Award) -> None:
    page = group.get(_at(award))
    for _ in range(2):
        assert group.submit(page).goes_to == _at(award)
    assert _count(Report) == 1


def test_send_clicked_twice_and_in_two_tabs_is_one(group: Client, award: Award, member: Person) -> None:
    make.draft_report(award, member)
    filled = {"agrees": "yes", "declared_name": "Morgan Member"}
    first, second = group.get(_at(award, "/check")), group.get(_at(award, "/check"))

    places = [group.submit(page, filled) for page in (first, first)]
    late = group.submit(second, filled)

    assert {page.goes_to for page in places} == {_at(award, "/receipt")}
    assert late.status_code == 422
    assert "with the office" in late.words
    assert _count(ReportSubmission) == 1


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("1e3", "What you spent must be an amount in pounds, like 3400 or 3,400.50"),
        ("-1", "What you spent must not be less than £0"),
        ("12\x00", "What you spent must be an amount in pounds, like 3400 or 3,400.50"),
        ("3400.999", "What you spent must have at most two figures after the point, like 3400.50"),
    ],
)
def test_bad_amount_is_told_beside_its_field_and_all_is_kept(
    group: Client, award: Award, member: Person, typed: str, message: str
) -> None:
    make.draft_report(award, member)

    page = group.submit(_at(award, "/spending"), {"lines-0-spent": typed, "lines-1-reason": "The hall was free."})

    assert page.status_code == 422
    assert page.errors == {"lines-0-spent": message}
    assert page.page.find(id="lines-1-reason")["value"] == "The hall was free."
    assert page.page.find(id="lines-1-spent")["value"] == "1,700"
    assert _stored(award).spent_pence == 520_000


def test_what_was_typed_follows_its_line_when_the_budget_changes(group: Client, award: Award, member: Person) -> None:
    make.draft_report(award, member, spent=(None, None))
    page = group.get(_at(award, "/spending"))
    budget = (BidLine("Coach", Pence(140_000)), BidLine("Session workers", Pence(400_000)))
    awards.approve(awards.begun_variation(award, budget=budget))

    late = group.submit(page, {"lines-0-spent": "3,991", "lines-0-reason": "Longer hours."})

    assert late.status_code == 409
    values = {field["name"]: field.get("value") for field in late.page.select("input[name^=lines-]")}
    assert (values["lines-0-item"], values["lines-0-spent"]) == ("Coach", "")
    assert (values["lines-1-spent"], values["lines-1-reason"]) == ("3,991", "Longer hours.")
    assert group.submit(late, {"lines-0-spent": "1,400", "lines-2-spent": "0"}).status_code == 302
    assert [(line.item, line.spent_pence) for line in _told(award).lines] == [
        ("Coach", 140_000),
        ("Session workers", 399_100),
        ("Hall", 0),
    ]


def _told(award: Award) -> Told:
    found = case_of(award.reference)
    assert found is not None
    return found.told


def test_lines_that_are_not_of_the_budget_are_refused(group: Client, award: Award, member: Person) -> None:
    make.draft_report(award, member)

    more = group.submit(_at(award, "/spending"), {"lines-7-spent": "5", "lines-7-reason": "Snacks"})
    fewer = group.submit(_at(award, "/spending"), {f"lines-1-{name}": None for name in ("item", "spent", "reason")})

    for page in (more, fewer):
        assert page.status_code == 422
        assert "The page was not complete when it was sent." in page.words
    assert _stored(award).spent_pence == 520_000


@pytest.mark.parametrize("typed", ["1e3", "٣", "-4", "2.5", "1000001"])
def test_bad_number_of_people_is_told(group: Client, award: Award, member: Person, typed: str) -> None:
    make.draft_report(award, member)

    page = group.submit(_at(award, "/people"), {"people_helped": typed})

    assert set(page.errors) == {"people_helped"}
    assert page.page.find(id="people_helped")["value"] == typed


def test_over_long_text_is_kept_and_told(group: Client, award: Award, member: Person) -> None:
    make.draft_report(award, member)
    long = "emoji 😀 and \u202bright-to-left\u202c " + "word " * 12_000

    saved = group.submit(_at(award, "/difference"), {"difference": long})

    assert saved.goes_to == _at(award, "/difference")
    page = group.get(saved.goes_to)
    assert page.page.find("textarea").get_text().strip() == long.strip()
    assert "must be 500 words or fewer" in page.errors["difference"]
    assert "To mend" in group.get(_at(award)).main
    assert "must be 500 words or fewer" in group.get(_at(award, "/check")).main


def test_line_that_needs_a_reason_says_so_on_the_check_page(group: Client, award: Award, member: Person) -> None:
    make.draft_report(award, member, spent=(300_000, 170_000))

    page = group.get(_at(award, "/check"))

    message = "You spent £600 less on Session workers than planned. Enter the reason, as it is over 10%"
    assert page.page.find("a", href=_at(award, "/spending#lines-0-reason")).get_text() == message.replace(" ", " ")
    assert not page.page.select("main form")


def test_money_above_the_grant_must_come_from_somewhere(group: Client, award: Award, member: Person) -> None:
    make.draft_report(award, member, spent=(390_000, 190_000))

    assert "You spent £400 more than we paid. Enter where that money came from" in group.get(_at(award, "/check")).main
    group.submit(_at(award, "/spending"), {"other_money": "Our own savings"})

    page = group.get(_at(award, "/check"))
    assert "£400 more than that was spent, from other money: Our own savings." in page.main
    assert page.page.select("main form")


def test_story_without_consent_cannot_be_sent(group: Client, award: Award, member: Person) -> None:
    make.draft_report(award, member)

    group.submit(_at(award, "/story"), {"story": "A boy found friends.", "story_consent": None})

    assert "Confirm that the story may be published" in group.get(_at(award, "/check")).main


def test_lost_update_shows_both_texts(group: Client, award: Award, member: Person) -> None:
    make.draft_report(award, member)
    opened = group.get(_at(award, "/difference"))
    group.submit(_at(award, "/difference"), {"difference": "What she wrote."})

    page = group.submit(opened, {"difference": "What he wrote."})

    assert page.status_code == 409
    assert "What she wrote." in page.main
    assert page.page.find("textarea").get_text().strip() == "What he wrote."
    assert group.submit(page).goes_to == _at(award)


def test_overdue_report_says_that_it_can_still_be_sent(
    clock: Any, sign_in: SignIn, award: Award, member: Person
) -> None:
    clock.move_to(time.start_of_day(date(2027, 8, 1)))
    group = sign_in(member)

    assert "You can still write and send it." in group.get(_at(award)).main
    assert "Overdue" in group.get("/reports").main


def test_group_before_the_payment_is_told(sign_in: SignIn, clock: Any, app: Any) -> None:
    award = make.accepted_award()

    page = sign_in(make.member_of(award)).get(_at(award))

    assert "Nothing of this award is paid yet. You report once it is." in page.main
    assert not page.page.select("main form")


def test_group_is_asked_for_changes_and_how_to_pay_back(
    group: Client, officer: Client, award: Award, member: Person
) -> None:
    offices.set_office(actor=factories.TESTS, how_to_repay="Pay to account 01234567.")
    make.sent_report(award, member)
    officer.submit(_at(award), {"outcome": "return", "words": "Say more of the hall."})
    assert "Say more of the hall." in group.get(_at(award)).main
    group.submit(_at(award, "/check"), {"agrees": "yes", "declared_name": "Morgan Member"})
    officer.submit(_at(award), {"outcome": "accept", "words": ""})

    page = group.get(_at(award))

    assert "Please pay back £200" in page.main
    assert "Pay to account 01234567." in page.main
    assert "Version 2 (PDF)" in page.main


# The office


def test_officer_reads_planned_beside_actual(officer: Client, award: Award) -> None:
    make.sent_report(award)

    page = officer.get(_at(award))

    assert "72, an estimate" in page.main
    assert "60 planned" in page.main
    assert [cell.get_text() for cell in page.page.select("tfoot td")] == ["£6,000.00", "£5,400.00", "£5,200.00"]
    assert "£200 of it is not spent." in page.main


def test_officer_sees_nothing_of_a_draft(officer: Client, award: Award, member: Person) -> None:
    make.draft_report(award, member)

    page = officer.get(_at(award))

    assert "The group has not sent its report yet." in page.main
    assert "A boy found friends." not in page.words
    assert "Fewer calls" not in page.words


def test_changes_need_words_and_the_form_comes_back(officer: Client, award: Award) -> None:
    make.sent_report(award)

    page = officer.submit(_at(award), {"outcome": "return", "words": ""})

    assert page.errors == {"words": "Enter what the group should change"}
    assert page.page.find("input", value="return").has_attr("checked")


def test_answer_to_a_page_that_is_out_of_date_is_refused(officer: Client, award: Award, member: Person) -> None:
    make.sent_report(award, member)
    opened = officer.get(_at(award))
    officer.submit(opened, {"outcome": "return", "words": "More."})

    page = officer.submit(opened, {"outcome": "accept", "idempotency_key": "k" * 24})

    assert page.status_code == 422
    assert "you cannot do that now" in page.words


def test_finance_records_what_came_back_and_the_award_is_complete(finance: Client, award: Award) -> None:
    make.accepted_report(award)
    day = {"arrived_on-day": "22", "arrived_on-month": "11", "arrived_on-year": "2026"}
    opened = finance.get(_at(award, "/repayment"))
    assert opened.page.find(id="amount")["value"] == "200"
    assert finance.submit(opened, {"amount": "200.01", **day}).errors == {
        "amount": "The amount that came back must be £200 or less: no more is outstanding"
    }

    for _ in range(2):
        typed = {"amount": "200", "bank_reference": " BACS 77 ", **day}
        assert finance.submit(opened, typed).goes_to == _at(award)

    kept = db.session.scalars(select(LedgerEntry.bank_reference).where(LedgerEntry.kind == "repayment")).all()
    assert kept == ["BACS 77"]
    assert "BACS 77" not in finance.get(f"/awards/{award.reference}").get_data(as_text=True)
    assert "bank reference BACS 77" in finance.get(f"/grants/{award.reference}/story").main
    assert db.session.get_one(Award, award.id).status == AwardStatus.COMPLETE
    assert "£200" in finance.get(_at(award)).main


def test_repayment_on_a_day_to_come_is_told(finance: Client, award: Award) -> None:
    make.accepted_report(award)

    page = finance.submit(
        _at(award, "/repayment"),
        {"amount": "1", "arrived_on-day": "23", "arrived_on-month": "11", "arrived_on-year": "2026"},
    )

    assert page.errors == {"arrived_on": "The day on which it arrived must be 22 November 2026 or earlier"}


def test_officer_gives_more_time_and_lets_a_small_amount_go(officer: Client, award: Award, member: Person) -> None:
    officer.submit(
        _at(award, "/extend"),
        {"due_on-day": "30", "due_on-month": "9", "due_on-year": "2027", "reason": "The hall was shut."},
    )
    assert _stored(award).due_on == date(2027, 9, 30)
    make.accepted_report(award, spent=(359_000, 179_000))

    page = officer.submit(_at(award, "/waive"), {"reason": "Not worth a transfer."})

    assert page.goes_to == _at(award)
    assert "Need not come back" in officer.get(_at(award)).main


def test_what_cannot_be_done_has_a_reason_and_no_form(officer: Client, finance: Client, award: Award) -> None:
    make.accepted_report(award)

    assert "up to £25 may be let go" in officer.get(_at(award, "/waive")).main
    assert "you cannot do that now" in officer.get(_at(award, "/extend")).main
    for page in (officer.get(_at(award, "/waive")), officer.get(_at(award, "/extend"))):
        assert not page.page.select("main form")


def test_interest_closes_the_report_and_leaves_it_out_of_the_list(sign_in: SignIn, award: Award) -> None:
    from grants.applications.models import Bar
    from grants.foundation.records.db import transaction

    make.sent_report(award)
    barred = factories.officer()
    with transaction() as session:
        session.add(Bar(application_id=award.application_id, person_id=barred.id, barred_at=time.now()))
    browser = sign_in(barred)

    for rest in ("", "/extend", "/waive", "/versions/1/report.pdf"):
        assert browser.get(_at(award, rest)).status_code == 404
    assert award.reference not in browser.get("/reports").words
    assert award.reference not in browser.get("/reports.csv").get_data(as_text=True)


# The list


def _four(clock: Any) -> dict[str, str]:
    """An award of each kind, and its reference."""
    group = factories.organisation("Southside Friends")
    early = make.paid_award(group, in_round=factories.open_round(code="SCF-9"), ends_on=date(2026, 10, 1))
    made = {"overdue": early, **{name: make.paid_award(group) for name in ("due", "sent", "accepted", "owing")}}
    make.sent_report(made["sent"])
    make.accepted_report(made["accepted"], spent=(360_000, 180_000))
    make.accepted_report(made["owing"])
    make.accepted_award(group)
    return {name: award.reference for name, award in made.items()}


def _shown(page: Any) -> set[str]:
    return {link.get_text() for link in page.page.select("tbody th a")}


def test_list_and_files_follow_the_same_filters(clock: Any, officer: Client) -> None:
    named = _four(clock)
    every = set(named.values())

    for query, expected in {
        "": every,
        "state=due": {named["due"]},
        "state=overdue": {named["overdue"]},
        "state=sent": {named["sent"]},
        "state=accepted": {named["accepted"], named["owing"]},
        "state=owing": {named["owing"]},
        "round=SCF-9": {named["overdue"]},
        "q=southside": every,
        "q=nobody": set(),
    }.items():
        page = officer.get(f"/reports?{query}")
        text = officer.get(f"/reports.csv?{query}").get_data(as_text=True).removeprefix("\ufeff")
        assert _shown(page) == {row["Reference"] for row in csv.DictReader(io.StringIO(text))} == expected, query


def test_files_hold_people_and_money(clock: Any, officer: Client) -> None:
    named = _four(clock)

    text = officer.get("/reports.csv?state=owing").get_data(as_text=True).removeprefix("\ufeff")
    (row,) = csv.DictReader(io.StringIO(text))

    assert (row["Reference"], row["Status"]) == (named["owing"], "Accepted, £200 to come back")
    assert (row["People helped"], row["Estimated"], row["Due"]) == ("72", "Yes", "2027-07-30")
    assert (row["Awarded (£)"], row["Paid (£)"], row["Spent (£)"], row["To come back (£)"]) == (
        "5400.00",
        "5400.00",
        "5200.00",
        "200.00",
    )
    sheet = load_workbook(io.BytesIO(officer.get("/reports.xlsx").data)).worksheets[0]
    assert sheet.max_row == 6


def test_files_hold_nothing_of_a_draft(officer: Client, award: Award, member: Person) -> None:
    make.draft_report(award, member)

    (row,) = csv.DictReader(io.StringIO(officer.get("/reports.csv").get_data(as_text=True).removeprefix("\ufeff")))

    assert (row["People helped"], row["Spent (£)"], row["Status"]) == ("", "", "Being written")


@pytest.mark.parametrize("query", ["state=lost", "state=%00", "q=%00", "round=" + "x" * 10_000])
def test_bad_filter_is_told(officer: Client, query: str) -> None:
    page = officer.get(f"/reports?{query}")

    assert page.status_code == 400
    assert officer.get(f"/reports.csv?{query}").status_code == 400


def test_group_sees_its_own_reports_only(group: Client, award: Award, clock: Any) -> None:
    other = make.paid_award()

    page = group.get("/reports")

    assert award.reference in page.main
    assert other.reference not in page.words


LIST, READ = 5, 6


@pytest.mark.parametrize("count", [1, 3, 8])
def test_list_asks_as_often_whatever_the_number(officer: Client, count_queries: Any, clock: Any, count: int) -> None:
    group = factories.organisation()
    a_round = factories.open_round(pot_pence=100_000_000)
    by = factories.applicant(group)
    for _ in range(count):
        make.paid_award(group, in_round=a_round, by=by)

    with count_queries() as queries:
        page = officer.get("/reports")

    assert len(page.page.select("tbody tr")) == count
    assert queries.count == LIST
    assert page.weight(50) < 60 * 1024


@pytest.mark.parametrize("count", [1, 3, 8])
def test_report_asks_as_often_whatever_its_number_of_lines(
    group: Client, officer: Client, count_queries: Any, clock: Any, count: int
) -> None:
    northside = db.session.scalars(select(Organisation).where(Organisation.name == "Northside Youth Project")).one()
    asked = [(f"Thing {at}", 10_000) for at in range(count)]
    award = make.paid_award(northside, asked=asked, amount=10_000 * count)
    make.accepted_report(award, spent=[10_000] * count)

    where = _at(award)

    for browser in (group, officer):
        with count_queries() as queries:
            browser.get(where)
        assert queries.count == READ
