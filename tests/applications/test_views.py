"""The pages of an application: what a group types, and who sees what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from grants.accounts.models import Organisation, Person
from grants.accounts.rights import Role
from grants.applications.models import Application, ApplicationStatus
from grants.foundation.records.db import db, transaction
from grants.foundation.records.outbox import OutboxMessage
from grants.foundation.values import clock as time
from grants.funds.models import RoundStatus
from tests.support import factories
from tests.support.client import Client

S = ApplicationStatus
SignIn = Callable[[Any], Client]


@pytest.fixture
def group(app: Any) -> Organisation:
    return factories.organisation("Northside Youth Project")


@pytest.fixture
def person(group: Organisation) -> Person:
    return factories.applicant(group)


@pytest.fixture
def draft(person: Person, group: Organisation) -> Application:
    a_round = factories.open_round(code="SCF-21")
    return factories.application(S.DRAFT, in_round=a_round, organisation=group, by=person)


@pytest.fixture
def applicant(person: Person, sign_in: SignIn) -> Client:
    return sign_in(person)


def _blank(person: Person, group: Organisation) -> str:
    from grants.applications.drafts import operations

    a_round = factories.open_round(code="SCF-22")
    return f"/applications/{operations.start(person=person, a_round=a_round, organisation_id=group.id).reference}"


# Starting


def test_start_without_a_group_leads_to_a_new_one(sign_in: SignIn, client: Client) -> None:
    factories.open_round(code="SCF-21")

    assert client.get("/rounds/scf-21/apply").goes_to == "/sign-in?next=/rounds/scf-21/apply"
    lone = sign_in(factories.person())
    assert lone.get("/rounds/scf-21/apply").goes_to == "/organisations/new?next=/rounds/scf-21/apply"


def test_start_sent_twice_from_two_tabs_is_one_application(applicant: Client) -> None:
    factories.open_round(code="SCF-22")
    first, second = applicant.get("/rounds/scf-22/apply"), applicant.get("/rounds/scf-22/apply")

    places = {applicant.submit(page).goes_to for page in (first, first, second)}

    assert places == {"/applications/SCF-22-0001"}
    assert db.session.scalar(select(func.count()).select_from(Application)) == 1


def test_round_in_preparation_has_no_form_yet(applicant: Client) -> None:
    a_round = factories.open_round(code="SCF-22")
    page = applicant.get("/rounds/scf-22/apply")
    with transaction():
        a_round.status = RoundStatus.DRAFT

    assert applicant.get("/rounds/scf-22/apply").status_code == 404
    assert applicant.submit(page).status_code == 404


def test_start_in_a_closed_round_says_when_it_closed(clock: Any, applicant: Client) -> None:
    factories.open_round(code="SCF-22", closes_at=time.now() + timedelta(hours=1))
    clock.shift(timedelta(hours=1))

    page = applicant.get("/rounds/scf-22/apply")

    assert "This round closed at" in page.main
    assert not page.page.select("main form")


# The task list


def test_task_list_tells_what_is_done_and_until_when(applicant: Client, person: Person, group: Organisation) -> None:
    page = applicant.get(_blank(person, group))

    assert "0 of 7 sections are done" in page.main
    assert "This round closes at" in page.main
    assert "Saved at" in page.main


def test_task_list_of_a_complete_draft(applicant: Client, draft: Application) -> None:
    page = applicant.get(f"/applications/{draft.reference}")

    assert "7 of 7 sections are done" in page.main


# Sections


def test_over_long_answer_is_kept_and_told(applicant: Client, draft: Application) -> None:
    long = "emoji 😀 and \u202bright-to-left\u202c " + "word " * 12_000
    where = f"/applications/{draft.reference}/questions/question-1"

    saved = applicant.submit(where, {"text": long})

    assert saved.goes_to == where
    page = applicant.get(where)
    assert page.page.find("textarea").get_text().strip() == long.strip()
    assert "must be 300 words or fewer" in page.errors["text"]
    assert "To mend" in applicant.get(f"/applications/{draft.reference}").main
    assert "must be 300 words or fewer" in applicant.get(f"/applications/{draft.reference}/check").main


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("6000.01", "The budget adds up to £6,000.01. The largest grant in this round is £6,000: take off £0.01"),
        ("6,000.01", "The budget adds up to £6,000.01. The largest grant in this round is £6,000: take off £0.01"),
        ("1e3", "The amount must be an amount in pounds, like 3400 or 3,400.50"),
        ("-1", "The amount must not be less than £0"),
        ("3400.999", "The amount must have at most two figures after the point, like 3400.50"),
        ("Infinity", "The amount must be an amount in pounds, like 3400 or 3,400.50"),
        ("0", "The amount must be £0.01 or more"),
        ("", "Enter the amount of this line"),
    ],
)
def test_bad_amount_is_refused_beside_its_field_and_kept(
    applicant: Client, draft: Application, typed: str, message: str
) -> None:
    page = applicant.submit(
        f"/applications/{draft.reference}/budget", {"lines-0-item": "Hall", "lines-0-amount": typed}
    )

    assert page.status_code == 422
    assert page.errors == {"lines-0-amount": message}
    assert page.page.title.string.startswith("Error: ")
    assert page.page.find(id="lines-0-item")["value"] == "Hall"
    assert page.page.find(id="lines-0-amount")["value"].replace(",", "") == typed.replace(",", "")
    assert db.session.scalar(select(Application.requested_pence)) == 600_000


@pytest.mark.parametrize("typed", ["6000", "£6,000.00", "6 000", "£6 000"])
def test_good_amounts_are_taken_as_people_type_them(applicant: Client, draft: Application, typed: str) -> None:
    where = f"/applications/{draft.reference}/budget"

    saved = applicant.submit(where, {"lines-0-item": "Hall", "lines-0-amount": typed})

    assert saved.goes_to == f"/applications/{draft.reference}"
    assert applicant.get(where).page.find(id="lines-0-amount")["value"] == "6,000"


def test_budget_adds_up_its_lines(applicant: Client, draft: Application) -> None:
    data = {f"lines-{n}-item": f"Line {n}" for n in range(4)} | {f"lines-{n}-amount": "1500" for n in range(4)}

    applicant.submit(f"/applications/{draft.reference}/budget", data)
    data["lines-3-amount"] = "1500.01"
    page = applicant.submit(f"/applications/{draft.reference}/budget", data)

    assert "lines-3-amount" in page.errors
    assert db.session.scalar(select(Application.requested_pence)) == 600_000


def test_budget_line_without_words_is_told(applicant: Client, draft: Application) -> None:
    page = applicant.submit(f"/applications/{draft.reference}/budget", {"lines-0-item": "", "lines-0-amount": "12"})

    assert page.errors == {"lines-0-item": "Enter what the £12 is for"}


def test_thirtieth_of_february_is_refused_and_kept(applicant: Client, draft: Application) -> None:
    page = applicant.submit(
        f"/applications/{draft.reference}/dates",
        {"starts_on-day": "30", "starts_on-month": "2", "starts_on-year": "2027"},
    )

    assert "cannot be 30 February 2027" in page.errors["starts_on"]
    assert page.page.find(id="starts_on-day")["value"] == "30"


def test_end_before_start_is_kept_and_told(applicant: Client, draft: Application) -> None:
    where = f"/applications/{draft.reference}/dates"

    applicant.submit(where, {"ends_on-day": "1", "ends_on-month": "1", "ends_on-year": "2027"})

    assert applicant.get(where).errors == {"ends_on": "The end date must be on or after the start date"}


def test_hidden_character_is_refused(applicant: Client, draft: Application) -> None:
    page = applicant.submit(f"/applications/{draft.reference}/project", {"title": "Safe\x00 evenings"})

    assert "hidden character" in page.errors["title"]


def test_lost_update_shows_both_texts(applicant: Client, draft: Application) -> None:
    where = f"/applications/{draft.reference}/project"
    opened = applicant.get(where)
    applicant.submit(where, {"summary": "What she wrote."})

    page = applicant.submit(opened, {"summary": "What he wrote."})

    assert page.status_code == 409
    assert "What she wrote." in page.main
    assert page.page.find("textarea", id="summary").get_text().strip() == "What he wrote."
    assert applicant.submit(page).goes_to == f"/applications/{draft.reference}"
    assert db.session.scalar(select(Application.summary)) == "What he wrote."


def test_section_after_the_closing_time_keeps_what_was_typed(clock: Any, applicant: Client, draft: Application) -> None:
    where = f"/applications/{draft.reference}/project"
    with transaction() as session:
        session.merge(draft.round).closes_at = time.now() + timedelta(minutes=10)
    opened = applicant.get(where)
    clock.shift(timedelta(minutes=10))

    page = applicant.submit(opened, {"title": "A minute too late"})

    assert any("This round closed at" in sentence for sentence in page.summary)
    assert page.page.find(id="title")["value"] == "A minute too late"


# Checking and submitting


def test_check_names_and_links_each_missing_field(applicant: Client, person: Person, group: Organisation) -> None:
    factories.district("Leeds")
    where = _blank(person, group)

    page = applicant.get(f"{where}/check")

    links = [str(link["href"]) for link in page.page.select(".g-notice a")]
    assert len(links) == 11
    assert f"{where}/project#title" in links
    for link in links:
        section, _, field = link.partition("#")
        found = applicant.get(section).page
        assert found.find(id=field) or found.find(id=f"{field}-day"), link


def test_submit_needs_the_declaration(applicant: Client, draft: Application) -> None:
    page = applicant.submit(f"/applications/{draft.reference}/check", {"declared_name": ""})

    assert set(page.errors) == {"agrees", "declared_name"}


def test_submit_clicked_twice_is_once(applicant: Client, draft: Application) -> None:
    where = f"/applications/{draft.reference}"
    page = applicant.get(f"{where}/check")
    typed = {"agrees": "yes", "declared_name": "Alex Applicant"}

    first, second = applicant.submit(page, typed), applicant.submit(page, typed)

    assert (first.goes_to, second.goes_to) == (f"{where}/receipt", f"{where}/receipt")
    assert db.session.scalar(select(func.count()).select_from(OutboxMessage)) == 1
    receipt = applicant.get(f"{where}/receipt")
    assert draft.reference in receipt.main
    sent = applicant.get(where)
    assert "This is what was sent" in sent.main
    assert applicant.get(f"{where}/check").goes_to == f"{where}/receipt"


def test_withdraw_asks_first(applicant: Client, draft: Application) -> None:
    where = f"/applications/{draft.reference}"

    assert "agrees" in applicant.submit(f"{where}/withdraw").errors
    assert applicant.submit(f"{where}/withdraw", {"agrees": "yes"}).goes_to == where
    assert db.session.scalar(select(Application.status)) == S.WITHDRAWN
    assert "cannot be withdrawn" in applicant.get(f"{where}/withdraw").main


# Who sees what

SECTIONS = ["", "/project", "/dates", "/people", "/aims", "/budget", "/questions/question-1", "/check", "/withdraw"]


@pytest.mark.parametrize("path", SECTIONS)
def test_another_group_and_the_wrong_roles_find_nothing(draft: Application, sign_in: SignIn, path: str) -> None:
    where = f"/applications/{draft.reference}{path}"
    roles = [[Role.OFFICER], [Role.PANEL], [Role.DECISION_MAKER], [Role.FINANCE], [Role.ADMINISTRATOR]]

    strangers = [factories.applicant(), *(factories.person(*held) for held in roles)]

    for stranger in strangers:
        browser = sign_in(stranger)
        assert browser.get(where).status_code == 404
        token = browser.get("/applications").page.find("input", attrs={"name": "csrf_token"})["value"]
        if path:
            assert browser.post(where, data={"csrf_token": token, "title": "Mine"}).status_code == 404


def test_signed_out_is_led_to_sign_in(draft: Application, client: Client) -> None:
    where = f"/applications/{draft.reference}"

    assert client.get(where).goes_to == f"/sign-in?next={where}"


@pytest.mark.parametrize(
    ("role", "status", "code"),
    [
        (Role.OFFICER, S.SUBMITTED, 200),
        (Role.DECISION_MAKER, S.ELIGIBLE, 200),
        (Role.AUDITOR, S.SUBMITTED, 200),
        (Role.AUDITOR, S.DRAFT, 200),
        (Role.OFFICER, S.DRAFT, 404),
        (Role.PANEL, S.ELIGIBLE, 404),
        (Role.FINANCE, S.AWARDED, 404),
        (Role.ADMINISTRATOR, S.SUBMITTED, 404),
    ],
)
def test_office_reads_what_was_submitted(sign_in: SignIn, app: Any, role: Role, status: S, code: int) -> None:
    application = factories.application(status)

    assert sign_in(factories.person(role)).get(f"/applications/{application.reference}").status_code == code


def test_who_declared_an_interest_finds_nothing_whatever_else_they_are(sign_in: SignIn, app: Any) -> None:
    from grants.review.scores import operations as review

    application = factories.application(S.ELIGIBLE, title="The secret garden")
    both = factories.person(Role.PANEL, Role.OFFICER)
    browser = sign_in(both)
    assert browser.get(f"/applications/{application.reference}").status_code == 200

    review.declare(person=both, application=application, has_conflict=True)

    assert browser.get(f"/applications/{application.reference}").status_code == 404
    assert "The secret garden" not in browser.get("/applications").main


def test_a_section_of_another_round_is_not_there(applicant: Client, draft: Application) -> None:
    assert applicant.get(f"/applications/{draft.reference}/questions/nothing").status_code == 404
    assert applicant.get(f"/applications/{draft.reference}/nothing").status_code == 404


# Lists


@pytest.mark.parametrize("count", [1, 3, 8])
def test_lists_ask_as_often_whatever_the_number(sign_in: SignIn, app: Any, count_queries: Any, count: int) -> None:
    a_round = factories.open_round()
    group = factories.organisation()
    member = factories.applicant(group)
    for _ in range(count):
        factories.application(S.SUBMITTED, in_round=a_round, organisation=group, by=member)
    officer, applicant = sign_in(factories.officer()), sign_in(member)

    with count_queries() as of_office:
        page = officer.get("/applications")
    with count_queries() as of_group:
        own = applicant.get("/applications")

    assert len(page.page.select("tbody tr")) == len(own.page.select("tbody tr")) == count
    assert (of_office.count, of_group.count) == (OFFICE_LIST, OWN_LIST)
    assert page.weight(50) < 60 * 1024


OFFICE_LIST, OWN_LIST = 5, 3


def test_list_pages_by_sixty_and_keeps_its_filters(sign_in: SignIn, app: Any) -> None:
    a_round, group = factories.open_round(code="SCF-21"), factories.organisation()
    member = factories.applicant(group)
    for _ in range(61):
        factories.application(S.SUBMITTED, in_round=a_round, organisation=group, by=member)
    browser = sign_in(factories.officer())

    first = browser.get("/applications?status=submitted&round=scf-21")
    second = browser.get(first.page.find("a", rel="next")["href"])

    assert (len(first.page.select("tbody tr")), len(second.page.select("tbody tr"))) == (60, 1)
    assert "61 applications" in second.main
    assert "Status: Submitted" in second.main


@pytest.mark.parametrize("query", ["q=%27", "q=%25", "q=%00", "q=" + "x" * 10_000, "status=nothing", "round=%27--"])
def test_list_takes_any_search_that_can_be_made(sign_in: SignIn, app: Any, query: str) -> None:
    factories.application(S.SUBMITTED)

    can_be_made = query in {"q=%27", "q=%25"}
    assert sign_in(factories.officer()).get(f"/applications?{query}").status_code == (200 if can_be_made else 400)


def test_list_finds_by_reference_title_and_group(sign_in: SignIn, app: Any) -> None:
    group = factories.organisation("Ünderground Arts")
    application = factories.application(S.SUBMITTED, organisation=group, title="100% safe_evenings")
    factories.application(S.SUBMITTED, title="Another")
    browser = sign_in(factories.officer())

    for words in (application.reference.lower(), "ünderground", "100%", "safe_even"):
        rows = browser.get("/applications", query_string={"q": words}).page.select("tbody tr")
        assert len(rows) == 1, words


@pytest.mark.parametrize("lines", [1, 20])
def test_pages_of_an_application_ask_as_often_whatever_it_holds(
    applicant: Client, draft: Application, count_queries: Any, lines: int
) -> None:
    from grants.applications.models import ApplicationTopic, BudgetLine

    with transaction() as session:
        held = session.merge(draft)
        for at in range(2, lines + 1):
            held.budget_lines.append(BudgetLine(position=at, item="Line", amount_pence=1))
        for at in range(1, 5 if lines > 1 else 1):
            held.topics.append(ApplicationTopic(topic=factories.topic(f"topic {at}"), position=at))

    where = f"/applications/{draft.reference}"
    with count_queries() as tasks:
        applicant.get(where)
    with count_queries() as check:
        applicant.get(f"{where}/check")

    assert (tasks.count, check.count) == (TASKS, TASKS)


TASKS = 5
