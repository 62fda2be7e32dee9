"""What waits for whom: the lists, decided in the database, say the same as the rules for a single bid."""

from __future__ import annotations

from itertools import product

import pytest
from flask import Flask
from sqlalchemy import select

from grants.accounts.models import Person
from grants.accounts.rights import Role
from grants.applications.models import Application, ApplicationStatus
from grants.foundation.records.db import db
from grants.review import queries, rules
from grants.review.checks import operations as the_checks
from grants.review.models import ScoreSheet
from grants.review.scores import operations as scores
from grants.review.waiting import queries as work
from grants.review.waiting.queries import ReviewTask
from tests.support import factories
from tests.support import review_factories as make
from tests.support.queries import plan_of

S = ApplicationStatus


def _deed(person: Person, application: Application) -> ReviewTask | None:
    """What the rules let the person do with it, in the order in which the list names it."""
    sheet = db.session.scalars(
        select(ScoreSheet).where(ScoreSheet.application_id == application.id, ScoreSheet.person_id == person.id)
    ).first()
    hands = queries.hands_of([application.id])[application.id]
    if rules.can_score(person, application, sheet, hands) or rules.can_declare(person, application, sheet, hands):
        return ReviewTask.SCORE
    if rules.can_check(person, application, hands):
        return ReviewTask.CHECK
    locked = queries.locked_count(application.id)
    return ReviewTask.RECOMMEND if rules.can_recommend(person, application, locked=locked, hands=hands) else None


@pytest.mark.parametrize("deed", [None, *ReviewTask])
def test_index_finds_what_waits(app: Flask, deed: ReviewTask | None) -> None:
    """Risk: with 200,000 applications, the list of the twenty that wait looks at all of them."""
    plan = plan_of(work.waiting(factories.person(Role.OFFICER, Role.PANEL), deed=deed))
    assert "ix_applications_status_submitted_at" in plan, plan


@pytest.mark.parametrize("roles", [(Role.OFFICER,), (Role.PANEL,), (Role.OFFICER, Role.PANEL)])
@pytest.mark.parametrize("status", [S.SUBMITTED, S.ELIGIBLE, S.RECOMMENDED, S.WITHDRAWN])
def test_list_says_what_the_rules_say(app: Flask, roles: tuple[Role, ...], status: S) -> None:
    a_round, group = factories.open_round(), factories.organisation()
    person, member = factories.person(*roles), factories.person(*roles, member_of=group)
    for sheets, own in product(((4, 4), (4, 4, 4)), ("", "open", "locked", "conflict", "checked")):
        checks = own == "checked" and Role.OFFICER in roles
        application = make.scored(sheets, S.SUBMITTED if checks else status, in_round=a_round, organisation=group)
        if checks and status == S.ELIGIBLE:
            the_checks.check(person=person, application=application, passed=True)
        elif own == "conflict" and Role.PANEL in roles and status == S.ELIGIBLE:
            scores.declare(person=person, application=application, has_conflict=True)
        elif own in {"open", "locked"}:
            make.sheet(application, person, 3, locked=own == "locked")

        db.session.refresh(application, ["bars"])
        for somebody in (person, member):
            rows = db.session.execute(work.waiting(somebody).where(Application.id == application.id)).all()
            expected = _deed(somebody, application)
            assert [row.what for row in rows] == ([expected.value] if expected else []), (sheets, own)


def test_counts_of_a_round_add_up_to_its_list(app: Flask) -> None:
    a_round, both = factories.open_round(code="SCF-21"), factories.person(Role.OFFICER, Role.PANEL)
    factories.open_round(code="SCF-22")
    factories.application(S.SUBMITTED, in_round=a_round)
    factories.application(S.ELIGIBLE, in_round=a_round)
    make.scored([4, 4, 4], in_round=a_round, members=[both, factories.panel_member(), factories.panel_member()])
    make.scored([4], S.AWARDED, in_round=a_round, members=[both])
    passed = make.scored([4, 4, 4], S.SUBMITTED, in_round=a_round)
    the_checks.check(person=both, application=passed, passed=True)

    found = work.work_by_round(both)

    assert found == [work.RoundWork("scf-21", "SCF-21", to_check=1, to_score=1, scored=2, to_recommend=1, ranked=4)]
    assert found[0].to_do == len(db.session.execute(work.waiting(both)).all())
    assert work.left_to_score(both, a_round) == 1
