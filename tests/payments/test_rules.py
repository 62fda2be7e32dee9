"""Who gives and proves, and when a batch is settled, asked of things in no database; and financial years."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from grants.accounts.models import Organisation, Person
from grants.accounts.rights import Right, Role
from grants.foundation.values.days import financial_year
from grants.payments import rules
from grants.payments.models import BankDetails, BankStatus, Batch, BatchStatus, CheckMethod, Payment, PaymentStatus
from grants.payments.rules import days_of_year, years_between
from tests.support.rulings import says, somebody

FINANCE, AUDITOR = Role.FINANCE, Role.AUDITOR
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
B, P = BatchStatus, PaymentStatus

GROUP = Organisation(id=7, name="Genesis")
NO_FINANCE = "Only a finance officer does that."
NO_MEMBER = "You do not belong to this organisation."
OWN = "These are details of your own group, so others deal with them."


def _details(status: BankStatus = BankStatus.GIVEN, **more: Any) -> BankDetails:
    """A set of group 7, with its proof."""
    return BankDetails(**{"organisation_id": 7, "organisation": GROUP, "status": status, "proof_id": 1, **more})


def _batch(status: BatchStatus = B.PREPARED, *payments: PaymentStatus, by: int = 2) -> Batch:
    waiting = [Payment(status=each) for each in payments]
    return Batch(number="B-1", status=status, prepared_by_id=by, payments=waiting)


# Bank details


@pytest.mark.parametrize(
    ("person", "accepted", "reason"),
    [
        (somebody(FINANCE), True, NO_MEMBER),
        (somebody(of=8), True, NO_MEMBER),
        (somebody(of=7), False, "Your group gives its bank details once it has accepted"),
        (somebody(of=7), True, ""),
    ],
)
def test_group_gives_its_details_once_it_has_accepted(person: Person, accepted: bool, reason: str) -> None:
    says(rules.can_give(person, GROUP, accepted=accepted), reason)


@pytest.mark.parametrize(
    ("person", "details", "reason"),
    [
        (somebody(of=8), _details(), NO_MEMBER),
        (somebody(of=7), _details(BankStatus.VERIFIED), "These details are verified: you cannot give proof now."),
        (somebody(of=7), _details(), ""),
    ],
)
def test_group_proves_what_is_not_verified(person: Person, details: BankDetails, reason: str) -> None:
    says(rules.can_prove(person, details), reason)


@pytest.mark.parametrize(
    ("changes_id", "method", "note", "reason"),
    [
        (None, CheckMethod.PROOF, " ", ""),
        (None, CheckMethod.CALL, " ", "Enter whom you spoke to"),
        (None, CheckMethod.CALL, "Sam", ""),
        (3, CheckMethod.PROOF, "Sam", "This is a change of details: ring"),
        (3, CheckMethod.BOTH, " ", "Enter whom you spoke to"),
        (3, CheckMethod.CALL, "Sam", ""),
    ],
)
def test_change_of_details_needs_a_call_and_its_note(
    changes_id: int | None, method: CheckMethod, note: str, reason: str
) -> None:
    says(rules.method_is_enough(_details(changes_id=changes_id), method, note), reason)


# Batches


def test_work_of_finance_is_for_who_has_the_right() -> None:
    for person, no_work, no_reading in ((somebody(FINANCE), "", ""), (somebody(), NO_FINANCE, "Only finance officers")):
        says(rules.has(person, Right.PREPARE_PAYMENTS), no_work)
        says(rules.can_take_return(person), no_work)
        says(rules.can_export(person), no_reading)


@pytest.mark.parametrize(
    ("payments", "reason"),
    [
        ((P.PAID, P.FAILED), ""),
        ((P.PAID, P.WAITING), "A payment of this batch is neither paid nor failed yet."),
    ],
)
def test_batch_is_settled_when_no_payment_waits(payments: tuple[PaymentStatus, ...], reason: str) -> None:
    says(rules.is_settled(_batch(B.EXPORTED, *payments)), reason)
    says(rules.can_move(_batch(B.EXPORTED), "reconcile", _batch(B.EXPORTED, *payments)), reason)


# Financial years


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2026-28", "2026-2027", "٢٠٢٦-٢٧", "0000-01", "1899-00", "2200-01", "2026-27 ", "9999-00", "' OR 1"],
)
def test_what_is_no_financial_year(text: str) -> None:
    assert days_of_year(text) is None


def test_financial_year_turns_in_april_and_at_the_turn_of_a_century() -> None:
    assert (financial_year(date(2000, 3, 31)), financial_year(date(2000, 4, 1))) == ("1999-00", "2000-01")
    assert days_of_year("1999-00") == (date(1999, 4, 1), date(2000, 3, 31))
    assert days_of_year("1900-01") == (date(1900, 4, 1), date(1901, 3, 31))
    assert days_of_year("2199-00") == (date(2199, 4, 1), date(2200, 3, 31))


def test_years_between_the_first_and_the_last_award() -> None:
    assert years_between(date(2014, 3, 31), date(2015, 4, 1)) == ["2015-16", "2014-15", "2013-14"]
    assert years_between(None, None) == years_between(None, date(2015, 4, 1)) == years_between(date(2015, 4, 1), None)
    assert years_between(None, None) == []
