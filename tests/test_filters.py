"""Every list and file refuses what it does not know: a parameter's name, and a value of each that has known ones."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from grants.accounts.models import Person
from grants.foundation.web.filters import Parameters
from tests.access_table import CORRECTIONS, RANKING, TABLE, VARIATIONS, Row
from tests.support.client import Client, Page
from tests.support.world import Who, world_with
from tests.test_access import address_of
from tests.test_lists import LISTS

SignIn = Callable[[Person], Client]

DATA = (".csv", ".xlsx", ".json")
SEARCHES = {"q", "words", "search"}
"""What is searched for takes any text: all else has its known values."""

PAGES = [row for row in TABLE if row.method == "GET"]
RULES = {row.rule for row in PAGES}


def _is_listed(rule: str) -> bool:
    """Whether a rule is a list of several pages, a file of rows, or the page that such a file is made of."""
    return (
        rule.endswith(DATA)
        or any(rule + ending in RULES for ending in DATA)
        or rule
        in {listed.address for listed in LISTS.values()}
        | {RANKING, RANKING + "/recommendations", VARIATIONS + "/groups", CORRECTIONS + "/group/choose"}
    )


ROWS = [row for row in PAGES if _is_listed(row.rule)]


def _taken(app: Flask) -> dict[str, Parameters]:
    """What each list and file takes, by its rule."""
    views = {rule.rule: app.view_functions[rule.endpoint] for rule in app.url_map.iter_rules() if _is_get(rule.methods)}
    return {rule: view.__dict__["taken"] for rule, view in views.items() if "taken" in view.__dict__}


def _is_get(methods: set[str] | None) -> bool:
    return "GET" in (methods or set())


Query = dict[str, str | list[str]]


def _opened(app: Flask, client: Client, sign_in: SignIn, row: Row) -> Callable[[Query], list[Page]]:
    """Gives what everybody who may open a row gets for a query."""
    world, values = world_with(row.thing)
    address = address_of(app, row, values)
    browsers = [client if who == Who.ANYONE else sign_in(world.people[who]) for who in sorted(row.who)]
    return lambda query: [browser.get(address, query_string=query) for browser in browsers]  # type: ignore[misc]


def _said(page: Page) -> str:
    return str(page.get_json()) if page.is_json else page.main


def test_every_list_and_file_says_what_it_takes(app: Flask) -> None:
    assert {row.rule for row in ROWS} == set(_taken(app))
    assert len(ROWS) > 30


def test_only_what_is_searched_for_takes_any_text(app: Flask) -> None:
    assert {name for taken in _taken(app).values() for name in taken.searches} == SEARCHES


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_unknown_filter_is_refused_in_words(app: Flask, client: Client, sign_in: SignIn, row: Row) -> None:
    taken = _taken(app)[row.rule]
    misspelt = taken.filters[0] + "s" if taken.filters else "utm_source"

    for page in _opened(app, client, sign_in, row)({misspelt: "x"}):
        assert page.status_code == 400
        assert f"There is no filter “{misspelt}” here." in _said(page)
        assert ("Did you mean" in _said(page)) is bool(taken.filters)
        assert all(name in _said(page) for name in taken.filters)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_unknown_value_of_a_filter_is_refused_in_words(app: Flask, client: Client, sign_in: SignIn, row: Row) -> None:
    if not (choices := _taken(app)[row.rule].choices):
        return
    pages = _opened(app, client, sign_in, row)
    for name in choices:
        for page in pages({name: "no such thing"}):
            assert page.status_code == 400, name
            assert "no such thing" in _said(page) or "This page has no filters." in page.main, name


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_filter_that_is_given_twice_is_refused(app: Flask, client: Client, sign_in: SignIn, row: Row) -> None:
    if not (filters := _taken(app)[row.rule].filters):
        return
    pages = _opened(app, client, sign_in, row)
    for name in filters:
        for page in pages({name: ["", ""]}):
            assert page.status_code == 400, name


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_filter_that_is_left_empty_filters_nothing(app: Flask, client: Client, sign_in: SignIn, row: Row) -> None:
    """But the own list of a group, and what somebody may not read yet, have none."""
    left_empty: Query = dict.fromkeys(_taken(app)[row.rule].filters, "")

    found = {page.status_code for page in _opened(app, client, sign_in, row)(left_empty)}

    assert 200 in found
    assert found <= {200, 400 if row.rule in {"/applications", "/reports"} else 422}
