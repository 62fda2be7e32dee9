"""One grant's whole life through the real verbs of every room, an hour between any two of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from grants.accounts.models import Organisation, Person
from grants.applications.clarifications import operations as clarifications
from grants.applications.drafts import contents
from grants.applications.drafts import operations as drafts
from grants.applications.models import Application
from grants.applications.queries import with_parts
from grants.applications.submissions import operations as submissions
from grants.awards.decisions import operations as decisions
from grants.awards.models import Award, Outcome
from grants.awards.notices.operations import sign_notice
from grants.foundation.records.db import db
from grants.foundation.records.drafts import fingerprint
from grants.foundation.records.kinds import CSV, Upload
from grants.foundation.values import clock
from grants.foundation.values.money import Pence
from grants.funds.models import Question, Round
from grants.outcomes.reports.answers import operations as judging
from grants.payments.models import BatchStatus
from grants.payments.returns import operations as returns
from grants.review.checks import operations as checks
from grants.review.recommendations import operations as recommendations
from grants.review.scores import operations as scores

from . import award_factories as awards
from . import factories
from . import outcomes_factories as outcomes
from . import payments_factories as payments
from .kept import kept


@dataclass
class Life:
    """A grant and everybody who has to do with it."""

    group: Organisation
    applicant: Person
    officer: Person
    panel: list[Person]
    decision_maker: Person
    verifier: Person
    preparer: Person
    approver: Person
    round: Round
    application: Application

    @property
    def reference(self) -> str:
        """Its reference."""
        return str(self.application.reference)

    @property
    def award(self) -> Award:
        """The award that it became."""
        return db.session.scalars(db.select(Award).where(Award.application_id == self.application.id)).one()


def begin() -> Life:
    """Everybody, and a draft that the group has started in an open round."""
    group = factories.organisation("Northside Youth Project")
    applicant = factories.applicant(group, name="Nadia New")
    a_round = factories.open_round(code="SCF-21")
    draft = drafts.start(person=applicant, a_round=a_round, organisation_id=group.id)
    return Life(
        group,
        applicant,
        factories.officer(),
        [factories.panel_member(f"Pat Panel {n}") for n in (1, 2, 3)],
        factories.decision_maker(),
        payments.finance("Vera Verifies"),
        payments.finance("Prue Prepares"),
        payments.finance("Abe Approves"),
        a_round,
        draft,
    )


def apply(life: Life) -> None:
    """The group fills it in and sends it."""
    draft, deed = life.application, {"person": life.applicant, "application": life.application}
    begin_on = clock.today() + timedelta(days=60)
    drafts.save_project(
        **deed, seen=fingerprint(contents.project(draft)), title="Safe evenings", summary="Evening sessions."
    )
    drafts.save_dates(
        **deed, seen=fingerprint(contents.dates(draft)), starts_on=begin_on, ends_on=begin_on + timedelta(days=90)
    )
    drafts.save_people(
        **deed, seen=fingerprint(contents.people(draft)), people_helped=60, district_ids=[factories.district().id]
    )
    drafts.save_aims(
        **deed,
        seen=fingerprint(contents.aims(draft)),
        topic_ids=[factories.topic().id],
        priority_id=factories.priority().id,
    )
    for question in db.session.scalars(db.select(Question).where(Question.round_id == life.round.id)).all():
        drafts.save_answer(**deed, seen=fingerprint(contents.answer("")), question=question, text="They ask.")
    drafts.save_budget(
        **deed,
        seen=fingerprint(contents.budget(draft)),
        lines=[("Session workers", Pence(400_000)), ("Hall", Pence(200_000))],
    )
    submissions.submit(**deed, declared_name="Nadia New")


def judge(life: Life) -> None:
    """The office checks and asks, the panel scores, the officer recommends."""
    clarifications.ask(person=life.officer, application=life.application, question="Which hall?")
    clarifications.answer(person=life.applicant, application=life.application, number=1, text="The parish hall.")
    checks.check(person=life.officer, application=life.application, passed=True)
    criteria = [criterion.id for criterion in life.round.criteria]
    for member in life.panel:
        sheet = scores.declare(person=member, application=life.application, has_conflict=False)
        marks: dict[int, Any] = dict.fromkeys(criteria, (4, "It is clear."))
        scores.lock(person=member, application=life.application, seen=sheet.version, marks=marks)
    recommendations.recommend(
        person=life.officer, application=life.application, amount=Pence(550_000), reason="Ranked first."
    )


def decide(life: Life) -> None:
    """The decision maker approves less than was asked, and signs the notice; the group accepts."""
    made = decisions.decide(
        person=life.decision_maker,
        application=life.application,
        outcome=Outcome.APPROVED,
        amount=Pence(540_000),
        reasons="It should make the estate safer.",
        conditions="For the sessions only.",
        less_reason="The pot.",
    )
    sign_notice(
        person=life.decision_maker,
        a_round=life.round,
        decision_ids=[made.id],
        title="Grants",
        interests="None.",
        signature=life.decision_maker.name,
    )
    awards.accept(life.award, person=life.applicant)


def pay(life: Life) -> None:
    """The bank details are verified, a batch is prepared, approved by another, and paid."""
    award = life.award
    payments.verified(award, by=life.verifier)
    batch = payments.batch(BatchStatus.EXPORTED, awards=[award], by=life.preparer, approver=life.approver)
    (payment,) = payments.payments_of(batch)
    text = (
        "reference,date,finance reference,amount,status\n"
        f"{payment.reference},{clock.today()},F-1,{payment.amount_pence / 100:.2f},paid\n"
    ).encode()
    returns.take(person=life.preparer, upload=Upload("return.csv", CSV.media_type, len(text), BytesIO(text)))


def report(life: Life) -> None:
    """The group reports £200 unspent, is asked for changes once, and pays it back: the award is complete."""
    made = outcomes.sent_report(life.award, life.applicant)
    judging.answer(person=life.officer, award=life.award, seen=made.version, accepts=False, words="Say more.")
    from grants.outcomes.reports.drafts import operations as reports

    reports.submit(person=life.applicant, award=life.award, declared_name="Nadia New")
    judging.answer(person=life.officer, award=life.award, seen=made.version, accepts=True)
    judging.record_repayment(
        person=life.preparer, award=life.award, seen=made.version, amount=Pence(20_000), arrived_on=clock.today()
    )


STAGES = (apply, judge, decide, pay, report)


def whole_life(moved: Any) -> Life:
    """A grant from its first draft to the closed award. `moved` is the clock of the test."""
    life, ended = kept("a whole life", lambda: _lived(moved))
    moved.move_to(ended)
    found = with_parts(life.reference)
    assert found is not None
    life.application = found
    return life


def _lived(moved: Any) -> tuple[Life, datetime]:
    life = begin()
    for stage in STAGES:
        moved.shift(timedelta(hours=5))
        stage(life)
    return life, clock.now()
