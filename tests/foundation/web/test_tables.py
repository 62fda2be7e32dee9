"""Lists: every row once and in order, whatever the keys; cursors from the URL never break a page."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Column, Date, MetaData, Select, Table, Text, delete, func, insert, select

from grants.accounts.models import Organisation, Person
from grants.foundation.records.db import DayType, UTCDateTime, db, transaction
from grants.foundation.values.days import Day
from grants.foundation.web import tables
from grants.foundation.web.filters import BadFilter
from grants.foundation.web.tables import (
    Order,
    Page,
    Sort,
    chosen_sort,
    contains,
    count_of,
    like,
    page_of,
    url_with,
)
from tests.support.queries import counting

THINGS = Table(
    "listed_things",
    MetaData(),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("pence", BigInteger),
    Column("day", Date),
    Column("kept", DayType),
    Column("at", UTCDateTime(), nullable=False),
)
C = THINGS.c
AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def things(app: Flask) -> Iterator[None]:
    THINGS.create(db.engine)
    yield
    db.session.rollback()
    THINGS.drop(db.engine)


def put(rows: list[dict[str, Any]]) -> None:
    blank = {"name": "", "pence": None, "day": None, "kept": None, "at": AT}
    with transaction() as session:
        session.execute(delete(THINGS))
        if rows:
            session.execute(insert(THINGS), [{**blank, "id": n, **row} for n, row in enumerate(rows, 1)])


def walk(query: Select[Any], order: Order, size: int, *, outer_joins: bool = False) -> tuple[list[Any], list[Any]]:
    """All rows by following `next`, and then all by following `previous` back from the last page."""
    page_at = partial(page_of, query, order=order, size=size, outer_joins=outer_joins)
    pages = [page_at()]
    while pages[-1].next:
        pages.append(page_at(after=pages[-1].next))
        assert not pages[-1].is_first
    back = [pages[-1]]
    while back[-1].previous:
        back.append(page_at(before=back[-1].previous))
    assert back[-1].is_first
    return [row for page in pages for row in page.rows], [row for page in reversed(back) for row in page.rows]


row = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["", "a", "A", "é", "a b", "%"]),
        "pence": st.none() | st.integers(-2, 2) | st.just(10**13),
        "day": st.none() | st.dates(date(2026, 1, 1), date(2026, 1, 3)),
        "kept": st.none() | st.sampled_from([Day.parse(text) for text in ("2015", "2015-03", "by 2015-06-29")]),
        "at": st.datetimes(datetime(2026, 1, 1), datetime(2026, 1, 2), timezones=st.just(UTC)),  # noqa: DTZ001
    }
)
columns = st.lists(st.sampled_from(["name", "pence", "day", "kept", "at"]), unique=True, max_size=3)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(row, max_size=12), names=columns, downs=st.lists(st.booleans(), min_size=4), size=st.integers(1, 5)
)
def test_walk_through_all_pages_yields_every_row_once_and_in_order(
    things: None, rows: list[dict[str, Any]], names: list[str], downs: list[bool], size: int
) -> None:
    put(rows)
    order = [(C[name], down) for name, down in zip([*names, "id"], downs, strict=False)]
    if order[-1][0].name != "id":
        order = [*order, (C.id, downs[0])]
    whole = db.session.scalars(
        select(C.id).order_by(*(c.desc().nulls_last() if down else c.asc().nulls_last() for c, down in order))
    ).all()
    forwards, backwards = walk(select(C.id), order, size)
    assert forwards == backwards == list(whole)


def test_rows_of_several_columns_keep_their_names(things: None) -> None:
    put([{"name": "a", "pence": 1}, {"name": "b"}])
    rows = page_of(select(C.name, C.pence), order=[(C.id, True)]).rows
    assert [(row.name, row.pence) for row in rows] == [("b", None), ("a", 1)]
    assert [tuple(row) for row in rows] == [("b", None), ("a", 1)]


def test_order_by_a_sum_goes_through_a_subquery(things: None) -> None:
    put([{"name": name, "pence": pence} for name, pence in (("a", 1), ("b", 5), ("a", 7), ("c", None))])
    sums = select(C.name, func.sum(C.pence).label("total")).group_by(C.name).subquery()
    forwards, backwards = walk(select(sums.c.name), [(sums.c.total, True), (sums.c.name, False)], 1)
    assert forwards == backwards == ["a", "b", "c"]


@pytest.mark.parametrize("down", [True, False])
def test_column_that_an_outer_join_leaves_empty_hides_no_row(things: None, down: bool) -> None:
    put([{"name": name} for name in "abcd"])
    other = THINGS.alias()
    joined = select(C.id, other.c.name).outerjoin(other, (other.c.id == C.id + 2))
    forwards, backwards = walk(joined, [(other.c.name, down), (C.id, False)], 1, outer_joins=True)
    assert forwards == backwards == [*sorted([(1, "c"), (2, "d")], reverse=down), (3, None), (4, None)]
    inner = joined.subquery()
    forwards, backwards = walk(select(inner), [(inner.c.name, down), (inner.c.id, False)], 1)
    assert forwards == backwards == [*sorted([(1, "c"), (2, "d")], reverse=down), (3, None), (4, None)]


def test_order_by_a_table_that_outer_joins_leave_whole_is_that_of_its_index(app: Flask) -> None:
    found = select(Person.id, Organisation.name).outerjoin(Organisation, Organisation.id == Person.id)
    with counting(db.engine) as asked:
        page_of(found, order=[(Person.email, True), (Person.id, True)], outer_joins=True, whole=Person)
        page_of(found, order=[(Organisation.name, True), (Person.id, True)], outer_joins=True, whole=Person)
    by_person, by_group = (statement.partition("ORDER BY")[2] for statement in asked.statements)
    assert "NULLS" not in by_person
    assert by_group.count("NULLS LAST") == 1


def test_row_that_comes_in_neither_repeats_nor_hides_another(things: None) -> None:
    put([{"name": name} for name in "bdf"])
    order = [(C.name, False), (C.id, False)]
    first = page_of(select(C.name), order=order, size=2)
    with transaction() as session:
        session.execute(insert(THINGS), [{"id": 9, "name": "a", "at": AT}, {"id": 10, "name": "e", "at": AT}])
    assert page_of(select(C.name), order=order, after=first.next, size=2).rows == ["e", "f"]


@pytest.mark.parametrize("rows", [1, 3, 8])
def test_page_is_one_query_however_many_rows(things: None, rows: int, count_queries: Callable[[], Any]) -> None:
    put([{"name": str(n)} for n in range(rows)])
    with count_queries() as queries:
        page = page_of(select(C.name), order=[(C.id, False)], size=2)
        assert count_of(select(func.count()).select_from(THINGS), but=C.name == "0") == rows - 1
    assert queries.count == 2
    assert len(page.rows) == min(rows, 2)


def test_list_without_rows_is_one_empty_page(things: None) -> None:
    put([])
    assert page_of(select(C.id), order=[(C.id, False)]) == Page([])


def test_page_beyond_the_last_row_is_the_first(things: None) -> None:
    put([{}, {}, {}])
    order = [(C.id, False)]
    cursor = page_of(select(C.id), order=order, size=2).next
    with transaction() as session:
        session.execute(delete(THINGS).where(C.id == 3))
    assert page_of(select(C.id), order=order, after=cursor, size=2).rows == [1, 2]


# Cursors that were tampered with


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


ORDER: Order = [(C.pence, True), (C.day, False), (C.name, False), (C.at, False), (C.kept, False), (C.id, False)]


def mark() -> str:
    """What a cursor of ORDER begins with."""
    cursor = page_of(select(C.id), order=ORDER, size=1).next
    return str(json.loads(base64.urlsafe_b64decode(cursor + "=="))[0])


GOOD = [None, "2026-01-01", "a", AT.isoformat(), "2015-03", 1]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        *[(0, value) for value in ("x", 10**30, 1.5, True, [1], {"a": 1})],
        *[(1, value) for value in ("2026-02-31", 5, "today")],
        *[(2, value) for value in (None, 5, "a\x00", "\ud800")],
        *[(3, value) for value in ("2026-01-01T00:00:00", "soon", 5)],
        *[(4, value) for value in ("never", 2015)],
        *[(5, value) for value in (None, "1", -(2**70))],
    ],
)
def test_cursor_with_another_value_leads_to_the_first_page(things: None, place: int, value: Any) -> None:
    put([{}, {}, {}])
    cursor = encoded([mark(), *GOOD[:place], value, *GOOD[place + 1 :]])
    assert page_of(select(C.id), order=ORDER, after=cursor, size=2).rows == [1, 2]
    assert page_of(select(C.id), order=ORDER, before=cursor, size=2).rows == [1, 2]


def test_cursor_of_another_order_leads_to_the_first_page(things: None) -> None:
    put([{}, {}, {}])
    other = page_of(select(C.id), order=[(C.id, True)], size=1).next
    assert page_of(select(C.id), order=[(C.id, False)], after=other, size=2).rows == [1, 2]


@pytest.mark.parametrize(
    "cursor",
    ["x", "é", "\x00", "%00", "W10", "bnVsbA", encoded("a"), encoded({}), "A" * 10_000, encoded([[[]]]), "=", "W" * 9],
)
def test_cursor_that_is_none_leads_to_the_first_page(things: None, cursor: str) -> None:
    put([{}, {}, {}])
    assert page_of(select(C.id), order=ORDER, after=cursor, size=2).rows == [1, 2]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cursor=st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_any_cursor_gives_a_page(things: None, cursor: str) -> None:
    page_of(select(C.id), order=ORDER, after=cursor, size=2)
    page_of(select(C.id), order=ORDER, before=cursor, size=2)


# Addresses, sorts and filters


def test_address_keeps_the_filters_and_changes_the_page(app: Flask) -> None:
    with app.test_request_context("/awards?topic=CSE&topic=A%26B&after=x&q="):
        assert url_with(after="y", before=None) == "/awards?topic=CSE&topic=A%26B&after=y"
        assert url_with(topic=None, after=None) == "/awards"
        page = Page([1], next="n", previous="p")
        assert page.next_url == "/awards?topic=CSE&topic=A%26B&after=n"
        assert page.previous_url == "/awards?topic=CSE&topic=A%26B&before=p"
        assert (Page([]).next_url, Page([]).previous_url) == ("", "")


def test_file_of_a_page_is_asked_for_without_the_page(app: Flask) -> None:
    with app.test_request_context("/awards?topic=CSE&after=x&before=y&q="):
        assert tables.query_of() == "topic=CSE"
    with app.test_request_context("/awards?after=x"):
        assert tables.query_of() == ""


def test_page_comes_from_the_address(things: None, app: Flask) -> None:
    put([{}, {}, {}])
    cursor = page_of(select(C.id), order=[(C.id, False)], size=1).next
    with app.test_request_context(f"/?after={cursor}"):
        assert tables.page_from_request(select(C.id), order=[(C.id, False)]).rows == [2, 3]


def test_sort_is_chosen_by_name() -> None:
    sorts = [Sort("newest", "Newest first", [(C.id, True)]), Sort("name", "By name", [(C.name, False), (C.id, False)])]
    assert chosen_sort(sorts, "name") is sorts[1]
    assert chosen_sort(sorts, None) is sorts[0]
    with pytest.raises(BadFilter, match=r"The order “nawest” is not known\. Did you mean “newest”\?"):
        chosen_sort(sorts, "nawest")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.sampled_from("ab%_\\'\" ÉéŁßı-"), min_size=1, max_size=4))
def test_search_finds_the_text_itself_and_nothing_else(things: None, text: str) -> None:
    names = [text, text.upper(), f"x{text}y", "zz", "%", "_", "\\"]
    put([{"name": name} for name in names])
    found = db.session.scalars(select(C.name).where(contains(C.name, text)).order_by(C.id)).all()
    assert text in found
    assert f"x{text}y" in found
    assert "zz" not in found
    for sign in "%_\\":
        assert (sign in found) == (text == sign)


def test_search_does_not_mind_capitals(things: None) -> None:
    put([{"name": "École"}, {"name": "Leeds"}])
    assert db.session.scalars(select(C.name).where(contains(C.name, "éCOL"))).all() == ["École"]


def test_pattern_escapes_its_own_signs() -> None:
    assert like("a%b_c\\") == "%a\\%b\\_c\\\\%"
