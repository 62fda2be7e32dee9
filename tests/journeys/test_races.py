"""Two people, or two clicks, in the very same moment: one of them does it, the other is told so, and it is done once.

Each deed runs in a thread of its own, with a session of its own, and all begin together.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from grants.accounts.members import operations as members
from grants.accounts.models import Membership, Person
from grants.accounts.rights import MemberRole, Role
from grants.applications.drafts import operations as drafts
from grants.applications.models import Application, ApplicationStatus, Submission
from grants.applications.submissions import operations as submissions
from grants.awards.decisions import operations as decisions
from grants.awards.models import Agreement, Award, Decision, DecisionNotice, EntryKind, LedgerEntry, Outcome
from grants.awards.notices.operations import sign_notice
from grants.awards.offers import operations as offers
from grants.foundation.records import audit
from grants.foundation.records.db import LostUpdate, Refused, db
from grants.foundation.records.kinds import CSV, Upload
from grants.foundation.records.outbox import OutboxMessage
from grants.foundation.values import clock
from grants.foundation.values.money import Pence
from grants.payments.batches import operations as batches
from grants.payments.models import Batch, BatchStatus, Payment
from grants.payments.returns import operations as returns
from tests.support import award_factories as awards
from tests.support import decision_factories, factories
from tests.support import payments_factories as payments

pytestmark = pytest.mark.slow

Deed = Callable[[], Any]
NO = (Refused, LostUpdate)


@dataclass(frozen=True)
class Found:
    """How it went: what those did who could, and what the others were told."""

    done: list[Any]
    refused: list[Exception]


@pytest.fixture
def at_once(app: Flask) -> Callable[..., Found]:
    """Does several things in the same moment: `at_once(first, second)`. What is not refused must not fail."""

    def at_once(*deeds: Deed) -> Found:
        db.session.expunge_all()  # what the test holds is not read anew by a thread
        db.session.rollback()
        ready, found, failed = threading.Barrier(len(deeds), timeout=30), Found([], []), list[BaseException]()

        def work(deed: Deed) -> None:
            with app.app_context():
                try:
                    ready.wait()
                    found.done.append(deed())
                except NO as no:
                    found.refused.append(no)
                except BaseException as error:
                    failed.append(error)

        threads = [threading.Thread(target=work, args=[deed]) for deed in deeds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert not any(thread.is_alive() for thread in threads), "two wait for each other"
        assert failed == []
        assert audit.verify().lines > 0
        db.session.expire_all()
        return found

    return at_once


def again(thing: Any) -> Any:
    """The same thing, read by whoever asks."""
    return db.session.get_one(type(thing), thing.id)


def count(what: Any, *where: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(what).where(*where)) or 0


def mails(purpose: str) -> int:
    return count(OutboxMessage, OutboxMessage.purpose == purpose)


def lines(verb: str) -> int:
    return count(audit.AuditLine, audit.AuditLine.verb == verb)


AtOnce = Callable[..., Found]


def test_two_clicks_submit_once(at_once: AtOnce) -> None:
    draft = factories.application(ApplicationStatus.DRAFT)
    person = db.session.get_one(Person, draft.started_by_id)

    def submit() -> Any:
        return submissions.submit(person=again(person), application=again(draft), declared_name="Alex").sha256

    found = at_once(submit, submit, submit)

    assert (len(found.done), len(found.refused)) == (1, 2)
    assert (count(Submission), mails("receipt"), lines("submit application")) == (1, 1, 1)


def test_two_members_start_one_application(at_once: AtOnce) -> None:
    a_round, group = factories.open_round(), factories.organisation()
    members = [factories.person(name=name, member_of=group) for name in ("Ann", "Ben")]

    def start(person: Person) -> Deed:
        return lambda: drafts.start(person=again(person), a_round=again(a_round), organisation_id=group.id).reference

    found = at_once(*map(start, members))

    assert (len(set(found.done)), found.refused) == (1, [])
    assert count(Application) == 1


def test_groups_that_start_together_have_references_of_their_own(at_once: AtOnce) -> None:
    a_round = factories.open_round(code="SCF-21")
    groups = [factories.organisation(f"Group {number}") for number in range(4)]
    people = [factories.person(name=f"Person {group.name}", member_of=group) for group in groups]

    def start(person: Person, group_id: int) -> Deed:
        return lambda: drafts.start(person=again(person), a_round=again(a_round), organisation_id=group_id).reference

    found = at_once(*(start(person, group.id) for person, group in zip(people, groups, strict=True)))

    assert sorted(found.done) == [f"SCF-21-{number:04}" for number in range(1, 5)]


def test_two_decision_makers_decide_once(at_once: AtOnce) -> None:
    bid = factories.application(ApplicationStatus.RECOMMENDED)
    makers = [factories.decision_maker(), factories.person(Role.DECISION_MAKER, name="Della Deputy")]

    def decide(person: Person, outcome: Outcome, amount: int) -> Deed:
        return lambda: (
            decisions.decide(
                person=again(person),
                application=again(bid),
                outcome=outcome,
                amount=Pence(amount),
                reasons="It is.",
                less_reason="Less is enough." if amount else "",
            ).id
        )

    found = at_once(decide(makers[0], Outcome.APPROVED, 540_000), decide(makers[1], Outcome.DECLINED, 0))

    assert (len(found.done), len(found.refused)) == (1, 1)
    assert (count(Decision), lines("decide")) == (1, 1)


def test_pot_is_not_given_away_twice(at_once: AtOnce) -> None:
    a_round = factories.open_round(pot_pence=600_000)
    bids = [factories.application(ApplicationStatus.RECOMMENDED, in_round=a_round) for _ in range(2)]
    maker = factories.decision_maker()

    def approve(bid: Application) -> Deed:
        return lambda: (
            decisions.decide(
                person=again(maker),
                application=again(bid),
                outcome=Outcome.APPROVED,
                amount=Pence(600_000),
                reasons="It is.",
            ).id
        )

    found = at_once(*map(approve, bids))

    assert (len(found.done), len(found.refused)) == (1, 1)


def test_notice_is_signed_once(at_once: AtOnce) -> None:
    made = factories.decision()
    maker, a_round = db.session.get_one(Person, made.decided_by_id), made.application.round

    def sign() -> Any:
        return sign_notice(
            person=again(maker),
            a_round=again(a_round),
            decision_ids=[made.id],
            title="Grants",
            interests="None.",
            signature=maker.name,
        ).reference

    found = at_once(sign, sign)

    assert (len(found.done), len(found.refused)) == (1, 1)
    assert (count(DecisionNotice), count(Award), mails("result")) == (1, 1, 1)


def test_notices_of_two_rounds_have_numbers_of_their_own(at_once: AtOnce) -> None:
    made = []
    for code in ("SCF-21", "SCF-22"):
        bid = factories.application(ApplicationStatus.RECOMMENDED, in_round=factories.open_round(code=code))
        made.append(factories.decision(bid))

    def sign(one: Decision) -> Deed:
        return lambda: decision_factories.sign(again(one)).reference

    found = at_once(*map(sign, made))

    year = clock.today().year
    assert sorted(found.done) == [f"DN-{year}-0001", f"DN-{year}-0002"]


def test_offer_is_accepted_or_declined_and_not_both(at_once: AtOnce) -> None:
    award = awards.offered_award()
    member, version = awards.member_of(award), awards.offer_of(award).version

    def accept() -> Any:
        return awards.accept(again(award), person=again(member), version=version).id

    def decline() -> Any:
        return offers.decline_offer(person=again(member), award=again(award), why="No hall.").id

    found = at_once(accept, decline, accept)

    assert (len(found.done), len(found.refused)) == (1, 2)
    assert count(Agreement) == lines("accept offer") == 1 - lines("decline offer")


def test_award_is_paid_in_one_of_two_batches(at_once: AtOnce) -> None:
    award = payments.payable_award()
    people = [payments.finance("Prue"), payments.finance("Pat")]

    def prepare(person: Person) -> Deed:
        return lambda: batches.prepare(person=again(person), amounts=[(award.id, Pence(540_000))]).number

    found = at_once(*map(prepare, people))

    assert (len(found.done), len(found.refused)) == (1, 1)
    assert (count(Batch), count(Payment)) == (1, 1)
    assert count(LedgerEntry, LedgerEntry.kind == EntryKind.COMMITMENT) == 1


def test_batch_is_approved_or_cancelled_and_not_both(at_once: AtOnce) -> None:
    preparer, approver = payments.finance("Prue"), payments.finance("Abe")
    batch = payments.batch(by=preparer)
    seen = batch.version

    def approve() -> Any:
        return batches.approve(person=again(approver), batch=again(batch), seen=seen).id

    def cancel() -> Any:
        return batches.cancel(person=again(preparer), batch=again(batch), seen=seen, reason="A mistake.").id

    found = at_once(approve, cancel)

    assert (len(found.done), len(found.refused)) == (1, 1)
    assert lines("approve batch") + lines("cancel batch") == 1


def test_return_file_pays_once_however_often_it_is_sent(at_once: AtOnce) -> None:
    batch = payments.batch(BatchStatus.EXPORTED)
    (payment,) = payments.payments_of(batch)
    people = [payments.finance("Ruth"), payments.finance("Rob")]
    text = f"reference,date,finance reference,amount,status\n{payment.reference},{clock.today()},F-1,5400,paid\n"

    def take(person: Person) -> Deed:
        def deed() -> Any:
            content = text.encode()
            sent = Upload("return.csv", CSV.media_type, len(content), BytesIO(content))
            return returns.take(person=again(person), upload=sent).is_new

        return deed

    found = at_once(*map(take, people))

    assert (sorted(found.done), found.refused) == ([False, True], [])
    assert count(LedgerEntry, LedgerEntry.kind == EntryKind.PAYMENT) == 1
    told = list(db.session.scalars(select(OutboxMessage.to).where(OutboxMessage.purpose == "payment-paid")))
    assert told
    assert len(told) == len(set(told)), "each of the group hears of it once"


def test_draft_is_submitted_or_withdrawn_whole(at_once: AtOnce) -> None:
    """One member sends it while another takes it back: whichever comes first, nothing is half done."""
    draft = factories.application(ApplicationStatus.DRAFT)
    person = db.session.get_one(Person, draft.started_by_id)

    def submit() -> Any:
        return submissions.submit(person=again(person), application=again(draft), declared_name="Alex").sha256

    def withdraw() -> Any:
        return submissions.withdraw(person=again(person), application=again(draft)).status

    found = at_once(submit, withdraw)

    submitted = lines("submit application")
    assert len(found.done) == submitted + lines("withdraw application")
    assert count(Submission) == mails("receipt") == submitted
    status = db.session.get_one(Application, draft.id).status
    assert status == (ApplicationStatus.WITHDRAWN if lines("withdraw application") else ApplicationStatus.SUBMITTED)


def test_two_owners_who_leave_at_once_do_not_leave_the_group_without_one(at_once: AtOnce) -> None:
    group = factories.organisation()
    owners = [factories.person(member_of=group) for _ in range(2)]

    def leave(person: Person) -> Deed:
        return lambda: members.leave(person=again(person), organisation=again(group))

    found = at_once(*map(leave, owners))

    assert (len(found.done), len(found.refused)) == (1, 1)
    assert "only owner" in str(found.refused[0])
    assert list(db.session.scalars(select(Membership.role))) == [MemberRole.OWNER]


def test_two_owners_who_remove_each_other_at_once_leave_one(at_once: AtOnce) -> None:
    group = factories.organisation()
    owners = [factories.person(member_of=group) for _ in range(2)]

    def remove(person: Person, other: Person) -> Deed:
        return lambda: members.remove(person=again(person), organisation=again(group), member_id=other.id)

    found = at_once(remove(*owners), remove(*reversed(owners)))

    assert (len(found.done), len(found.refused)) == (1, 1)
    assert list(db.session.scalars(select(Membership.role))) == [MemberRole.OWNER]
