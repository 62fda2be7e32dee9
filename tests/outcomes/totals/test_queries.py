"""Totals equal a plain recount of the ledger, whatever happened to the awards and whenever it was recorded."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from grants.awards.corrections import operations as corrections
from grants.awards.entries import operations as entries
from grants.awards.models import Award, AwardChange, AwardDistrict, ChangedField, LedgerEntry
from grants.foundation.records.db import Refused, db
from grants.foundation.values.clock import end_of_day
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from grants.outcomes.announced import queries as announced
from grants.outcomes.announced.models import PublishedFigure
from grants.outcomes.totals import queries
from grants.outcomes.totals.rules import FilterChoice, FilterKind, Filters, Totals
from tests.support import factories
from tests.support.factories import TESTS
from tests.support.queries import counting

PAST = "https://example.org/announcement"
DAYS = ("2014-05-12", "2014", "2015-03", "by 2015-06-29", "2015-08-06", "2016-03-03", "2017-01-10")
MOMENTS = tuple(date(year, month, 15) for year in (2014, 2015, 2016, 2017) for month in (3, 6, 9, 12))
FUNDS = ("SCF", "PEG")
TOPICS = ("CSE", "hate crime", "knife crime")
PLACES = ("Leeds", "Bradford", "West Yorkshire")
GROUPS = ("Northside", "Southside")

many = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


# A history that could have been


def _histories() -> st.SearchStrategy[Any]:
    deed = st.tuples(st.integers(0, 8), st.integers(1, 900_000), st.sampled_from(DAYS), st.sampled_from(MOMENTS))
    award = st.fixed_dictionaries(
        {
            "amount": st.one_of(st.none(), st.integers(1, 900_000)),
            "award_day": st.sampled_from(DAYS),
            "recorded": st.one_of(st.none(), st.sampled_from(MOMENTS)),
            "fund": st.sampled_from(FUNDS),
            "topics": st.lists(st.sampled_from(TOPICS), unique=True),
            "places": st.lists(st.sampled_from(PLACES), unique=True),
            "group": st.sampled_from(GROUPS),
            "illustrative": st.booleans(),
            "deeds": st.lists(deed, max_size=4),
        }
    )
    return st.lists(award, min_size=1, max_size=3)


def _live(history: Sequence[dict[str, Any]]) -> None:
    for plan in history:
        award = factories.award(
            amount=plan["amount"],
            award_day=plan["award_day"],
            recorded_at=end_of_day(plan["recorded"]) if plan["recorded"] else None,
            of=factories.fund(plan["fund"], f"The {plan['fund']} fund"),
            topics=[factories.topic(name) for name in plan["topics"]],
            districts=[factories.district(name) for name in plan["places"]],
            organisation=_group(plan["group"]),
            illustrative=plan["illustrative"],
            source=PAST,
        )
        for which, number, day, recorded in plan["deeds"]:
            with suppress(Refused):
                _deed(award, which, number, Day.parse(day), end_of_day(recorded))


def _group(name: str) -> Any:
    return factories._one(factories.Organisation, name=name) or factories.organisation(name)


def _deed(award: Award, which: int, number: int, day: Day, recorded_at: datetime) -> None:
    common: dict[str, Any] = {"actor": TESTS, "award": award, "reason": "It was so.", "recorded_at": recorded_at}
    changes: dict[int, tuple[ChangedField, Any]] = {
        3: (ChangedField.FUND, factories.fund(FUNDS[number % 2], "A fund")),
        4: (ChangedField.TOPICS, [factories.topic(TOPICS[number % 3])]),
        5: (ChangedField.DISTRICTS, [factories.district(PLACES[number % 3])]),
        6: (ChangedField.RECIPIENT, _group(GROUPS[number % 2])),
    }
    if which == 0:
        corrections.correct_amount(amount=Pence(number) if number % 5 else None, **common)
    elif which == 1:
        entries.withdraw(effective=day, **common)
    elif which == 2:
        entries.record_repayment(amount=Pence(number), effective=day, **common)
    elif which in changes:
        field, value = changes[which]
        corrections.change_field(field=field, value=value, effective=day, **common)
    elif which == 7:
        corrections.correct_award_date(award_day=day, **common)
    else:
        corrections.reinstate(**common)


# The plain recount


class Books:
    """Everything that is written, read once."""

    def __init__(self) -> None:
        self.awards = list(db.session.scalars(select(Award)))
        self.entries = self._by_award(LedgerEntry)
        self.changes = self._by_award(AwardChange)
        self.places = self._by_award(AwardDistrict)

    def _by_award(self, model: Any) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = {award.id: [] for award in self.awards}
        for row in db.session.scalars(select(model)):
            found[row.award_id].append(row)
        return found


def _recount(filters: Filters, books: Books) -> tuple[Totals, dict[int, int], dict[int, int]]:
    """The totals, the pence by year and the pence by district, one award after the other."""
    counted = [found for award in books.awards if (found := _snapshot(award, filters, books))]
    years: dict[int, int] = {}
    places: dict[int, int] = {}
    for found in counted:
        years[found["day"].year] = years.get(found["day"].year, 0) + found["awarded"]
        for place in found["places"] or {0}:
            places[place] = places.get(place, 0) + found["awarded"]
    totals = Totals(
        projects=len(counted),
        organisations=len({found["group"] for found in counted}),
        total_pence=sum(found["awarded"] for found in counted),
        returned_pence=sum(found["returned"] for found in counted),
        unknown_amounts=sum(found["unknown"] for found in counted),
        illustrative=sum(found["illustrative"] for found in counted),
        illustrative_pence=sum(found["awarded"] for found in counted if found["illustrative"]),
    )
    return totals, years, places


def _snapshot(award: Award, filters: Filters, books: Books) -> dict[str, Any] | None:
    known = _known(books.entries[award.id], filters)
    entries = [entry for entry in known if entry.effective_last <= filters.as_at]
    if sum(entry.project_delta for entry in entries) <= 0:
        return None
    changes = _known(books.changes[award.id], filters)

    def latest(field: ChangedField) -> AwardChange | None:
        ours = [change for change in changes if change.field == field and change.effective_last <= filters.as_at]
        return max(ours, key=lambda change: (change.effective_last, change.id), default=None)

    dated = [change for change in changes if change.field == ChangedField.AWARD_DATE]
    fund, topic, group, place = (
        latest(field)
        for field in (ChangedField.FUND, ChangedField.TOPICS, ChangedField.RECIPIENT, ChangedField.DISTRICTS)
    )
    found = {
        "day": max(dated, key=lambda change: change.id).award_last if dated else award.award_last,
        "fund": fund.fund_id if fund else award.fund_id,
        "topic": topic.topic_id if topic else award.primary_topic_id,
        "group": group.organisation_id if group else award.organisation_id,
        "places": {one.district_id for one in books.places[award.id] if one.change_id == (place.id if place else None)},
        "awarded": sum(entry.amount_pence or 0 for entry in entries if entry.account == "awarded"),
        "returned": -sum(entry.amount_pence or 0 for entry in entries if entry.account == "returned"),
        "unknown": int(sum(entry.unknown_delta for entry in entries) > 0),
        "illustrative": int(award.illustrative),
    }
    return found if _selected(found, filters) else None


def _known(lines: list[Any], filters: Filters) -> list[Any]:
    return [line for line in lines if filters.known_by is None or line.recorded_at <= filters.known_by]


def _selected(found: dict[str, Any], filters: Filters) -> bool:
    return (
        (filters.fund is None or found["fund"] == filters.fund.id)
        and (filters.topic is None or found["topic"] == filters.topic.id)
        and (filters.district is None or filters.district.id in found["places"])
        and (filters.since is None or found["day"] >= filters.since)
        and (filters.until is None or found["day"] <= filters.until)
    )


def _choice(kind: FilterKind, thing: Any) -> FilterChoice:
    return FilterChoice(kind, thing.id, "key", "name")


# What must hold


def _selections() -> st.SearchStrategy[Any]:
    def maybe(values: Sequence[Any]) -> st.SearchStrategy[Any]:
        return st.one_of(st.none(), st.sampled_from(values))

    return st.fixed_dictionaries(
        {
            "as_at": st.sampled_from(MOMENTS),
            "known_by": maybe(MOMENTS),
            "fund": maybe(FUNDS),
            "topic": maybe(TOPICS),
            "place": maybe(PLACES),
            "since": maybe(MOMENTS),
            "until": maybe(MOMENTS),
        }
    )


def _filters(selection: dict[str, Any]) -> Filters:
    fund, topic, place, known = (selection[name] for name in ("fund", "topic", "place", "known_by"))
    return Filters(
        as_at=selection["as_at"],
        known_by=end_of_day(known) if known else None,
        fund=_choice(FilterKind.FUND, factories.fund(fund)) if fund else None,
        topic=_choice(FilterKind.TOPIC, factories.topic(topic)) if topic else None,
        district=_choice(FilterKind.DISTRICT, factories.district(place)) if place else None,
        since=selection["since"],
        until=selection["until"],
    )


@many
@given(history=_histories(), selection=_selections())
def test_totals_equal_a_plain_recount(app: Flask, history: list[dict[str, Any]], selection: dict[str, Any]) -> None:
    _live(history)
    filters = _filters(selection)

    picture = queries.picture(filters)
    rows = queries.rows(filters)

    totals, years, places = _recount(filters, Books())
    assert picture.totals == totals
    assert {year: part.total_pence for year, part in picture.years.items()} == years
    assert {place: part.total_pence for place, part in picture.districts.items()} == places
    assert sum(row.awarded_pence for row in rows) == totals.total_pence
    assert sum(row.returned_pence for row in rows) == totals.returned_pence
    assert len(rows) == totals.projects


@many
@given(history=_histories())
def test_announced_totals_are_held_against_what_the_records_say_of_their_day(
    app: Flask, history: list[dict[str, Any]]
) -> None:
    _live(history)
    _announce()

    found = announced.comparisons(announced.figures(), None)

    books = Books()
    assert len(found) == 2 * len(MOMENTS)
    for one in found:
        figure = one.figure
        filters = Filters(
            as_at=figure.as_at,
            fund=_choice(FilterKind.FUND, factories.fund(figure.fund)),
            topic=_choice(FilterKind.TOPIC, factories.topic(figure.topic)) if figure.topic else None,
            since=date(2015, 1, 1) if "2015" in figure.figure_kind else None,
        )
        plain = replace(_recount(filters, books)[0], organisations=0, illustrative_pence=0)
        assert one.held == plain, (figure.as_at, figure.topic)


def _announce() -> None:
    fund, topic = factories.fund("SCF"), factories.topic("CSE")
    if db.session.scalars(select(PublishedFigure)).first():
        return
    with factories.transaction() as session:
        for day in MOMENTS:
            for scope, kind in (("all", "awarded since 2015"), ("topic:CSE", "awarded")):
                session.add(
                    PublishedFigure(
                        as_at_day=Day.exactly(day),
                        as_at_last=day,
                        fund_id=fund.id,
                        topic_id=topic.id if scope != "all" else None,
                        scope=scope,
                        figure_kind=kind,
                        amount_pence=Pence(100),
                        amount_quality="exact",
                        count=None,
                        count_unit="",
                        source="test",
                    )
                )


# The same, told one by one


def total(as_at: str, known_by: str = "", **more: Any) -> tuple[int, int, int, int]:
    """Projects, pence awarded, pence returned and unknown amounts."""
    known = end_of_day(date.fromisoformat(known_by)) if known_by else None
    sums = queries.statement(Filters(as_at=date.fromisoformat(as_at), known_by=known, **more)).totals
    return sums.projects, sums.total_pence, sums.returned_pence, sums.unknown_amounts


def past_award(amount: int | None = 500_000, day: str = "2016-03-03", **more: Any) -> Award:
    return factories.award(amount=amount, award_day=day, source=PAST, **more)


def deed(verb: Callable[..., Any], award: Award, *, recorded: str, **more: Any) -> None:
    verb(
        actor=TESTS,
        award=award,
        reason="It was so.",
        recorded_at=end_of_day(date.fromisoformat(recorded)),
        **more,
    )


def test_a_total_goes_backwards_when_an_award_is_withdrawn(app: Flask) -> None:
    past_award(700_000, "2014-05-12")
    gone = past_award(499_958, "2016-12-01")
    deed(entries.withdraw, gone, effective=Day.parse("2017-03-01"), recorded="2017-03-01")

    assert total("2017-02-28") == (2, 1_199_958, 0, 0)
    assert total("2017-03-01") == (1, 700_000, 0, 0)


def test_what_was_known_then_is_told_as_it_was_known(app: Flask) -> None:
    award = past_award(500_000, "2016-03-03")
    deed(entries.withdraw, award, effective=Day.parse("2016-04-01"), recorded="2018-01-10")

    assert total("2017-05-02", known_by="2017-05-02") == (1, 500_000, 0, 0)
    assert total("2017-05-02", known_by="2018-01-10") == (0, 0, 0, 0)
    assert total("2017-05-02") == (0, 0, 0, 0)


def test_an_award_that_was_paid_back_in_full_stays_a_project(app: Flask) -> None:
    award = past_award(500_000)
    deed(
        entries.record_repayment,
        award,
        amount=Pence(500_000),
        effective=Day.parse("2017-01-01"),
        recorded="2017-01-01",
    )

    assert total("2017-05-02") == (1, 500_000, 500_000, 0)


def test_an_unknown_amount_is_a_project_and_never_nothing(app: Flask) -> None:
    past_award(None)
    award = past_award(None)
    deed(corrections.correct_amount, award, amount=Pence(448_000), recorded="2018-01-01")

    assert total("2017-05-02", known_by="2017-05-02") == (2, 0, 0, 2)
    assert total("2017-05-02") == (2, 448_000, 0, 1)


def test_an_award_counts_by_its_primary_topic_only(app: Flask) -> None:
    cse, hate = factories.topic("CSE"), factories.topic("hate crime")
    past_award(topics=[hate, cse])

    assert total("2017-05-02", topic=_choice(FilterKind.TOPIC, cse)) == (0, 0, 0, 0)
    assert total("2017-05-02", topic=_choice(FilterKind.TOPIC, hate)) == (1, 500_000, 0, 0)


def test_a_project_counts_in_each_district_that_it_serves(app: Flask) -> None:
    leeds, bradford, area = (factories.district(name) for name in ("Leeds", "Bradford", "West Yorkshire"))
    past_award(100_000, districts=[leeds, bradford])
    past_award(200_000, districts=[area])
    past_award(300_000, districts=[])

    picture = queries.picture(Filters(as_at=date(2017, 5, 2)))

    assert {place: part.total_pence for place, part in picture.districts.items()} == {
        leeds.id: 100_000,
        bradford.id: 100_000,
        area.id: 200_000,
        0: 300_000,
    }
    assert picture.totals.total_pence == 600_000
    assert total("2017-05-02", district=_choice(FilterKind.DISTRICT, leeds)) == (1, 100_000, 0, 0)


def test_organisations_are_counted_once(app: Flask) -> None:
    group = factories.organisation("Northside")
    past_award(organisation=group)
    past_award(organisation=group)

    totals = queries.picture(Filters(as_at=date(2017, 5, 2))).totals

    assert (totals.projects, totals.organisations) == (2, 1)


def test_a_remembered_total_is_forgotten_when_the_ledger_grows(app: Flask) -> None:
    award = past_award()
    before = total("2017-05-02")
    deed(corrections.correct_amount, award, amount=Pence(400_000), recorded="2017-01-01")

    assert (before, total("2017-05-02")) == ((1, 500_000, 0, 0), (1, 400_000, 0, 0))


def test_the_checksum_covers_filters_and_rows(app: Flask) -> None:
    award = past_award()
    day = date(2017, 5, 2)
    first = queries.statement(Filters(as_at=day)).sha256
    other_filters = queries.statement(Filters(as_at=day, since=date(2014, 1, 1))).sha256
    deed(corrections.correct_amount, award, amount=Pence(400_000), recorded="2017-01-01")
    other_rows = queries.statement(Filters(as_at=day)).sha256
    known_then = queries.statement(Filters(as_at=day, known_by=datetime(2016, 12, 1, tzinfo=UTC))).sha256

    assert len({first, other_filters, other_rows, known_then}) == 4
    assert queries.statement(Filters(as_at=day)).sha256 == other_rows


def test_no_part_of_a_picture_joins_the_chosen_awards_to_themselves(app: Flask) -> None:
    """Risk: the planner of PostgreSQL takes a loop in a loop, and the page grows with the square of the awards."""
    place = factories.district("Leeds")
    leeds = _choice(FilterKind.DISTRICT, place)
    filters = Filters(as_at=date(2017, 5, 3), known_by=datetime(2017, 5, 3, tzinfo=UTC), district=leeds)
    with counting(db.engine) as asked:
        queries.picture(filters, (-1, -1, -1))

    (statement,) = asked.statements
    parts = statement.split("UNION ALL")
    assert len(parts) == 6
    for part in parts:
        assert len(re.findall(r"(?:FROM|JOIN) chosen(?![.\w])", part)) <= 1, part
    assert statement.count("GROUP BY ledger_entries.award_id") == 1
