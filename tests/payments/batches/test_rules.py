"""Which lines of a new batch one other officer could approve, and what is said of the rest."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from grants.accounts.models import FormerMembership, Membership, Person, RoleGrant
from grants.accounts.rights import MemberRole, Role
from grants.applications.apart.rules import GrantStep, Ties
from grants.awards.models import AwardStatus
from grants.awards.rules import Around
from grants.payments.batches.queries import Hindered
from grants.payments.batches.rules import can_go_in, prospect
from grants.payments.models import BankDetails, BankStatus, Batch, BatchStatus, Payment, PaymentStatus
from grants.payments.rules import Payee, can_approve

GROUP_ID = 5
ABE, BEA = 11, 12


def _officer(number: int, name: str) -> Person:
    grants = [RoleGrant(role=Role.FINANCE)]
    return Person(id=number, name=name, grants=grants, memberships=[], former_memberships=[])


def _payee(*, verified_by: int = 99, interested: int = 0, decided_by: int = 0) -> Payee:
    details = BankDetails(status=BankStatus.VERIFIED, organisation_id=GROUP_ID, checked_by_id=verified_by)
    ties = Ties(frozenset({GROUP_ID}), frozenset({interested}))
    return Payee(details, Around(GROUP_ID, ties, {GrantStep.DECIDE: [decided_by]}))


def test_what_another_officer_could_approve_is_without_doubt() -> None:
    abe = _officer(ABE, "Abe")

    found = prospect([abe], {1: _payee()})

    assert (found.approver, found.doubts) == (abe, {})


def test_without_another_officer_every_line_says_so() -> None:
    found = prospect([], {1: _payee()})

    assert found.approver is None
    assert found.doubts == {1: "There is no other finance officer who could approve this."}


@pytest.mark.parametrize(
    ("payee", "why"),
    [
        (_payee(verified_by=ABE), "verified bank details that this pays to"),
        (_payee(decided_by=ABE), "decided this application"),
        (_payee(interested=ABE), "is tied to this grant"),
    ],
)
def test_line_that_the_only_other_officer_could_not_approve_says_why(payee: Payee, why: str) -> None:
    found = prospect([_officer(ABE, "Abe")], {1: _payee(), 2: payee})

    assert found.doubts == {2: f"The only other finance officer could not approve this: Abe {why}."}


def test_officer_who_belonged_to_the_group_could_not_approve_either() -> None:
    of, once_of = _officer(ABE, "Abe"), _officer(BEA, "Bea")
    of.memberships.append(Membership(organisation_id=GROUP_ID, role=MemberRole.OWNER))
    once_of.former_memberships.append(FormerMembership(organisation_id=GROUP_ID))

    found = prospect([of, once_of], {1: _payee()})

    assert found.doubts == {
        1: "No other finance officer could approve this: Abe is tied to this grant; Bea is tied to this grant."
    }


def test_lines_that_only_different_officers_could_approve_are_not_for_one_batch() -> None:
    """The risk: each line has somebody, and the batch has nobody."""
    abe, bea = _officer(ABE, "Abe"), _officer(BEA, "Bea")

    found = prospect([abe, bea], {1: _payee(verified_by=BEA), 2: _payee(verified_by=BEA), 3: _payee(verified_by=ABE)})

    assert found.approver is abe
    assert found.doubts == {
        3: "Abe verified bank details that this pays to, and could not approve this. Bea could, in a batch apart."
    }


@pytest.mark.parametrize("payee", [_payee(), _payee(verified_by=ABE), _payee(decided_by=ABE), _payee(interested=ABE)])
def test_what_is_foretold_is_what_approving_asks(payee: Payee) -> None:
    """The risk: the page ticks a line that nobody may approve then, or warns of one that somebody may."""
    abe = _officer(ABE, "Abe")
    batch = Batch(number="B-1", status=BatchStatus.PREPARED, prepared_by_id=1, payments=[])

    assert (1 not in prospect([abe], {1: payee}).doubts) == bool(can_approve(abe, batch, [payee]))


def test_no_more_than_three_officers_are_named() -> None:
    officers = [_officer(number, f"Fin {number}") for number in range(20, 25)]

    found = prospect(officers, {1: _payee(decided_by=0, verified_by=20)}), prospect([*officers], {1: _tied(officers)})

    assert found[0].doubts == {}
    assert found[1].doubts[1].count("Fin ") == 3


def _tied(officers: list[Person]) -> Payee:
    details = BankDetails(status=BankStatus.VERIFIED, organisation_id=GROUP_ID, checked_by_id=99)
    return Payee(details, Around(GROUP_ID, Ties(frozenset({GROUP_ID}), frozenset(one.id for one in officers)), {}))


@pytest.mark.parametrize(
    ("is_blocked", "failed", "why"),
    [
        (
            True,
            "Account closed.",
            "The last payment to this account failed on 4 December 2026: Account closed. Ask the group",
        ),
        (True, None, "A payment came back, so the account is blocked."),
        (False, "Account closed.", "The group has not given its bank details yet."),
        (False, None, "The group has not given its bank details yet."),
    ],
)
def test_an_award_without_details_says_whether_a_payment_failed(is_blocked: bool, failed: str | None, why: str) -> None:
    payment = (
        Payment(status=PaymentStatus.FAILED, why=failed, settled_at=datetime(2026, 12, 4, 12, tzinfo=UTC))
        if failed
        else None
    )
    one = Hindered(None, AwardStatus.ACCEPTED, None, None, is_blocked, payment, None, False)  # type: ignore[arg-type]

    answer = can_go_in(_officer(ABE, "Abe"), one, Around(GROUP_ID, Ties(frozenset({GROUP_ID}), frozenset()), {}))

    assert not answer
    assert answer.reason.replace("\xa0", " ").startswith(why)
