"""What people type, paste and click that nobody planned for: a clear message beside the field, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from grants.accounts.credentials import operations as accounts
from grants.accounts.models import Organisation, Person
from grants.accounts.sessions.operations import begin
from grants.applications.models import Answer, Application, ApplicationStatus, BudgetLine
from grants.applications.submissions import operations
from grants.foundation.records.audit import AuditLine
from grants.foundation.records.db import db, transaction
from grants.foundation.values import clock as time
from grants.foundation.web.arrival import ARRIVED_AT
from tests.support import factories
from tests.support.client import Client, Page

S = ApplicationStatus
SignIn = Callable[[Any], Client]

LONG = "word " * 9_999 + "end.."
ONE_WORD = "x" * 50_000
RIGHT_TO_LEFT = "شباب آمنون \u200fفي\u200e \u202bليدز\u202c"
EMOJI = "Safe \U0001f468\U0001f3fd\u200d\U0001f9b1 evenings \U0001f600"


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


def _value(page: Page, field: str) -> str:
    """What stands in a field of a page."""
    found = page.page.find(id=field)
    return str(found.get_text().removeprefix("\n")) if found.name == "textarea" else str(found["value"])


PLACES = [("project", "title"), ("project", "summary"), ("questions/question-1", "text")]


# Pasted 50,000 characters


@pytest.mark.parametrize("typed", [LONG, ONE_WORD], ids=["words", "one word"])
@pytest.mark.parametrize(("section", "field"), PLACES)
def test_fifty_thousand_characters_are_kept_told_and_not_submittable(
    applicant: Client, draft: Application, section: str, field: str, typed: str
) -> None:
    assert len(typed) == 50_000
    where = f"/applications/{draft.reference}"

    saved = applicant.submit(f"{where}/{section}", {field: typed})

    assert saved.goes_to == f"{where}/{section}"
    page = applicant.get(f"{where}/{section}")
    assert _value(page, field) == typed
    assert "or fewer" in page.errors[field]
    check = applicant.get(f"{where}/check")
    assert page.errors[field] in check.main
    assert not check.page.select("main form")
    refused = applicant.post(
        f"{where}/check",
        data={"csrf_token": _token(applicant), "agrees": "yes", "declared_name": "Alex", "idempotency_key": "k" * 32},
    )
    assert refused.status_code == 422
    assert db.session.scalar(select(Application.status)) == S.DRAFT


def _token(browser: Client) -> str:
    return str(browser.get("/account/name").page.find("input", attrs={"name": "csrf_token"})["value"])


def test_fifty_thousand_characters_in_a_budget_line_are_told_and_stay_on_the_page(
    applicant: Client, draft: Application
) -> None:
    page = applicant.submit(
        f"/applications/{draft.reference}/budget",
        {"lines-0-item": ONE_WORD, "lines-0-amount": "12", "lines-1-item": "Hall", "lines-1-amount": "1e3"},
    )

    assert page.status_code == 422
    assert "must be 120 characters or fewer. It has 50,000" in page.errors["lines-0-item"]
    assert (_value(page, "lines-0-item"), _value(page, "lines-1-item")) == (ONE_WORD, "Hall")


def test_fifty_thousand_characters_under_the_declaration_and_as_a_reason_to_withdraw(
    applicant: Client, draft: Application
) -> None:
    where = f"/applications/{draft.reference}"

    declared = applicant.submit(f"{where}/check", {"declared_name": ONE_WORD, "agrees": "yes"})
    withdrawn = applicant.submit(f"{where}/withdraw", {"reason": LONG, "agrees": "yes"})

    assert "must be 200 characters or fewer" in declared.errors["declared_name"]
    assert _value(declared, "declared_name") == ONE_WORD
    assert declared.page.find(id="agrees").has_attr("checked")
    assert "must be 1,000 characters or fewer" in withdrawn.errors["reason"]
    assert _value(withdrawn, "reason") == LONG
    assert db.session.scalar(select(Application.status)) == S.DRAFT


# Emoji and right-to-left text


@pytest.mark.parametrize("typed", [EMOJI, RIGHT_TO_LEFT], ids=["emoji", "right to left"])
def test_emoji_and_right_to_left_text_are_kept_to_the_letter(applicant: Client, draft: Application, typed: str) -> None:
    where = f"/applications/{draft.reference}"
    line = typed.translate(dict.fromkeys(map(ord, "\u200e\u200f\u202b\u202c")))
    for section, field in PLACES:
        assert applicant.submit(f"{where}/{section}", {field: typed}).goes_to == where
        assert _value(applicant.get(f"{where}/{section}"), field) == (line if field == "title" else typed)
    applicant.submit(f"{where}/budget", {"lines-0-item": typed, "lines-0-amount": "12"})

    applicant.submit(f"{where}/check", {"agrees": "yes", "declared_name": typed})

    sent = applicant.get(where)
    assert sent.main.count(line) >= (4 if line == typed else 3)
    stored = db.session.execute(select(Application.title, Application.summary, Application.declared_name)).one()
    assert (*stored, db.session.scalars(select(BudgetLine.item)).one()) == (line, typed, line, line)
    assert typed in db.session.scalars(select(Answer.text)).all()


# NUL and 1e3


@pytest.mark.parametrize(
    ("section", "field"),
    [*PLACES, ("budget", "lines-0-item"), ("check", "declared_name"), ("withdraw", "reason")],
)
def test_hidden_character_is_refused_beside_its_field_and_the_rest_stays(
    applicant: Client, draft: Application, section: str, field: str
) -> None:
    page = applicant.submit(f"/applications/{draft.reference}/{section}", {field: "Safe\x00 evenings", "agrees": "yes"})

    assert page.status_code == 422
    assert "hidden character" in page.errors[field]
    assert _value(page, field) == "Safe evenings"
    assert db.session.scalar(select(Application.status)) == S.DRAFT


@pytest.mark.parametrize("typed", ["1e3", "1E3", "12.5", "-3", "0x10", "٣", "½", "1\x002", "9" * 40, "many"])
def test_number_that_is_none_is_refused_and_kept(applicant: Client, draft: Application, typed: str) -> None:
    page = applicant.submit(f"/applications/{draft.reference}/people", {"people_helped": typed})

    assert page.status_code == 422
    assert list(page.errors) == ["people_helped"]
    assert _value(page, "people_helped") == typed.replace("\x00", "")
    assert db.session.scalar(select(Application.people_helped)) == 60


@pytest.mark.parametrize("part", ["day", "month", "year"])
@pytest.mark.parametrize("typed", ["1e3", "0", "99999", "\x00", "\u200b1", "x" * 50_000])
def test_part_of_a_day_that_is_none_is_refused_and_kept(
    applicant: Client, draft: Application, part: str, typed: str
) -> None:
    page = applicant.submit(f"/applications/{draft.reference}/dates", {f"starts_on-{part}": typed})

    assert page.status_code == 422
    assert list(page.errors) == ["starts_on"]
    assert _value(page, f"starts_on-{part}") == typed.replace("\x00", "")
    assert _value(page, "ends_on-year") == "2027"


# Amounts as people type them


@pytest.mark.parametrize("typed", ["3,400", "£3 400", "3400", "£3,400.00", " 3\u00a0400 "])
def test_amount_is_taken_as_it_is_typed_and_given_back_tidy(applicant: Client, draft: Application, typed: str) -> None:
    where = f"/applications/{draft.reference}/budget"

    saved = applicant.submit(where, {"lines-0-item": "Hall", "lines-0-amount": typed})

    assert saved.goes_to == f"/applications/{draft.reference}"
    assert _value(applicant.get(where), "lines-0-amount") == "3,400"
    assert db.session.scalar(select(Application.requested_pence)) == 340_000


def test_number_is_taken_as_it_is_typed(applicant: Client, draft: Application) -> None:
    where = f"/applications/{draft.reference}"

    for typed in ("1,200", "1 200", "01200"):
        assert applicant.submit(f"{where}/people", {"people_helped": typed}).goes_to == where
        assert db.session.scalar(select(Application.people_helped)) == 1200


def test_a_penny_too_much_is_refused_and_every_line_is_still_there(applicant: Client, draft: Application) -> None:
    where = f"/applications/{draft.reference}/budget"
    typed = {f"lines-{n}-item": f"Line {n}" for n in range(3)} | {f"lines-{n}-amount": "2000" for n in range(3)}

    page = applicant.submit(where, typed | {"lines-2-amount": "2,000.01"})

    assert "The budget adds up to £6,000.01" in page.errors["lines-2-amount"]
    assert [_value(page, f"lines-{n}-item") for n in range(3)] == ["Line 0", "Line 1", "Line 2"]
    assert applicant.submit(page, {"lines-2-amount": "2,000.00"}).goes_to == f"/applications/{draft.reference}"
    assert db.session.scalar(select(Application.requested_pence)) == 600_000


# Days


def test_end_before_the_start_is_kept_told_and_not_submittable(applicant: Client, draft: Application) -> None:
    where = f"/applications/{draft.reference}"

    applicant.submit(f"{where}/dates", {"ends_on-day": "10", "ends_on-month": "Jan"})

    page = applicant.get(f"{where}/dates")
    assert page.errors == {"ends_on": "The end date must be on or after the start date"}
    assert _value(page, "ends_on-day") == "10"
    check = applicant.get(f"{where}/check")
    assert "The end date must be on or after the start date" in check.main
    assert not check.page.select("main form")


def test_thirtieth_of_february_keeps_the_other_day_too(applicant: Client, draft: Application) -> None:
    page = applicant.submit(
        f"/applications/{draft.reference}/dates",
        {"starts_on-day": "30", "starts_on-month": "2", "starts_on-year": "2027", "ends_on-day": "17"},
    )

    assert list(page.errors) == ["starts_on"]
    assert [_value(page, f"starts_on-{part}") for part in ("day", "month", "year")] == ["30", "2", "2027"]
    assert _value(page, "ends_on-day") == "17"


# Two tabs, two people, an ended session


def test_two_people_who_write_one_section_see_both_texts(
    draft: Application, group: Organisation, applicant: Client, sign_in: SignIn
) -> None:
    where = f"/applications/{draft.reference}/questions/question-1"
    other = sign_in(factories.applicant(group, name="Chris Colleague"))
    first, second = applicant.get(where), other.get(where)
    applicant.submit(first, {"text": "What Alex wrote."})

    page = other.submit(second, {"text": "What Chris wrote."})

    assert page.status_code == 409
    assert "Both texts are below" in page.summary[0]
    assert "What Alex wrote." in page.main
    assert _value(page, "text") == "What Chris wrote."
    assert other.submit(page, {"text": "What both wrote."}).goes_to == f"/applications/{draft.reference}"
    assert _value(applicant.get(where), "text") == "What both wrote."


def test_two_people_who_write_two_sections_do_not_meet(
    draft: Application, group: Organisation, applicant: Client, sign_in: SignIn
) -> None:
    where = f"/applications/{draft.reference}"
    other = sign_in(factories.applicant(group))
    first, second = applicant.get(f"{where}/project"), other.get(f"{where}/budget")

    assert applicant.submit(first, {"title": "Ours"}).goes_to == where
    assert other.submit(second, {"lines-0-amount": "12"}).goes_to == where


def test_session_that_ends_while_somebody_types_loses_nothing(
    client: Client, person: Person, draft: Application
) -> None:
    where = f"/applications/{draft.reference}/questions/question-1"
    client.sign_in(person)
    opened = client.get(where)
    accounts.end_other_sessions(here=begin(person))
    typed = f"An hour's work. {EMOJI}\n\n{RIGHT_TO_LEFT} " + "word " * 9_000

    page = client.submit(opened, {"text": typed})
    again = client.submit(page, {"email": person.email, "password": factories.PASSWORD})
    client.submit(again)

    assert page.status_code == 401
    assert _value(client.get(where), "text") == typed.strip()


def test_application_started_in_two_tabs_is_one(applicant: Client) -> None:
    factories.open_round(code="SCF-22")
    tabs = [applicant.get("/rounds/scf-22/apply") for _ in range(2)]

    assert {applicant.submit(tab).goes_to for tab in tabs} == {"/applications/SCF-22-0001"}


# Clicking twice, and the last instant


def test_submit_in_two_tabs_leads_to_the_one_receipt(applicant: Client, draft: Application) -> None:
    where = f"/applications/{draft.reference}"
    tabs = [applicant.get(f"{where}/check") for _ in range(2)]
    typed = {"agrees": "yes", "declared_name": "Alex Applicant"}

    assert [applicant.submit(tab, typed).goes_to for tab in tabs] == [f"{where}/receipt"] * 2
    verbs = db.session.scalars(select(AuditLine.verb).where(AuditLine.verb == "submit application")).all()
    assert len(verbs) == 1


@pytest.mark.parametrize(
    ("early", "is_taken"), [(timedelta(microseconds=1), True), (timedelta(0), False), (timedelta(seconds=-1), False)]
)
def test_submission_at_the_closing_instant_is_too_late_and_just_before_it_counts(
    clock: Any, draft: Application, sign_in: SignIn, early: timedelta, is_taken: bool
) -> None:
    closes = time.now() + timedelta(minutes=10)
    with transaction() as session:
        session.merge(draft.round).closes_at = closes
    browser, where = sign_in(factories.applicant(draft.organisation)), f"/applications/{draft.reference}"
    opened = browser.get(f"{where}/check")
    clock.move_to(closes - early)

    page = browser.submit(opened, {"agrees": "yes", "declared_name": "Alex Applicant"})

    if is_taken:
        assert page.goes_to == f"{where}/receipt"
        assert db.session.scalar(select(Application.submitted_at)) == closes - early
    else:
        assert page.status_code == 422
        assert any("This round closed at" in sentence for sentence in page.summary)
        assert "(UK time, GMT)" in page.summary[0]
        assert db.session.scalar(select(Application.status)) == S.DRAFT


def test_submission_that_waits_for_a_thread_counts_by_when_it_had_arrived(
    clock: Any, draft: Application, sign_in: SignIn
) -> None:
    closes = time.now() + timedelta(minutes=10)
    with transaction() as session:
        session.merge(draft.round).closes_at = closes
    browser = sign_in(factories.applicant(draft.organisation))
    opened = browser.get(f"/applications/{draft.reference}/check")
    clock.move_to(closes + timedelta(minutes=1))

    outcomes = []
    for arrived_at in (closes, closes - timedelta(microseconds=1)):
        browser.environ_base[ARRIVED_AT] = arrived_at
        outcomes.append(browser.submit(opened, {"agrees": "yes", "declared_name": "Alex Applicant"}).status_code)

    assert outcomes == [422, 302]
    assert db.session.scalar(select(Application.submitted_at)) == closes - timedelta(microseconds=1)


def test_withdraw_clicked_twice_is_once(applicant: Client, draft: Application) -> None:
    where = f"/applications/{draft.reference}"
    opened = applicant.get(f"{where}/withdraw")

    places = [applicant.submit(opened, {"agrees": "yes", "reason": "No hall."}).goes_to for _ in range(2)]

    assert places == [where, where]
    assert db.session.scalar(select(func.count()).where(AuditLine.verb == "withdraw application")) == 1


def test_withdraw_in_another_tab_says_that_it_is_withdrawn(
    applicant: Client, draft: Application, person: Person
) -> None:
    opened = applicant.get(f"/applications/{draft.reference}/withdraw")
    operations.withdraw(person=person, application=draft)

    page = applicant.submit(opened, {"agrees": "yes", "reason": "No hall."})

    assert page.status_code == 422
    assert page.summary == ["This application was withdrawn already, so it cannot be withdrawn again."]
