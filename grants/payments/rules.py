"""Who gives, verifies, prepares and approves, in which order; and financial years. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from grants.accounts.models import Organisation, Person
from grants.accounts.rights import DoneBy, GroupRight, Right
from grants.accounts.rules import is_for
from grants.applications.apart.rules import GrantStep, Hands, Ties, all_ties, is_another, met_in, stands_apart
from grants.awards.rules import Around
from grants.foundation.records.lifecycle import YES, Ruling, Step, find_step, no, who_does
from grants.foundation.values import clock
from grants.foundation.values.account_numbers import TAKE_IT_OUT, holds_account
from grants.foundation.values.days import financial_year, long_date
from grants.foundation.web.pages import instant

from .acts import PaymentAct
from .models import BankDetails, BankStatus, Batch, BatchStatus, CheckMethod, Compared, Payment, PaymentStatus

_YEAR = re.compile(r"(\d{4})-(\d{2})")


def can_export(person: Person) -> Ruling:
    """Whether the person may read and export what was awarded, committed and paid."""
    return YES if person.may(Right.READ_PAYMENTS) else no("Only finance officers and auditors export awards.")


def names_no_account(*texts: str) -> Ruling:
    """Whether none of what an officer wrote holds a whole account number: many may read it who may not see one."""
    return no(f"{TAKE_IT_OUT}.") if any(map(holds_account, texts)) else YES


def has(person: Person, right: Right) -> Ruling:
    """Whether the person may do this work of finance at all."""
    return YES if person.may(right) else no("Only a finance officer does that.")


def does(person: Person, verb: str, table: Sequence[Step[DoneBy]], organisation_id: int | None = None) -> Ruling:
    """Whether a table gives this verb to the person; the thing belongs to this organisation, or to none."""
    who = who_does(table, verb)
    if isinstance(who, Right):
        return has(person, who)
    return is_for(person, who, organisation_id, "You do not belong to this group.")


@dataclass(frozen=True)
class Payee:
    """Whom a payment goes to, with who is around its award: `group_id` is the group that holds the award now.

    `is_in_doubt` says that an earlier payment of the award is being put right, so that its money may be out.
    """

    details: BankDetails
    around: Around
    is_in_doubt: bool = False

    @property
    def hands(self) -> Hands:
        """Who did which step on the grant, and verified the details."""
        checked_by = self.details.checked_by_id
        return {**self.around.hands, GrantStep.VERIFY: [checked_by] if checked_by else []}


Payees = Collection[Payee]


# Bank details


def can_give(person: Person, organisation: Organisation, *, accepted: bool) -> Ruling:
    """Whether the person may give bank details of a group; `accepted` is whether the group has accepted an award."""
    return does(person, "give others", BANK_STEPS, organisation.id) and can_be_given(accepted)


def can_prove(person: Person, details: BankDetails) -> Ruling:
    """Whether the person may send proof of details that were given."""
    return does(person, "give proof", BANK_STEPS, details.organisation_id) and _may(details, "give proof")


def can_read_details(person: Person, details: BankDetails) -> Ruling:
    """Whether the person may read the page of a set of details, on which the numbers are covered."""
    return can_export(person) and stands_apart(person, of_group(details), THEIRS)


def can_show(person: Person, around: Around) -> Ruling:
    """Whether the person may see the whole numbers and the proof, which is written down."""
    return has(person, Right.SEE_BANK_NUMBERS) and stands_apart(person, around.ties, THEIRS)


THEIRS = "This is a bank account"


def of_group(details: BankDetails) -> Ties:
    """The ties to a set of details by its group alone."""
    return Ties(frozenset({details.organisation_id}))


def can_refuse(person: Person, details: BankDetails, around: Around) -> Ruling:
    """Whether the person may refuse details that were given. `around` is of all the grants of the group."""
    return _may_judge(person, details, "refuse", around) and _may(details, "refuse")


def can_verify(
    person: Person, details: BankDetails, in_force: BankDetails | None, at: datetime, around: Around
) -> Ruling:
    """Whether the person may verify details at an instant (UTC). `in_force` is the set that they would replace.

    A finance officer without a tie to any grant of the group (`around`), and who did no step on one that never meets
    this: see `is_verifiable`, and `method_is_enough` where it is done. `waiting.queries.to_verify` says the same for
    whole lists.
    """
    answer = _may_judge(person, details, "verify", around) and is_another(person, GrantStep.VERIFY, around.hands)
    return answer and _may(details, "verify", person, details, in_force, at)


def is_verifiable(person: Person, details: BankDetails, in_force: BankDetails | None, at: datetime) -> Ruling:
    """Whether there is proof; a change also waits 48 hours, and for another than who verified those in force."""
    if details.proof_id is None:
        return no("The group has not sent proof of these details yet.")
    if details.held_until is not None and at < details.held_until:
        return no(f"This is a change: it can be verified from {instant(details.held_until)}. Ring the group meanwhile.")
    if in_force is not None and in_force.checked_by_id == person.id:
        return no("You verified the details in force, so another finance officer verifies the change.")
    return YES


def method_is_enough(details: BankDetails, method: CheckMethod, note: str) -> Ruling:
    """Whether what was done to verify is enough: a change needs a call to the number on file, and a note of it."""
    if details.changes_id is not None and method == CheckMethod.PROOF:
        return no("This is a change of details: ring the number on file as well.")
    if not note.strip() and method != CheckMethod.PROOF:
        return no("Enter whom you spoke to, when, and on which number.")
    return YES


def has_looked(seen: Collection[str]) -> Ruling:
    """Whether the number, and the proof that is there now, were opened: `seen` are the acts of who would verify."""
    missing = [
        words
        for act, words in (
            (PaymentAct.SHOW_BANK_DETAILS, "show the whole details"),
            (PaymentAct.OPEN_PROOF_OF_BANK_DETAILS, "download the proof"),
        )
        if act not in seen
    ]
    return no(f"Before you verify them, {' and '.join(missing)}, and compare the two.") if missing else YES


def has_compared(compared: Collection[Compared]) -> Ruling:
    """Whether name, sort code and number were held against the proof."""
    if {Compared.NAME, Compared.SORT_CODE, Compared.NUMBER} <= set(compared):
        return YES
    return no("Compare the name, the sort code and the account number with the proof, and tick each of them.")


def may_be_shared(groups: Sequence[str], why: str) -> Ruling:
    """Whether it is said why other groups (by name) gave the same account, where some did."""
    if groups and not why.strip():
        return no(f"{' and '.join(groups)} gave the same account. Say why that is right, or refuse these details.")
    return YES


def can_be_given(accepted: bool) -> Ruling:
    """Whether an award of the group is accepted."""
    return YES if accepted else no("Your group gives its bank details once it has accepted the offer of a grant.")


def _may_judge(person: Person, details: BankDetails, verb: str, around: Around) -> Ruling:
    return does(person, verb, BANK_STEPS, details.organisation_id) and stands_apart(person, around.ties, THEIRS)


BANK_STEPS: tuple[Step[DoneBy], ...] = (
    Step(BankStatus.GIVEN, "give proof", BankStatus.GIVEN, GroupRight.GIVE_BANK_DETAILS),
    Step(BankStatus.GIVEN, "verify", BankStatus.VERIFIED, Right.VERIFY_BANK_DETAILS, is_verifiable),
    Step(BankStatus.GIVEN, "refuse", BankStatus.REFUSED, Right.VERIFY_BANK_DETAILS),
    Step(BankStatus.GIVEN, "give others", BankStatus.REPLACED, GroupRight.GIVE_BANK_DETAILS, can_be_given),
    Step(BankStatus.VERIFIED, "verify others", BankStatus.REPLACED, Right.VERIFY_BANK_DETAILS),
    Step(BankStatus.VERIFIED, "block", BankStatus.BLOCKED, Right.TAKE_RETURNS),
    Step(BankStatus.BLOCKED, "verify others", BankStatus.REPLACED, Right.VERIFY_BANK_DETAILS),
    Step(BankStatus.BLOCKED, "unblock", BankStatus.VERIFIED, Right.APPROVE_PAYMENTS),
)
"""The life of one set of bank details. A set is never edited: "give others" and "verify others" say what happens to
this one when another is given or verified."""


def _may(details: BankDetails, verb: str, *facts: Any) -> Ruling:
    if step := find_step(BANK_STEPS, details.status, verb):
        return step.allows(*facts)
    return no(f"These details are {details.state.label.lower()}: you cannot {verb} now.")


def why_failed(payment: Payment) -> str:
    """What became of the last payment to an account, said of the account."""
    assert payment.settled_at is not None  # noqa: S101 - a CHECK holds it where it failed
    said = f": {payment.why.rstrip('.')}" if payment.why else ""
    return f"The last payment to this account failed on {long_date(clock.london(payment.settled_at).date())}{said}."


# Batches


PAID_HERE = "This batch pays a grant"


def can_prepare(person: Person, payee: Payee) -> Ruling:
    """Whether the person may put an award into a batch. `batches.queries.payable` says the same for whole lists."""
    return can_pay_of(person, payee.around) and is_another(person, GrantStep.PREPARE, payee.hands)


def can_pay_of(person: Person, around: Around) -> Ruling:
    """Whether the person may put an award into a batch, whoever it is paid to."""
    if not (answer := has(person, Right.PREPARE_PAYMENTS) and stands_apart(person, around.ties, PAID_HERE)):
        return answer
    if around.held_by:
        return no(f"The variation V{around.held_by} of this award waits, so nothing of it is paid.")
    return is_another(person, GrantStep.PREPARE, around.hands)


def can_approve(person: Person, batch: Batch, payees: Payees) -> Ruling:
    """Whether the person may approve a batch."""
    return _does(person, batch, "approve", payees, person, batch, payees)


def is_of_another(person: Person, batch: Batch, payees: Payees) -> Ruling:
    """Whether another prepared it, verified the payees and judged the grants, and all details are in force."""
    if batch.prepared_by_id == person.id:
        return no("You prepared this batch, so another finance officer approves it.")
    for payee in payees:
        if not (answer := is_another(person, GrantStep.APPROVE, payee.hands)):
            return answer
    return are_as_prepared(batch, payees)


def keeps_from_approving(person: Person, payee: Payee) -> str:
    """What keeps a person from approving a payment to this payee, said of them to others, or "": see `can_approve`."""
    if not stands_apart(person, payee.around.ties):
        return "is tied to this grant"
    met = met_in(person, GrantStep.APPROVE, payee.hands)
    return met.done if met else ""


def are_as_prepared(_batch: Batch, payees: Payees) -> Ruling:
    """Whether all details are in force and of the groups that hold the awards, and no variation holds one back."""
    changes = [change for payee in payees if (change := changed_since(payee))]
    return no(f"{' '.join(changes)} Cancel this batch, and prepare another.") if changes else YES


def changed_since(payee: Payee) -> str:
    """What of a payee is not any more what its batch was prepared from, as a sentence, or ""."""
    details = payee.details
    if details.organisation_id != payee.around.group_id:
        return f"A grant that pays {details.organisation.name} belongs to another group now."
    if details.status != BankStatus.VERIFIED:
        return f"The bank details of {details.organisation.name} have changed since this batch was prepared."
    if payee.is_in_doubt:
        return f"An earlier payment to {details.organisation.name} is being put right: its money may be out."
    held_by = payee.around.held_by
    return f"The variation V{held_by} of a grant to {details.organisation.name} waits." if held_by else ""


def can_cancel(person: Person, batch: Batch, payees: Payees) -> Ruling:
    """Whether the person may cancel a batch whose file never left."""
    return _does(person, batch, "cancel", payees)


def can_download(person: Person, batch: Batch, payees: Payees) -> Ruling:
    """Whether the person may download the payment file, in which bank details stand whole."""
    return _does(person, batch, "export", payees, batch, payees)


def can_take_return(person: Person) -> Ruling:
    """Whether the person may take in a return file of the bank; each line is held against its payment."""
    return does(person, "settle", BATCH_STEPS)


def can_settle(person: Person, batch: Batch, around: Around) -> Ruling:
    """Whether the person may record what became of a payment of a batch."""
    if not (answer := can_take_return(person) and stands_apart(person, around.ties, "This is a payment of a grant")):
        return answer
    if find_step(BATCH_STEPS, batch.status, "settle") is None:
        return no(f"Batch {batch.number} has not been sent to be paid yet.")
    return YES


def is_settled(batch: Batch) -> Ruling:
    """Whether every payment is paid or failed."""
    if any(payment.status == PaymentStatus.WAITING for payment in batch.payments):
        return no("A payment of this batch is neither paid nor failed yet.")
    return YES


BATCH_STEPS: tuple[Step[DoneBy], ...] = (
    Step(BatchStatus.PREPARED, "approve", BatchStatus.APPROVED, Right.APPROVE_PAYMENTS, is_of_another),
    Step(BatchStatus.PREPARED, "cancel", BatchStatus.CANCELLED, Right.PREPARE_PAYMENTS),
    Step(BatchStatus.APPROVED, "export", BatchStatus.EXPORTED, Right.EXPORT_PAYMENTS, are_as_prepared),
    Step(BatchStatus.APPROVED, "cancel", BatchStatus.CANCELLED, Right.PREPARE_PAYMENTS),
    Step(BatchStatus.EXPORTED, "export", BatchStatus.EXPORTED, Right.EXPORT_PAYMENTS),
    Step(BatchStatus.EXPORTED, "settle", BatchStatus.EXPORTED, Right.TAKE_RETURNS),
    Step(BatchStatus.EXPORTED, "reconcile", BatchStatus.RECONCILED, Right.TAKE_RETURNS, is_settled),
    Step(BatchStatus.RECONCILED, "export", BatchStatus.RECONCILED, Right.EXPORT_PAYMENTS),
    Step(BatchStatus.RECONCILED, "reopen", BatchStatus.EXPORTED, Right.APPROVE_PAYMENTS),
)
"""The life of a batch of payments. Its file is the same at every download."""


def _does(person: Person, batch: Batch, verb: str, payees: Payees, *facts: Any) -> Ruling:
    ties = all_ties(payee.around.ties for payee in payees)
    answer = does(person, verb, BATCH_STEPS) and stands_apart(person, ties, PAID_HERE)
    return answer and can_move(batch, verb, *facts)


def can_move(batch: Batch, verb: str, *facts: Any) -> Ruling:
    """Whether the table has a row for this state and verb, and its rule allows it."""
    if step := find_step(BATCH_STEPS, batch.status, verb):
        return step.allows(*facts)
    return no(f"Batch {batch.number} is {batch.state.label.lower()}: you cannot {verb} it now.")


# Financial years


def days_of_year(text: str) -> tuple[date, date] | None:
    """The first and the last day of a financial year, or None where the text is none.

    >>> days_of_year("2026-27")
    (datetime.date(2026, 4, 1), datetime.date(2027, 3, 31))
    """
    found = _YEAR.fullmatch(text) if text.isascii() else None
    if not found or not 1900 <= int(found[1]) <= 2199 or (int(found[1]) + 1) % 100 != int(found[2]):
        return None
    return date(int(found[1]), 4, 1), date(int(found[1]) + 1, 3, 31)


def years_between(first: date | None, last: date | None) -> list[str]:
    """Every financial year from one day to another, the last first."""
    if first is None or last is None:
        return []
    begin, end = int(financial_year(first)[:4]), int(financial_year(last)[:4])
    return [financial_year(date(year, 4, 1)) for year in range(end, begin - 1, -1)]
