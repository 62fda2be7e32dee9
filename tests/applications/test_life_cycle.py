"""Any sequence of verbs by anybody follows the table, or is refused and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import func, select

from grants.accounts.models import Person
from grants.accounts.rights import Role
from grants.applications.drafts import contents
from grants.applications.drafts import operations as drafts
from grants.applications.models import Application, ApplicationStatus, Submission
from grants.applications.queries import criteria_of
from grants.applications.rules import APPLICATION_STEPS
from grants.applications.submissions import operations as submissions
from grants.awards.decisions.operations import decide
from grants.awards.decisions.queries import decision_and_notice
from grants.awards.models import DecisionNotice, LedgerEntry, Outcome
from grants.awards.notices.operations import sign_notice
from grants.foundation.records.audit import AuditLine, verify
from grants.foundation.records.db import LostUpdate, Refused, db
from grants.foundation.records.drafts import Incomplete, fingerprint
from grants.foundation.records.lifecycle import find_step
from grants.foundation.records.outbox import OutboxMessage
from grants.foundation.values.money import Pence
from grants.review.checks import operations as checks
from grants.review.models import ScoreSheet
from grants.review.ranking.queries import pot_use
from grants.review.recommendations import operations as recommendations
from grants.review.scores import operations as scores
from tests.support import factories

S = ApplicationStatus

WHO = ["owner", "stranger", "officer", "panel 1", "panel 2", "panel 3", "conflicted", "decider", "finance", "both"]


class Life(RuleBasedStateMachine):
    """One application, and everybody at it."""

    def __init__(self) -> None:
        super().__init__()
        db.session.rollback()
        group = factories.organisation()
        self.people: dict[str, Person] = {
            "owner": factories.applicant(group),
            "stranger": factories.applicant(),
            "officer": factories.officer(),
            **{f"panel {number}": factories.panel_member() for number in (1, 2, 3)},
            "conflicted": factories.panel_member(),
            "decider": factories.decision_maker(),
            "finance": factories.finance_officer(),
            "both": factories.person(Role.OFFICER, Role.PANEL, Role.DECISION_MAKER),
        }
        self.application = factories.application(S.DRAFT, organisation=group, by=self.people["owner"])
        self.locks = 0

    def attempt(self, verb: str, deed: Callable[[], Any], *, may: bool) -> bool:
        """Do a deed; it happens as the table says, or is refused and leaves everything as it was."""
        before, lines = self.application.status, _count(AuditLine)
        step = find_step(APPLICATION_STEPS, before, verb)
        try:
            deed()
        except (Refused, LostUpdate, Incomplete):
            db.session.expire_all()
            assert self.application.status == before
            assert _count(AuditLine) == lines
            return False
        assert may
        assert _count(AuditLine) > lines
        if step is not None:
            assert self.application.status == step.end
        else:
            assert self.application.status == before
        return True

    @rule()
    def go_on(self) -> None:
        """The next right step, so that sequences get far."""
        declared = db.session.scalar(select(func.count()).select_from(ScoreSheet).where(~ScoreSheet.has_conflict)) or 0
        if self.application.status == S.DRAFT:
            self.submit("owner")
        elif self.application.status == S.SUBMITTED:
            self.check("officer", True)
        elif self.application.status == S.ELIGIBLE:
            name = f"panel {self.locks % 3 + 1}"
            self.declare(name) if declared <= self.locks else self.lock(name, 4)

    @rule(who=st.sampled_from(WHO), pence=st.integers(1, 600_001))
    def save(self, who: str, pence: int) -> None:
        seen = fingerprint(contents.budget(self.application))
        if [line.amount_pence for line in self.application.budget_lines] == [pence]:
            return
        self.attempt(
            "save",
            lambda: drafts.save_budget(
                person=self.people[who], application=self.application, seen=seen, lines=[("Hall", Pence(pence))]
            ),
            may=who == "owner" and self.application.status == S.DRAFT and pence <= 600_000,
        )

    @rule(who=st.sampled_from(WHO))
    def submit(self, who: str) -> None:
        self.attempt(
            "submit",
            lambda: submissions.submit(person=self.people[who], application=self.application, declared_name="Alex"),
            may=who == "owner" and self.application.status == S.DRAFT,
        )

    @precondition(lambda self: self.locks >= 1)
    @rule(who=st.sampled_from(WHO))
    def withdraw(self, who: str) -> None:
        self.attempt(
            "withdraw",
            lambda: submissions.withdraw(person=self.people[who], application=self.application),
            may=who == "owner",
        )

    @rule(who=st.sampled_from(WHO), passed=st.sampled_from([True, True, True, False]))
    def check(self, who: str, passed: bool) -> None:
        self.attempt(
            "pass" if passed else "fail",
            lambda: checks.check(
                person=self.people[who], application=self.application, passed=passed, reason="The rules say so."
            ),
            may=who in {"officer", "both"} and self.application.status == S.SUBMITTED,
        )

    @rule(who=st.sampled_from(WHO))
    def declare(self, who: str) -> None:
        self.attempt(
            "declare",
            lambda: scores.declare(
                person=self.people[who], application=self.application, has_conflict=who == "conflicted"
            ),
            may=(who.startswith("panel") or who in {"conflicted", "both"}) and self.application.status == S.ELIGIBLE,
        )

    @rule(who=st.sampled_from(WHO), score=st.integers(-1, 6))
    def lock(self, who: str, score: int) -> None:
        marks = {criterion.id: (score, "So it is.") for criterion in criteria_of(self.application)}
        done = self.attempt(
            "lock",
            lambda: scores.lock(person=self.people[who], application=self.application, seen=1, marks=marks),
            may=(who.startswith("panel") or who == "both") and 0 <= score <= 5,
        )
        self.locks += done

    @rule(who=st.sampled_from(WHO), pence=st.integers(0, 700_000))
    def recommend(self, who: str, pence: int) -> None:
        self.attempt(
            "recommend",
            lambda: recommendations.recommend(
                person=self.people[who], application=self.application, amount=Pence(pence), reason="Good."
            ),
            may=who in {"officer", "both"} and self.locks >= 3,
        )

    @rule(who=st.sampled_from(WHO), pence=st.integers(-1, 700_000), outcome=st.sampled_from(Outcome))
    def decide(self, who: str, pence: int, outcome: Outcome) -> None:
        self.attempt(
            "decide",
            lambda: decide(
                person=self.people[who],
                application=self.application,
                outcome=outcome,
                amount=Pence(pence),
                reasons="For safety.",
                less_reason="So it is.",
            ),
            may=who in {"decider", "both"} and self.locks >= 3,
        )

    @rule(who=st.sampled_from(WHO), name=st.sampled_from(["right", "right", "Nobody"]))
    def sign(self, who: str, name: str) -> None:
        decision, _ = decision_and_notice(self.application)
        person = self.people[who]
        approved = decision is not None and decision.outcome == Outcome.APPROVED
        self.attempt(
            "award" if approved else "decline",
            lambda: sign_notice(
                person=person,
                a_round=self.application.round,
                decision_ids=[decision.id] if decision else [],
                title="Grants",
                interests="None",
                signature=person.name if name == "right" else name,
            ),
            may=who in {"decider", "both"} and name == "right" and self.application.status == S.DECIDED,
        )

    @invariant()
    def is_never_above_the_largest_grant_nor_below_zero(self) -> None:
        amounts = list(db.session.scalars(select(LedgerEntry.amount_pence)))
        assert all(0 < amount <= min(600_000, self.application.requested_pence) for amount in amounts if amount)
        assert len(amounts) == (self.application.status == S.AWARDED)
        decision, _ = decision_and_notice(self.application)
        counts = decision is not None and self.application.status != S.WITHDRAWN
        assert pot_use(self.application.round).approved == (decision.amount_pence if decision and counts else 0)

    @invariant()
    def is_told_only_once_it_is_signed(self) -> None:
        told = self.application.status in {S.AWARDED, S.DECLINED}
        letters = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.purpose == "result")
        assert db.session.scalar(letters) == told
        assert _count(DecisionNotice) == told
        assert self.application.state_told != S.DECIDED

    @invariant()
    def is_frozen_once_it_was_submitted(self) -> None:
        assert _count(Submission) == (self.application.submitted_at is not None)

    def teardown(self) -> None:
        assert verify().broken is None
        db.session.rollback()


def _count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.slow
def test_any_sequence_of_verbs_follows_the_table(app: Any, database: Any) -> None:
    class Fresh(Life):
        def __init__(self) -> None:
            db.session.rollback()
            database.renew(app)
            super().__init__()

    run_state_machine_as_test(
        Fresh,
        settings=settings(
            max_examples=15, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_the_whole_way_is_possible(app: Any) -> None:
    """The machine above would pass if everything were refused: here nothing is."""
    life = Life()
    for who, pence in (("owner", 540_000),):
        life.save(who, pence)
    life.submit("owner")
    life.check("officer", True)
    for number in (1, 2, 3):
        life.declare(f"panel {number}")
        life.lock(f"panel {number}", 4)
    life.recommend("officer", 500_000)
    life.decide("decider", 500_000, Outcome.APPROVED)
    life.sign("decider", "right")

    assert life.application.status == S.AWARDED
    assert db.session.scalars(select(LedgerEntry.amount_pence)).all() == [500_000]
    assert isinstance(life.application, Application)
