"""Checking, declaring, scoring, locking and recommending: each role at its own step only, each step in its order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from grants.accounts.models import Person
from grants.accounts.rights import Role
from grants.applications.models import Application, ApplicationStatus
from grants.applications.queries import criteria_of
from grants.applications.submissions import operations as applications
from grants.foundation.records.audit import AuditLine
from grants.foundation.records.db import LostUpdate, Refused, db
from grants.foundation.values.money import Pence
from grants.review import queries, rules
from grants.review.checks import operations as checks
from grants.review.models import Recommendation, Score, ScoreSheet
from grants.review.recommendations import operations as recommendations
from grants.review.scores import operations as scores
from tests.support import factories
from tests.support.applications_factories import answered, clarification

pytestmark = pytest.mark.usefixtures("app")

S = ApplicationStatus


def _marks(application: Application, score: int | None = 4, reason: str = "It is clear.") -> scores.Marks:
    return {criterion.id: (score, reason) for criterion in criteria_of(application)}


def _sheet(application: Application, person: Person) -> ScoreSheet:
    return scores.declare(person=person, application=application, has_conflict=False)


def _verbs() -> list[str]:
    return list(db.session.scalars(select(AuditLine.verb).order_by(AuditLine.id)))


# The officer's check


def test_check_passes_an_application_to_the_panel() -> None:
    application = factories.application(S.SUBMITTED)

    checks.check(person=factories.officer(), application=application, passed=True)

    assert application.status == S.ELIGIBLE
    assert _verbs() == ["check application"]


def test_a_bid_does_not_pass_while_a_question_is_open_unless_the_officer_says_why() -> None:
    application, officer = factories.application(S.SUBMITTED), factories.officer()
    clarification(application)

    with pytest.raises(checks.NotAnswered, match="A question to the group is open"):
        checks.check(person=officer, application=application, passed=True, reason=" ")
    assert application.status == S.SUBMITTED
    checks.check(person=officer, application=application, passed=True, reason="It was answered on the telephone.")

    assert application.status == S.ELIGIBLE


def test_a_bid_whose_question_was_answered_passes_as_any_other() -> None:
    application = factories.application(S.SUBMITTED)
    answered(application)

    checks.check(person=factories.officer(), application=application, passed=True)

    assert application.status == S.ELIGIBLE


def test_check_fails_an_application_with_a_reason() -> None:
    application, officer = factories.application(S.SUBMITTED), factories.officer()

    with pytest.raises(Refused, match="Enter the reason"):
        checks.check(person=officer, application=application, passed=False, reason=" ")
    checks.check(person=officer, application=application, passed=False, reason="It is outside the area.")

    assert application.status == S.INELIGIBLE


def test_check_of_ones_own_group_is_refused() -> None:
    group = factories.organisation()
    officer = factories.person(Role.OFFICER, member_of=group)

    with pytest.raises(Refused, match="your own group"):
        checks.check(person=officer, application=factories.application(organisation=group), passed=True)


# Declaring


def test_declare_an_interest_closes_the_application_for_good() -> None:
    application, member = factories.application(S.ELIGIBLE), factories.panel_member()

    sheet = scores.declare(person=member, application=application, has_conflict=True, note="My sister runs it.")

    assert sheet.has_conflict
    with pytest.raises(Refused, match="declared an interest"):
        scores.declare(person=member, application=application, has_conflict=False)
    with pytest.raises(Refused, match="declared an interest"):
        scores.save_scores(person=member, application=application, seen=1, marks={})


def test_declare_twice_is_refused() -> None:
    application, member = factories.application(S.ELIGIBLE), factories.panel_member()
    _sheet(application, member)

    with pytest.raises(Refused, match="declared already"):
        _sheet(application, member)


def test_who_checked_an_application_does_not_score_it() -> None:
    application, both = factories.application(S.SUBMITTED), factories.person(Role.OFFICER, Role.PANEL)
    checks.check(person=both, application=application, passed=True)

    with pytest.raises(Refused, match="You checked this application"):
        _sheet(application, both)


# Scoring


def test_scores_are_kept_as_a_draft_as_far_as_they_go() -> None:
    application, member = factories.application(S.ELIGIBLE), factories.panel_member()
    sheet = _sheet(application, member)
    first, _second = criteria_of(application)

    sheet = scores.save_scores(
        person=member, application=application, seen=sheet.version, marks={first.id: (None, "Not sure yet.")}
    )
    scores.save_scores(person=member, application=application, seen=sheet.version, marks={first.id: (0, "")})

    assert [(score.score, score.reason) for score in db.session.scalars(select(Score))] == [(0, "")]


def test_scores_saved_in_two_windows_are_a_lost_update() -> None:
    application, member = factories.application(S.ELIGIBLE), factories.panel_member()
    seen = _sheet(application, member).version
    scores.save_scores(person=member, application=application, seen=seen, marks=_marks(application, 5))

    with pytest.raises(LostUpdate):
        scores.save_scores(person=member, application=application, seen=seen, marks=_marks(application, 1))
    assert set(db.session.scalars(select(Score.score))) == {5}


@pytest.mark.parametrize("score", [-1, 6, 100])
def test_score_outside_the_scale_is_refused(score: int) -> None:
    application, member = factories.application(S.ELIGIBLE), factories.panel_member()
    seen = _sheet(application, member).version

    with pytest.raises(Refused, match="from 0 to 5"):
        scores.save_scores(person=member, application=application, seen=seen, marks=_marks(application, score))


def test_score_before_declaring_is_refused() -> None:
    application = factories.application(S.ELIGIBLE)

    with pytest.raises(Refused, match="Say first whether"):
        scores.save_scores(person=factories.panel_member(), application=application, seen=1, marks={})


@pytest.mark.parametrize(("score", "reason"), [(None, "Why"), (3, "")])
def test_lock_needs_a_score_and_a_reason_for_each_criterion(score: int | None, reason: str) -> None:
    application, member = factories.application(S.ELIGIBLE), factories.panel_member()
    sheet = _sheet(application, member)
    marks = dict(_marks(application))
    marks[criteria_of(application)[1].id] = (score, reason)

    with pytest.raises(Refused, match="Give a score and a reason for: Plan"):
        scores.lock(person=member, application=application, seen=sheet.version, marks=marks)
    assert db.session.scalar(select(ScoreSheet.locked_at)) is None


def test_lock_with_a_reason_that_is_too_long_is_refused() -> None:
    application, member = factories.application(S.ELIGIBLE), factories.panel_member()
    sheet = _sheet(application, member)

    with pytest.raises(Refused, match="Shorten the reason"):
        scores.lock(
            person=member, application=application, seen=sheet.version, marks=_marks(application, 3, "word " * 301)
        )


def test_score_after_locking_is_refused() -> None:
    application, member = factories.application(S.ELIGIBLE), factories.panel_member()
    sheet = _sheet(application, member)
    sheet = scores.lock(person=member, application=application, seen=sheet.version, marks=_marks(application))

    for deed in (scores.save_scores, scores.lock):
        with pytest.raises(Refused, match="locked"):
            deed(person=member, application=application, seen=sheet.version, marks=_marks(application, 1))
    assert set(db.session.scalars(select(Score.score))) == {4}


def test_score_of_a_withdrawn_application_is_refused() -> None:
    group = factories.organisation()
    owner = factories.applicant(group)
    application = factories.application(S.ELIGIBLE, organisation=group, by=owner)
    member = factories.panel_member()
    sheet = _sheet(application, member)
    applications.withdraw(person=owner, application=application)

    with pytest.raises(Refused, match="not with the panel any more"):
        scores.lock(person=member, application=application, seen=sheet.version, marks=_marks(application))


def test_reading_of_a_score_sheet_asks_once_for_any_number() -> None:
    application = factories.application(S.ELIGIBLE)
    for _ in range(3):
        factories.score_sheet(application)

    assert len(queries.locked_sheets(application.id)) == 3
    assert queries.locked_count(application.id) == 3


# Recommending


def _scored(sheets: int = 3) -> Application:
    application = factories.application(S.ELIGIBLE)
    for _ in range(sheets):
        factories.score_sheet(application)
    return application


def test_recommend_needs_as_many_locked_sheets_as_the_round_says() -> None:
    application, officer = _scored(2), factories.officer()

    with pytest.raises(Refused, match="2 of 3 panel members"):
        recommendations.recommend(person=officer, application=application, amount=Pence(1), reason="Good.")
    factories.score_sheet(application)
    recommendations.recommend(person=officer, application=application, amount=Pence(540_000), reason="Good.")

    assert application.status == S.RECOMMENDED
    assert db.session.scalar(select(Recommendation.amount_pence)) == 540_000


def test_recommend_more_than_was_asked_for_is_refused() -> None:
    application = _scored()

    with pytest.raises(Refused, match="£6,000 or less"):
        recommendations.recommend(
            person=factories.officer(), application=application, amount=Pence(600_001), reason="Good."
        )


def test_recommend_without_a_reason_is_refused() -> None:
    with pytest.raises(Refused, match="Enter the reason"):
        recommendations.recommend(person=factories.officer(), application=_scored(), amount=Pence(1), reason=" ")


# Every role against every step, and every step out of its order

ALL_ROLES: list[tuple[Role, ...]] = [(), *((role,) for role in Role)]

Deed = Callable[[Person, Application], Any]

DEEDS: dict[str, tuple[Role, S, Deed]] = {
    "check": (
        Role.OFFICER,
        S.SUBMITTED,
        lambda person, application: checks.check(person=person, application=application, passed=True),
    ),
    "declare": (
        Role.PANEL,
        S.ELIGIBLE,
        lambda person, application: scores.declare(person=person, application=application, has_conflict=False),
    ),
    "recommend": (
        Role.OFFICER,
        S.ELIGIBLE,
        lambda person, application: recommendations.recommend(
            person=person, application=application, amount=Pence(1), reason="Good."
        ),
    ),
}


@pytest.mark.parametrize("verb", DEEDS)
@pytest.mark.parametrize("roles", ALL_ROLES, ids=lambda roles: roles[0].value if roles else "nobody")
def test_only_its_own_role_does_a_step(verb: str, roles: tuple[Role, ...]) -> None:
    role, status, deed = DEEDS[verb]
    application = factories.application(status)
    for _ in range(3 if verb == "recommend" else 0):
        factories.score_sheet(application)
    person = factories.person(*roles)

    if role in roles:
        deed(person, application)
    else:
        before = db.session.scalar(select(func.count()).select_from(AuditLine))
        with pytest.raises(Refused, match="Only a"):
            deed(person, application)
        assert application.status == status
        assert db.session.scalar(select(func.count()).select_from(AuditLine)) == before


@pytest.mark.parametrize("verb", DEEDS)
@pytest.mark.parametrize("status", list(S))
def test_a_step_out_of_its_order_is_refused(verb: str, status: S) -> None:
    role, right, deed = DEEDS[verb]
    if status == right:
        return
    application = factories.application(status)
    if status != S.DRAFT:
        for _ in range(3):
            factories.score_sheet(application)

    with pytest.raises(Refused):
        deed(factories.person(role), application)
    assert application.status == status


# Who sees whose scores


@pytest.mark.parametrize(
    ("roles", "locked", "sees"),
    [
        ((Role.PANEL,), None, False),
        ((Role.PANEL,), False, False),
        ((Role.PANEL,), True, True),
        ((Role.OFFICER,), None, True),
        ((Role.DECISION_MAKER,), None, True),
        ((Role.AUDITOR,), None, True),
        ((Role.OFFICER, Role.PANEL), None, False),
        ((Role.OFFICER, Role.PANEL), False, False),
        ((Role.FINANCE,), None, False),
        ((Role.ADMINISTRATOR,), None, False),
        ((), None, False),
    ],
)
def test_nobody_who_may_still_score_sees_the_scores_of_others(
    roles: tuple[Role, ...], locked: bool | None, sees: bool
) -> None:
    application, person = factories.application(S.ELIGIBLE), factories.person(*roles)
    sheet = None if locked is None else factories.score_sheet(application, person, locked=locked)

    assert bool(rules.can_see_scores(person, application, sheet)) is sees


def test_result_says_mean_median_and_range() -> None:
    assert rules.result([]) is None
    assert rules.result([80.0, 20.0, 60.0, 60.0]) == rules.Result(4, 55.0, 60.0, 20.0, 80.0)


def test_a_criterion_counts_by_its_weight() -> None:
    assert rules.share([(5, 2), (0, 1)]) == pytest.approx(66.666, abs=0.001)
