"""Deciding: by the decision maker only, within the limits, with reasons, frozen, and told to nobody yet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DatabaseError, IntegrityError

from grants.accounts.models import Person
from grants.accounts.rights import Role
from grants.applications.models import Application, ApplicationStatus, Submission
from grants.applications.submissions import operations as applications
from grants.awards.decisions import operations as decisions
from grants.awards.decisions.operations import OverPot, WhyLess, decide
from grants.awards.models import Award, Decision, LedgerEntry, Offer, Outcome
from grants.foundation.records import office
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.records.outbox import OutboxMessage
from grants.foundation.values.money import Pence
from grants.review.checks import operations as checks
from grants.review.ranking.queries import pot_use
from grants.review.recommendations import operations as recommendations
from grants.review.rules import Pot
from tests.support import factories
from tests.support.client import Client
from tests.support.factories import TESTS
from tests.support.kept import kept

pytestmark = pytest.mark.usefixtures("app")

S = ApplicationStatus
SignIn = Callable[[Any], Client]


@pytest.fixture
def ready(app: Any) -> Application:
    """An application that three panel members scored."""
    return kept("scored by three", _scored)


def _scored() -> Application:
    application = factories.application(S.ELIGIBLE, title="Safe evenings on the estate")
    for _ in range(3):
        factories.score_sheet(application)
    return application


def _approve(application: Application, amount: int = 540_000, person: Person | None = None, **more: Any) -> Decision:
    texts = {"reasons": "It should make the estate safer.", "less_reason": "A cheaper hall.", **more}
    return decide(
        person=person or factories.decision_maker(),
        application=application,
        outcome=Outcome.APPROVED,
        amount=Pence(amount),
        **texts,
    )


def _nothing_happened(application: Application, status: S = S.ELIGIBLE) -> None:
    assert application.status == status
    for model in (Decision, Award, LedgerEntry):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0


def test_approval_keeps_what_it_says_and_enters_nothing_before_it_is_signed(ready: Application) -> None:
    office.set_office(
        actor=TESTS,
        decision_maker="Police and Crime Commissioner",
        department="Community safety",
        legal_power="Police Reform and Social Responsibility Act 2011, section 9",
    )

    decision = _approve(ready, conditions="Only for the sessions.")

    assert ready.status == S.DECIDED
    assert (decision.reference, decision.decision_maker, decision.department) == (
        f"D-{ready.reference}",
        "Police and Crime Commissioner",
        "Community safety",
    )
    assert decision.legal_power.endswith("section 9")
    assert (decision.requested_pence, decision.amount_pence) == (600_000, 540_000)
    for model in (Award, LedgerEntry, Offer, OutboxMessage):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0


def test_decision_is_frozen_with_what_it_was_decided_on() -> None:
    bid = factories.application(S.ELIGIBLE)
    sheets = [factories.score_sheet(bid, score=score) for score in (5, 4, 4)]
    recommendations.recommend(
        person=factories.officer(), application=bid, amount=Pence(500_000), reason="The budget is high."
    )

    decision = _approve(bid, feedback="Say more about the volunteers.")

    kept = json.loads(decision.content)
    assert hashlib.sha256(decision.content.encode()).hexdigest() == decision.sha256
    assert kept["submission_sha256"] == db.session.get_one(Submission, bid.id).sha256
    assert kept["decision"]["amount_pence"] == 540_000
    assert kept["decision"]["feedback"] == "Say more about the volunteers."
    assert (kept["recommendation"]["amount_pence"], kept["recommendation"]["reason"]) == (
        500_000,
        "The budget is high.",
    )
    assert kept["recommendation_sha256"] == _sha256(kept["recommendation"])
    assert (kept["scores"]["median"], kept["scores"]["low"], kept["scores"]["high"]) == (80.0, 80.0, 100.0)
    assert len(kept["scores"]["sheets"]) == len(sheets)
    assert kept["scores_sha256"] == _sha256(kept["scores"])
    for name in ("Pat Panel", "Olive Officer", "Dana Decides"):
        assert name not in decision.content


def _sha256(content: Any) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def test_approving_less_than_was_asked_needs_the_reason(ready: Application) -> None:
    with pytest.raises(WhyLess, match="£600 less than the £6,000 that was asked for"):
        _approve(ready, less_reason=" ")
    _nothing_happened(ready)

    assert _approve(ready, 600_000, less_reason="").less_reason == ""


def test_words_that_say_something_of_another_decision_are_left_out(ready: Application) -> None:
    """Risk: a notice publishes why the pot is exceeded where it is not."""
    texts = {"less_reason": "Less.", "over_pot_reason": "Over.", "conditions": "Evenings."}
    approved = _approve(ready, 600_000, **texts)
    declined = decide(
        person=factories.decision_maker(),
        application=factories.application(S.RECOMMENDED),
        outcome=Outcome.DECLINED,
        amount=Pence(0),
        reasons="Too vague.",
        **texts,
    )

    assert (approved.less_reason, approved.over_pot_reason, approved.conditions) == ("", "", "Evenings.")
    assert (declined.less_reason, declined.over_pot_reason, declined.conditions) == ("", "", "")


def test_database_refuses_less_without_a_reason_and_more_than_was_asked(ready: Application) -> None:
    decision = _approve(ready, 600_000, less_reason="")
    row = {column.name: getattr(decision, column.name) for column in Decision.__table__.columns}
    other = factories.application(S.ELIGIBLE)
    row |= {"id": decision.id + 1, "application_id": other.id, "reference": "D-X"}

    for amount, why, name in ((500_000, "", "has_reason_if_less"), (600_001, "Why.", "not_more_than_was_asked")):
        with pytest.raises(IntegrityError, match=name), transaction() as session:
            session.connection().execute(
                Decision.__table__.insert().values({**row, "amount_pence": amount, "less_reason": why})
            )


def test_declining_needs_reasons_and_enters_nothing(ready: Application) -> None:
    maker = factories.decision_maker()
    with pytest.raises(Refused, match="Enter the reasons"):
        decide(person=maker, application=ready, outcome=Outcome.DECLINED, amount=Pence(0), reasons=" ")
    _nothing_happened(ready)

    decision = decide(person=maker, application=ready, outcome=Outcome.DECLINED, amount=Pence(0), reasons="Too vague.")

    assert (ready.status, decision.amount_pence) == (S.DECIDED, 0)
    assert db.session.scalar(select(func.count()).select_from(Award)) == 0


@pytest.mark.parametrize(
    ("amount", "message"),
    [
        (0, "Enter the amount that you approve"),
        (-1, "Enter the amount that you approve"),
        (600_001, "£6,000 or less: that is what was asked for"),
    ],
)
def test_amount_is_within_the_request(ready: Application, amount: int, message: str) -> None:
    with pytest.raises(Refused, match=message):
        _approve(ready, amount)
    _nothing_happened(ready)


def test_amount_is_within_the_largest_grant_of_the_round(ready: Application) -> None:
    with transaction() as session:
        session.merge(ready).requested_pence = Pence(700_000)

    with pytest.raises(Refused, match="£6,000 or less: that is the largest grant of this round"):
        _approve(ready, 600_001)
    _nothing_happened(ready)


@pytest.mark.parametrize("missing", ["reasons", "interests"])
def test_approval_needs_reasons_and_interests(ready: Application, missing: str) -> None:
    with pytest.raises(Refused):
        _approve(ready, **{missing: "  "})
    _nothing_happened(ready)


def test_going_over_the_pot_needs_a_reason_which_is_kept(ready: Application) -> None:
    with transaction() as session:
        session.merge(ready.round).pot_pence = Pence(500_000)

    with pytest.raises(OverPot, match="£400 over its pot of £5,000"):
        _approve(ready)
    _nothing_happened(ready)
    decision = _approve(ready, over_pot_reason="Projects underspend by a tenth.")

    assert decision.over_pot_reason == "Projects underspend by a tenth."
    assert pot_use(ready.round).decided == Pot(Pence(500_000), Pence(540_000))


def test_decision_before_enough_members_locked_is_refused() -> None:
    application = factories.application(S.ELIGIBLE)
    for _ in range(2):
        factories.score_sheet(application)
    factories.score_sheet(application, locked=False)

    with pytest.raises(Refused, match="2 of 3 panel members"):
        _approve(application)
    _nothing_happened(application)


def test_decision_twice_is_refused(ready: Application) -> None:
    _approve(ready)

    for again in (None, factories.person(Role.DECISION_MAKER)):
        with pytest.raises(Refused, match="does not wait for a decision"):
            _approve(ready, person=again)
    assert db.session.scalar(select(func.count()).select_from(Decision)) == 1


def test_decision_on_a_withdrawn_application_is_refused(ready: Application) -> None:
    owner = db.session.get_one(Person, ready.started_by_id)
    applications.withdraw(person=owner, application=ready)

    with pytest.raises(Refused, match="does not wait for a decision"):
        _approve(ready)
    _nothing_happened(ready, S.WITHDRAWN)


@pytest.mark.parametrize("status", [S.DRAFT, S.SUBMITTED, S.INELIGIBLE, S.DECIDED, S.AWARDED, S.DECLINED, S.WITHDRAWN])
def test_decision_out_of_its_order_is_refused(status: S) -> None:
    application = factories.application(status)

    with pytest.raises(Refused, match="does not wait for a decision"):
        _approve(application)
    _nothing_happened(application, status)


@pytest.mark.parametrize("role", [None, *(role for role in Role if role != Role.DECISION_MAKER)])
def test_nobody_else_decides(ready: Application, role: Role | None) -> None:
    with pytest.raises(Refused, match="Only the decision maker decides"):
        _approve(ready, person=factories.person(*([role] if role else [])))
    _nothing_happened(ready)


def test_decision_maker_of_the_group_does_not_decide() -> None:
    group = factories.organisation()
    application = factories.application(S.RECOMMENDED, organisation=group)
    maker = factories.person(Role.DECISION_MAKER, member_of=group)

    with pytest.raises(Refused, match="your own group"):
        _approve(application, person=maker)
    _nothing_happened(application, S.RECOMMENDED)


def test_decision_maker_with_an_interest_does_not_decide(ready: Application) -> None:
    maker = factories.decision_maker()
    decisions.declare_interest(person=maker, application=ready)

    with pytest.raises(Refused, match="declared an interest"):
        _approve(ready, person=maker)
    _nothing_happened(ready)


def test_who_scored_or_checked_does_not_decide() -> None:
    scorer = factories.person(Role.PANEL, Role.DECISION_MAKER)
    scored = factories.application(S.RECOMMENDED)
    factories.score_sheet(scored, scorer)
    checker = factories.person(Role.OFFICER, Role.DECISION_MAKER)
    checked = factories.application(S.SUBMITTED)
    checks.check(person=checker, application=checked, passed=True)
    for _ in range(3):
        factories.score_sheet(checked)

    for person, application, did in ((scorer, scored, "scored"), (checker, checked, "checked")):
        with pytest.raises(Refused, match=f"You {did} this application, so others decide"):
            _approve(application, person=person)
    assert db.session.scalar(select(func.count()).select_from(Decision)) == 0


def test_decision_cannot_be_changed_or_deleted(ready: Application) -> None:
    _approve(ready)

    for statement in (Decision.__table__.update().values(amount_pence=1), Decision.__table__.delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction() as session:
            session.connection().execute(statement)


# The pages


def _form(**more: str) -> dict[str, str]:
    return {
        "outcome": "approved",
        "amount": "5,400",
        "less_reason": "The hall costs less.",
        "reasons": "It should make the estate safer.",
        "interests": "None",
        "confirmed": "yes",
        **more,
    }


def test_decision_is_made_on_its_page_once(ready: Application, sign_in: SignIn) -> None:
    browser, where = sign_in(factories.decision_maker()), f"/decisions/{ready.reference}"
    assert ready.title in browser.get("/decisions").main
    page = browser.get(where)

    first = browser.submit(page, _form(), form=f"form[action='{where}']")
    second = browser.submit(page, _form(), form=f"form[action='{where}']")

    assert (first.goes_to, second.goes_to) == (where, where)
    assert "£5,400" in browser.get(where).main
    assert "No application waits" not in browser.get("/decisions").main
    assert "Nothing waits for your decision." in browser.get("/decisions").main


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"reasons": ""}, "reasons"),
        ({"interests": ""}, "interests"),
        ({"confirmed": ""}, "confirmed"),
        ({"outcome": "perhaps"}, "outcome"),
        ({"amount": "1e3"}, "amount"),
        ({"amount": "0"}, "amount"),
        ({"amount": "-5"}, "amount"),
        ({"less_reason": ""}, "less_reason"),
    ],
)
def test_page_names_what_is_wrong_and_keeps_the_rest(
    ready: Application, sign_in: SignIn, typed: dict[str, str], field: str
) -> None:
    browser, where = sign_in(factories.decision_maker()), f"/decisions/{ready.reference}"

    page = browser.submit(where, _form(conditions="Only for this.", **typed), form=f"form[action='{where}']")

    assert list(page.errors) == [field]
    assert page.page.find("textarea", id="conditions").get_text().strip() == "Only for this."
    _nothing_happened(ready)


def test_page_asks_why_over_the_pot(ready: Application, sign_in: SignIn) -> None:
    with transaction() as session:
        session.merge(ready.round).pot_pence = Pence(500_000)
    browser, where = sign_in(factories.decision_maker()), f"/decisions/{ready.reference}"

    page = browser.submit(where, _form(), form=f"form[action='{where}']")

    assert "£400 over its pot" in page.errors["over_pot_reason"]
    again = browser.submit(page, {"over_pot_reason": "Underspend."}, form=f"form[action='{where}']")
    assert again.goes_to == where


def test_declaring_an_interest_closes_the_page(ready: Application, sign_in: SignIn) -> None:
    browser, where = sign_in(factories.decision_maker()), f"/decisions/{ready.reference}"

    gone = browser.submit(where, form=f"form[action='{where}/declare-interest']")

    assert gone.goes_to == "/decisions"
    assert browser.get(where).status_code == 404
    assert browser.get(f"/applications/{ready.reference}").status_code == 404
    assert ready.title not in browser.get("/decisions").main


@pytest.mark.parametrize("role", [None, *(role for role in Role if role != Role.DECISION_MAKER)])
def test_pages_are_there_only_for_the_decision_maker(ready: Application, sign_in: SignIn, role: Role | None) -> None:
    browser = sign_in(factories.person(*([role] if role else [])))

    assert browser.get("/decisions").status_code == 404
    assert browser.get(f"/decisions/{ready.reference}").status_code == 404


WAITING, PAGE = 5, 6


@pytest.mark.parametrize("count", [1, 3, 8])
def test_list_asks_as_often_whatever_the_number(sign_in: SignIn, count_queries: Any, count: int) -> None:
    a_round, group = factories.open_round(), factories.organisation()
    owner = factories.applicant(group)
    for _ in range(count):
        factories.application(S.RECOMMENDED, in_round=a_round, organisation=group, by=owner)
    browser = sign_in(factories.decision_maker())

    with count_queries() as queries:
        page = browser.get("/decisions")

    assert len(page.page.select("table[data-rows] tbody tr")) == count
    assert queries.count == WAITING


def test_page_asks_six_times(ready: Application, sign_in: SignIn, count_queries: Any) -> None:
    browser, where = sign_in(factories.decision_maker()), f"/decisions/{ready.reference}"

    with count_queries() as queries:
        browser.get(where)

    assert queries.count == PAGE
