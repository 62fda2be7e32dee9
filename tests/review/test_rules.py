"""What the rules of scoring say, by property: whatever the scores, whatever their order."""

from __future__ import annotations

from statistics import mean, median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.accounts.models import Person, RoleGrant
from grants.accounts.rights import Role
from grants.funds.models import LARGEST_SCORE
from grants.review import rules

POINTS = st.lists(st.tuples(st.integers(0, LARGEST_SCORE), st.integers(1, 10)), min_size=1, max_size=8)
SHARES = st.lists(st.floats(0, 100), min_size=1, max_size=20)


def _person(*roles: Role) -> Person:
    return Person(id=1, grants=[RoleGrant(role=role) for role in roles], memberships=[])


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
    answer = rules.can_see_ranking(_person(*([role] if role else [])), left=left)

    expected = role in {Role.OFFICER, Role.DECISION_MAKER, Role.AUDITOR} or (role == Role.PANEL and not left)
    assert bool(answer) is expected
    if role == Role.PANEL and left:
        assert answer.reason.endswith(f"{left} application{'' if left == 1 else 's'} left to score.")


@pytest.mark.parametrize("role", [None, *Role])
def test_files_of_scores_and_drafts_have_their_roles(role: Role | None) -> None:
    person = _person(*([role] if role else []))

    assert bool(rules.can_export_scores(person)) is (role in {Role.OFFICER, Role.AUDITOR})
    assert bool(rules.can_draft(person)) is (role == Role.OFFICER)
