"""Payments that are put right: two people, both truths kept, and nothing payable while its money may be out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from grants.accounts.models import Organisation, Person
from grants.accounts.rights import Role
from grants.awards.models import Account, Award, AwardSnapshot, AwardStatus, EntryKind, LedgerEntry, Offer
from grants.foundation.records import audit
from grants.foundation.records.db import LostUpdate, Refused, db, transaction
from grants.foundation.records.outbox import OutboxMessage
from grants.foundation.values import clock
from grants.payments.batches import operations as batches
from grants.payments.batches.queries import locked, payable, payees_of
from grants.payments.models import (
    BankDetails,
    BankStatus,
    BatchStatus,
    CheckMethod,
    FileKind,
    Payment,
    PaymentStatus,
    ReturnLine,
    Reversal,
)
from grants.payments.reversals import operations as reversals
from tests.conftest import MovedClock
from tests.support import factories
from tests.support import payments_factories as make

NOON = date(2026, 11, 22)
LATER = datetime(2026, 11, 25, 12, tzinfo=UTC)
S = PaymentStatus


@pytest.fixture(autouse=True)
def _noon(clock: MovedClock) -> None:
    """It is 22 November 2026."""


@pytest.fixture
def paid(app: Flask) -> Payment:
    """A payment of £5,400, the whole award, that was paid under F-1."""
    return make.settled()


@pytest.fixture
def failed(app: Flask) -> Payment:
    """A payment of £5,400, the whole award, that failed."""
    return make.settled("failed")


def _wrong(payment: Payment, truth: PaymentStatus, by: str = "Rex Records", **more: Any) -> Reversal:
    return reversals.record_wrong_line(
        person=make.finance(by), payment=payment, truth=truth, reason="Line 2 names another payment.", **more
    )


def _approve(reversal: Reversal, by: Person | None = None) -> Reversal:
    return reversals.approve(person=by or make.finance("Sue Second"), reversal=reversal, seen=reversal.version)


def _refuse(reversal: Reversal, by: Person | None = None, why: str = "The bank statement shows it.") -> Reversal:
    return reversals.refuse(person=by or make.finance("Sue Second"), reversal=reversal, seen=reversal.version, why=why)


def _fresh(thing: Any) -> Any:
    db.session.expire_all()
    return db.session.get_one(type(thing), thing.id)


def _sums(payment: Payment) -> tuple[int, int]:
    """What is committed and paid of its award."""
    snapshot = db.session.get_one(AwardSnapshot, payment.award_id, populate_existing=True)
    return snapshot.committed_pence or 0, snapshot.paid_pence or 0


def _is_payable(payment: Payment) -> bool:
    return bool(payable(make.finance("Pam Pays"), most=1, award_ids=[payment.award_id]))


def _details(payment: Payment) -> BankDetails:
    return db.session.get_one(BankDetails, payment.bank_details_id, populate_existing=True)


def _letters(purpose: str) -> set[str]:
    return set(db.session.scalars(select(OutboxMessage.to).where(OutboxMessage.purpose == purpose)))


def test_bounce_is_a_reversal_in_the_ledger_from_the_day_it_came_back(paid: Payment, clock: MovedClock) -> None:
    clock.move_to(LATER)

    _approve(make.bounced(paid))

    entries = db.session.scalars(
        select(LedgerEntry)
        .where(LedgerEntry.award_id == paid.award_id, LedgerEntry.account.in_([Account.PAID, Account.COMMITTED]))
        .order_by(LedgerEntry.id)
    ).all()
    assert [(one.kind, one.amount_pence, one.effective_last) for one in entries] == [
        (EntryKind.COMMITMENT, 540_000, NOON),
        (EntryKind.PAYMENT, 540_000, NOON),
        (EntryKind.REVERSAL, -540_000, date(2026, 11, 25)),
        (EntryKind.COMMITMENT, -540_000, date(2026, 11, 25)),
    ]
    assert entries[2].corrects_id == entries[1].id
    assert db.session.get_one(Award, paid.award_id).status == AwardStatus.ACCEPTED
    assert audit.verify().broken is None


def test_bounced_payment_still_says_when_and_how_it_was_paid(paid: Payment) -> None:
    _approve(make.bounced(paid))

    found = _fresh(paid)
    assert (found.status, found.paid_on, found.finance_reference) == (S.BOUNCED, NOON, "F-1")
    assert found.why == "Account closed."
    assert _fresh(found.batch).status == BatchStatus.RECONCILED


def test_account_is_blocked_as_soon_as_one_officer_says_that_money_came_back(paid: Payment) -> None:
    reversal = make.bounced(paid)

    assert (_details(paid).status, reversal.blocks_id) == (BankStatus.BLOCKED, paid.bank_details_id)
    assert _sums(paid) == (540_000, 540_000)


def test_bounced_award_is_paid_again_only_to_details_that_are_verified_anew(paid: Payment, clock: MovedClock) -> None:
    _approve(make.bounced(paid))
    assert not _is_payable(paid)

    award = db.session.get_one(Award, paid.award_id)
    other = make.given(award, account=make.BankAccount("Northside", "112233", "00998877", "", "0113 496 0000"))
    assert (other.changes_id, other.held_until) == (paid.bank_details_id, other.given_at + timedelta(hours=48))
    clock.move_to(LATER)
    make.verify(other, CheckMethod.BOTH, note="Rang Alex on the number on file.")

    assert _details(paid).status == BankStatus.REPLACED
    assert _is_payable(paid)
    again = make.payments_of(make.batch(BatchStatus.EXPORTED, awards=[award]))[0]
    make.take(make.line(again, trace="F-2"))
    assert _sums(paid) == (540_000, 540_000)
    assert _fresh(award).status == AwardStatus.PAID


@pytest.fixture
def both(app: Flask) -> list[Reversal]:
    """Two payments to one account, of both of which one officer said that they came back."""
    group, a_round = factories.organisation(), factories.open_round(pot_pence=10**9)
    paid = [make.settled(award=make.payable_award(group, in_round=a_round)) for _ in range(2)]
    return [make.bounced(payment) for payment in paid]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_account_stays_blocked_while_another_payment_to_it_came_back(
    both: list[Reversal], order: tuple[int, int]
) -> None:
    """The risk: the refusal of one bounce pays again to the account that another came back from."""
    refused, approved = (both[number] for number in order)

    _refuse(refused)
    assert _details(refused.payment).status == BankStatus.BLOCKED
    _approve(approved)

    assert _details(refused.payment).status == BankStatus.BLOCKED


def test_account_is_paid_to_again_when_every_bounce_from_it_was_refused(both: list[Reversal]) -> None:
    for reversal in both:
        _refuse(reversal)

    assert _details(both[0].payment).status == BankStatus.VERIFIED


def test_blocked_details_are_verified_anew_by_another_than_who_verified_them(paid: Payment, clock: MovedClock) -> None:
    _approve(make.bounced(paid))
    award = db.session.get_one(Award, paid.award_id)
    same = make.given(award)
    clock.move_to(LATER)

    with pytest.raises(Refused, match="another finance officer verifies the change"):
        make.verify(
            same, CheckMethod.BOTH, by=db.session.get_one(Person, _details(paid).checked_by_id or 0), note="Rang Alex."
        )


def test_group_and_finance_are_told_of_a_bounce(paid: Payment) -> None:
    recorder, second = make.finance("Rex Records"), make.finance("Sue Second")
    member = factories.person(member_of=db.session.get_one(Organisation, paid.bank_details.organisation_id))

    reversal = make.bounced(paid, by=recorder)
    assert second.email in _letters("payment-to-put-right") - {recorder.email}
    assert member.email not in _letters("payment-to-put-right") | _letters("payment-bounced")
    _approve(reversal, by=second)

    assert recorder.email in _letters("payment-put-right") - {second.email}
    assert member.email in _letters("payment-bounced")
    bodies = db.session.scalars(select(OutboxMessage.body).where(OutboxMessage.purpose == "payment-bounced"))
    (body,) = {body.partition("\n\n")[2] for body in bodies}  # but for whom it greets
    assert "£5,400" in body
    assert f"account {paid.bank_details.ending}" in body
    assert f"/organisations/{paid.bank_details.organisation_id}/bank-details" in body


def test_refused_bounce_leaves_the_payment_and_pays_to_the_account_again(paid: Payment) -> None:
    _refuse(make.bounced(paid))

    assert (_fresh(paid).status, _details(paid).status) == (S.PAID, BankStatus.VERIFIED)
    assert _sums(paid) == (540_000, 540_000)
    assert db.session.scalars(select(Reversal.why)).all() == ["The bank statement shows it."]


@pytest.mark.parametrize("judge", [_approve, _refuse])
def test_nobody_judges_what_they_recorded(paid: Payment, judge: Any) -> None:
    person = make.finance()
    reversal = make.bounced(paid, by=person)

    with pytest.raises(Refused, match="another finance officer"):
        judge(reversal, by=person)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.FINANCE])
def test_only_finance_records_and_approves(paid: Payment, role: Role) -> None:
    person = factories.person(role)

    with pytest.raises(Refused, match="Only a finance officer"):
        make.bounced(paid, by=person)
    with pytest.raises(Refused, match="Only a finance officer"):
        _approve(make.bounced(paid), by=person)


def test_nobody_of_the_group_puts_its_payment_right(paid: Payment) -> None:
    group = db.session.get_one(Organisation, paid.bank_details.organisation_id)
    person = factories.person(Role.FINANCE, member_of=group)

    with pytest.raises(Refused, match="your own group"):
        make.bounced(paid, by=person)
    with pytest.raises(Refused, match="your own group"):
        _approve(make.bounced(paid), by=person)


def test_reversal_is_approved_as_it_was_looked_at_and_once(paid: Payment) -> None:
    reversal = make.bounced(paid)
    with pytest.raises(LostUpdate):
        reversals.approve(person=make.finance("Sue Second"), reversal=reversal, seen=0)
    _approve(reversal)

    with pytest.raises(Refused, match="approved already"):
        _approve(reversal)
    assert _sums(paid) == (0, 0)


def test_payment_is_put_right_by_one_thing_at_a_time(paid: Payment) -> None:
    make.bounced(paid)

    with pytest.raises(Refused, match="being put right already"):
        make.bounced(paid)
    with pytest.raises(Refused, match="being put right already"):
        _wrong(paid, S.FAILED)


def test_bounce_needs_a_day_between_payment_and_today_a_reference_and_a_reason(paid: Payment) -> None:
    bounce: dict[str, Any] = {
        "person": make.finance(),
        "payment": paid,
        "day": NOON,
        "finance_reference": "R-1",
        "reason": "Closed.",
    }
    for change, reason in (
        ({"day": NOON - timedelta(days=1)}, "cannot have come back before"),
        ({"day": NOON + timedelta(days=1)}, "is in the future"),
        ({"finance_reference": ""}, "the bank’s reference"),
        ({"reason": " "}, "Give the reason"),
    ):
        with pytest.raises(Refused, match=reason):
            reversals.record_bounce(**{**bounce, **change})
    assert _details(paid).status == BankStatus.VERIFIED


def test_what_was_not_paid_cannot_come_back(failed: Payment) -> None:
    with pytest.raises(Refused, match="not recorded as paid"):
        make.bounced(failed)


def test_payment_that_waits_has_nothing_to_put_right(app: Flask) -> None:
    (payment,) = make.payments_of(make.batch(BatchStatus.EXPORTED))

    with pytest.raises(Refused, match="nothing to put right"):
        _wrong(payment, S.PAID)


def test_line_that_wrongly_said_paid_lets_the_payment_wait_again(paid: Payment) -> None:
    _approve(_wrong(paid, S.WAITING))

    found = _fresh(paid)
    assert (found.status, found.paid_on, found.finance_reference, found.settled_at) == (S.WAITING, None, "", None)
    assert _sums(paid) == (540_000, 0)
    assert not _is_payable(paid)
    assert (_fresh(found.batch).status, found.batch.reconciled_at) == (BatchStatus.EXPORTED, None)
    assert _letters("payment-waiting")

    make.take(make.line(found, trace="F-7"))
    assert (_fresh(paid).finance_reference, _sums(paid)) == ("F-7", (540_000, 540_000))
    assert _fresh(found.batch).status == BatchStatus.RECONCILED


def test_both_lines_are_kept(paid: Payment) -> None:
    first = db.session.scalars(select(ReturnLine)).one()

    reversal = _approve(_wrong(paid, S.PAID, day=NOON, finance_reference="F-9"))

    assert reversal.line_id == first.id
    assert (reversal.was, reversal.was_paid_on, reversal.was_finance_reference) == (S.PAID, NOON, "F-1")
    assert (_fresh(paid).status, paid.finance_reference) == (S.PAID, "F-9")
    assert db.session.scalars(select(ReturnLine.outcome)).all() == ["paid"]
    assert _sums(paid) == (540_000, 540_000)
    for statement in ("UPDATE reversals SET reason = 'x'", "UPDATE reversals SET was = 'failed'"):
        with pytest.raises(DatabaseError, match="append-only"), transaction() as session:
            session.execute(text(statement))


def test_line_that_wrongly_said_paid_where_it_failed_frees_the_money(paid: Payment) -> None:
    _approve(_wrong(paid, S.FAILED))

    assert (_fresh(paid).status, paid.paid_on) == (S.FAILED, None)
    assert _sums(paid) == (0, 0)
    assert _letters("payment-failed")


def test_line_that_wrongly_said_paid_where_it_failed_blocks_the_account(paid: Payment, clock: MovedClock) -> None:
    _approve(_wrong(paid, S.FAILED))

    assert (_details(paid).status, _is_payable(paid)) == (BankStatus.BLOCKED, False)
    make.verified_anew(_fresh(paid).award, clock)
    assert _is_payable(paid)


def test_line_that_wrongly_said_failed_commits_and_pays_it(failed: Payment, clock: MovedClock) -> None:
    make.verified_anew(failed.award, clock)
    assert _is_payable(failed)

    reversal = _wrong(failed, S.PAID, day=NOON, finance_reference="F-3")
    assert not _is_payable(failed)
    _approve(reversal)

    assert (_fresh(failed).status, failed.paid_on, _sums(failed)) == (S.PAID, NOON, (540_000, 540_000))
    assert _letters("payment-paid")


def test_line_that_wrongly_said_failed_lets_the_payment_wait_again(failed: Payment) -> None:
    _approve(_wrong(failed, S.WAITING))

    assert (_fresh(failed).status, _sums(failed)) == (S.WAITING, (540_000, 0))
    assert not _is_payable(failed)


def test_bounce_that_was_none_is_paid_after_all(paid: Payment) -> None:
    _approve(make.bounced(paid))

    _approve(_wrong(paid, S.PAID, day=NOON, finance_reference="F-1"))

    assert (_fresh(paid).status, _sums(paid)) == (S.PAID, (540_000, 540_000))
    assert db.session.get_one(Award, paid.award_id).status == AwardStatus.PAID


def test_batch_of_an_award_whose_money_may_be_out_is_neither_prepared_approved_nor_sent(
    failed: Payment, clock: MovedClock
) -> None:
    """The line said failed, the award went into another batch, and then the money turned up at the group."""
    award = db.session.get_one(Award, failed.award_id)
    make.verified_anew(award, clock)
    prepared = make.batch(awards=[award])
    _wrong(failed, S.PAID, day=NOON, finance_reference="F-3")

    with pytest.raises(Refused, match="its money may be out"):
        batches.approve(person=make.finance("Abe Approves"), batch=prepared, seen=prepared.version)
    batches.cancel(person=make.finance(), batch=prepared, seen=prepared.version, reason="It was paid.")
    with pytest.raises(Refused, match="cannot be paid now"):
        make.batch(awards=[award])


def test_approved_batch_of_an_award_whose_money_may_be_out_is_not_sent(failed: Payment, clock: MovedClock) -> None:
    make.verified_anew(failed.award, clock)
    approved = make.batch(BatchStatus.APPROVED, awards=[db.session.get_one(Award, failed.award_id)])
    reversal = _wrong(failed, S.PAID, day=NOON, finance_reference="F-3")

    with pytest.raises(Refused, match="its money may be out"):
        batches.download(person=make.finance(), batch=approved, kind=FileKind.CSV)
    with pytest.raises(Refused, match=f"in batch {approved.number} meanwhile"):
        _approve(reversal)
    (payee,) = payees_of(locked(approved.id))
    assert payee.is_in_doubt


def test_payment_of_a_complete_award_is_not_taken_back(paid: Payment) -> None:
    award = db.session.get_one(Award, paid.award_id)
    with transaction():
        award.status = AwardStatus.COMPLETE
        offer = db.session.scalars(select(Offer).where(Offer.award_id == award.id)).one()
        offer.completed_at = clock.now()
    reversal = make.bounced(paid)

    with pytest.raises(Refused, match="This award is complete: you cannot take a payment of it back now"):
        _approve(reversal)


def test_part_that_was_paid_to_replaced_details_bounces_without_blocking_those_in_force(
    app: Flask, clock: MovedClock
) -> None:
    award = make.payable_award()
    first = make.payments_of(make.batch(BatchStatus.EXPORTED, awards=[award], amounts=[100_000]))[0]
    make.take(make.line(first))
    other = make.given(award, account=make.BankAccount("Northside", "112233", "00998877", "", "0113 496 0000"))
    clock.move_to(LATER)
    make.verify(other, CheckMethod.BOTH, note="Rang Alex.")

    reversal = make.bounced(first)

    assert (reversal.blocks_id, _fresh(other).status) == (None, BankStatus.VERIFIED)
    assert not _is_payable(first)
    _approve(reversal)
    assert _sums(first) == (0, 0)
    assert _is_payable(first)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("has_reason", {"reason": ""}),
        ("bounce_bounces", {"kind": "wrong line"}),
        ("only_what_was_paid_bounces", {"was": "failed"}),
        ("has_day_and_reference_if_money_moved", {"day": None}),
        ("judged_by_another", {"judged_by_id": 1, "judged_at": NOON, "status": "approved"}),
        ("judged_unless_recorded", {"status": "approved"}),
        ("has_reason_if_refused", {"why": "No."}),
    ],
)
def test_database_refuses_what_must_not_be(paid: Payment, name: str, wrong: dict[str, Any]) -> None:
    person = make.finance()
    values = {
        "payment_id": paid.id,
        "kind": "bounce",
        "status": "recorded",
        "was": "paid",
        "was_paid_on": NOON,
        "was_finance_reference": "F-1",
        "becomes": "bounced",
        "day": NOON,
        "finance_reference": "R-1",
        "reason": "Closed.",
        "recorded_at": clock.now(),
        "recorded_by_id": person.id,
        "why": "",
        **wrong,
    }
    if "judged_by_id" in wrong:
        values |= {"judged_by_id": person.id, "judged_at": clock.now()}

    with pytest.raises(IntegrityError, match=name), transaction() as session:
        session.add(Reversal(**values))


def test_one_reversal_is_open_for_a_payment(paid: Payment) -> None:
    first = make.bounced(paid)

    names = [column.name for column in Reversal.__table__.columns if column.name not in {"id", "version"}]
    other = Reversal(**{name: getattr(first, name) for name in names})

    with pytest.raises(IntegrityError), transaction() as session:
        session.add(other)


def test_payment_file_is_downloaded_again_while_a_payment_of_it_is_put_right(paid: Payment) -> None:
    """The batch left long ago: to see its file again moves nothing."""
    make.bounced(paid)

    assert batches.download(person=make.finance(), batch=paid.batch, kind=FileKind.CSV).content
