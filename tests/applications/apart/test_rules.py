"""Who stands too near to a grant, and which steps meet in one person, asked of people in no database."""

from __future__ import annotations

from itertools import combinations

import pytest

from grants.accounts.models import Person
from grants.applications.apart import rules
from grants.applications.apart.rules import GrantStep, Hands, Ties
from grants.applications.models import Application, Bar
from tests.support.rulings import says, somebody

TIES = Ties(frozenset({7, 6}), frozenset({99}))


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        (somebody(of=7), "This is a grant of your own group, so others deal with it."),
        (somebody(of=6), "This is a grant of your own group"),
        (somebody(once_of=6), "This is a grant of a group that you belonged to, so others deal with it."),
        (somebody(of=8, once_of=9), ""),
        (somebody(number=99), "You declared an interest in this application, so it stays closed to you."),
        (somebody(number=98), ""),
    ],
)
def test_tie_to_a_grant_keeps_a_person_away(person: Person, reason: str) -> None:
    says(rules.stands_apart(person, TIES, "This is a grant"), reason)
    says(rules.stands_apart(person, Ties()), "")


def test_bid_has_the_ties_of_its_group_and_of_who_declared_an_interest_in_it() -> None:
    bid = Application(organisation_id=7, bars=[Bar(person_id=99), Bar(person_id=98)])

    assert rules.ties_of(bid) == Ties(frozenset({7}), frozenset({98, 99}))
    says(rules.stands_apart(somebody(of=7), rules.ties_of(bid)), "This is an application of your own group")


def test_ties_to_several_grants_are_those_to_each() -> None:
    assert rules.all_ties([]) == Ties()
    assert rules.all_ties([TIES, Ties(frozenset({7, 5})), Ties(interested_ids=frozenset({98}))]) == Ties(
        frozenset({5, 6, 7}), frozenset({98, 99})
    )


def test_any_two_steps_on_one_grant_never_meet_but_for_three_pairs() -> None:
    meet = {(one, other) for one, other in combinations(GrantStep, 2) if not rules.never_meet(one, other)}

    assert meet == {
        (GrantStep.CHECK, GrantStep.RECOMMEND),
        (GrantStep.DECIDE, GrantStep.SIGN),
        (GrantStep.VERIFY, GrantStep.PREPARE),
    }
    assert not any(rules.never_meet(step, step) for step in GrantStep)


@pytest.mark.parametrize(
    ("step", "hands", "reason"),
    [
        (GrantStep.SCORE, {}, ""),
        (GrantStep.SCORE, {GrantStep.CHECK: [2, 3]}, ""),
        (GrantStep.SCORE, {GrantStep.CHECK: [2, 1]}, "You checked this application, so others score."),
        (GrantStep.RECOMMEND, {GrantStep.CHECK: [1]}, ""),
        (GrantStep.RECOMMEND, {GrantStep.CHECK: [1], GrantStep.SCORE: [1]}, "You scored this application"),
        (GrantStep.SCORE, {GrantStep.RECOMMEND: [1]}, "You recommended on this application, so others score."),
        (GrantStep.VERIFY, {GrantStep.SIGN: [1]}, "You signed the decision on this application, so others verify"),
        (GrantStep.DECIDE, {GrantStep.APPROVE: [1]}, "You approved a payment of this grant, so others decide."),
        (GrantStep.APPROVE, {GrantStep.PREPARE: [1]}, "You prepared a payment of this grant, so others approve"),
        (GrantStep.APPROVE, {GrantStep.VERIFY: [1]}, "You verified bank details that this pays to, so others"),
        (GrantStep.APPROVE, {GrantStep.DECIDE: [1]}, "You decided this application, so others approve a payment."),
    ],
)
def test_step_is_for_another_than_who_did_one_that_it_never_meets(step: GrantStep, hands: Hands, reason: str) -> None:
    says(rules.is_another(somebody(), step, hands), reason)


def test_hands_on_several_grants_are_those_on_each() -> None:
    first: Hands = {GrantStep.CHECK: [1], GrantStep.SCORE: [2]}

    assert rules.join_hands([]) == {}
    assert rules.join_hands([first, {GrantStep.CHECK: [3]}]) == {GrantStep.CHECK: {1, 3}, GrantStep.SCORE: {2}}
