"""Who signs which decisions, asked of people and bids in no database."""

from __future__ import annotations

import pytest

from grants.accounts.models import Person
from grants.accounts.rights import Role
from grants.applications.apart.rules import GrantStep, Hands
from grants.applications.models import Application, ApplicationStatus
from grants.awards.notices.rules import can_sign
from grants.foundation.values.money import Pence
from tests.support.rulings import says, somebody

S, DECIDER = ApplicationStatus, Role.DECISION_MAKER


def _bid(status: ApplicationStatus = S.DECIDED, approved: int | None = 1) -> Application:
    """A bid of group 7."""
    pence = None if approved is None else Pence(approved)
    return Application(reference="A-1", organisation_id=7, status=status, approved_pence=pence, bars=[])


@pytest.mark.parametrize(
    ("person", "hands", "reason"),
    [
        (somebody(Role.OFFICER), {}, "Only the decision maker decides."),
        (somebody(DECIDER, of=7), {}, "This is an application of your own group"),
        (somebody(DECIDER), {GrantStep.CHECK: [1]}, "You checked this application, so others sign."),
        (somebody(DECIDER), {GrantStep.CHECK: [2], GrantStep.DECIDE: [1]}, ""),
    ],
)
def test_who_could_have_decided_it_signs(person: Person, hands: Hands, reason: str) -> None:
    says(can_sign(person, _bid(), is_announced=False, hands=hands), reason)


@pytest.mark.parametrize(
    ("bid", "is_announced", "reason"),
    [
        (_bid(), True, "The decision on A-1 is in a notice already. Check the list, and sign it again."),
        (_bid(S.WITHDRAWN), False, "A-1 was withdrawn by its group, so its decision is left out. Check the list"),
        (_bid(S.RECOMMENDED), False, "A-1 is not decided."),
        (_bid(S.AWARDED), False, "A-1 is not decided."),
        (_bid(approved=None), False, "This application is not declined."),
        (_bid(approved=0), False, ""),
        (_bid(approved=1), False, ""),
    ],
)
def test_what_is_decided_is_signed_once(bid: Application, is_announced: bool, reason: str) -> None:
    says(can_sign(somebody(DECIDER), bid, is_announced=is_announced, hands={}), reason)
