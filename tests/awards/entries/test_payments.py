"""What payments tell the ledger: paid ≤ committed ≤ awarded ≤ the largest grant; no more comes back than is paid."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from grants.awards import rules
from grants.awards.corrections import operations as corrections
from grants.awards.entries import operations as commitments
from grants.awards.entries import operations as entries
from grants.awards.ledger import queries
from grants.awards.ledger.operations import entries_of
from grants.awards.models import Account, Award, AwardSnapshot, AwardStatus, EntryKind
from grants.foundation.records.audit import AuditLine
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.records.outbox import OutboxMessage
from grants.foundation.values import clock
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from tests.support import award_factories as awards
from tests.support import factories
from tests.support.factories import TESTS
from tests.support.kept import kept

START = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def award(app: Flask) -> Award:
    with time_machine.travel(START, tick=False):
        return kept("accepted, of a round up to £6,000", _accepted)


def _accepted() -> Award:
    a_round = factories.open_round(largest_grant_pence=600_000)
    return awards.accepted_award(500_000, of=factories.application("recommended", in_round=a_round))


def about(award: Award, amount: int = 0) -> dict[str, Any]:
    given: dict[str, Any] = {"actor": TESTS, "award": award, "reason": "batch B-1"}
    return given | ({"amount": Pence(amount)} if amount else {})


def on(day: int) -> Day:
    return Day.exactly(date(2026, 6, day))


def at(day: int) -> Any:
    return time_machine.travel(datetime(2026, 6, day, 12, tzinfo=UTC), tick=False)


def sums(award: Award) -> tuple[int, int, int, int]:
    worth = rules.worth(entries_of(award))
    return worth.awarded, worth.committed, worth.paid, worth.returned


def snapshot(award: Award) -> AwardSnapshot:
    return db.session.get_one(AwardSnapshot, award.id, populate_existing=True)


# Committing, releasing, paying


def test_amount_is_committed_and_paid(award: Award) -> None:
    with at(2):
        commitments.commit(**about(award, 500_000))
    with at(5):
        entry = commitments.record_payment(**about(award, 500_000), paid_on=on(4))

    assert sums(award) == (500_000, 500_000, 500_000, 0)
    assert (entry.kind, entry.account, entry.effective_last) == (EntryKind.PAYMENT, Account.PAID, date(2026, 6, 4))
    assert (award.status, snapshot(award).paid_pence) == (AwardStatus.PAID, 500_000)
    verbs = db.session.scalars(select(AuditLine.verb).order_by(AuditLine.id.desc()).limit(2)).all()
    assert verbs == ["record payment", "commit to payment"]


def test_payment_dated_before_its_commitment_counts_from_that(award: Award) -> None:
    with at(5):
        commitments.commit(**about(award, 100))
        entry = commitments.record_payment(**about(award, 100), paid_on=on(3))

    assert (entry.effective_day, entry.effective_last) == (on(3), date(2026, 6, 5))


@pytest.mark.parametrize(
    ("verb", "amount", "message"),
    [
        (commitments.commit, 300_001, "Only £3,000 of"),
        (commitments.release, 100_001, "Only £1,000 of"),
        (commitments.commit, 0, "more than £0"),
        (commitments.commit, -1, "more than £0"),
    ],
)
@time_machine.travel(START, tick=False)
def test_no_more_is_moved_than_there_is(award: Award, verb: Any, amount: int, message: str) -> None:
    commitments.commit(**about(award, 200_000))
    commitments.record_payment(**about(award, 100_000), paid_on=on(1))

    with pytest.raises(Refused, match=message):
        verb(**about(award) | {"amount": Pence(amount)})

    assert sums(award) == (500_000, 200_000, 100_000, 0)


@time_machine.travel(START, tick=False)
def test_payment_is_no_more_than_committed_and_not_in_the_future(award: Award) -> None:
    commitments.commit(**about(award, 200_000))

    with pytest.raises(Refused, match="Only £2,000 of"):
        commitments.record_payment(**about(award, 200_001), paid_on=on(1))
    with pytest.raises(Refused, match="in the future"):
        commitments.record_payment(**about(award, 200_000), paid_on=on(2))


@time_machine.travel(START, tick=False)
def test_released_amount_can_be_committed_again(award: Award) -> None:
    commitments.commit(**about(award, 500_000))
    commitments.release(**about(award, 500_000))
    commitments.commit(**about(award, 500_000))

    assert sums(award) == (500_000, 500_000, 0, 0)


def test_nothing_is_committed_before_the_group_accepts(app: Flask) -> None:
    for begin in (awards.decided_award, awards.offered_award, awards.withdrawn_award):
        with pytest.raises(Refused, match="you cannot commit money of it to a payment now"):
            commitments.commit(**about(begin(), 100))


def test_award_from_older_records_is_not_paid_here(app: Flask) -> None:
    award = factories.award(source="a list", award_day="2016-03-03")

    with pytest.raises(Refused, match="awarded: you cannot commit"):
        commitments.commit(**about(award, 100))
    assert (snapshot(award).paid_pence, snapshot(award).committed_pence) == (None, None)


# What the other verbs must leave room for


@time_machine.travel(START, tick=False)
def test_award_never_varies_below_what_is_committed(award: Award) -> None:
    commitments.commit(**about(award, 400_000))

    entries.vary(**about(award), by=-100_000, effective=on(1))
    with pytest.raises(Refused, match=r"More would be committed to payments \(£4,000\) than is awarded \(£3,999.99\)"):
        entries.vary(**about(award), by=-1, effective=on(1))
    with pytest.raises(Refused, match="More would be committed"):
        corrections.correct_amount(**about(award), amount=Pence(499_999))

    assert sums(award) == (400_000, 400_000, 0, 0)


def test_variation_that_is_dated_back_leaves_room_for_what_was_committed_since(award: Award) -> None:
    with at(5):
        commitments.commit(**about(award, 500_000))
    with at(9), pytest.raises(Refused, match="More would be committed"):
        entries.vary(**about(award), by=-1, effective=on(2))


@time_machine.travel(START, tick=False)
def test_variation_down_to_what_is_paid_makes_it_paid(award: Award) -> None:
    awards.pay(award, 400_000)
    assert award.status == AwardStatus.ACCEPTED

    entries.vary(**about(award), by=-100_000, effective=on(1))

    assert award.status == AwardStatus.PAID


@time_machine.travel(START, tick=False)
def test_award_is_not_withdrawn_while_something_is_committed_and_not_paid(award: Award) -> None:
    commitments.commit(**about(award, 400_000))
    commitments.record_payment(**about(award, 100_000), paid_on=on(1))

    with pytest.raises(Refused, match="£3,000 is in a payment that is not paid yet"):
        awards.withdraw(award)
    commitments.release(**about(award, 300_000))
    awards.withdraw(award)

    assert award.status == AwardStatus.WITHDRAWN


def test_withdrawal_that_is_dated_back_leaves_room_for_what_was_committed_since(award: Award) -> None:
    with at(5):
        awards.pay(award, 500_000)
    with at(9):
        entries.withdraw(**about(award), effective=on(3))

    assert sums(award) == (0, 500_000, 500_000, 0)
    assert rules.ledger_holds(entries_of(award), paid_here=True)


@time_machine.travel(START, tick=False)
def test_day_of_an_award_is_not_corrected_past_its_payments(app: Flask) -> None:
    award = awards.paid_award(500_000)
    with at(9), pytest.raises(Refused, match="before the day of the award"):
        corrections.correct_award_date(**about(award), award_day=on(5))


def test_amount_of_an_award_decided_here_is_always_known(award: Award) -> None:
    with pytest.raises(Refused, match="has an amount"):
        corrections.correct_amount(**about(award), amount=None)


@time_machine.travel(START, tick=False)
def test_correction_while_it_is_withdrawn_keeps_within_the_largest_grant(award: Award) -> None:
    entries.vary(**about(award), by=100_000, effective=on(1))
    awards.withdraw(award)

    with pytest.raises(Refused, match="largest grant"):
        corrections.correct_amount(**about(award), amount=Pence(500_001))


# What comes back


@time_machine.travel(START, tick=False)
def test_no_more_comes_back_than_was_paid(award: Award) -> None:
    with pytest.raises(Refused, match=r"More would have come back \(£2\) than was paid \(£0\)"):
        entries.record_repayment(**about(award, 200), effective=on(1))
    awards.pay(award, 300_000)

    entries.record_repayment(**about(award, 100_000), effective=on(1))
    with pytest.raises(Refused, match=r"£3,000.01\) than was paid \(£3,000\)"):
        entries.record_recovery(**about(award, 200_001), effective=on(1))

    assert sums(award) == (500_000, 300_000, 300_000, 100_000)


def test_nothing_comes_back_before_it_was_paid(award: Award) -> None:
    with at(5):
        awards.pay(award, 300_000)
    with at(9), pytest.raises(Refused, match="than was paid"):
        entries.record_repayment(**about(award, 100), effective=on(4))


@time_machine.travel(START, tick=False)
def test_what_was_paid_of_a_withdrawn_award_comes_back_as_a_recovery(award: Award) -> None:
    awards.pay(award, 500_000)
    awards.withdraw(award)
    assert (snapshot(award).awarded_pence, snapshot(award).paid_pence) == (0, 500_000)

    entries.record_recovery(**about(award, 500_000), effective=on(1))
    with pytest.raises(Refused, match="than was paid"):
        entries.record_recovery(**about(award, 1), effective=on(1))

    assert sums(award) == (0, 500_000, 500_000, 500_000)
    assert (award.status, snapshot(award).returned_pence) == (AwardStatus.WITHDRAWN, 0)
    assert _totals(award) is None


@time_machine.travel(START, tick=False)
def test_group_is_told_that_its_accepted_grant_is_withdrawn(award: Award) -> None:
    awards.withdraw(award)

    last = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
    assert last is not None
    assert last.subject == f"Your grant is withdrawn, {award.reference}"


def test_nobody_is_told_of_a_past_award_that_is_withdrawn(app: Flask) -> None:
    group = factories.organisation()
    factories.applicant(group)
    award = factories.award(source="a list", organisation=group)

    entries.withdraw(**about(award), effective=Day.exactly(clock.today()))

    assert db.session.scalars(select(OutboxMessage)).all() == []


# Totals


def _totals(award: Award) -> tuple[int, int] | None:
    rows = queries.in_force(as_at=clock.today())
    row = db.session.execute(select(rows).where(rows.c.award_id == award.id)).first()
    return (row.awarded_pence, row.returned_pence) if row else None


@time_machine.travel(START, tick=False)
def test_totals_know_nothing_of_payments(award: Award) -> None:
    before = _totals(award)

    commitments.commit(**about(award, 400_000))
    commitments.record_payment(**about(award, 300_000), paid_on=on(1))

    assert before == _totals(award) == (500_000, 0)


# What the database holds


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("paid_pence = 500001", "paid_within_committed"),
        ("committed_pence = 500001", "committed_within_awarded"),
        ("committed_pence = -1, paid_pence = -1", "_in_range"),
        ("returned_pence = 500001, paid_pence = 0", "returned_within"),
        ("awarded_pence = -1", "_in_range|committed_within_awarded"),
        ("status = 'paid'", "status_is_known"),
        ("is_project = false", "nothing_awarded_if_withdrawn"),
    ],
)
@time_machine.travel(START + timedelta(days=1), tick=False)
def test_database_refuses_a_snapshot_that_cannot_be(award: Award, change: str, name: str) -> None:
    commitments.commit(**about(award, 500_000))

    with pytest.raises(IntegrityError, match=name), transaction() as session:
        session.execute(db.text(f"UPDATE award_standings SET {change}"))  # noqa: S608 - the test's own words


@pytest.mark.parametrize(
    ("columns", "name"),
    [
        ({"kind": "commitment", "account": "paid"}, "commitment_fits_account|payment_accounts_fit_kind"),
        ({"kind": "payment", "account": "committed"}, "payment_goes_out"),
        ({"kind": "payment", "account": "paid", "amount_pence": -1}, "payment_goes_out"),
        ({"kind": "award", "account": "paid"}, "payment_accounts_fit_kind|uq_ledger"),
        ({"kind": "payment", "account": "paid", "amount_pence": None}, "unknown_fits_kind|payment_goes_out"),
        ({"kind": "payment", "account": "paid", "reason": ""}, "has_reason"),
        ({"kind": "payment", "account": "paid", "project_delta": 1}, "project_delta_fits_kind"),
    ],
)
def test_database_refuses_an_entry_that_cannot_be(award: Award, columns: dict[str, Any], name: str) -> None:
    values = {
        "award_id": award.id,
        "kind": "",
        "account": "",
        "amount_pence": 100,
        "project_delta": 0,
        "unknown_delta": 0,
        "effective_day": "2026-06-01",
        "effective_last": "2026-06-01",
        "recorded_at": "2026-06-01 12:00:00",
        "entered_at": "2026-06-01 12:00:00",
        "entered_by": "tests",
        "reason": "A test.",
        "source": "",
        "bank_reference": "",
    } | columns
    names = ", ".join(values)
    statement = f"INSERT INTO ledger_entries ({names}) VALUES (:{names.replace(', ', ', :')})"  # noqa: S608

    with pytest.raises(IntegrityError, match=name), transaction() as session:
        session.execute(db.text(statement), values)


def test_payment_is_taken_back_once(award: Award) -> None:
    for _ in range(2):
        awards.pay(award, 100_000)
    back = {**about(award), "payment": awards.last_paid_entry(award), "on": None, "releases": True}
    commitments.reverse_payment(**back)

    with pytest.raises(Refused, match="taken back already"):
        commitments.reverse_payment(**back)
    assert sums(award)[:2] == (500_000, 100_000)


def test_payment_of_which_the_group_paid_some_back_is_not_taken_back(award: Award) -> None:
    awards.pay(award, 500_000)
    entries.record_repayment(**about(award, 100_000), effective=Day.exactly(clock.today()))

    with pytest.raises(Refused, match="More would have come back"):
        commitments.reverse_payment(**about(award), payment=awards.last_paid_entry(award), on=None, releases=True)
