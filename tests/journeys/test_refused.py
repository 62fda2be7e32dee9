"""Every step of a grant's life, by whoever may not do it and at every wrong time: it is refused and changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Table, func, select

from grants.accounts.models import Organisation, Person
from grants.accounts.rights import GROUP_HOLDERS, HOLDERS, DoneBy, GroupRight, Right, Role
from grants.applications.clarifications import operations as clarifications
from grants.applications.models import Application, ApplicationStatus
from grants.applications.queries import criteria_of
from grants.applications.rules import APPLICATION_STEPS
from grants.applications.submissions import operations as applications
from grants.awards.decisions import operations as decisions
from grants.awards.ledger.operations import latest_offer
from grants.awards.models import Award, Decision, Outcome
from grants.awards.notices.operations import sign_notice
from grants.awards.offers import operations as offers
from grants.awards.rules import AWARD_STEPS
from grants.foundation.records import audit
from grants.foundation.records.db import Refused, db
from grants.foundation.records.drafts import fingerprint
from grants.foundation.records.lifecycle import Step, who_does
from grants.foundation.values import clock
from grants.foundation.values.money import Pence
from grants.outcomes.reports.answers import operations as judging
from grants.outcomes.reports.drafts import contents
from grants.outcomes.reports.drafts import operations as reports
from grants.outcomes.reports.drafts.operations import Spent
from grants.outcomes.reports.models import Report
from grants.outcomes.reports.queries import locked_case
from grants.outcomes.reports.rules import REPORT_STEPS
from grants.payments.bank import operations as bank
from grants.payments.batches import operations as batches
from grants.payments.models import BankDetails, Batch, FileKind
from grants.payments.returns import operations as returns
from grants.payments.rules import BANK_STEPS, BATCH_STEPS
from grants.review.checks import operations as checks
from grants.review.queries import sheet_of
from grants.review.recommendations import operations as recommendations
from grants.review.scores import operations as scores
from tests.support import factories
from tests.support.payments_factories import ACCOUNT, finance, payments_of, upload, verify
from tests.support.world import MEMBERS, Who, World, world_with

pytestmark = [pytest.mark.slow]

SECOND = "the second finance officer"


class NotThereYetError(Exception):
    """There is nothing yet to which the step could be done."""


@dataclass
class Grant:
    """The group's application, and what came of it so far."""

    world: World
    application: Application

    def person(self, who: str) -> Person:
        """Somebody of this kind."""
        return self.world.people[who]  # type: ignore[index]

    @property
    def award(self) -> Award:
        """What was awarded for it."""
        return _the(Award)

    def submit(self, person: Person) -> None:
        applications.submit(person=person, application=self.application, declared_name="Oona Owner")

    def ask(self, person: Person) -> None:
        clarifications.ask(person=person, application=self.application, question="Is the hall booked?")

    def answer(self, person: Person) -> None:
        clarifications.answer(person=person, application=self.application, number=1, text="Yes.")

    def check(self, person: Person) -> None:
        checks.check(person=person, application=self.application, passed=True)

    def declare(self, person: Person) -> None:
        scores.declare(person=person, application=self.application, has_conflict=False)

    def score(self, person: Person) -> None:
        sheet = sheet_of(self.application.id, person)
        marks: scores.Marks = {criterion.id: (4, "It is clear.") for criterion in criteria_of(self.application)}
        seen = sheet.version if sheet else 1
        scores.save_scores(person=person, application=self.application, seen=seen, marks=marks)

    def lock(self, person: Person) -> None:
        scores.lock(person=person, application=self.application)

    def recommend(self, person: Person) -> None:
        recommendations.recommend(
            person=person, application=self.application, amount=Pence(570_000), reason="It is good."
        )

    def decide(self, person: Person) -> None:
        decisions.decide(
            person=person,
            application=self.application,
            outcome=Outcome.APPROVED,
            amount=Pence(540_000),
            reasons="It makes the estate safer.",
            less_reason="The hall costs less.",
            interests="None.",
        )

    def sign(self, person: Person) -> None:
        sign_notice(
            person=person,
            a_round=self.application.round,
            decision_ids=[_the(Decision).id],
            title="Grants",
            interests="None.",
            signature=person.name,
        )

    def accept(self, person: Person) -> None:
        offer = latest_offer(self.award)
        assert offer is not None
        offers.accept_offer(
            person=person,
            award=self.award,
            signatory_name="Oona Owner",
            signatory_position="Chair",
            version=offer.version,
        )

    def give_details(self, person: Person) -> None:
        group = db.session.get_one(Organisation, self.world.group.id)
        bank.give(person=person, organisation=group, account=ACCOUNT)

    def prove(self, person: Person) -> None:
        bank.prove(person=person, details=_the(BankDetails), upload=upload())

    def verify(self, person: Person) -> None:
        details = _the(BankDetails)
        verify(details, by=person)

    def prepare(self, person: Person) -> None:
        batches.prepare(person=person, amounts=[(self.award.id, Pence(540_000))])

    def approve(self, person: Person) -> None:
        batch = _the(Batch)
        batches.approve(person=person, batch=batch, seen=batch.version)

    def export(self, person: Person) -> None:
        batches.download(person=person, batch=_the(Batch), kind=FileKind.XLSX)

    def take_return(self, person: Person) -> None:
        (payment,) = payments_of(_the(Batch))
        line = f"{payment.reference},{clock.today()},F-1,5400.00,paid"
        content = f"reference,date,finance reference,amount,status\n{line}\n".encode()
        returns.take(person=person, upload=upload(content, "return.csv", "text/csv"))

    def report(self, person: Person) -> None:
        report = reports.open_report(person=person, award=self.award)
        deed: dict[str, Any] = {"person": person, "award": self.award}
        reports.save_people(
            **deed,
            seen=fingerprint(contents.people(report)),
            people_helped=72,
            people_estimated=False,
            volunteers=9,
            sessions=24,
        )
        reports.save_difference(
            **deed, seen=fingerprint(contents.difference(report)), difference="Fewer calls.", changed=""
        )
        reports.save_spending(
            **deed,
            seen=fingerprint(contents.spending(locked_case(self.award.id).told)),
            lines=[Spent(Pence(520_000), "")],
            other_money="",
        )

    def send_report(self, person: Person) -> None:
        reports.submit(person=person, award=self.award, declared_name="Oona Owner")

    def accept_report(self, person: Person) -> None:
        judging.answer(person=person, award=self.award, seen=_version(), accepts=True)

    def repay(self, person: Person) -> None:
        judging.record_repayment(
            person=person, award=self.award, seen=_version(), amount=Pence(20_000), arrived_on=clock.today()
        )


@dataclass(frozen=True)
class Rule:
    """A step, who may do it, and before which later steps it is still open to them; `at` is when it is due."""

    verb: Callable[[Grant, Person], None]
    who: tuple[str, ...]
    also_before: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.verb.__name__


def _of(table: Sequence[Step[DoneBy]], verb: str) -> tuple[str, ...]:
    """Whom a life cycle names for a verb."""
    who = who_does(table, verb)
    return _with(who) if isinstance(who, Right) else _members(who)


def _members(right: GroupRight) -> tuple[str, ...]:
    """Who of the group has a right in it, its owner first."""
    return tuple(who for who, role in MEMBERS.items() if role in GROUP_HOLDERS[right])


def _with(right: Right) -> tuple[str, ...]:
    """Whoever has a right; of finance there are two."""
    named: list[str] = [Who(role.value) for role in Role if role in HOLDERS[right]]
    return (*named, SECOND) if Who.FINANCE in named else tuple(named)


G = Grant
AFTERWARDS = "the end"
LATER = (
    "prove",
    "verify",
    "prepare",
    "approve",
    "export",
    "take_return",
    "report",
    "send_report",
    "accept_report",
    "repay",
    AFTERWARDS,
)

LIFE = (
    Rule(G.submit, _of(APPLICATION_STEPS, "submit")),
    Rule(G.ask, _with(Right.ASK_APPLICANTS), ("check", "declare", "score", "lock", "recommend")),
    Rule(G.answer, _members(GroupRight.ANSWER_QUESTIONS)),
    Rule(G.check, _of(APPLICATION_STEPS, "pass"), ("ask", "answer")),
    Rule(G.declare, _with(Right.SCORE_APPLICATIONS)),
    Rule(G.score, _with(Right.SCORE_APPLICATIONS), ("lock",)),
    Rule(G.lock, _with(Right.SCORE_APPLICATIONS)),
    Rule(G.recommend, _of(APPLICATION_STEPS, "recommend")),
    Rule(G.decide, _of(APPLICATION_STEPS, "decide"), ("recommend",)),
    Rule(G.sign, _of(APPLICATION_STEPS, "award")),
    Rule(G.accept, _of(AWARD_STEPS, "accept offer")),
    Rule(G.give_details, _of(BANK_STEPS, "give others"), LATER),
    Rule(G.prove, _of(BANK_STEPS, "give proof"), ("verify",)),
    Rule(G.verify, _of(BANK_STEPS, "verify")),
    Rule(G.prepare, _of(AWARD_STEPS, "commit")),
    Rule(G.approve, _of(BATCH_STEPS, "approve")[1:]),  # never who prepared it
    Rule(G.export, _of(BATCH_STEPS, "export"), LATER[5:]),
    Rule(G.take_return, _of(BATCH_STEPS, "settle"), ("approve", "export", *LATER[6:])),
    Rule(G.report, _of(REPORT_STEPS, "submit"), ("send_report",)),
    Rule(G.send_report, _of(REPORT_STEPS, "submit")),
    Rule(G.accept_report, _of(REPORT_STEPS, "accept")),
    Rule(G.repay, _of(REPORT_STEPS, "record repayment")),
)
"""The steps in their order. The first person of each does it; whoever else does it, or at another time, is refused."""


def _the(model: Any) -> Any:
    """The newest thing of a kind."""
    found = db.session.scalars(select(model).order_by(model.id.desc())).first()
    if found is None:
        raise NotThereYetError
    return found


def _version() -> int:
    return int(_the(Report).version)


@pytest.fixture
def grant(app: Flask) -> Grant:
    """A draft with everything in it, in a round in which one score sheet is enough."""
    world = world_with()[0]
    world.people[SECOND] = finance("Sol Second")  # type: ignore[index]
    a_round = factories.open_round(code="SCF-21", scores_needed=1)
    return Grant(
        world,
        factories.application(ApplicationStatus.DRAFT, in_round=a_round, organisation=world.group, by=world.owner),
    )


def test_step_that_is_not_in_the_table_is_refused_and_changes_nothing(grant: Grant) -> None:
    tried = 0
    for due in (*LIFE, None):
        before, lines = _everything(), _lines()
        for rule, who in _not_allowed(grant, due.name if due else AFTERWARDS):
            tried += _is_refused(grant, rule, who, due)
            assert _lines() == lines, (due, rule.name, who)
        assert _everything() == before, due
        if due:
            due.verb(grant, grant.person(due.who[0]))
    assert tried > 500
    assert audit.verify().broken is None


def _not_allowed(grant: Grant, due: str) -> Iterator[tuple[Rule, str]]:
    """In its time a step is tried by everybody whose step it is not; out of its order by those whose step it is."""
    for rule in LIFE:
        is_open = due == rule.name or due in rule.also_before
        for who in grant.world.people:
            if (who in rule.who) != is_open:
                yield rule, who


def _is_refused(grant: Grant, rule: Rule, who: str, due: Rule | None) -> bool:
    """Try it; whether there was anything to try it on."""
    try:
        rule.verb(grant, grant.person(who))
    except Refused:
        return True
    except NotThereYetError:
        return False
    finally:
        db.session.rollback()
    pytest.fail(f"{who} could {rule.name} before {due.name if due else AFTERWARDS}")


def _lines() -> int:
    return db.session.scalar(select(func.count(audit.AuditLine.id))) or 0


def _everything() -> dict[str, list[str]]:
    """Every row of every table."""
    db.session.rollback()
    tables: list[Table] = list(db.metadata.sorted_tables)
    return {table.name: sorted(map(str, db.session.execute(select(table)))) for table in tables}
