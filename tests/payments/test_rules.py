"""Who gives, verifies, prepares and approves, asked of people and things in no database; and financial years."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from grants.accounts.models import Organisation, Person
from grants.accounts.rights import Right, Role
from grants.applications.apart.rules import GrantStep, Hands, Ties
from grants.awards.rules import Around
from grants.foundation.records.lifecycle import Ruling
from grants.foundation.values.days import financial_year
from grants.payments import rules
from grants.payments.acts import PaymentAct
from grants.payments.models import (
    BankDetails,
    BankStatus,
    Batch,
    BatchStatus,
    CheckMethod,
    Compared,
    Payment,
    PaymentStatus,
)
from grants.payments.rules import Payee, days_of_year, years_between
from tests.support.rulings import says, somebody

FINANCE, AUDITOR = Role.FINANCE, Role.AUDITOR
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
B, P = BatchStatus, PaymentStatus

GROUP = Organisation(id=7, name="Genesis")
NO_FINANCE = "Only a finance officer does that."
NO_MEMBER = "You do not belong to this group."
OWN = "This is a bank account of your own group, so others deal with it."
FORMER = "This is a bank account of a group that you belonged to, so others deal with it."


def _details(status: BankStatus = BankStatus.GIVEN, **more: Any) -> BankDetails:
    """A set of group 7, with its proof."""
    return BankDetails(**{"organisation_id": 7, "organisation": GROUP, "status": status, "proof_id": 1, **more})


AROUND = Around(7, Ties(frozenset({7, 6}), frozenset({99})), {})
"""What is around a grant of group 7, which group 6 held before it."""


def _payee(details: BankDetails, group: int = 7, **hands: Any) -> Payee:
    """Whom a payment goes to; `hands` are the steps that somebody took on the grant."""
    steps = {GrantStep[step]: people for step, people in hands.items()}
    return Payee(details, Around(group, Ties(frozenset({7, 6, group})), steps))


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
    ("person", "reads", "sees", "judges"),
    [
        (somebody(of=7), "Only finance officers and auditors", NO_FINANCE, NO_FINANCE),
        (somebody(AUDITOR), "", NO_FINANCE, NO_FINANCE),
        (somebody(FINANCE, of=7), OWN, OWN, OWN),
        (somebody(FINANCE, once_of=6), "", FORMER, FORMER),
        (somebody(FINANCE, of=8), "", "", ""),
    ],
)
def test_finance_deals_with_the_details_of_others(person: Person, reads: str, sees: str, judges: str) -> None:
    says(rules.can_read_details(person, _details()), reads)
    says(rules.can_show(person, AROUND), sees)
    says(rules.can_refuse(person, _details(), AROUND), judges)
    says(rules.can_verify(person, _details(), None, NOON, AROUND), judges)


def test_details_that_are_refused_are_not_refused_again() -> None:
    refused = _details(BankStatus.REFUSED)

    says(rules.can_refuse(somebody(FINANCE), refused, AROUND), "These details are refused: you cannot refuse now.")


@pytest.mark.parametrize(
    ("details", "in_force", "hands", "reason"),
    [
        (_details(), None, {GrantStep.DECIDE: [1]}, "You decided this application, so others verify the payee."),
        (_details(BankStatus.REPLACED), None, {}, "These details are replaced: you cannot verify now."),
        (_details(proof_id=None), None, {}, "The group has not sent proof"),
        (_details(held_until=NOON + TICK), None, {}, "This is a change: it can be verified from"),
        (_details(held_until=NOON), _details(checked_by_id=1), {}, "You verified the details in force"),
        (_details(held_until=NOON), _details(checked_by_id=2), {GrantStep.PREPARE: [1]}, ""),
    ],
)
def test_details_are_verified_with_proof_after_their_hold_by_another(
    details: BankDetails, in_force: BankDetails | None, hands: Hands, reason: str
) -> None:
    says(rules.can_verify(somebody(FINANCE), details, in_force, NOON, Around(7, AROUND.ties, hands)), reason)


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


SHOWN, OPENED = PaymentAct.SHOW_BANK_DETAILS, PaymentAct.OPEN_PROOF_OF_BANK_DETAILS


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        ([], "Before you verify them, show the whole details and download the proof, and compare the two."),
        ([SHOWN], "Before you verify them, download the proof, and compare the two."),
        ([OPENED], "Before you verify them, show the whole details, and compare the two."),
        ([OPENED, SHOWN], ""),
    ],
)
def test_details_are_verified_by_who_saw_number_and_proof(seen: list[str], reason: str) -> None:
    says(rules.has_looked(seen), reason)


@pytest.mark.parametrize("missing", [None, *Compared])
def test_name_and_numbers_are_compared_with_the_proof(missing: Compared | None) -> None:
    needed = missing not in {None, Compared.DATE}

    says(rules.has_compared([one for one in Compared if one != missing]), "Compare the name, the" if needed else "")
    says(rules.has_compared([Compared.NAME, Compared.SORT_CODE, Compared.NUMBER]), "")


@pytest.mark.parametrize(
    ("groups", "why", "reason"),
    [
        ([], "", ""),
        (["Blast"], "They share a treasurer.", ""),
        (["Blast"], " ", "Blast gave the same account. Say why that is right, or refuse these details."),
        (["Blast", "Spring"], "", "Blast and Spring gave the same account."),
    ],
)
def test_account_of_another_group_is_taken_for_a_reason(groups: list[str], why: str, reason: str) -> None:
    says(rules.may_be_shared(groups, why), reason)


# Batches


IN_FORCE = _details(BankStatus.VERIFIED, checked_by_id=2)
OF_BLAST = _details(BankStatus.REPLACED, organisation=Organisation(id=7, name="Blast"))
PAYS_OWN = "This batch pays a grant of your own group"
CHANGED = "The bank details of Genesis have changed"


def test_hands_of_a_payee_are_those_of_the_grant_and_who_verified() -> None:
    assert _payee(IN_FORCE, DECIDE=[3], VERIFY=[4]).hands == {GrantStep.DECIDE: [3], GrantStep.VERIFY: [2]}
    assert _payee(_details(checked_by_id=None)).hands == {GrantStep.VERIFY: []}


@pytest.mark.parametrize(
    ("person", "payee", "reason"),
    [
        (somebody(AUDITOR), _payee(IN_FORCE), NO_FINANCE),
        (somebody(FINANCE, of=6), _payee(IN_FORCE), PAYS_OWN),
        (somebody(FINANCE), _payee(IN_FORCE, SIGN=[1]), "You signed the decision on this application, so others prep"),
        (somebody(FINANCE, number=2), _payee(IN_FORCE), ""),
    ],
)
def test_award_is_put_into_a_batch_by_who_is_far_from_it(person: Person, payee: Payee, reason: str) -> None:
    says(rules.can_prepare(person, payee), reason)


@pytest.mark.parametrize(
    ("person", "batch", "payees", "reason"),
    [
        (somebody(AUDITOR), _batch(), [_payee(IN_FORCE)], NO_FINANCE),
        (somebody(FINANCE, of=9), _batch(), [_payee(IN_FORCE), _payee(IN_FORCE, 9)], PAYS_OWN),
        (somebody(FINANCE), _batch(B.APPROVED), [_payee(IN_FORCE)], "Batch B-1 is approved: you cannot appr"),
        (somebody(FINANCE), _batch(by=1), [_payee(IN_FORCE)], "You prepared this batch"),
        (
            somebody(FINANCE),
            _batch(),
            [_payee(IN_FORCE), _payee(_details(BankStatus.VERIFIED, checked_by_id=1))],
            "You verified bank details that this pays to",
        ),
        (somebody(FINANCE), _batch(), [_payee(_details(BankStatus.REPLACED)), _payee(OF_BLAST)], CHANGED),
        (somebody(FINANCE), _batch(), [_payee(IN_FORCE), _payee(IN_FORCE, 8)], "A grant that pays Genesis belongs to"),
        (somebody(FINANCE), _batch(), [_payee(IN_FORCE)], ""),
    ],
)
def test_batch_is_approved_by_another_while_its_details_are_in_force(
    person: Person, batch: Batch, payees: list[Payee], reason: str
) -> None:
    says(rules.can_approve(person, batch, payees), reason)


HELD = Around(7, AROUND.ties, {}, held_by=2)


@pytest.mark.parametrize(
    ("payee", "change"),
    [
        (_payee(IN_FORCE), ""),
        (
            _payee(_details(BankStatus.REPLACED)),
            "The bank details of Genesis have changed since this batch was prepared.",
        ),
        (_payee(IN_FORCE, 8), "A grant that pays Genesis belongs to another group now."),
        (Payee(IN_FORCE, HELD), "The variation V2 of a grant to Genesis waits."),
        (
            Payee(IN_FORCE, AROUND, is_in_doubt=True),
            "An earlier payment to Genesis is being put right: its money may be out.",
        ),
    ],
)
def test_batch_stops_where_a_payee_is_not_as_it_was_prepared_until_its_file_left(payee: Payee, change: str) -> None:
    finance, says_no = somebody(FINANCE), change and f"{change} Cancel this batch, and prepare another."

    assert rules.changed_since(payee) == change
    assert rules.can_approve(finance, _batch(), [payee]).reason == says_no
    assert rules.can_download(finance, _batch(B.APPROVED), [payee]).reason == says_no
    assert rules.can_download(finance, _batch(B.EXPORTED), [payee]).reason == ""
    says(rules.can_prepare(finance, payee), "The variation V2 of this award waits" if payee.around.held_by else "")


def test_every_change_of_a_batch_is_named() -> None:
    reason = rules.can_approve(somebody(FINANCE), _batch(), [_payee(IN_FORCE, 8), Payee(IN_FORCE, HELD)]).reason

    assert "belongs to another group now. The variation V2" in reason


@pytest.mark.parametrize(
    ("rule", "verb", "allowed"),
    [
        (rules.can_cancel, "cancel", {B.PREPARED, B.APPROVED}),
        (rules.can_download, "export", {B.APPROVED, B.EXPORTED, B.RECONCILED}),
    ],
)
@pytest.mark.parametrize("status", BatchStatus)
def test_finance_cancels_a_batch_until_it_was_sent_and_sends_it_once_it_is_approved(
    status: BatchStatus, rule: Callable[[Person, Batch, list[Payee]], Ruling], verb: str, allowed: set[BatchStatus]
) -> None:
    words = f"Batch B-1 is {status.label.lower()}: you cannot {verb} it now."

    says(rule(somebody(AUDITOR), _batch(status), []), NO_FINANCE)
    says(rule(somebody(FINANCE, of=6), _batch(status), [_payee(IN_FORCE)]), PAYS_OWN)
    says(rule(somebody(FINANCE), _batch(status), [_payee(IN_FORCE)]), "" if status in allowed else words)


@pytest.mark.parametrize(
    ("person", "status", "reason"),
    [
        (somebody(AUDITOR), B.EXPORTED, NO_FINANCE),
        (somebody(FINANCE, of=6), B.EXPORTED, "This is a payment of a grant of your own group"),
        (somebody(FINANCE), B.RECONCILED, "Batch B-1 has not been sent to be paid yet."),
        (somebody(FINANCE), B.EXPORTED, ""),
    ],
)
def test_payment_is_settled_while_its_batch_is_out(person: Person, status: BatchStatus, reason: str) -> None:
    says(rules.can_settle(person, _batch(status), AROUND), reason)


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
