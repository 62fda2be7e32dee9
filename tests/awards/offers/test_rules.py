"""Who reads, answers and looks after an offer, asked of people in no database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from grants.accounts.models import Person
from grants.accounts.rights import Role
from grants.applications.apart.rules import Ties
from grants.awards.models import AwardStatus, Offer
from grants.awards.offers import rules
from tests.support.rulings import says, somebody

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OFFER = Offer(expires_at=NOON)
TICK = timedelta(microseconds=1)
A = AwardStatus
NO_MEMBER = "Only a member of the group answers its offer."
ANSWERED = "Your group has accepted this offer already."


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        (somebody(), "This offer is not yours to read."),
        (somebody(Role.PANEL, of=8), "This offer is not yours to read."),
        (somebody(of=7), ""),
        (somebody(Role.FINANCE), ""),
    ],
)
def test_offer_is_read_by_its_group_and_by_the_office(person: Person, reason: str) -> None:
    says(rules.can_read_offer(person, {7}), reason)


@pytest.mark.parametrize(
    ("person", "status", "reason"),
    [
        (somebody(Role.DECISION_MAKER), A.OFFERED, "Only a grants officer does this."),
        (somebody(Role.OFFICER, of=7), A.OFFERED, "This is an award of your own group"),
        (somebody(Role.OFFICER), A.ACCEPTED, "This award is accepted: you cannot give more time to accept it now."),
        (somebody(Role.OFFICER), A.OFFERED, ""),
    ],
)
def test_officer_without_a_tie_looks_after_an_offer(person: Person, status: AwardStatus, reason: str) -> None:
    says(rules.can_manage_offer(person, Ties(frozenset({7})), status, "extend offer"), reason)


@pytest.mark.parametrize(
    ("person", "status", "reason"),
    [
        (somebody(Role.OFFICER), A.OFFERED, NO_MEMBER),
        (somebody(of=8), A.OFFERED, NO_MEMBER),
        (somebody(of=7), A.ACCEPTED, ANSWERED),
        (somebody(of=7), A.PAID, ANSWERED),
        (somebody(of=7), A.COMPLETE, ANSWERED),
        (somebody(of=7), A.AWARDED, "This award is awarded: you cannot"),
        (somebody(of=7), A.OFFERED, ""),
    ],
)
def test_member_of_the_group_answers_its_offer_once(person: Person, status: AwardStatus, reason: str) -> None:
    says(rules.can_decline(person, 7, status), reason)
    says(rules.can_accept(person, 7, status, OFFER, NOON), reason)


def test_offer_that_is_withdrawn_is_neither_accepted_nor_withdrawn_again() -> None:
    says(rules.can_decline(somebody(of=7), 7, A.WITHDRAWN), "This award is withdrawn already.")
    says(
        rules.can_accept(somebody(of=7), 7, A.WITHDRAWN, OFFER, NOON),
        "This award is withdrawn: you cannot accept it now.",
    )


def test_offer_is_accepted_until_its_last_instant() -> None:
    member = somebody(of=7)

    says(rules.can_accept(member, 7, A.OFFERED, OFFER, NOON), "")
    says(rules.can_accept(member, 7, A.OFFERED, OFFER, NOON + TICK), "This offer had to be accepted by")
