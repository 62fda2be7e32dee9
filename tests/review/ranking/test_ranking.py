"""The ranking of a round: its order, its pot, who sees which rows, and as often asked whatever it holds."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import astuple
from fractions import Fraction
from statistics import median
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import select

from grants.accounts.models import Person
from grants.accounts.rights import Role
from grants.applications.models import Application, ApplicationStatus
from grants.foundation.records.db import db, transaction
from grants.foundation.values.money import Pence
from grants.funds.models import Round
from grants.funds.queries import criteria_of
from grants.review import queries, rules
from grants.review.models import Recommendation
from grants.review.ranking import queries as ranking
from grants.review.rules import Pot
from grants.review.scores import operations
from tests.support import factories
from tests.support import review_factories as make
from tests.support.client import Client

S = ApplicationStatus
SignIn = Callable[[Any], Client]

SECRET = "The moon is made of cheese."


@pytest.fixture
def a_round(app: Flask) -> Round:
    return factories.open_round(code="SCF-21", pot_pence=1_000_000)


def _ranked(person: Person, a_round: Round) -> list[ranking.Ranked]:
    found = ranking.ranking(person, a_round)
    rows = db.session.execute(select(found).order_by(found.c.place.asc().nulls_last(), found.c.reference))
    return [ranking.as_ranked(row) for row in rows]


# The order, held against a plain reckoning of the same


def _places(bids: Sequence[Sequence[int]]) -> list[int | None]:
    """Where each bid stands by its sheets' points: by the median, then the mean; equal ones share a place."""
    keys = [(Fraction(median(map(Fraction, bid))), Fraction(sum(bid), len(bid))) if bid else None for bid in bids]
    return [None if key is None else 1 + sum(1 for other in keys if other is not None and other > key) for key in keys]


MARKS = st.tuples(st.integers(0, 5), st.integers(0, 5))
BIDS = st.lists(st.lists(MARKS, max_size=4), min_size=1, max_size=5)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(BIDS, st.tuples(st.integers(1, 10), st.integers(1, 10)), st.randoms())
def test_places_are_those_of_a_plain_reckoning(
    app: Flask, bids: list[list[tuple[int, int]]], weights: tuple[int, int], r: Any
) -> None:
    a_round = factories.open_round()
    with transaction():
        for criterion, weight in zip(criteria_of(a_round), weights, strict=True):
            criterion.weight = weight
    made = []
    for sheets in bids:
        shuffled = list(sheets)
        r.shuffle(shuffled)
        made.append(make.scored(shuffled, in_round=a_round))
    points = [[sum(mark * weight for mark, weight in zip(marks, weights, strict=True)) for marks in b] for b in bids]

    found = {bid.id: bid for bid in _ranked(factories.officer(), a_round)}

    places = _places(points)
    assert [found[application.id].place for application in made] == places
    for application, its_points, place in zip(made, points, places, strict=True):
        bid, most = found[application.id], 5 * sum(weights)
        assert bid.is_shared is (place is not None and places.count(place) > 1)
        expected = rules.result([100 * one / most for one in its_points])
        assert _same(bid.result, expected)
        assert _same(bid.result, rules.result_of(queries.locked_sheets(application.id)))


def _same(found: rules.Result | None, expected: rules.Result | None) -> bool:
    return found == expected or astuple(found) == pytest.approx(astuple(expected))  # type: ignore[arg-type]


def test_ranking_holds_what_is_with_the_panel_or_further_and_nothing_else(a_round: Round) -> None:
    made = {status: make.scored([3], status, in_round=a_round) for status in S if status != S.DRAFT}

    found = {bid.id for bid in _ranked(factories.officer(), a_round)}

    assert found == {made[status].id for status in made if status not in {S.SUBMITTED, S.INELIGIBLE, S.WITHDRAWN}}


def test_ranking_holds_its_own_round_alone(a_round: Round) -> None:
    make.scored([3], in_round=factories.open_round())

    assert _ranked(factories.officer(), a_round) == []


def test_unlocked_sheet_does_not_count(a_round: Round) -> None:
    application = make.scored([2], in_round=a_round)
    make.sheet(application, factories.panel_member(), 5, locked=False)

    bid = _ranked(factories.officer(), a_round)[0]

    assert bid.result == rules.Result(1, 40.0, 40.0, 40.0, 40.0)


# The pot


def _decided(application: Application, amount: int) -> None:
    with transaction() as session:
        session.merge(application).approved_pence = Pence(amount)


def test_pot_takes_what_is_approved_else_what_is_recommended(a_round: Round) -> None:
    first = make.scored([5], S.AWARDED, in_round=a_round)
    second = make.scored([4], S.RECOMMENDED, in_round=a_round)
    declined = make.scored([3], S.DECLINED, in_round=a_round)
    withdrawn = make.scored([3], S.WITHDRAWN, in_round=a_round)
    for application in (first, second, declined, withdrawn):
        make.recommendation(application, 500_000)
    _decided(first, 450_000)
    _decided(declined, 0)

    pot = ranking.pot_use(a_round)

    assert pot == Pot(Pence(1_000_000), approved=Pence(450_000), recommended=Pence(500_000))
    assert (pot.left(), pot.excess(), pot.excess(60_000)) == (50_000, 0, 10_000)
    assert [bid.running_pence for bid in _ranked(factories.officer(), a_round)] == [450_000, 950_000, 950_000]


def test_unknown_pot_is_never_over() -> None:
    pot = Pot(None, Pence(5), Pence(5))

    assert (pot.excess(10**9), pot.left()) == (0, 0)


def test_decision_not_announced_is_kept_from_the_panel(a_round: Round) -> None:
    member = factories.panel_member()
    application = make.scored([4], S.DECIDED, in_round=a_round, members=[member])
    make.recommendation(application, 500_000)
    _decided(application, 450_000)

    theirs, office = _ranked(member, a_round)[0], _ranked(factories.officer(), a_round)[0]

    assert (theirs.approved_pence, theirs.running_pence) == (None, 500_000)
    assert ranking.summary_of(member, a_round).pot.approved == 0
    assert (office.approved_pence, office.running_pence) == (450_000, 450_000)


# Who sees which rows: the database's conditions and the rule say the same


@pytest.mark.parametrize("status", [S.ELIGIBLE, S.RECOMMENDED, S.AWARDED])
@pytest.mark.parametrize("sheet", [None, "open", "locked", "conflict"])
@pytest.mark.parametrize("is_member", [False, True])
def test_rows_are_those_that_the_rule_opens(a_round: Round, status: S, sheet: str | None, is_member: bool) -> None:
    group = factories.organisation()
    for roles in [(role,) for role in Role] + [(Role.PANEL, Role.OFFICER), (Role.PANEL, Role.AUDITOR), ()]:
        person = factories.person(*roles, member_of=group if is_member else None)
        application = make.scored([3], status, in_round=a_round, organisation=group)
        own = None
        if sheet == "conflict" and Role.PANEL in roles and status == S.ELIGIBLE and not is_member:
            own = operations.declare(person=person, application=application, has_conflict=True)
        elif sheet in {"open", "locked"}:
            own = make.sheet(application, person, 3, locked=sheet == "locked")
        db.session.refresh(application, ["bars"])

        shown = db.session.scalars(
            select(Application.id).where(Application.id == application.id, *queries.scores_are_open_to(person))
        ).all()
        assert bool(shown) is bool(rules.can_see_scores(person, application, own)), roles


def test_places_are_reckoned_among_what_is_shown(a_round: Round) -> None:
    """The risk: a gap in the places tells where a bid stands that the person still scores."""
    both = factories.person(Role.PANEL, Role.OFFICER)
    make.scored([5], in_round=a_round)
    make.scored([3], in_round=a_round, members=[both])

    found = _ranked(both, a_round)

    assert [bid.place for bid in found] == [1]


# The page


def test_page_says_places_amounts_and_the_pot(a_round: Round, sign_in: SignIn) -> None:
    best = make.scored([5, 5, 4], S.RECOMMENDED, in_round=a_round, title="Best")
    make.recommendation(best, 600_000)
    for title in ("Equal one", "Equal two"):
        make.recommendation(make.scored([3, 3, 3], S.RECOMMENDED, in_round=a_round, title=title), 300_000)
    make.scored([5, 2, 1], in_round=a_round, title="Torn")
    make.scored([], in_round=a_round, title="Unread")

    page = sign_in(factories.officer()).get("/review/rounds/scf-21")

    rows = [
        [cell.get_text(" ", strip=True) for cell in row.find_all(["td", "th"])] for row in page.page.select("tbody tr")
    ]
    assert [row[0].split()[0] for row in rows] == ["1", "2=", "2=", "4", "–"]
    assert rows[0][1:] == ["100.0%", "93.3%", "80–100%", "3 of 3", "£6,000.00", "£6,000.00", "not yet", "£6,000.00"]
    assert rows[2][-1] == "£12,000.00 over the pot"
    assert "wide disagreement" in rows[3][3]
    assert rows[4][1] == "none yet"
    assert "£12,000 in all: that is £2,000 over the pot of £10,000." in page.main
    assert len(page.page.select("tr.g-pot-ends")) == 1


def test_page_of_a_round_that_nothing_reached(a_round: Round, sign_in: SignIn) -> None:
    assert (
        "No application of this round is with the panel yet."
        in sign_in(factories.auditor()).get("/review/rounds/scf-21").main
    )


def test_round_in_preparation_is_not_there(sign_in: SignIn, app: Flask) -> None:
    factories.open_round(code="SCF-22", status="draft")

    assert sign_in(factories.officer()).get("/review/rounds/scf-22").status_code == 404


@pytest.mark.parametrize(
    ("role", "door"),
    [
        (Role.OFFICER, "/review/{}/recommend"),
        (Role.DECISION_MAKER, "/decisions/{}"),
        (Role.AUDITOR, "/applications/{}"),
        (Role.PANEL, "/review/{}"),
    ],
)
def test_row_leads_to_where_the_person_may_go(a_round: Round, sign_in: SignIn, role: Role, door: str) -> None:
    person = factories.person(role)
    application = make.scored([3, 3, 3], in_round=a_round, members=[person] if role == Role.PANEL else [])
    browser = sign_in(person)

    page = browser.get("/review/rounds/scf-21")

    link = page.page.select_one("tbody a")
    assert link is not None
    assert link["href"] == door.format(application.reference)
    assert browser.get(str(link["href"])).status_code == 200


RANKING = 5


@pytest.mark.parametrize("count", [1, 3, 8])
def test_page_asks_as_often_whatever_it_holds(a_round: Round, sign_in: SignIn, count_queries: Any, count: int) -> None:
    members = [factories.panel_member() for _ in range(3)]
    make.many(count, a_round, members=members, status=S.ELIGIBLE)
    browser = sign_in(factories.officer())

    with count_queries() as counted:
        page = browser.get("/review/rounds/scf-21")

    assert len(page.page.select("tbody tr")) == count
    assert counted.count == RANKING
    assert page.weight(50) < 60 * 1024


def test_long_ranking_goes_on_from_page_to_page(a_round: Round, sign_in: SignIn) -> None:
    members = [factories.panel_member() for _ in range(3)]
    make.many(70, a_round, members=members, status=S.ELIGIBLE)
    browser = sign_in(factories.officer())

    first = browser.get("/review/rounds/scf-21")
    following = first.page.select_one("a[rel=next]")
    assert following is not None
    second = browser.get(str(following["href"]))

    seen = [
        row.find("th").get_text(" ", strip=True) for page in (first, second) for row in page.page.select("tbody tr")
    ]
    assert (len(seen), len(set(seen))) == (70, 70)


# Nobody who can still score a bid learns of its scores


def test_panel_member_sees_the_ranking_only_after_scoring_all(a_round: Round, sign_in: SignIn) -> None:
    """The risk: a member reads what the others thought before giving their own view."""
    member = factories.panel_member("Mona Member")
    left = make.scored([5, 5], in_round=a_round, title="Left to score", comment=SECRET)
    done = make.scored([1], in_round=a_round, members=[member], title="Locked already")
    browser = sign_in(member)

    before = browser.get("/review/rounds/scf-21")
    assert "1 application left to score" in before.main
    assert not before.page.select("table")
    for name in ("ranking.csv", "ranking.xlsx"):
        refused = browser.get(f"/review/rounds/scf-21/{name}")
        assert refused.status_code == 422
        assert "100.0" not in refused.get_data(as_text=True)
    assert browser.get("/review/rounds/scf-21/scores.csv").status_code == 404

    make.sheet(left, member, 3)
    after = browser.get("/review/rounds/scf-21")
    assert [link.get_text() for link in after.page.select("tbody th a")] == [left.reference, done.reference]
    assert SECRET not in after.words


def test_bid_that_an_officer_can_still_score_is_in_none_of_their_files(a_round: Round, sign_in: SignIn) -> None:
    both = factories.person(Role.OFFICER, Role.PANEL, Role.AUDITOR)
    open_to_score = make.scored([5, 5, 5], in_round=a_round, comment=SECRET, title="Still to score")
    browser = sign_in(both)

    for path in ("", "/ranking.csv", "/scores.csv", "/recommendations", "/recommendations/confirm"):
        page = browser.get(f"/review/rounds/scf-21{path}").get_data(as_text=True)
        assert SECRET not in page, path
        assert open_to_score.reference not in page, path
    assert "1 application is left out here" in browser.get("/review/rounds/scf-21").main


def test_conflict_closes_the_bid_everywhere(a_round: Round, sign_in: SignIn) -> None:
    """The risk: a conflict that is declared and not held. The person has every role that reads anything."""
    person = factories.person(Role.PANEL, Role.OFFICER, Role.DECISION_MAKER, Role.AUDITOR)
    group = factories.organisation("Zebra Crossing Friends")
    closed = make.scored(
        [5, 5, 5], in_round=a_round, organisation=group, title="Zebra evenings", comment=SECRET, requested_pence=599_901
    )
    operations.declare(person=person, application=closed, has_conflict=True, note="My sister runs it.")
    make.draft(closed, 599_900, "Zebra reason")
    make.scored([3, 3, 3], in_round=a_round, members=[person, *(factories.panel_member() for _ in range(2))])
    browser, ref = sign_in(person), closed.reference

    for path in (
        f"/review/{ref}",
        f"/review/{ref}/check",
        f"/review/{ref}/recommend",
        f"/applications/{ref}",
        f"/applications/{ref.lower()}",
        f"/decisions/{ref}",
    ):
        assert browser.get(path).status_code == 404, path
    for path in (
        "/review",
        "/review?what=recommend",
        "/review/locked",
        "/desk",
        "/decisions",
        "/applications",
        "/applications?q=zebra",
        f"/applications?q={ref}",
        "/review/rounds/scf-21",
        "/review/rounds/scf-21/ranking.csv",
        "/review/rounds/scf-21/scores.csv",
        "/review/rounds/scf-21/recommendations",
        "/review/rounds/scf-21/recommendations/confirm",
    ):
        found = browser.get(path)
        assert found.status_code == 200, path
        text = found.get_data(as_text=True).replace('value="zebra"', "").replace(f'value="{ref}"', "")
        text = text.replace("<b>zebra</b>", "").replace(f"<b>{ref}</b>", "")
        for leak in (ref, "Zebra", SECRET, "5,999.0"):
            assert leak not in text, (path, leak)
    for name in ("ranking.xlsx", "scores.xlsx"):
        book = load_workbook(io.BytesIO(browser.get(f"/review/rounds/scf-21/{name}").data))
        cells = {str(cell.value) for row in book.active.iter_rows() for cell in row}
        assert not cells & {ref, "Zebra evenings", "Zebra Crossing Friends", SECRET}, name


# The files


def _csv(page: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(page.get_data(as_text=True).removeprefix("\ufeff"))))


def test_scores_as_files_hold_each_criterion_of_each_locked_sheet(a_round: Round, sign_in: SignIn) -> None:
    application = make.scored(
        [(5, 2)], in_round=a_round, members=[factories.panel_member("Pat Panel")], comment='=HYPERLINK("x")'
    )
    make.sheet(application, factories.panel_member("Ulla Unlocked"), 1, locked=False)
    browser = sign_in(factories.auditor())

    rows = _csv(browser.get("/review/rounds/scf-21/scores.csv"))

    assert [(row["Reference"], row["Panel member"], row["Criterion"], row["Score"]) for row in rows] == [
        (application.reference, "Pat Panel", "Need", "5"),
        (application.reference, "Pat Panel", "Plan", "2"),
    ]
    assert rows[0]["Comment"] == '\'=HYPERLINK("x")'
    book = load_workbook(io.BytesIO(browser.get("/review/rounds/scf-21/scores.xlsx").data)).active
    assert [cell.value for cell in book[2]][4:9] == ["Pat Panel", "Need", 1, 5, '=HYPERLINK("x")']
    assert book.max_row == 3


def test_ranking_as_files_is_the_page_without_its_pages(a_round: Round, sign_in: SignIn) -> None:
    best = make.scored([5, 4, 2], S.RECOMMENDED, in_round=a_round)
    make.recommendation(best, 123_456)
    make.scored([], in_round=a_round)
    browser = sign_in(factories.decision_maker())

    rows = _csv(browser.get("/review/rounds/scf-21/ranking.csv"))

    assert [row["Place"] for row in rows] == ["1", ""]
    assert (rows[0]["Median (%)"], rows[0]["Mean (%)"], rows[0]["Wide disagreement"]) == ("80.0", "73.3", "Yes")
    assert (rows[0]["Recommended (£)"], rows[0]["Approved (£)"], rows[1]["Median (%)"]) == ("1234.56", "", "")
    book = load_workbook(io.BytesIO(browser.get("/review/rounds/scf-21/ranking.xlsx").data)).active
    assert [book.cell(2, column).value for column in (1, 7, 8, 15)] == [1, 80, 73.3, 1234.56]
    assert db.session.scalars(select(Recommendation.amount_pence)).one() == 123_456
