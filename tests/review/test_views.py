"""The pages of review: what waits, blind scoring, and who finds nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from grants.accounts.rights import Role
from grants.applications.models import Application, ApplicationStatus
from grants.applications.submissions import operations as applications
from grants.foundation.records.db import transaction
from grants.review.checks import operations as checks
from grants.review.scores import operations as scores
from tests.support import factories
from tests.support import review_factories as make
from tests.support.applications_factories import clarification
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
    sheet = scores.declare(person=other, application=application, has_conflict=False)
    from grants.applications.queries import criteria_of

    scores.lock(
        person=other,
        application=application,
        seen=sheet.version,
        marks={criterion.id: (1, SECRET) for criterion in criteria_of(application)},
    )


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
    assert browser.submit(opened, {}, button="Lock my scores").goes_to == f"/review/{eligible.reference}", (
        "twice is once"
    )

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

    assert other.status_code == 409
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


def test_forms_sent_twice_are_one_deed(sign_in: SignIn, app: Any) -> None:
    application = factories.application(S.SUBMITTED)
    officer, member = sign_in(factories.officer()), sign_in(factories.panel_member())
    opened = officer.get(f"/review/{application.reference}/check")
    for _ in range(2):
        assert officer.submit(opened, {"outcome": "pass"}).goes_to == "/review"

    declaration = member.get(f"/review/{application.reference}")
    for _ in range(2):
        assert member.submit(declaration, {"interest": "none"}).goes_to == f"/review/{application.reference}"


# What came too late is refused and not lost


@pytest.mark.parametrize("button", ["Save as a draft", "Lock my scores"])
def test_scores_sent_after_locking_in_another_tab_are_shown(
    eligible: Application, sign_in: SignIn, button: str
) -> None:
    member = factories.panel_member()
    factories.score_sheet(eligible, member, locked=False)
    browser = sign_in(member)
    opened = browser.get(f"/review/{eligible.reference}")
    browser.submit(opened, {}, button="Lock my scores")

    late = browser.submit(opened, {"marks-0-score": "0", "marks-0-reason": "I thought again."}, button=button)

    assert late.status_code == 422
    assert late.summary == ["Your scores are locked, so they cannot be changed."]
    assert "Need: 0 I thought again." in late.main
    assert "I thought again." not in browser.get(f"/review/{eligible.reference}").main


@pytest.mark.parametrize("verb", ["withdraw", "recommend"])
def test_scores_of_a_bid_that_left_the_panel_are_shown(eligible: Application, sign_in: SignIn, verb: str) -> None:
    member = factories.panel_member()
    factories.score_sheet(eligible, member, locked=False, score=None)
    browser = sign_in(member)
    opened = browser.get(f"/review/{eligible.reference}")
    with transaction() as session:
        applications.step(session.merge(eligible), verb)

    late = browser.submit(opened, {"marks-1-reason": "A long evening's work."}, button="Save as a draft")

    assert late.status_code == 422
    assert "not with the panel any more" in late.summary[0]
    assert "A long evening's work." in late.main


def test_scores_from_two_windows_are_shown_side_by_side(eligible: Application, sign_in: SignIn) -> None:
    member = factories.panel_member()
    factories.score_sheet(eligible, member, score=None, locked=False)
    browser = sign_in(member)
    opened = browser.get(f"/review/{eligible.reference}")
    browser.submit(opened, {"marks-0-score": "1", "marks-0-reason": "The first."}, button="Save as a draft")

    late = browser.submit(opened, {"marks-0-score": "2", "marks-0-reason": "The other."}, button="Save as a draft")

    assert "Saved in the other window 1 The first." in late.main
    assert late.page.find("textarea").get_text().strip() == "The other."


def test_score_sheet_says_how_far_it_is_and_whether_it_is_saved(
    eligible: Application, sign_in: SignIn, clock: Any
) -> None:
    member = factories.panel_member()
    factories.score_sheet(eligible, member, score=None, locked=False)
    browser, where = sign_in(member), f"/review/{eligible.reference}"
    page = browser.get(where)
    assert "0 of 2 criteria have a score and a reason" in page.main
    assert "Nothing is saved yet. Only you see a draft." in page.main
    assert [label.get_text() for label in page.page.select(".g-scale")[0].find_all("label")][:2] == [
        "0 Nothing",
        "1 Weak",
    ]

    browser.submit(page, {"marks-0-score": "3", "marks-0-reason": "Clear."}, button="Save as a draft")

    saved = browser.get(where)
    assert "1 of 2 criteria have a score and a reason" in saved.main
    assert "Draft last saved at 12 noon on 22 November 2026." in saved.main.replace("\xa0", " ")


# What waits


def test_panel_member_sees_what_is_left_and_what_is_locked(app: Any, sign_in: SignIn) -> None:
    a_round, member = factories.open_round(code="SCF-21"), factories.panel_member()
    left = [factories.application(S.ELIGIBLE, in_round=a_round, title=f"Left {n}") for n in range(3)]
    done = make.scored([3], in_round=a_round, members=[member], title="Done")
    factories.score_sheet(left[1], member, locked=False)
    conflict = factories.application(S.ELIGIBLE, in_round=a_round, title="Mine")
    scores.declare(person=member, application=conflict, has_conflict=True)
    browser = sign_in(member)

    page = browser.get("/review")

    assert "1 of 4 scored and locked" in page.main
    assert [link["href"] for link in page.page.select("tbody a")] == [f"/review/{one.reference}" for one in left]
    locked = browser.get("/review/locked")
    assert [link["href"] for link in locked.page.select("tbody a")] == [f"/review/{done.reference}"]
    for text in (page.main, locked.main):
        assert conflict.reference not in text


def test_officer_filters_what_waits(app: Any, sign_in: SignIn) -> None:
    first, second = factories.open_round(code="SCF-21"), factories.open_round(code="SCF-22")
    check = factories.application(S.SUBMITTED, in_round=first)
    ready = make.scored(in_round=second)
    make.scored([4], in_round=second)
    browser = sign_in(factories.officer())

    def rows(query: str) -> list[str]:
        page = browser.get(f"/review{query}")
        return [str(link["href"]) for link in page.page.select("tbody a")]

    to_check, to_recommend = f"/review/{check.reference}/check", f"/review/{ready.reference}/recommend"
    assert rows("") == [to_check, to_recommend]
    assert rows("?what=recommend") == [to_recommend]
    assert rows("?round=scf-21") == [to_check]
    assert rows("?what=check&round=scf-22") == []
    assert "“nonsense” is not known" in browser.get("/review?what=nonsense").main
    links = [str(link["href"]) for link in browser.get("/review").page.select(".g-card a")]
    assert "/review/rounds/scf-22" in links
    assert "/review/rounds/scf-22/recommendations" in links


def test_the_check_says_beside_its_reason_that_a_question_is_open(app: Any, sign_in: SignIn) -> None:
    application = factories.application(ApplicationStatus.SUBMITTED)
    clarification(application)
    browser, address = sign_in(factories.officer()), f"/review/{application.reference}/check"

    page = browser.submit(address, {"outcome": "pass"}, form="#check form")
    assert page.errors["reason"].startswith("A question to the group is open.")
    assert "(optional)" not in page.words

    assert browser.submit(page, {"outcome": "pass", "reason": "It was said."}, form="#check form").status_code == 302


def test_who_checked_a_bid_is_not_asked_to_score_it(app: Any, sign_in: SignIn) -> None:
    both = factories.person(Role.OFFICER, Role.PANEL)
    application = factories.application(S.SUBMITTED)
    checks.check(person=both, application=application, passed=True)

    assert application.reference not in sign_in(both).get("/review").main


def test_long_list_goes_on_from_page_to_page(app: Any, sign_in: SignIn) -> None:
    a_round, group = factories.open_round(), factories.organisation()
    owner = factories.applicant(group)
    for _ in range(61):
        factories.application(S.SUBMITTED, in_round=a_round, organisation=group, by=owner)
    browser = sign_in(factories.officer())

    first = browser.get("/review")
    following = first.page.select_one("a[rel=next]")
    assert following is not None
    assert "61 to check" in first.main
    assert len(browser.get(str(following["href"])).page.select("tbody tr")) == 1


WAITING, LOCKED, SCORE = 4, 3, 4


@pytest.mark.parametrize("count", [1, 3, 8])
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
    assert page.weight(50) < 60 * 1024


@pytest.mark.parametrize("count", [1, 3, 8])
def test_list_of_what_is_locked_asks_as_often_whatever_the_number(
    sign_in: SignIn, app: Any, count_queries: Any, count: int
) -> None:
    members = [factories.panel_member() for _ in range(3)]
    make.many(count, factories.open_round(), members=members, status=S.ELIGIBLE)
    browser = sign_in(members[0])

    with count_queries() as queries:
        page = browser.get("/review/locked")

    assert len(page.page.select("tbody tr")) == count
    assert queries.count == LOCKED


@pytest.mark.parametrize("sheets", [1, 3])
def test_score_page_asks_as_often_whatever_it_holds(
    eligible: Application, sign_in: SignIn, count_queries: Any, sheets: int
) -> None:
    members = [factories.panel_member() for _ in range(sheets)]
    for member in members:
        factories.score_sheet(eligible, member, locked=False)
    browser, where = sign_in(members[0]), f"/review/{eligible.reference}"

    with count_queries() as queries:
        page = browser.get(where)

    assert queries.count == SCORE
    assert len(page.data) < 60 * 1024


@pytest.mark.parametrize(("recommended", "typed"), [(432_100, "4321"), (0, "")])
def test_the_recommended_amount_is_filled_in_for_who_decides(
    eligible: Application, sign_in: SignIn, recommended: int, typed: str
) -> None:
    bid = factories.application(ApplicationStatus.RECOMMENDED)
    make.recommendation(bid, recommended)

    page = sign_in(factories.decision_maker()).get(f"/decisions/{bid.reference}")

    assert str(page.page.select_one("#amount").get("value", "")).replace(",", "") == typed  # type: ignore[union-attr]
