"""Who decides, and who says that they have an interest, asked of people and bids in no database."""

from __future__ import annotations

import pytest

from grants.accounts.models import Person
from grants.accounts.rights import Role
from grants.applications.apart.rules import GrantStep, Hands
from grants.applications.models import Application, ApplicationStatus, Bar
from grants.awards.decisions import rules
from grants.funds.models import Round
from tests.support.rulings import says, somebody

S, DECIDER = ApplicationStatus, Role.DECISION_MAKER
WAITS_NOT = "This application does not wait for a decision."


def _bid(status: ApplicationStatus = S.ELIGIBLE, *barred: int) -> Application:
    """A bid of group 7, in a round that asks for two score sheets."""
    bars = [Bar(person_id=number) for number in barred]
    return Application(organisation_id=7, status=status, round=Round(scores_needed=2), bars=bars)


@pytest.mark.parametrize(
    ("person", "bid", "locked", "hands", "reason"),
    [
        (somebody(Role.OFFICER), _bid(), 2, {}, "Only the decision maker decides."),
        (somebody(DECIDER, of=7), _bid(), 2, {}, "This is an application of your own group"),
        (somebody(DECIDER), _bid(S.ELIGIBLE, 1), 2, {}, "You declared an interest"),
        (somebody(DECIDER), _bid(), 2, {GrantStep.SCORE: [1]}, "You scored this application, so others decide."),
        (somebody(DECIDER), _bid(S.SUBMITTED), 2, {}, WAITS_NOT),
        (somebody(DECIDER), _bid(S.DECIDED), 2, {}, WAITS_NOT),
        (somebody(DECIDER), _bid(), 1, {}, "1 of 2 panel members have locked"),
        (somebody(DECIDER), _bid(), 2, {GrantStep.SCORE: [2], GrantStep.SIGN: [1]}, ""),
        (somebody(DECIDER), _bid(S.RECOMMENDED), 0, {}, ""),
    ],
)
def test_decision_maker_decides_what_is_scored_or_recommended(
    person: Person, bid: Application, locked: int, hands: Hands, reason: str
) -> None:
    says(rules.can_decide(person, bid, locked=locked, hands=hands), reason)


@pytest.mark.parametrize(
    ("person", "bid", "reason"),
    [
        (somebody(Role.PANEL), _bid(), "Only the decision maker declares an interest here."),
        (somebody(DECIDER, of=7), _bid(), "This is an application of your own group"),
        (somebody(DECIDER), _bid(S.ELIGIBLE, 1), "You declared an interest in this application"),
    ],
)
def test_interest_is_declared_once_by_a_decision_maker(person: Person, bid: Application, reason: str) -> None:
    says(rules.can_declare_interest(person, bid), reason)


@pytest.mark.parametrize("status", ApplicationStatus)
def test_interest_is_declared_until_the_decision_is_announced(status: ApplicationStatus) -> None:
    waits = status in {S.ELIGIBLE, S.RECOMMENDED, S.DECIDED}

    says(rules.can_declare_interest(somebody(DECIDER), _bid(status)), "" if waits else WAITS_NOT)
