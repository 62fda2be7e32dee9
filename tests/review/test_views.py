"""The pages of review: what waits, blind scoring, and who finds nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from grants.accounts.models import Role
from grants.applications.models import Application, ApplicationStatus
from grants.review import operations
from tests.support import factories
from tests.support.client import Client

S = ApplicationStatus
SignIn = Callable[[Any], Client]

SECRET = "The moon is made of cheese."


@pytest.fixture
def eligible(app: Any) -> Application:
    return factories.application(S.ELIGIBLE, title="Safe evenings on the estate")


def _secret_sheet(application: Application) -> None:
    """A locked sheet of somebody else, with words that could leak."""
    other = factories.panel_member("Penny Other")
    sheet = operations.declare(person=other, application=application, has_conflict=False)
    from grants.applications.queries import criteria_of

    operations.lock(
        person=other, application=application, seen=sheet.version,
        marks={criterion.id: (1, SECRET) for criterion in criteria_of(application)},
    )  # fmt: skip


def test_panel_member_declares_scores_locks_and_only_then_sees_others(eligible: Application, sign_in: SignIn) -> None:
    where = f"/review/{eligible.reference}"
    _secret_sheet(eligible)
    browser = sign_in(factories.panel_member())

    before = browser.get(where)
    assert "Do you have an interest" in before.main
    assert "Because people ask for it." not in before.main
    sheet = browser.get(browser.submit(before, {"interest": "none"}).goes_to)
    assert "Because people ask for it." in sheet.main
    assert SECRET not in sheet.words
    assert "Penny Other" not in sheet.words

    half = browser.submit(sheet, {"marks-0-score": "3", "marks-1-reason": "Not yet."}, button="Save as a draft")
    kept = browser.get(half.goes_to)
    assert kept.page.find("input", attrs={"name": "marks-0-score", "checked": True})["value"] == "3"
    assert SECRET not in kept.words
    refused = browser.submit(kept, {}, button="Lock my scores")
    assert refused.status_code == 422
    assert any("Give a score and a reason for" in sentence for sentence in refused.summary)
    assert SECRET not in refused.words

    marks = {f"marks-{n}-score": "4" for n in range(2)} | {f"marks-{n}-reason": "Clear." for n in range(2)}
    locked = browser.get(browser.submit(kept, marks, button="Lock my scores").goes_to)
    assert SECRET in locked.main
    assert "mean 50% , median 50% , range 20% to 80%" in locked.main
    assert not locked.page.select("main form")


def test_scores_sent_after_locking_are_refused(eligible: Application, sign_in: SignIn) -> None:
    member = factories.panel_member()
    factories.score_sheet(eligible, member, locked=False)
    browser = sign_in(member)
    opened = browser.get(f"/review/{eligible.reference}")
    browser.submit(opened, {}, button="Lock my scores")

    late = browser.submit(opened, {"marks-0-score": "0"}, button="Save as a draft")

    assert late.status_code == 422
    assert late.summary == ["Your scores are locked, so they cannot be changed."]


def test_scores_from_two_windows_are_told(eligible: Application, sign_in: SignIn) -> None:
    member = factories.panel_member()
    factories.score_sheet(eligible, member, locked=False)
    browser = sign_in(member)
    opened = browser.get(f"/review/{eligible.reference}")
    browser.submit(opened, {"marks-0-score": "1"}, button="Save as a draft")

    other = browser.submit(opened, {"marks-0-score": "2"}, button="Save as a draft")

    assert other.status_code == 422
    assert "You saved other scores in another window" in other.summary[0]
    assert browser.submit(other, {}, button="Save as a draft").goes_to == f"/review/{eligible.reference}"


def test_conflicted_member_can_never_open_it(eligible: Application, sign_in: SignIn) -> None:
    where = f"/review/{eligible.reference}"
    browser = sign_in(factories.panel_member())
    opened = browser.get(where)
    declared = browser.submit(opened, {"interest": "conflict", "note": "My sister runs it."})
    assert declared.goes_to == "/review"

    assert browser.get(where).status_code == 404
    assert browser.submit(opened, {"interest": "none"}).status_code == 404
    token = browser.get("/review").page.find("input", attrs={"name": "csrf_token"})["value"]
    assert browser.post(f"{where}/scores", data={"csrf_token": token}).status_code == 404
    assert eligible.title not in browser.get("/review").main


def test_members_of_the_group_find_nothing(sign_in: SignIn, app: Any) -> None:
    group = factories.organisation()
    application = factories.application(S.ELIGIBLE, organisation=group)
    browser = sign_in(factories.person(Role.PANEL, Role.OFFICER, Role.DECISION_MAKER, member_of=group))

    for path in ("", "/check", "/recommend"):
        assert browser.get(f"/review/{application.reference}{path}").status_code == 404
    assert browser.get(f"/decisions/{application.reference}").status_code == 404


@pytest.mark.parametrize("role", [None, *Role])
def test_pages_are_there_only_for_their_roles(eligible: Application, sign_in: SignIn, role: Role | None) -> None:
    browser = sign_in(factories.person(*([role] if role else [])))

    found = {
        path: browser.get(path).status_code == 200
        for path in (
            "/review",
            f"/review/{eligible.reference}",
            f"/review/{eligible.reference}/check",
            f"/review/{eligible.reference}/recommend",
        )
    }

    assert list(found.values()) == [
        role in {Role.OFFICER, Role.PANEL},
        role == Role.PANEL,
        role == Role.OFFICER,
        role == Role.OFFICER,
    ]


def test_officer_fails_an_application_only_with_a_reason(sign_in: SignIn, app: Any) -> None:
    application = factories.application(S.SUBMITTED)
    browser, where = sign_in(factories.officer()), f"/review/{application.reference}/check"

    assert browser.submit(where, {}).errors == {"outcome": "Select whether it meets the rules of the round"}
    refused = browser.submit(where, {"outcome": "fail"})
    assert refused.errors == {"reason": "Enter the reason why it is not eligible"}
    assert browser.submit(where, {"outcome": "fail", "reason": "It is elsewhere."}).goes_to == "/review"
    assert "This application does not wait for a check." in browser.get(where).main


def test_officer_recommends_after_the_panel_scored(eligible: Application, sign_in: SignIn) -> None:
    browser, where = sign_in(factories.officer()), f"/review/{eligible.reference}/recommend"
    for _ in range(2):
        factories.score_sheet(eligible)
    assert "2 of 3 panel members have locked" in browser.get(where).main
    factories.score_sheet(eligible)
    assert "To recommend" in browser.get("/review").main

    over = browser.submit(where, {"amount": "6000.01", "reason": "Good."})
    assert over.errors == {"amount": "The amount must be £6,000 or less: that is what was asked for."}
    assert browser.submit(where, {"amount": "5400", "reason": "Good."}).goes_to == "/review"
    assert "£5,400" in browser.get(where).main


def test_nothing_that_was_not_submitted_is_reviewed(sign_in: SignIn, app: Any) -> None:
    draft = factories.application(S.DRAFT)
    browser = sign_in(factories.person(Role.OFFICER, Role.PANEL))

    assert browser.get(f"/review/{draft.reference}").status_code == 404
    assert browser.get(f"/review/{draft.reference}/check").status_code == 404
    assert browser.get("/review/nothing").status_code == 404


WAITING, SCORE = 4, 4


@pytest.mark.parametrize("count", [1, 3, 50])
def test_list_asks_as_often_whatever_the_number(sign_in: SignIn, app: Any, count_queries: Any, count: int) -> None:
    a_round, group = factories.open_round(), factories.organisation()
    owner = factories.applicant(group)
    for _ in range(count):
        factories.application(S.SUBMITTED, in_round=a_round, organisation=group, by=owner)
    browser = sign_in(factories.officer())

    with count_queries() as queries:
        page = browser.get("/review")

    assert len(page.page.select("tbody tr")) == count
    assert queries.count == WAITING
    assert len(page.data) < 60 * 1024


@pytest.mark.parametrize("sheets", [1, 3])
def test_score_page_asks_as_often_whatever_it_holds(
    eligible: Application, sign_in: SignIn, count_queries: Any, sheets: int
) -> None:
    members = [factories.panel_member() for _ in range(sheets)]
    for member in members:
        factories.score_sheet(eligible, member, locked=False)
    browser, where = sign_in(members[0]), f"/review/{eligible.reference}"

    with count_queries() as queries:
        browser.get(where)

    assert queries.count == SCORE
