"""Recommending against the pot: drafts for several bids, a list to confirm, all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import DatabaseError

from grants.accounts.rights import Role
from grants.applications.models import Application, ApplicationStatus
from grants.applications.submissions import operations as applications
from grants.foundation.records.audit import AuditLine
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.values.money import Pence
from grants.funds.models import Round
from grants.review.models import MOST_AT_ONCE, Recommendation, RecommendationDraft, RecommendationSet
from grants.review.recommendations import drafts as drafting
from grants.review.recommendations import operations
from grants.review.recommendations.drafts import BadRows, DraftRow, NotWaiting, Overtaken
from grants.review.recommendations.operations import BadGrant, OverPot
from tests.support import factories
from tests.support import review_factories as make
from tests.support.client import Client

S = ApplicationStatus
SignIn = Callable[[Any], Client]
WHERE = "/review/rounds/scf-21/recommendations"


@pytest.fixture
def a_round(app: Flask) -> Round:
    return factories.open_round(code="SCF-21", pot_pence=1_000_000)


@pytest.fixture
def bid(a_round: Round) -> Application:
    return make.scored(in_round=a_round)


def _row(application: Application, amount: int | None = 540_000, reason: str = "Good.", **more: Any) -> DraftRow:
    known = {"seen": 0, "chosen": True, **more}
    return DraftRow(application.id, amount=None if amount is None else Pence(amount), reason=reason, **known)


def _drafts() -> list[tuple[int | None, str, bool, int]]:
    rows = db.session.scalars(select(RecommendationDraft).order_by(RecommendationDraft.application_id))
    return [(row.amount_pence, row.reason, row.chosen, row.version) for row in rows]


def _verbs() -> list[str]:
    return list(db.session.scalars(select(AuditLine.verb).order_by(AuditLine.id)))


# Drafts


def test_drafts_are_kept_as_far_as_they_go(a_round: Round, bid: Application) -> None:
    other, untouched = make.scored(in_round=a_round), make.scored(in_round=a_round)

    drafting.save_drafts(
        person=factories.officer(),
        a_round=a_round,
        rows=[_row(bid), _row(other, None, "Not sure.", chosen=False), _row(untouched, None, "", chosen=False)],
    )

    assert _drafts() == [(540_000, "Good.", True, 1), (None, "Not sure.", False, 1)]
    assert _verbs() == ["draft recommendations"]
    assert bid.status == S.ELIGIBLE


def test_same_draft_again_is_no_deed(a_round: Round, bid: Application) -> None:
    officer = factories.officer()
    for _ in range(2):
        drafting.save_drafts(person=officer, a_round=a_round, rows=[_row(bid), _row(bid)])

    assert _drafts() == [(540_000, "Good.", True, 1)]
    assert _verbs() == ["draft recommendations"]


@pytest.mark.parametrize(
    ("row", "field", "message"),
    [
        ({"amount": 600_001, "chosen": False}, "amount", "£6,000 or less"),
        ({"amount": None}, "amount", "Enter the amount to recommend, or 0"),
        ({"reason": " "}, "reason", "Enter the reason"),
    ],
)
def test_row_that_cannot_be_kept_keeps_back_the_others(
    a_round: Round, bid: Application, row: dict[str, Any], field: str, message: str
) -> None:
    fine = make.scored(in_round=a_round)

    with pytest.raises(BadRows) as refused:
        drafting.save_drafts(person=factories.officer(), a_round=a_round, rows=[_row(fine), _row(bid, **row)])

    assert list(refused.value.errors) == [bid.id]
    assert refused.value.errors[bid.id][0] == field
    assert message in refused.value.errors[bid.id][1]
    assert _drafts() == []


def test_largest_grant_is_a_hard_limit_whatever_was_asked_for(a_round: Round) -> None:
    large = make.scored(in_round=a_round, requested_pence=700_000)

    with pytest.raises(BadRows) as refused:
        drafting.save_drafts(person=factories.officer(), a_round=a_round, rows=[_row(large, 600_001)])

    assert "the largest grant of this round" in refused.value.errors[large.id][1]


def test_draft_that_another_changed_is_not_overwritten(a_round: Round, bid: Application) -> None:
    make.draft(bid, 500_000, "Theirs.")

    with pytest.raises(Overtaken) as refused:
        drafting.save_drafts(person=factories.officer(), a_round=a_round, rows=[_row(bid)])

    assert refused.value.drafts[bid.id].reason == "Theirs."
    assert _drafts() == [(500_000, "Theirs.", True, 1)]


@pytest.mark.parametrize("case", ["withdrawn", "unscored", "other round", "own group", "unknown"])
def test_what_does_not_wait_is_named_and_nothing_is_saved(a_round: Round, bid: Application, case: str) -> None:
    group = factories.organisation()
    officer = factories.person(Role.OFFICER, member_of=group if case == "own group" else None)
    status = S.WITHDRAWN if case == "withdrawn" else S.ELIGIBLE
    other = make.scored(
        () if case == "unscored" else (4, 4, 4),
        status,
        organisation=group,
        in_round=factories.open_round() if case == "other round" else a_round,
    )
    row = replace(_row(other), application_id=10**17 if case == "unknown" else other.id)

    with pytest.raises(NotWaiting) as refused:
        drafting.save_drafts(person=officer, a_round=a_round, rows=[_row(bid), row])

    assert list(refused.value.reasons) == [row.application_id]
    named = case in {"withdrawn", "unscored"}
    assert (other.reference in str(refused.value)) is named
    assert _drafts() == []


@pytest.mark.parametrize("role", [None, *(role for role in Role if role != Role.OFFICER)])
def test_only_an_officer_drafts_and_recommends(a_round: Round, bid: Application, role: Role | None) -> None:
    person = factories.person(*([role] if role else []))

    with pytest.raises(Refused, match="Only a grants officer"):
        drafting.save_drafts(person=person, a_round=a_round, rows=[_row(bid)])
    with pytest.raises(Refused, match="Only a grants officer"):
        drafting.recommend_chosen(person=person, a_round=a_round, listed=[(bid.id, 1)])
    assert _verbs() == []


def test_chosen_draft_without_amount_or_reason_is_refused_by_the_database(bid: Application) -> None:
    with pytest.raises(DatabaseError, match="is_whole_if_chosen"):
        make.draft(bid, None)


# Recommending the chosen ones


def test_chosen_are_recommended_together(a_round: Round, bid: Application) -> None:
    declined = make.scored((1, 1, 1), in_round=a_round)
    make.draft(bid, 540_000, "Good.")
    make.draft(declined, 0, "Too vague.")

    made = drafting.recommend_chosen(
        person=factories.officer(), a_round=a_round, listed=[(bid.id, 1), (declined.id, 1)]
    )

    rows = db.session.execute(select(Recommendation.amount_pence, Recommendation.reason, Recommendation.set_id)).all()
    assert [tuple(row) for row in rows] == [(540_000, "Good.", made.id), (0, "Too vague.", made.id)]
    assert (made.total_pence, made.excess_pence, made.excess_reason) == (540_000, 0, "")
    assert {bid.status, declined.status} == {S.RECOMMENDED}
    assert _drafts() == []
    assert _verbs() == ["recommend", "recommend", "recommend together"]


@pytest.mark.parametrize("case", ["withdrawn", "recommended", "changed", "taken off"])
def test_what_changed_since_the_list_was_shown_stops_all_of_it(a_round: Round, bid: Application, case: str) -> None:
    officer, other = factories.officer(), make.scored(in_round=a_round)
    make.draft(bid)
    stale = make.draft(other)
    if case == "withdrawn":
        with transaction() as session:
            applications.step(session.merge(other), "withdraw")
    elif case == "recommended":
        operations.recommend(person=officer, application=other, amount=Pence(1), reason="First.")
    else:
        row = _row(other, 100, seen=stale.version, chosen=case == "changed")
        drafting.save_drafts(person=officer, a_round=a_round, rows=[row])

    with pytest.raises(NotWaiting) as refused:
        drafting.recommend_chosen(person=officer, a_round=a_round, listed=[(bid.id, 1), (other.id, 1)])

    assert list(refused.value.reasons) == [other.id]
    assert other.reference in refused.value.reasons[other.id]
    assert bid.status == S.ELIGIBLE
    assert (540_000, "A good plan.", True, 1) in _drafts()


def test_going_over_the_pot_needs_its_reason_which_is_kept(a_round: Round, bid: Application) -> None:
    officer = factories.officer()
    make.recommendation(make.scored(status=S.RECOMMENDED, in_round=a_round), 600_000)
    make.draft(bid, 540_000)
    before = _verbs()

    with pytest.raises(OverPot, match="£1,400 over its pot of £10,000"):
        drafting.recommend_chosen(person=officer, a_round=a_round, listed=[(bid.id, 1)], over_pot_reason=" ")
    assert (bid.status, _verbs()) == (S.ELIGIBLE, before)
    made = drafting.recommend_chosen(
        person=officer, a_round=a_round, listed=[(bid.id, 1)], over_pot_reason="Projects underspend."
    )

    assert (made.excess_pence, made.excess_reason) == (140_000, "Projects underspend.")
    line = db.session.scalars(select(AuditLine).where(AuditLine.verb == "recommend together")).one()
    assert "excess_reason" in line.digests
    assert "underspend" not in line.why


def test_declining_needs_no_reason_for_a_pot_that_is_over_already(a_round: Round, bid: Application) -> None:
    make.recommendation(make.scored(status=S.RECOMMENDED, in_round=a_round), 1_200_000)

    made = operations.recommend(person=factories.officer(), application=bid, amount=Pence(0), reason="Too vague.")

    assert made.excess_pence == 0


def test_single_recommendation_is_held_against_the_pot_too(a_round: Round, bid: Application) -> None:
    make.recommendation(make.scored(status=S.RECOMMENDED, in_round=a_round), 1_000_000)

    with pytest.raises(OverPot):
        operations.recommend(person=factories.officer(), application=bid, amount=Pence(1), reason="Good.")
    assert bid.status == S.ELIGIBLE


def test_set_never_changes_afterwards(a_round: Round, bid: Application) -> None:
    make.recommendation(bid)

    with pytest.raises(DatabaseError, match="append-only"), transaction() as session:
        session.scalars(select(RecommendationSet)).one().excess_reason = "Another."


def test_largest_grant_is_held_again_when_the_list_is_confirmed(a_round: Round, bid: Application) -> None:
    make.draft(bid, 600_001)

    with pytest.raises(BadGrant):
        drafting.recommend_chosen(person=factories.officer(), a_round=a_round, listed=[(bid.id, 1)])
    assert bid.status == S.ELIGIBLE


@pytest.mark.parametrize("listed", [[], [(number, 1) for number in range(MOST_AT_ONCE + 1)]])
def test_list_that_is_empty_or_too_long_is_refused(a_round: Round, listed: list[tuple[int, int]]) -> None:
    with pytest.raises(Refused, match=r"(at least one|at most 100) application"):
        drafting.recommend_chosen(person=factories.officer(), a_round=a_round, listed=listed)


# The pages


def test_officer_sets_amounts_confirms_the_list_and_recommends(
    a_round: Round, bid: Application, sign_in: SignIn
) -> None:
    make.scored((2, 2, 2), in_round=a_round)
    browser = sign_in(factories.officer())

    saved = browser.submit(
        WHERE,
        {"rows-0-amount": "£5,400", "rows-0-reason": "Good.", "rows-0-chosen": "yes", "rows-1-reason": "Hm."},
        button="Save and show the list to confirm",
    )
    assert saved.goes_to == f"{WHERE}/confirm"
    page = browser.get(saved.goes_to)
    assert "In this list, 1 application: £5,400" in page.main
    assert bid.status == S.ELIGIBLE
    done = browser.submit(page, {})
    assert done.goes_to == "/review/rounds/scf-21"

    assert browser.submit(page, {}).goes_to == "/review/rounds/scf-21", "twice is once"
    assert db.session.scalar(select(func.count()).select_from(Recommendation)) == 1
    ranking = browser.get("/review/rounds/scf-21")
    assert "£5,400.00" in ranking.main
    assert browser.get(WHERE).page.find("textarea", attrs={"name": "rows-0-reason"}).get_text().strip() == "Hm."


def test_everything_typed_is_still_there_after_a_refusal(a_round: Round, bid: Application, sign_in: SignIn) -> None:
    make.scored((2, 2, 2), in_round=a_round)
    typed = {
        "rows-0-amount": "6000.01",
        "rows-0-reason": "The first.",
        "rows-0-chosen": "yes",
        "rows-1-amount": "1e3",
        "rows-1-reason": "The second.",
    }
    browser = sign_in(factories.officer())

    bad = browser.submit(WHERE, typed, button="Save the draft")
    assert bad.status_code == 422
    assert list(bad.errors) == ["rows-1-amount"]
    over = browser.submit(bad, {"rows-1-amount": "1000"}, button="Save the draft")

    assert over.errors == {
        "rows-0-amount": f"{bid.reference}: The amount must be £6,000 or less: that is what was asked for."
    }
    form = over.page.select_one("main form")
    assert form is not None
    assert form.find("input", attrs={"name": "rows-0-amount"})["value"] == "6,000.01"
    assert form.find("input", attrs={"name": "rows-0-chosen"}).has_attr("checked")
    assert [area.get_text().strip() for area in form.find_all("textarea")] == ["The first.", "The second."]
    assert _drafts() == []
    assert browser.submit(over, {"rows-0-amount": "6000"}, button="Save the draft").goes_to == WHERE


def test_bid_withdrawn_meanwhile_is_named_and_what_was_typed_is_shown(
    a_round: Round, bid: Application, sign_in: SignIn
) -> None:
    other = make.scored((5, 5, 5), in_round=a_round)
    browser = sign_in(factories.officer())
    opened = browser.get(WHERE)
    with transaction() as session:
        applications.step(session.merge(other), "withdraw")

    typed = {"rows-0-amount": "4321", "rows-0-reason": "For the best.", "rows-1-amount": "1234"}
    late = browser.submit(opened, typed, button="Save the draft")

    assert late.status_code == 422
    assert f"{other.reference}: it does not wait for a recommendation any more." in late.summary[0]
    assert "£4,321 For the best." in late.main
    assert _drafts() == []
    again = browser.submit(late, {}, button="Save the draft")
    assert again.goes_to == WHERE
    assert _drafts() == [(123_400, "", False, 1)]


def test_draft_of_a_colleague_is_shown_beside_ones_own(a_round: Round, bid: Application, sign_in: SignIn) -> None:
    browser = sign_in(factories.officer())
    opened = browser.get(WHERE)
    make.draft(bid, 500_000, "Theirs.", by=factories.person(Role.OFFICER, name="Cora Colleague"))

    late = browser.submit(opened, {"rows-0-amount": "5400", "rows-0-reason": "Mine."}, button="Save the draft")

    assert late.status_code == 409
    assert "Saved meanwhile by Cora Colleague" in late.main
    assert "£5,000, chosen Theirs." in late.main
    assert late.page.find("textarea").get_text().strip() == "Mine."
    assert browser.submit(late, {}, button="Save the draft").goes_to == WHERE
    assert _drafts() == [(540_000, "Mine.", False, 2)]


def test_list_that_changed_is_shown_anew_with_the_reason_kept(
    a_round: Round, bid: Application, sign_in: SignIn
) -> None:
    other = make.scored((5, 5, 5), in_round=a_round)
    for application in (bid, other):
        make.draft(application, 600_000)
    browser = sign_in(factories.officer())
    opened = browser.get(f"{WHERE}/confirm")
    assert "£12,000 in all: that is £2,000 over the pot" in opened.main
    assert browser.submit(opened, {}).errors["over_pot_reason"].startswith("With this the round would be £2,000 over")
    with transaction() as session:
        applications.step(session.merge(other), "withdraw")

    late = browser.submit(opened, {"over_pot_reason": "They underspend."})

    assert late.status_code == 422
    assert late.summary[0].startswith(f"{other.reference}: it does not wait")
    assert late.summary[-1].startswith("Nothing was recommended.")
    assert late.page.find("textarea").get_text().strip() == "They underspend."
    assert bid.status == S.ELIGIBLE
    assert browser.submit(late, {}).goes_to == "/review/rounds/scf-21"


def test_choice_is_kept_from_page_to_page(a_round: Round, sign_in: SignIn) -> None:
    members = [factories.panel_member() for _ in range(3)]
    make.many(16, a_round, members=members, status=S.ELIGIBLE)
    browser = sign_in(factories.officer())
    first = browser.get(WHERE)

    filled = {"rows-0-amount": "100", "rows-0-reason": "First page.", "rows-0-chosen": "yes"}
    bad = browser.submit(first, {**filled, "rows-0-amount": "x"}, button="Save and go to the next page")
    onward = browser.submit(bad, filled, button="Save and go to the next page")
    second = browser.get(onward.goes_to)
    assert len(second.page.select("fieldset.g-draft")) == 1
    filled["rows-0-reason"] = "Second page."
    confirm = browser.get(browser.submit(second, filled, button="Save and show the list to confirm").goes_to)

    assert {row.find_all("td")[-1].get_text() for row in confirm.page.select("tbody tr")} == {
        "First page.",
        "Second page.",
    }
    back = browser.submit(second, filled, button="Save and go to the previous page")
    assert len(browser.get(back.goes_to).page.select("fieldset.g-draft")) == 15


def test_single_page_begins_with_the_draft_of_the_office(bid: Application, sign_in: SignIn) -> None:
    make.draft(bid, 321_000, "From the draft.")
    browser = sign_in(factories.officer())

    page = browser.get(f"/review/{bid.reference}/recommend")
    assert page.page.find("input", attrs={"name": "amount"})["value"] == "3,210"
    assert browser.submit(page, {}).goes_to == "/review"

    assert browser.submit(page, {}).goes_to == "/review", "twice is once"
    assert db.session.scalars(select(Recommendation.reason)).one() == "From the draft."
    assert _drafts() == []


DRAFTS, CONFIRM = 6, 6


@pytest.mark.parametrize("count", [1, 3, 16])
def test_pages_ask_as_often_whatever_they_hold(a_round: Round, sign_in: SignIn, count_queries: Any, count: int) -> None:
    members = [factories.panel_member() for _ in range(3)]
    officer = factories.officer()
    for application in make.many(count, a_round, members=members, status=S.ELIGIBLE):
        make.draft(application, by=officer)
    browser = sign_in(officer)

    for path, asked, most in ((WHERE, DRAFTS, 15), (f"{WHERE}/confirm", CONFIRM, 100)):
        with count_queries() as counted:
            page = browser.get(path)
        assert counted.count == asked, path
        assert len(page.page.select("fieldset.g-draft, tbody tr")) == min(count, most)
        assert page.weight(most, each="fieldset.g-draft, tbody tr") < 60 * 1024, path
