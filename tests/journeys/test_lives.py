"""A round, its application and its award together: any sequence of verbs by anybody follows the three tables, or is
refused and changes nothing; and the ledger stays within its limits, whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from grants.accounts.models import Person
from grants.accounts.rights import Role
from grants.applications.models import Application, ApplicationStatus
from grants.applications.rounds import operations as rounds
from grants.applications.rules import APPLICATION_STEPS
from grants.applications.submissions import operations as applications
from grants.applications.submissions import operations as submissions
from grants.awards import rules
from grants.awards.corrections import operations as corrections
from grants.awards.decisions import operations as decisions
from grants.awards.decisions.queries import decision_and_notice
from grants.awards.entries import operations as entries
from grants.awards.models import Award, AwardSnapshot, AwardStatus, LedgerEntry, Outcome
from grants.awards.notices import operations as notices
from grants.awards.offers import operations as offers
from grants.awards.rules import AWARD_STEPS
from grants.awards.snapshots.operations import compute
from grants.foundation.records.audit import verify
from grants.foundation.records.db import LostUpdate, Refused, db
from grants.foundation.records.lifecycle import Step
from grants.foundation.values import clock
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from grants.funds import operations as funds
from grants.funds.models import Round
from grants.funds.rules import ROUND_STEPS
from grants.outcomes.reports.answers import operations as judging
from grants.outcomes.reports.drafts import operations as drafts
from grants.outcomes.reports.models import Report
from grants.payments.bank import operations as bank
from grants.payments.batches import operations as batches
from grants.payments.models import BankDetails, Batch, BatchStatus, CheckMethod, FileKind, Payment
from grants.payments.returns import operations as returns
from tests.conftest import NOON
from tests.support import award_factories, factories, outcomes_factories
from tests.support import payments_factories as payments

LARGEST = 600_000
GROUP, OFFICE, DECIDERS = {"owner"}, {"officer", "both"}, {"decider", "both"}
FINANCE = {"finance 1", "finance 2", "finance 3"}
WHO = ["owner", "stranger", "officer", "panel", "decider", "finance 1", "finance 2", "finance 3", "auditor", "both"]
ANYBODY = st.sampled_from(WHO)
REFUSALS = (Refused, LostUpdate, submissions.Incomplete)
STATES = (
    ("round", ROUND_STEPS, lambda lives: lives.round.status),
    ("application", APPLICATION_STEPS, lambda lives: lives.application.status),
    ("award", AWARD_STEPS, lambda lives: lives.award.status if lives.award else ""),
)


class Lives(RuleBasedStateMachine):
    """A round with one application that is recommended, and everybody at it."""

    def __init__(self) -> None:
        super().__init__()
        db.session.rollback()
        group = factories.organisation()
        self.people: dict[str, Person] = {
            "owner": factories.applicant(group),
            "stranger": factories.applicant(),
            "officer": factories.officer(),
            "panel": factories.panel_member(),
            "decider": factories.decision_maker(),
            "auditor": factories.auditor(),
            **{f"finance {number}": payments.finance(f"Fin Pays {number}") for number in (1, 2, 3)},
            "both": factories.person(Role.OFFICER, Role.DECISION_MAKER, Role.FINANCE),
        }
        self.round = factories.open_round(closes_at=clock.now() + timedelta(days=1))
        self.application = factories.application(
            ApplicationStatus.ELIGIBLE, in_round=self.round, organisation=group, by=self.people["owner"]
        )
        for _ in range(self.round.scores_needed):
            factories.score_sheet(self.application)

    @property
    def award(self) -> Award | None:
        return db.session.scalars(select(Award).execution_options(populate_existing=True)).first()

    def attempt(self, who: str, may: set[str], deed: Callable[[Person], Any]) -> bool:
        """Do a deed; it happens as the tables say and by whom they say, or is refused and changes nothing."""
        before, held = self._states(), _everything()
        db.session.rollback()
        try:
            deed(self.people[who])
        except REFUSALS:
            db.session.rollback()
            db.session.expire_all()
            assert (self._states(), _everything()) == (before, held)
            return False
        db.session.expire_all()
        assert who in may
        assert _everything()["audit_lines"] > held["audit_lines"]
        for (name, steps, _), start, end in zip(STATES, before, self._states(), strict=True):
            assert start == end or _is_a_step(steps, start, end) or not start, f"{name}: {start} to {end}"
        return True

    def _states(self) -> list[str]:
        return [str(read(self)) for _, _, read in STATES]

    @rule(days=st.sampled_from([0, 1, 1, 15]))
    def wait(self, days: int) -> None:
        TRAVELLER[0].shift(timedelta(days=days, hours=1))

    @rule()
    def go_on(self) -> None:
        """The next right step, so that sequences get far."""
        award = self.award
        if award is None:
            _next_of_application(self)
        else:
            _next_of_award(self, award)

    # The round

    @rule(who=ANYBODY)
    def complete_round(self, who: str) -> None:
        self.attempt(who, OFFICE, lambda person: rounds.complete_round(person=person, a_round=self.round))

    @rule()
    def close_round(self) -> None:
        self.attempt("officer", OFFICE, lambda person: funds.close_round(actor=person.actor, a_round=self._round()))

    def _round(self) -> Round:
        return db.session.get_one(Round, self.round.id)

    # The application

    @rule(who=ANYBODY)
    def withdraw_application(self, who: str) -> None:
        self.attempt(who, GROUP, lambda person: applications.withdraw(person=person, application=self.application))

    @rule(who=ANYBODY, pence=st.integers(-1, LARGEST + 1), outcome=st.sampled_from(Outcome))
    def decide(self, who: str, pence: int, outcome: Outcome) -> None:
        self.attempt(
            who,
            DECIDERS,
            lambda person: decisions.decide(
                person=person,
                application=self.application,
                outcome=outcome,
                amount=Pence(pence),
                reasons="For safety.",
                less_reason="So it is.",
            ),
        )

    @rule(who=ANYBODY)
    def sign(self, who: str) -> None:
        decision, _ = decision_and_notice(self.application)
        self.attempt(
            who,
            DECIDERS,
            lambda person: notices.sign_notice(
                person=person,
                a_round=self._round(),
                decision_ids=[decision.id] if decision else [],
                title="Grants",
                interests="None",
                signature=person.name,
            ),
        )

    # The offer

    @rule(who=ANYBODY, declines=st.sampled_from([False, False, True]))
    def answer_offer(self, who: str, declines: bool) -> None:
        if award := self.award:
            self.attempt(who, GROUP, lambda person: _decline(person, award) if declines else _accept(person, award))

    @rule(who=ANYBODY, verb=st.sampled_from(["extend", "lapse", "again"]))
    def manage_offer(self, who: str, verb: str) -> None:
        if award := self.award:
            self.attempt(who, OFFICE, lambda person: _manage(person, award, verb))

    # The ledger

    @rule(by=st.integers(-LARGEST, LARGEST))
    def vary(self, by: int) -> None:
        self._enter(lambda award, **about: entries.vary(award=award, by=by, effective=_today(), **about))

    @rule()
    def withdraw_award(self) -> None:
        self._enter(lambda award, **about: entries.withdraw(award=award, effective=_today(), **about))

    @rule()
    def reinstate(self) -> None:
        self._enter(lambda award, **about: corrections.reinstate(award=award, **about))

    @rule(pence=st.integers(1, LARGEST + 1))
    def correct(self, pence: int) -> None:
        self._enter(lambda award, **about: corrections.correct_amount(award=award, amount=Pence(pence), **about))

    @rule(pence=st.integers(1, LARGEST))
    def record_repayment(self, pence: int) -> None:
        self._enter(
            lambda award, **about: entries.record_repayment(
                award=award, amount=Pence(pence), effective=_today(), **about
            )
        )

    def _enter(self, deed: Callable[..., Any]) -> None:
        if award := self.award:
            self.attempt("officer", OFFICE, lambda person: deed(award, actor=person.actor, reason="So it is."))

    # Payments

    @rule(who=ANYBODY)
    def give_details(self, who: str) -> None:
        group = self.application.organisation
        self.attempt(who, GROUP, lambda person: _give(person, group))

    @rule(who=ANYBODY)
    def verify_details(self, who: str) -> None:
        if details := _newest(BankDetails):
            self.attempt(who, FINANCE | {"both"}, lambda person: _verify(person, details))

    @rule(who=ANYBODY, pence=st.one_of(st.none(), st.integers(0, LARGEST)))
    def prepare(self, who: str, pence: int | None) -> None:
        if award := self.award:
            rest = rules.worth(_entries()).to_commit
            amounts = [(award.id, Pence(rest if pence is None else pence))]
            self.attempt(who, FINANCE | {"both"}, lambda person: batches.prepare(person=person, amounts=amounts))

    @rule(who=ANYBODY, verb=st.sampled_from(["approve", "cancel", "download"]))
    def handle_batch(self, who: str, verb: str) -> None:
        if batch := _newest(Batch):
            if verb == "download" and batch.status in {BatchStatus.EXPORTED, BatchStatus.RECONCILED}:
                return
            self.attempt(who, FINANCE | {"both"}, lambda person: _handle(person, batch, verb))

    @rule(who=ANYBODY, status=st.sampled_from(["paid", "paid", "failed"]), more=st.sampled_from([0, 0, 1]))
    def take_return(self, who: str, status: str, more: int) -> None:
        payment = _newest(Payment)
        if payment is not None and payment.status == "waiting":
            self.attempt(who, FINANCE | {"both"}, lambda person: _return(person, payment, status, more))

    # The report

    @rule(who=ANYBODY, left=st.integers(-100, LARGEST))
    def send_report(self, who: str, left: int) -> None:
        award = self.award
        if award is not None and who not in GROUP:
            self.attempt(who, GROUP, lambda person: drafts.open_report(person=person, award=award))
        elif award is not None:
            self.attempt(who, GROUP, lambda person: _report(person, award, left))

    @rule(who=ANYBODY, accepts=st.booleans())
    def answer_report(self, who: str, accepts: bool) -> None:
        report, award = _newest(Report), self.award
        if report is not None and award is not None:
            self.attempt(
                who,
                OFFICE,
                lambda person: judging.answer(
                    person=person, award=award, seen=report.version, accepts=accepts, words="Please say more."
                ),
            )

    @rule(who=ANYBODY, verb=st.sampled_from(["repayment", "waive", "close"]), pence=st.integers(1, LARGEST))
    def settle_report(self, who: str, verb: str, pence: int) -> None:
        report, award = _newest(Report), self.award
        if report is not None and award is not None:
            may = FINANCE | {"both"} if verb == "repayment" else OFFICE
            self.attempt(who, may, lambda person: _settle(person, award, report, verb, pence))

    # What always holds

    @invariant()
    def ledger_stays_within_its_limits(self) -> None:
        sums = rules.worth(_entries())
        assert sums.projects in {0, 1}
        assert 0 <= sums.paid <= sums.committed
        assert 0 <= sums.returned <= sums.paid
        assert 0 <= sums.awarded <= LARGEST
        if sums.projects:
            assert sums.committed <= sums.awarded

    @invariant()
    def snapshot_is_what_the_ledger_says(self) -> None:
        award = self.award
        assert (award is not None) == (self.application.status == ApplicationStatus.AWARDED)
        if award is not None:
            snapshot = db.session.get_one(AwardSnapshot, award.id, populate_existing=True)
            (anew,) = compute([award.id])
            assert {name: getattr(snapshot, name) for name in anew} == anew
            assert (award.status == AwardStatus.WITHDRAWN) == (not snapshot.is_project)

    def teardown(self) -> None:
        assert verify().broken is None
        db.session.rollback()


TRAVELLER: list[Any] = []


def _is_a_step(steps: tuple[Step, ...], start: str, end: str) -> bool:
    return any((step.start, step.end) == (start, end) for step in steps)


def _everything() -> dict[str, int]:
    """How many rows every table has."""
    tables = db.metadata.sorted_tables
    counts = [select(func.count()).select_from(table).scalar_subquery().label(table.name) for table in tables]
    return dict(db.session.execute(select(*counts)).mappings().one())


def _entries() -> list[LedgerEntry]:
    return list(db.session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)))


def _newest(model: Any) -> Any:
    return db.session.scalars(
        select(model).order_by(model.id.desc()).limit(1).execution_options(populate_existing=True)
    ).first()


def _today() -> Day:
    return Day.exactly(clock.today())


def _accept(person: Person, award: Award) -> Any:
    return offers.accept_offer(
        person=person,
        award=award,
        signatory_name="Alex",
        signatory_position="Chair",
        version=award_factories.offer_of(award).version,
    )


def _decline(person: Person, award: Award) -> Any:
    return offers.decline_offer(person=person, award=award)


def _manage(person: Person, award: Award, verb: str) -> Any:
    if verb == "lapse":
        return offers.lapse_offer(person=person, award=award)
    if verb == "again":
        return offers.offer_again(person=person, award=award, reason="They ask for it.")
    until, version = clock.today() + timedelta(days=30), award_factories.offer_of(award).version
    return offers.extend_offer(person=person, award=award, until=until, reason="Holidays.", version=version)


def _give(person: Person, group: Any) -> Any:
    details = bank.give(person=person, organisation=group, account=payments.ACCOUNT)
    return bank.prove(person=person, details=details, upload=payments.upload())


def _verify(person: Person, details: BankDetails) -> Any:
    return payments.verify(details, CheckMethod.CALL, by=person, note="Rang the chair.")


def _handle(person: Person, batch: Batch, verb: str) -> Any:
    if verb == "approve":
        return batches.approve(person=person, batch=batch, seen=batch.version)
    if verb == "cancel":
        return batches.cancel(person=person, batch=batch, seen=batch.version, reason="A mistake.")
    return batches.download(person=person, batch=batch, kind=FileKind.XLSX)


def _return(person: Person, payment: Payment, status: str, more: int) -> Any:
    amount = (payment.amount_pence + more) / 100
    text = (
        f"reference,date,finance reference,amount,status\n{payment.reference},{clock.today()},F-1,{amount},{status}\n"
    )
    return returns.take(person=person, upload=payments.upload(text.encode(), "return.csv", "text/csv"))


def _report(person: Person, award: Award, left: int) -> Any:
    snapshot = db.session.get_one(AwardSnapshot, award.id, populate_existing=True)
    spent = (snapshot.paid_pence or 0) - left
    return outcomes_factories.sent_report(award, person, spent=[max(0, spent)])


def _settle(person: Person, award: Award, report: Report, verb: str, pence: int) -> Any:
    about: dict[str, Any] = {"person": person, "award": award, "seen": report.version}
    if verb == "repayment":
        return judging.record_repayment(**about, amount=Pence(pence), arrived_on=clock.today())
    return judging.waive(**about, reason="Little.") if verb == "waive" else judging.close(**about)


def _next_of_application(lives: Lives) -> None:
    if lives.application.status == ApplicationStatus.DECIDED:
        lives.sign("decider")
    else:
        lives.decide("decider", 540_000, Outcome.APPROVED)


def _next_of_award(lives: Lives, award: Award) -> None:
    if award.status == AwardStatus.OFFERED:
        lives.answer_offer("owner", False)
    elif award.status == AwardStatus.ACCEPTED:
        _next_of_payment(lives)
    elif award.status == AwardStatus.PAID and _newest(Report) is None:
        lives.send_report("owner", 20_000)
    elif award.status == AwardStatus.PAID:
        lives.answer_report("officer", True)
        lives.settle_report("finance 1", "repayment", 20_000)


def _next_of_payment(lives: Lives) -> None:
    details, batch = _newest(BankDetails), _newest(Batch)
    if details is None:
        lives.give_details("owner")
    elif details.status == "given":
        lives.verify_details("finance 3")
    elif batch is None or batch.status in {BatchStatus.CANCELLED, BatchStatus.RECONCILED}:
        lives.prepare("finance 1", None)
    elif batch.status == BatchStatus.PREPARED:
        lives.handle_batch("finance 2", "approve")
    elif batch.status == BatchStatus.APPROVED:
        lives.handle_batch("finance 1", "download")
    else:
        lives.take_return("finance 1", "paid", 0)


@pytest.fixture
def moving() -> Iterator[None]:
    """A clock that stands still until a rule moves it."""
    with time_machine.travel(NOON, tick=False) as traveller:
        TRAVELLER.append(traveller)
        yield
    TRAVELLER.clear()


@pytest.mark.slow
def test_any_sequence_of_verbs_follows_the_three_tables(app: Flask, database: Any, moving: None) -> None:
    class Fresh(Lives):
        def __init__(self) -> None:
            db.session.rollback()
            database.renew(app)
            TRAVELLER[0].move_to(NOON, tick=False)
            super().__init__()

    run_state_machine_as_test(
        Fresh,
        settings=settings(
            max_examples=12, stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_the_whole_way_is_possible(app: Flask, moving: None) -> None:
    """The machine above would pass if everything were refused: here nothing is."""
    lives = Lives()
    seen = []

    for _ in range(14):
        lives.go_on()
        lives.ledger_stays_within_its_limits()
        lives.snapshot_is_what_the_ledger_says()
        seen += [lives.award.status] if lives.award else []

    way = [AwardStatus.OFFERED, AwardStatus.ACCEPTED, AwardStatus.PAID, AwardStatus.COMPLETE]
    assert list(dict.fromkeys(seen)) == way
    sums = rules.worth(_entries())
    assert (sums.awarded, sums.committed, sums.paid, sums.returned) == (540_000, 540_000, 540_000, 20_000)
    lives.wait(1)
    lives.close_round()
    lives.complete_round("officer")
    assert lives.round.status == "complete"
    assert isinstance(lives.application, Application)
    lives.teardown()
