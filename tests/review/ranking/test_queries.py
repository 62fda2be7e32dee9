"""What a row of the ranking says, who is shown how much of it, and what of it stands ready to be recommended."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from grants.accounts.models import Person
from grants.accounts.rights import Role
from grants.applications.models import Application, ApplicationStatus, Bar
from grants.foundation.records.db import db, transaction
from grants.foundation.values import clock
from grants.foundation.values.money import Pence
from grants.funds.models import Round
from grants.funds.queries import criteria_of
from grants.review.ranking import queries
from grants.review.ranking.queries import RankingSummary, ReadyCount
from grants.review.rules import Pot, Result
from tests.support import factories
from tests.support import review_factories as make

S = ApplicationStatus


# A row


def _row(**more: Any) -> SimpleNamespace:
    """A row of two sheets with 4 and 7 of 10 points."""
    given: dict[str, Any] = {
        "id": 1,
        "reference": "A-1",
        "title": "Evenings",
        "organisation": "Genesis",
        "status": "eligible",
        "grant": None,
        "place": 2,
        "alike": 1,
        "sheets": 2,
        "total": 11,
        "low": 4,
        "high": 7,
        "doubled_median": 11,
        "most": 10,
        "requested_pence": Pence(600),
        "recommended_pence": None,
        "approved_pence": None,
        "taken_pence": None,
        "running": Pence(900),
        "illustrative": False,
    }
    return SimpleNamespace(**given | more)


def test_result_of_a_row_is_in_shares_of_the_most_points() -> None:
    bid = queries.as_ranked(_row())

    assert (bid.result, bid.sheets, bid.status) == (Result(2, 55, 55, 40, 70), 2, S.ELIGIBLE)


def test_row_without_a_locked_sheet_has_neither_result_nor_place() -> None:
    bid = queries.as_ranked(_row(place=None, alike=3, sheets=None, total=None, low=None, high=None, most=None))

    assert (bid.result, bid.sheets, bid.is_shared, bid.place_in_words) == (None, 0, False, "")


def test_place_that_is_shared_has_an_equals_sign() -> None:
    assert queries.as_ranked(_row()).place_in_words == "2"
    assert queries.as_ranked(_row(alike=2)).place_in_words == "2="


@pytest.mark.parametrize(
    ("taken", "recommended", "takes"), [(5, 7, 5), (0, 7, 0), (None, 7, 7), (None, 0, 0), (None, None, 0)]
)
def test_bid_takes_what_its_approval_takes_now_else_what_is_recommended(
    taken: int | None, recommended: int | None, takes: int
) -> None:
    assert (
        queries.as_ranked(_row(approved_pence=9, taken_pence=taken, recommended_pence=recommended)).takes_pence == takes
    )


def test_what_is_not_shown_is_hidden() -> None:
    assert RankingSummary(Pot(None, Pence(0)), count=5, shown=3).hidden == 2


# Who is shown how much


@pytest.fixture
def a_round(app: Flask) -> Round:
    return factories.open_round(code="SCF-21", pot_pence=1_000_000, scores_needed=2)


def _recommended(
    a_round: Round, status: S, amount: int, approved: int | None = None, *, by: Person | None = None
) -> Application:
    made = make.scored([3], status, in_round=a_round, members=[by] if by else [])
    make.recommendation(made, amount)
    if approved is not None:
        with transaction() as session:
            session.merge(made).approved_pence = Pence(approved)
    return made


def test_pot_is_whole_for_the_office_and_of_what_is_shown_for_the_panel(a_round: Round) -> None:
    member = factories.panel_member()
    interested = factories.officer()
    _recommended(a_round, S.DECIDED, 300_000, 250_000, by=member)
    _recommended(a_round, S.AWARDED, 200_000, 150_000, by=member)
    closed = _recommended(a_round, S.RECOMMENDED, 90_000)
    make.scored([3], in_round=a_round)
    with transaction() as session:
        session.add(Bar(application_id=closed.id, person_id=interested.id, barred_at=clock.now()))

    def seen(person: Person) -> tuple[int, int, int, int]:
        found = queries.summary_of(person, a_round)
        assert found.pot.pot == 1_000_000
        return found.pot.approved, found.pot.recommended, found.count, found.shown

    assert seen(factories.officer()) == (400_000, 90_000, 4, 4)
    assert seen(interested) == (400_000, 90_000, 4, 3)
    assert seen(member) == (150_000, 300_000, 4, 2)


def _ranked(a_round: Round) -> list[queries.Ranked]:
    found = db.session.execute(select(queries.ranking(factories.officer(), a_round)))
    return [queries.as_ranked(row) for row in found]


def test_pot_of_a_round_in_which_nothing_is_recommended_is_whole(a_round: Round) -> None:
    make.scored([3], in_round=a_round)

    assert queries.pot_use(a_round) == Pot(Pence(1_000_000), Pence(0), Pence(0))


def test_result_weighs_each_score_and_lies_in_the_middle_of_the_sheets(a_round: Round) -> None:
    with transaction():
        for criterion, weight in zip(criteria_of(a_round), (1, 3), strict=True):
            criterion.weight = weight
    even = make.scored([(5, 0), (0, 2)], in_round=a_round)
    odd = make.scored([(0, 5), (5, 0), (0, 2)], in_round=a_round)

    found = {one.id: one.result for one in _ranked(a_round)}

    assert found == {even.id: Result(2, 27.5, 27.5, 25, 30), odd.id: Result(3, pytest.approx(130 / 3), 30, 25, 75)}


def test_bids_of_one_median_stand_by_their_mean_and_take_nothing_before_they_are_recommended(a_round: Round) -> None:
    torn, one_of_many, clear = (make.scored(sheets, in_round=a_round) for sheets in ([4, 4, 0], [4, 4, 4], [4]))

    found = {one.id: (one.place_in_words, one.running_pence) for one in _ranked(a_round)}

    assert found == {torn.id: ("3", 0), one_of_many.id: ("1=", 0), clear.id: ("1=", 0)}


def test_ranking_is_ordered_by_place_and_then_by_reference(a_round: Round) -> None:
    ranked = queries.ranking(factories.officer(), a_round)

    assert [(column.name, is_down) for column, is_down in queries.order_of(ranked)] == [
        ("place", False),
        ("reference", False),
    ]


# What stands ready


def _ready(person: Person, a_round: Round) -> dict[int, queries.Ready]:
    rows = db.session.execute(queries.ready(queries.ranking(person, a_round), a_round))
    return {row.id: queries.as_ready(row) for row in rows}


def test_bid_stands_ready_with_enough_sheets_until_it_is_recommended(a_round: Round) -> None:
    enough, more = (make.scored(sheets, in_round=a_round) for sheets in ([3, 4], [5, 5, 5]))
    few, gone = make.scored([5], in_round=a_round), make.scored([5, 5], S.RECOMMENDED, in_round=a_round)
    officer = factories.officer()

    assert set(_ready(officer, a_round)) == {enough.id, more.id}
    found = queries.ready_among(officer, a_round, [enough.id, few.id, gone.id])
    assert {number: one.bid.reference for number, one in found.items()} == {enough.id: enough.reference}


def test_bid_that_stands_ready_has_its_draft_and_who_saved_it(a_round: Round) -> None:
    writer = factories.officer()
    drafted, bare = (make.scored([3, 4], in_round=a_round) for _ in range(2))
    draft = make.draft(drafted, 540_000, "A good plan.", by=writer)

    found = _ready(factories.person(Role.OFFICER, name="Oscar Officer"), a_round)

    one = found[drafted.id]
    assert (one.amount_pence, one.reason, one.chosen, one.version) == (540_000, "A good plan.", True, draft.version)
    assert (one.saved_at, one.saved_by) == (draft.saved_at, "Olive Officer")
    other = found[bare.id]
    assert (other.amount_pence, other.reason, other.chosen, other.version) == (None, "", False, 0)
    assert (other.saved_at, other.saved_by) == (None, "")


def test_chosen_ones_go_in_the_order_of_the_ranking_and_as_many_as_go_at_once(
    a_round: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    third, first, second = (make.scored([mark, mark], in_round=a_round) for mark in (1, 5, 3))
    for bid in (third, first, second):
        make.draft(bid)
    make.draft(make.scored([4, 4], in_round=a_round), chosen=False)
    officer = factories.officer()

    assert [one.bid.id for one in queries.chosen(officer, a_round)] == [first.id, second.id, third.id]
    monkeypatch.setattr(queries, "MOST_AT_ONCE", 2)
    assert [one.bid.id for one in queries.chosen(officer, a_round)] == [first.id, second.id]


def test_count_is_of_what_stands_ready_and_of_the_chosen_with_their_pence(a_round: Round) -> None:
    officer = factories.officer()
    assert queries.ready_count(officer, a_round) == ReadyCount(0, 0, Pence(0))

    bids = [make.scored([3, 4], in_round=a_round) for _ in range(4)]
    make.scored([5], in_round=a_round)
    for bid, (amount, chosen) in zip(bids, [(300_000, True), (20_000, True), (1_000, False)], strict=False):
        make.draft(bid, amount, chosen=chosen)

    assert queries.ready_count(officer, a_round) == ReadyCount(4, 2, Pence(320_000))
