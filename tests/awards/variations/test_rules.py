"""How far a variation may go, and whose approval it needs: each answer without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.accounts.rights import Role
from grants.applications.apart.rules import Ties
from grants.applications.contents import BidLine
from grants.awards.models import AwardStatus, Level, Variation, VariationKind, VariationStatus
from grants.awards.rules import Around
from grants.awards.variations import rules
from grants.awards.variations.contents import Terms, Wanted
from grants.foundation.values.money import Pence
from tests.support.rulings import says, somebody

S, K = VariationStatus, VariationKind
OFFICER, DECIDER, AUDITOR = Role.OFFICER, Role.DECISION_MAKER, Role.AUDITOR
GROUP, FORMER, INTERESTED = 7, 6, 99
AROUND = Around(GROUP, Ties(frozenset({GROUP, FORMER}), frozenset({INTERESTED})), {})
OWN = "This is an award of your own group"

TERMS = Terms(
    amount_pence=400_000,
    organisation_id=GROUP,
    organisation="Northside",
    title="Open evenings",
    purpose="Evenings for the young.",
    conditions="For the agreed purpose only.",
    starts_on=date(2027, 1, 11),
    ends_on=date(2027, 6, 30),
    budget=(BidLine("Workers", Pence(300_000)), BidLine("Hall", Pence(100_000))),
)


def _budget(**lines: int) -> tuple[BidLine, ...]:
    return tuple(BidLine(item, Pence(amount)) for item, amount in lines.items())


def _level(*how: Any) -> Level:
    return Level.DECISION_MAKER if list(rules.beyond_an_officer(*how)) else Level.OFFICER


def _variation(status: S = S.WAITING, level: Level = Level.OFFICER, **more: Any) -> Variation:
    return Variation(**{"status": status, "level": level, "begun_by_id": 50, "needs_agreement": False} | more)


# Who


@pytest.mark.parametrize(
    ("person", "decided_here", "reason"),
    [
        (somebody(OFFICER), True, ""),
        (somebody(OFFICER), False, "An award of the past is corrected, not varied."),
        (somebody(OFFICER, of=GROUP), True, OWN),
        (somebody(OFFICER, once_of=FORMER), True, "This is an award of a group that you belonged to"),
        (somebody(OFFICER, number=INTERESTED), True, "You declared an interest"),
        (somebody(DECIDER), True, "Only a grants officer begins a variation."),
    ],
)
def test_officer_without_a_tie_begins_one_of_what_was_decided_here(
    person: Any, decided_here: bool, reason: str
) -> None:
    says(rules.can_begin(person, AROUND, decided_here=decided_here), reason)


@pytest.mark.parametrize(
    ("person", "variation", "reason"),
    [
        (somebody(OFFICER), _variation(), ""),
        (somebody(DECIDER), _variation(), "Only a second grants officer approves this variation."),
        (somebody(DECIDER), _variation(level=Level.DECISION_MAKER), ""),
        (somebody(OFFICER), _variation(level=Level.DECISION_MAKER), "Only the decision maker approves this variation."),
        (somebody(OFFICER, number=50), _variation(), "You began this variation, so another approves it."),
        (somebody(OFFICER, of=GROUP), _variation(), OWN),
        *(
            (
                somebody(OFFICER),
                _variation(status),
                f"This variation is {status.label.lower()}: nothing more can be done with it.",
            )
            for status in (S.IN_FORCE, S.REFUSED, S.CANCELLED)
        ),
    ],
)
def test_another_approves_of_the_level_that_it_needs(person: Any, variation: Variation, reason: str) -> None:
    says(rules.can_approve(person, variation, AROUND), reason)


@pytest.mark.parametrize(
    ("person", "status", "refuses", "takes_back"),
    [
        (somebody(OFFICER), S.WAITING, "", "Another officer began this variation, so you refuse it instead."),
        (somebody(OFFICER, number=50), S.WAITING, "You began this variation, so you take it back", ""),
        (somebody(DECIDER), S.WAITING, "", "Only a grants officer takes a variation back."),
        (
            somebody(AUDITOR),
            S.WAITING,
            "Only a grants officer or the decision maker refuses a variation.",
            "Only a grants officer takes a variation back.",
        ),
        (somebody(OFFICER, of=GROUP), S.WAITING, OWN, "Another officer began this variation"),
        (somebody(OFFICER, of=GROUP, number=50), S.WAITING, "You began this variation", OWN),
        (somebody(OFFICER), S.REFUSED, "This variation is refused", "Another officer began this variation"),
        (somebody(OFFICER, number=50), S.REFUSED, "You began this variation", "This variation is refused"),
    ],
)
def test_office_refuses_or_takes_back_what_waits(person: Any, status: S, refuses: str, takes_back: str) -> None:
    says(rules.can_refuse(person, _variation(status), AROUND), refuses)
    says(rules.can_take_back(person, _variation(status), AROUND), takes_back)


@pytest.mark.parametrize(
    ("person", "variation", "reason"),
    [
        (somebody(of=GROUP), _variation(S.IN_FORCE, needs_agreement=True), ""),
        (somebody(of=FORMER), _variation(S.IN_FORCE, needs_agreement=True), "Only a member of the group agrees"),
        (somebody(OFFICER), _variation(S.IN_FORCE, needs_agreement=True), "Only a member of the group agrees"),
        (somebody(of=GROUP), _variation(S.IN_FORCE), "There is nothing to agree to, or your group has agreed already."),
        (
            somebody(of=GROUP),
            _variation(S.IN_FORCE, needs_agreement=True, agreed_at=1),
            "There is nothing to agree to, or",
        ),
        (somebody(of=GROUP), _variation(), "This variation is to be approved: nothing more"),
    ],
)
def test_group_that_holds_the_award_agrees_once(person: Any, variation: Variation, reason: str) -> None:
    says(rules.can_agree(person, variation, AROUND), reason)


@pytest.mark.parametrize(
    ("person", "reads"),
    [
        *((somebody(role), True) for role in (OFFICER, DECIDER, Role.FINANCE, AUDITOR)),
        *((somebody(role), False) for role in (Role.PANEL, Role.ADMINISTRATOR)),
        (somebody(of=GROUP), True),
        (somebody(of=FORMER), True),
        (somebody(of=8), False),
    ],
)
def test_variations_are_read_by_the_groups_and_the_office(person: Any, reads: bool) -> None:
    says(rules.can_read(person, AROUND), "" if reads else "This is not yours to read.")


# How far


@pytest.mark.parametrize(
    ("wanted", "level"),
    [
        (Wanted(amount=Pence(300_000)), Level.OFFICER),
        (Wanted(amount=Pence(299_999)), Level.DECISION_MAKER),
        (Wanted(amount=Pence(400_001)), Level.DECISION_MAKER),
        (Wanted(title="Closed evenings"), Level.OFFICER),
        (Wanted(purpose="Evenings for the old."), Level.OFFICER),
        (Wanted(starts_on=date(2027, 2, 1)), Level.OFFICER),
        (Wanted(ends_on=date(2027, 9, 30)), Level.OFFICER),
        (Wanted(ends_on=date(2027, 10, 1)), Level.DECISION_MAKER),
        (Wanted(ends_on=date(2027, 3, 30)), Level.OFFICER),
        (Wanted(ends_on=date(2027, 3, 29)), Level.DECISION_MAKER),
        (Wanted(conditions=""), Level.DECISION_MAKER),
        (Wanted(budget=_budget(Workers=200_000, Hall=200_000)), Level.OFFICER),
        (Wanted(budget=_budget(Workers=199_999, Hall=200_001)), Level.DECISION_MAKER),
        (Wanted(budget=_budget(Workers=300_000, Coach=100_000)), Level.OFFICER),
        (Wanted(budget=_budget(Coach=400_000)), Level.DECISION_MAKER),
        (Wanted(amount=Pence(300_000), budget=_budget(Workers=225_000, Hall=75_000)), Level.OFFICER),
        (Wanted(amount=Pence(300_000), budget=_budget(Workers=149_999, Hall=150_001)), Level.DECISION_MAKER),
    ],
)
def test_what_is_small_a_second_officer_approves_and_the_rest_the_decision_maker(wanted: Wanted, level: Level) -> None:
    limits = rules.LimitsOfRound(percent=25, days=92)

    assert _level(K.CHANGE, TERMS, TERMS, wanted.of(TERMS), limits) == level


def test_another_group_a_withdrawal_and_a_reinstatement_are_the_decision_makers() -> None:
    limits = rules.LimitsOfRound()

    assert _level(K.CHANGE, TERMS, TERMS, replace(TERMS, organisation_id=8), limits) == Level.DECISION_MAKER
    assert _level(K.REINSTATEMENT, TERMS, TERMS, TERMS, limits) == Level.DECISION_MAKER
    assert _level(K.WITHDRAWAL, TERMS, TERMS, TERMS, limits) == Level.DECISION_MAKER


def _says(wanted: Wanted, state: AwardStatus = AwardStatus.ACCEPTED, kind: K = K.CHANGE) -> str:
    more = {"decided": Pence(540_000), "largest": Pence(500_000)}
    return rules.is_possible(kind, state, TERMS, wanted.of(TERMS), **more).reason


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (Wanted(amount=Pence(500_000)), ""),
        (Wanted(amount=Pence(500_001)), "The largest grant of the round is £5,000."),
        (Wanted(amount=Pence(540_001)), "The decision was £5,400, so a variation cannot go above it."),
        (Wanted(amount=Pence(1)), ""),
        (Wanted(amount=Pence(0)), "A variation leaves more than £0. Withdraw the award instead."),
        (Wanted(), "Nothing is changed. Change something, or leave the award as it is."),
        (Wanted(title="Open evenings "), "Nothing is changed. Change something, or leave the award as it is."),
        (Wanted(title=""), "A grant keeps a project and a purpose."),
        (Wanted(purpose=" "), "A grant keeps a project and a purpose."),
        (Wanted(ends_on=date(2027, 1, 11)), ""),
        (Wanted(budget=_budget(Hall=400_000)), ""),
        (Wanted(budget=TERMS.budget), "Nothing is changed. Change something, or leave the award as it is."),
        (Wanted(budget=()), "A grant keeps a budget with at least one line."),
        (Wanted(budget=_budget(Hall=399_999)), "The lines of the budget add up to £3,999.99, and the grant is £4,000."),
        (
            Wanted(amount=Pence(500_000), budget=_budget(Hall=400_000)),
            "The lines of the budget add up to £4,000, and the grant is £5,000.",
        ),
        (Wanted(ends_on=date(2027, 1, 10)), "The last day must be on or after the first day."),
    ],
)
def test_change_stays_within_the_decision_and_makes_sense(wanted: Wanted, reason: str) -> None:
    assert _says(wanted) == reason


def test_budget_that_nobody_touched_follows_the_amount() -> None:
    after = Wanted(amount=Pence(300_001), budget=TERMS.budget).of(TERMS)

    assert after.budget == _budget(Workers=225_001, Hall=75_000)
    assert after.facts["Budget"] == "Workers: £2,250.01\nHall: £750.00"


@pytest.mark.parametrize("state", AwardStatus)
def test_terms_are_changed_while_nobody_is_about_to_answer_an_offer_of_them(state: AwardStatus) -> None:
    reason = _says(Wanted(title="Closed evenings"), state)

    assert (reason == "") is (state in {AwardStatus.AWARDED, AwardStatus.ACCEPTED, AwardStatus.PAID})


def test_withdrawal_and_reinstatement_are_steps_of_the_award() -> None:
    assert _says(Wanted(), AwardStatus.PAID, K.WITHDRAWAL) == ""
    assert _says(Wanted(), AwardStatus.WITHDRAWN, K.WITHDRAWAL)
    assert _says(Wanted(), AwardStatus.WITHDRAWN, K.REINSTATEMENT) == ""
    assert _says(Wanted(), AwardStatus.PAID, K.REINSTATEMENT)


@given(decided=st.integers(1, 10**7), largest=st.none() | st.integers(1, 10**7), amount=st.integers(-5, 10**7))
def test_no_variation_goes_above_the_decision_or_the_largest_grant(
    decided: int, largest: int | None, amount: int
) -> None:
    limit = None if largest is None else Pence(largest)
    allowed = rules.is_within(replace(TERMS, amount_pence=amount), decided=Pence(decided), largest=limit)

    assert bool(allowed) is (0 < amount <= min(decided, largest or decided))


@pytest.mark.parametrize("name", ["starts_on", "ends_on"])
@pytest.mark.parametrize(
    ("before", "after", "level"),
    [
        (None, None, Level.OFFICER),
        (None, TERMS.ends_on, Level.DECISION_MAKER),
        (TERMS.ends_on, None, Level.DECISION_MAKER),
    ],
)
def test_day_that_comes_or_goes_is_the_decision_makers(
    name: str, before: date | None, after: date | None, level: Level
) -> None:
    terms, wanted = replace(TERMS, **{name: before}), replace(TERMS, **{name: after}, title="Closed evenings")

    assert _level(K.CHANGE, terms, terms, wanted, rules.LimitsOfRound(days=366)) == level


STEPS = st.lists(st.tuples(st.integers(1, 500_000), st.integers(-120, 120), st.integers(-120, 120)), max_size=8)


@given(steps=STEPS, percent=st.integers(0, 100), days=st.integers(0, 200))
def test_however_many_steps_second_officers_approve_they_stay_near_what_was_decided(
    steps: list[tuple[int, int, int]], percent: int, days: int
) -> None:
    limits, now = rules.LimitsOfRound(percent=percent, days=days), TERMS

    for amount, start, end in steps:
        wanted = replace(
            now,
            amount_pence=amount,
            starts_on=now.starts_on + timedelta(start),
            ends_on=now.ends_on + timedelta(end),
        )
        if _level(K.CHANGE, TERMS, now, wanted, limits) == Level.OFFICER:
            now = wanted

    assert 100 * (TERMS.amount_pence - now.amount_pence) <= percent * TERMS.amount_pence
    assert now.amount_pence <= TERMS.amount_pence
    assert abs((now.starts_on - TERMS.starts_on).days) <= days
    assert abs((now.ends_on - TERMS.ends_on).days) <= days


@pytest.mark.parametrize("missing", ["starts_on", "ends_on"])
def test_project_may_lack_a_day(missing: str) -> None:
    wanted = replace(TERMS, **{missing: None})

    says(rules.is_possible(K.CHANGE, AwardStatus.PAID, TERMS, wanted, decided=Pence(1), largest=None), "")


def test_amount_of_what_is_paid_is_not_varied() -> None:
    wanted = Wanted(amount=Pence(300_000)).of(TERMS)

    answer = rules.is_possible(K.CHANGE, AwardStatus.PAID, TERMS, wanted, decided=Pence(500_000), largest=None)

    says(answer, "All of this grant is paid, so its amount stays £4,000.")
