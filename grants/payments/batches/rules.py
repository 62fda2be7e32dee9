"""What of a new batch can go through: what one other officer could approve, and why the rest waits. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grants.accounts.models import Person
from grants.awards.models import AwardStatus
from grants.awards.rules import Around
from grants.foundation.records.lifecycle import YES, Ruling, no
from grants.foundation.web.pages import instant
from grants.payments.rules import Payee, can_pay_of, keeps_from_approving, why_failed

from .queries import Hindered

MOST_NAMED = 3
"""Officers of whom it is said why they could not approve a line."""


@dataclass(frozen=True)
class Prospect:
    """Who could approve a new batch: the one officer who could approve most of its lines, if there is one.

    `doubts` says of an award, by its id, why that officer could not approve it. What is not in it goes through.
    """

    approver: Person | None = None
    doubts: Mapping[int, str] = field(default_factory=dict)


def prospect(officers: Sequence[Person], payees: Mapping[int, Payee]) -> Prospect:
    """Which of these awards one of the other officers could approve together in one batch."""
    if not officers:
        return Prospect(None, dict.fromkeys(payees, "There is no other finance officer who could approve this."))
    kept = {
        award_id: {officer.id: keeps_from_approving(officer, payee) for officer in officers}
        for award_id, payee in payees.items()
    }
    best = max(officers, key=lambda officer: sum(not words[officer.id] for words in kept.values()))
    return Prospect(
        best, {award_id: _doubt(officers, best, words) for award_id, words in kept.items() if words[best.id]}
    )


def _doubt(officers: Sequence[Person], best: Person, kept: Mapping[int, str]) -> str:
    """Why the best of the officers could not approve a line, by what keeps each of them from it."""
    if able := [officer.name for officer in officers if not kept[officer.id]]:
        names = " or ".join(able[:MOST_NAMED])
        return f"{best.name} {kept[best.id]}, and could not approve this. {names} could, in a batch apart."
    reasons = "; ".join(f"{officer.name} {kept[officer.id]}" for officer in officers[:MOST_NAMED])
    alone = len(officers) == 1
    nobody = "The only other finance officer could not" if alone else "No other finance officer could"
    return f"{nobody} approve this: {reasons}."


def can_go_in(person: Person, one: Hindered, around: Around) -> Ruling:
    """Whether a person may put an award into a batch that the lists say cannot be: no, and why."""
    if one.status != AwardStatus.ACCEPTED:
        return no("The group has not accepted its agreement yet.")
    if not (answer := can_pay_of(person, around)):
        return answer
    if one.batch_number:
        return no(f"It is in batch {one.batch_number}: the rest can be paid when that is settled.")
    if one.is_in_doubt:
        return no("An earlier payment of it is being put right: its money may be out.")
    return YES if one.verified else _has_account(one)


def _has_account(one: Hindered) -> Ruling:
    if one.given is None:
        if one.is_blocked and one.failed:
            return no(f"{why_failed(one.failed)} Ask the group for other bank details.")
        blocked = "A payment came back, so the account is blocked. The group has not given other details yet."
        return no(blocked if one.is_blocked else "The group has not given its bank details yet.")
    if one.given.proof_id is None:
        return no("The group has not sent proof of its bank details yet.")
    if one.given.held_until is not None:
        return no(f"The group’s new bank details wait: they can be verified from {instant(one.given.held_until)}.")
    return no("The group’s bank details are not verified yet.")
