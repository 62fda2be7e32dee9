"""What the rules of review say: of scores by property, whatever their order; of people and bids case by case."""

from __future__ import annotations

from datetime import UTC, datetime
from statistics import mean, median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.accounts.models import Person
from grants.accounts.rights import Role
from grants.applications.apart.rules import GrantStep, Hands
from grants.applications.models import Application, ApplicationStatus, Bar
from grants.foundation.values.money import Pence
from grants.funds.models import LARGEST_SCORE, Criterion, Round
from grants.review import rules
from grants.review.models import LONGEST_REASON_WORDS, Score, ScoreSheet
from grants.review.rules import Pot
from tests.support.rulings import says, somebody

POINTS = st.lists(st.tuples(st.integers(0, LARGEST_SCORE), st.integers(1, 10)), min_size=1, max_size=8)
SHARES = st.lists(st.floats(0, 100), min_size=1, max_size=20)


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
S, G = ApplicationStatus, GrantStep
PANEL, OFFICER, AUDITOR = Role.PANEL, Role.OFFICER, Role.AUDITOR

OWN = "This is an application of your own group"
BARRED = "You declared an interest in this application, so it stays closed"


def _bid(status: ApplicationStatus = S.ELIGIBLE, *, barred: int = 0) -> Application:
    """A bid of group 7, in a round that asks for two sheets."""
    bars = [Bar(person_id=barred)] if barred else []
    return Application(status=status, organisation_id=7, bars=bars, round=Round(scores_needed=2))


def _sheet(*, locked: bool = False, conflict: bool = False, scores: Any = ()) -> ScoreSheet:
    return ScoreSheet(has_conflict=conflict, locked_at=NOON if locked else None, scores=list(scores))


# Who does what with a bid


@pytest.mark.parametrize(
    ("person", "bid", "reason"),
    [
        (somebody(), _bid(), ""),
        (somebody(of=8), _bid(barred=2), ""),
        (somebody(of=7), _bid(barred=1), OWN),
        (somebody(of=8), _bid(barred=1), BARRED),
    ],
)
def test_tie_to_a_bid_keeps_a_person_away(person: Person, bid: Application, reason: str) -> None:
    says(rules.stands_apart(person, bid), reason)


@pytest.mark.parametrize(
    ("person", "bid", "hands", "reason"),
    [
        (somebody(PANEL), _bid(S.SUBMITTED), {}, "Only a grants officer checks"),
        (somebody(OFFICER, of=7), _bid(S.SUBMITTED), {}, OWN),
        (somebody(OFFICER), _bid(S.SUBMITTED), {G.SCORE: [1]}, "You scored this application, so others check."),
        (somebody(OFFICER), _bid(S.ELIGIBLE), {}, "This application does not wait for a check."),
        (somebody(OFFICER), _bid(S.SUBMITTED), {}, ""),
    ],
)
def test_officer_checks_what_waits_for_it(person: Person, bid: Application, hands: Hands, reason: str) -> None:
    says(rules.can_check(person, bid, hands), reason)


@pytest.mark.parametrize(
    ("person", "bid", "sheet", "hands", "reason"),
    [
        (somebody(OFFICER), _bid(), None, {}, "Only a panel member scores"),
        (somebody(PANEL, of=7), _bid(), None, {}, OWN),
        (somebody(PANEL), _bid(), None, {G.CHECK: [1]}, "You checked this application, so others score."),
        (somebody(PANEL), _bid(), _sheet(), {G.CHECK: [2]}, "You have declared already."),
        (somebody(PANEL), _bid(S.RECOMMENDED), None, {}, "This application is not with the panel."),
        (somebody(PANEL), _bid(), None, {G.CHECK: [2]}, ""),
        (somebody(PANEL), _bid(), None, {}, ""),
    ],
)
def test_panel_member_declares_once(
    person: Person, bid: Application, sheet: ScoreSheet | None, hands: Hands, reason: str
) -> None:
    says(rules.can_declare(person, bid, sheet, hands), reason)


NOT_READ = [
    (somebody(OFFICER), _bid(), _sheet(), "Only a panel member reads"),
    (somebody(PANEL, of=7), _bid(), _sheet(), OWN),
    (somebody(PANEL), _bid(), None, "Say first whether you have an interest"),
    (somebody(PANEL), _bid(), _sheet(conflict=True), "You declared an interest in this application."),
]
"""Who does not read a bid as a panel member, and so does not score it either."""


@pytest.mark.parametrize(
    ("person", "bid", "sheet", "reason"),
    [
        *NOT_READ,
        (somebody(PANEL), _bid(S.DECIDED), _sheet(locked=True), ""),
    ],
)
def test_panel_member_reads_after_declaring(
    person: Person, bid: Application, sheet: ScoreSheet | None, reason: str
) -> None:
    says(rules.can_read(person, bid, sheet), reason)


@pytest.mark.parametrize(
    ("person", "bid", "sheet", "hands", "reason"),
    [
        *[(person, bid, sheet, {}, reason) for person, bid, sheet, reason in NOT_READ],
        (somebody(PANEL), _bid(), _sheet(), {G.CHECK: [1]}, "You checked this application, so others score."),
        (somebody(PANEL), _bid(), _sheet(locked=True), {}, "Your scores are locked"),
        (
            somebody(PANEL),
            _bid(S.RECOMMENDED),
            _sheet(),
            {G.CHECK: [2]},
            "This application is not with the panel any more.",
        ),
        (somebody(PANEL), _bid(), _sheet(), {G.CHECK: [2]}, ""),
    ],
)
def test_panel_member_scores_until_the_sheet_is_locked(
    person: Person, bid: Application, sheet: ScoreSheet | None, hands: Hands, reason: str
) -> None:
    says(rules.can_score(person, bid, sheet, hands), reason)


@pytest.mark.parametrize(
    ("person", "bid", "sheet", "reason"),
    [
        (somebody(PANEL, of=7), _bid(), _sheet(locked=True), OWN),
        (somebody(PANEL), _bid(), _sheet(locked=True), ""),
        (somebody(PANEL, OFFICER), _bid(), _sheet(), "You see the scores of others after"),
        (somebody(PANEL, OFFICER), _bid(), None, "You see the scores of others after"),
        (somebody(PANEL, OFFICER), _bid(S.RECOMMENDED), None, ""),
        (somebody(PANEL), _bid(S.RECOMMENDED), _sheet(), "Scores are for the panel and the office."),
        (somebody(OFFICER), _bid(), None, ""),
        (somebody(), _bid(), None, "Scores are for the panel and the office."),
    ],
)
def test_scores_of_others_are_seen_by_who_cannot_be_led_by_them(
    person: Person, bid: Application, sheet: ScoreSheet | None, reason: str
) -> None:
    says(rules.can_see_scores(person, bid, sheet), reason)


@pytest.mark.parametrize(
    ("person", "bid", "locked", "hands", "reason"),
    [
        (somebody(PANEL), _bid(), 2, {}, "Only a grants officer recommends."),
        (somebody(OFFICER, of=7), _bid(), 2, {}, OWN),
        (somebody(OFFICER), _bid(), 2, {G.SCORE: [1]}, "You scored this application, so others recommend."),
        (somebody(OFFICER), _bid(), 2, {G.CHECK: [1]}, ""),
        (somebody(OFFICER), _bid(S.RECOMMENDED), 2, {}, "This application does not wait for a recommendation."),
        (somebody(OFFICER), _bid(), 1, {}, "1 of 2 panel members have locked"),
        (somebody(OFFICER), _bid(), 2, {}, ""),
    ],
)
def test_officer_recommends_what_is_scored(
    person: Person, bid: Application, locked: int, hands: Hands, reason: str
) -> None:
    says(rules.can_recommend(person, bid, locked=locked, hands=hands), reason)


# One sheet


NEED, PLAN = (Criterion(id=number, title=title, weight=number) for number, title in ((1, "Need"), (2, "Plan")))


def _score(criterion: Criterion, score: int | None, reason: str = "Good.") -> Score:
    return Score(criterion_id=criterion.id, criterion=criterion, score=score, reason=reason)


@pytest.mark.parametrize(
    ("scores", "reason"),
    [
        ([], "Give a score and a reason for: Need; Plan."),
        ([_score(NEED, None), _score(PLAN, 0)], "Give a score and a reason for: Need."),
        ([_score(NEED, 5), _score(PLAN, 5, "")], "Give a score and a reason for: Plan."),
        ([_score(NEED, 0), _score(PLAN, 5, "word " * LONGEST_REASON_WORDS)], ""),
        (
            [_score(NEED, 0), _score(PLAN, 5, "word " * (LONGEST_REASON_WORDS + 1))],
            "Shorten the reason for “Plan” to 300 words or fewer.",
        ),
    ],
)
def test_sheet_is_locked_when_every_criterion_has_its_score_and_reason(scores: list[Score], reason: str) -> None:
    says(rules.can_lock(_sheet(scores=scores), [NEED, PLAN]), reason)


def test_sheets_share_weighs_each_score_and_takes_a_missing_one_for_none() -> None:
    half, none = (_sheet(scores=[_score(NEED, score), _score(PLAN, None)]) for score in (5, 0))

    assert rules.share_of(half) == pytest.approx(100 / 3)
    assert rules.share_of(_sheet(scores=[_score(NEED, 5), _score(PLAN, 2)])) == pytest.approx(60)
    assert rules.share_of(_sheet()) == 0
    found = rules.result_of([half, none])
    assert found is not None
    assert (found.sheets, found.low, found.high) == (2, 0, pytest.approx(100 / 3))
    assert rules.result_of([]) is None


# The pot


@pytest.mark.parametrize(
    ("pot", "more", "used", "excess", "left"),
    [
        (Pot(Pence(100), Pence(60), Pence(30)), 0, 90, 0, 10),
        (Pot(Pence(100), Pence(60), Pence(30)), 10, 90, 0, 0),
        (Pot(Pence(100), Pence(60), Pence(30)), 11, 90, 1, 0),
        (Pot(Pence(100), Pence(105)), 0, 105, 5, 0),
        (Pot(None, Pence(60), Pence(30)), 1, 90, 0, 0),
    ],
)
def test_pot_says_what_is_left_of_it_or_over_it(pot: Pot, more: int, used: int, excess: int, left: int) -> None:
    assert (pot.used, pot.excess(more), pot.left(more)) == (used, excess, left)
    assert (pot.excess(), pot.left()) == (Pot(pot.pot, Pence(used)).excess(0), Pot(pot.pot, Pence(used)).left(0))


@given(POINTS)
def test_share_lies_between_none_and_all_of_the_points(points: list[tuple[int, int]]) -> None:
    assert 0 <= rules.share(points) <= 100
    assert rules.share([(0, weight) for _score, weight in points]) == 0
    assert rules.share([(LARGEST_SCORE, weight) for _score, weight in points]) == 100


@given(POINTS, st.integers(2, 5), st.randoms())
def test_share_depends_on_neither_the_order_nor_the_unit_of_weights(
    points: list[tuple[int, int]], by: int, r: object
) -> None:
    shuffled = list(points)
    r.shuffle(shuffled)  # type: ignore[attr-defined]

    assert rules.share(shuffled) == rules.share(points)
    assert rules.share([(score, weight * by) for score, weight in points]) == pytest.approx(rules.share(points))


@given(POINTS, st.data())
def test_better_score_never_makes_a_lower_share(points: list[tuple[int, int]], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(points) - 1))
    score, weight = points[at]
    better = [*points[:at], (data.draw(st.integers(score, LARGEST_SCORE)), weight), *points[at + 1 :]]

    assert rules.share(better) >= rules.share(points)


@given(SHARES, st.randoms())
def test_result_does_not_depend_on_the_order_of_the_sheets(shares: list[float], r: object) -> None:
    shuffled = list(shares)
    r.shuffle(shuffled)  # type: ignore[attr-defined]

    assert rules.result(shuffled) == rules.result(shares)


@given(SHARES)
def test_median_and_mean_lie_within_the_range(shares: list[float]) -> None:
    found = rules.result(shares)

    assert found is not None
    assert found.sheets == len(shares)
    assert found.low <= found.median <= found.high
    assert found.low - rules.ALMOST <= found.mean <= found.high + rules.ALMOST
    assert (found.median, found.mean) == (median(shares), mean(shares))


@given(st.lists(st.floats(40, 60), min_size=2, max_size=9), st.floats(0, 39))
def test_one_harsh_sheet_moves_the_median_no_further_than_its_neighbours(shares: list[float], harsh: float) -> None:
    found = rules.result([*shares, harsh])

    assert found is not None
    assert found.median >= min(shares) or len(shares) < 2


@pytest.mark.parametrize(
    ("low", "high", "wide"),
    [(20, 60, True), (20, 59.9, False), (0, 100, True), (50, 50, False), (100 / 3, 220 / 3, True)],
)
def test_sheets_two_steps_of_the_scale_apart_disagree_widely(low: float, high: float, wide: bool) -> None:
    assert rules.Result(2, 50, 50, low, high).is_wide is wide


@pytest.mark.parametrize("role", [None, *Role])
@pytest.mark.parametrize("left", [0, 1, 12])
def test_ranking_is_for_the_office_and_for_a_panel_member_who_has_scored(role: Role | None, left: int) -> None:
    answer = rules.can_see_ranking(somebody(*([role] if role else [])), left=left)

    expected = role in {Role.OFFICER, Role.DECISION_MAKER, Role.AUDITOR} or (role == Role.PANEL and not left)
    assert bool(answer) is expected
    if role == Role.PANEL and left:
        assert answer.reason.endswith(f"{left} application{'' if left == 1 else 's'} left to score.")
    if not role:
        assert answer.reason == "The ranking is for the panel and the office."


@pytest.mark.parametrize("role", [None, *Role])
def test_files_of_scores_and_drafts_have_their_roles(role: Role | None) -> None:
    person = somebody(*([role] if role else []))

    says(
        rules.can_export_scores(person),
        "" if role in {Role.OFFICER, Role.AUDITOR} else "Only a grants officer or an auditor takes",
    )
    says(rules.can_draft(person), "" if role == Role.OFFICER else "Only a grants officer recommends.")
