"""Who stands too near to a grant to deal with it, and which steps on one grant never meet in one person. Pure.

Every verb of the office, of every room, asks here: `tests/test_steps.py` tries each of them by all these people.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from grants.accounts.models import Person
from grants.applications.models import Application
from grants.foundation.records.lifecycle import YES, Ruling, no


@dataclass(frozen=True)
class Ties:
    """What ties people to a grant: the groups that asked for it, hold it or held it, and who declared an interest."""

    group_ids: frozenset[int] = frozenset()
    interested_ids: frozenset[int] = frozenset()

    def __or__(self, other: Ties) -> Ties:
        return Ties(self.group_ids | other.group_ids, self.interested_ids | other.interested_ids)


def ties_of(application: Application) -> Ties:
    """The ties to a bid."""
    return Ties(frozenset({application.organisation_id}), frozenset(bar.person_id for bar in application.bars))


def all_ties(ties: Iterable[Ties]) -> Ties:
    """The ties to several grants at once."""
    found = Ties()
    for one in ties:
        found |= one
    return found


def stands_apart(person: Person, ties: Ties, what: str = "This is an application") -> Ruling:
    """Whether the person has no tie: neither belongs nor belonged to a group of it, and declared no interest."""
    if ties.group_ids & person.organisation_ids:
        return no(f"{what} of your own group, so others deal with it.")
    if ties.group_ids & person.tied_ids:
        return no(f"{what} of a group that you belonged to, so others deal with it.")
    if person.id in ties.interested_ids:
        return no("You declared an interest in this application, so it stays closed to you.")
    return YES


class GrantStep(StrEnum):
    """What the office does on the way of one grant, from its check to its payment."""

    CHECK = "check"
    SCORE = "score"
    RECOMMEND = "recommend"
    DECIDE = "decide"
    SIGN = "sign"
    VERIFY = "verify the payee"
    PREPARE = "prepare a payment"
    APPROVE = "approve a payment"

    @property
    def done(self) -> str:
        """What somebody did, as a sentence says it."""
        return _DONE[self]


_DONE = {
    GrantStep.CHECK: "checked this application",
    GrantStep.SCORE: "scored this application",
    GrantStep.RECOMMEND: "recommended on this application",
    GrantStep.DECIDE: "decided this application",
    GrantStep.SIGN: "signed the decision on this application",
    GrantStep.VERIFY: "verified bank details that this pays to",
    GrantStep.PREPARE: "prepared a payment of this grant",
    GrantStep.APPROVE: "approved a payment of this grant",
}

MAY_MEET = frozenset(
    {
        frozenset({GrantStep.CHECK, GrantStep.RECOMMEND}),
        frozenset({GrantStep.DECIDE, GrantStep.SIGN}),
        frozenset({GrantStep.VERIFY, GrantStep.PREPARE}),
    }
)
"""The pairs of steps that one person may do on one grant. Any other pair never meets in one person."""

Hands = Mapping[GrantStep, Collection[int]]
"""Who did which step on a grant: a step to the numbers of the people."""


def never_meet(one: GrantStep, other: GrantStep) -> bool:
    """Whether two steps on one grant never meet in one person.

    >>> never_meet(GrantStep.CHECK, GrantStep.SCORE), never_meet(GrantStep.DECIDE, GrantStep.SIGN)
    (True, False)
    """
    return one != other and frozenset({one, other}) not in MAY_MEET


def is_another(person: Person, step: GrantStep, hands: Hands) -> Ruling:
    """Whether the person did nothing on this grant that never meets this step."""
    done = met_in(person, step, hands)
    return no(f"You {done.done}, so others {step}.") if done else YES


def met_in(person: Person, step: GrantStep, hands: Hands) -> GrantStep | None:
    """What the person did on this grant that never meets this step."""
    return next((done for done in GrantStep if never_meet(done, step) and person.id in hands.get(done, ())), None)


def join_hands(several: Iterable[Hands]) -> Hands:
    """Who did which step on any of several grants."""
    joined: dict[GrantStep, set[int]] = {}
    for hands in several:
        for step, people in hands.items():
            joined.setdefault(step, set()).update(people)
    return joined
