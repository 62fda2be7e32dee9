"""Every route against everybody: the table in access_table.py is the whole truth about who may open what."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from itsdangerous import URLSafeTimedSerializer

from grants.accounts.access import GIVEN
from tests.access_table import BATCH, DETAILS, DRAFTS, PUBLIC, TABLE, Row
from tests.support.client import Client, Page
from tests.support.trail import last_line, lines_after
from tests.support.world import Who, World, world_with

ROWS = [*TABLE, *DRAFTS]
WITH_A_THING = [row for row in ROWS if row.thing]
OPENED = {200, 302, 303, 409, 410, 422, 429}
"""What somebody who may gets: the page, the way on, or what is wrong with an empty form."""


def _routes(app: Flask) -> set[tuple[str, str]]:
    return {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_table_and_routes_are_the_same(app: Flask) -> None:
    rows = {(row.method, row.rule) for row in TABLE}
    routes = _routes(app)
    assert routes - rows == set(), "routes without a row"
    assert rows - routes == set(), "rows without a route"


def test_table_has_one_row_for_each() -> None:
    twice = [row for row, times in Counter((row.method, row.rule) for row in TABLE).items() if times > 1]
    assert twice == []


def test_rule_with_arguments_has_a_thing_in_the_table() -> None:
    assert [str(row) for row in ROWS if ("<" in row.rule) != (row.thing is not None)] == []


def test_paths_are_kebab_case(app: Flask) -> None:
    bad = [
        rule.rule
        for rule in app.url_map.iter_rules()
        for part in re.sub(r"<[^>]*>", "", rule.rule).strip("/").split("/")
        if part and not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)?", part)
    ]
    assert bad == []


def test_arguments_have_a_type(app: Flask) -> None:
    assert [rule.rule for rule in app.url_map.iter_rules() if re.search(r"<[^:>]*>", rule.rule)] == []


def test_paths_end_without_a_slash(app: Flask) -> None:
    assert [rule.rule for rule in app.url_map.iter_rules() if rule.rule != "/" and rule.rule.endswith("/")] == []


def address_of(app: Flask, row: Row, values: dict[str, Any]) -> str:
    endpoint = next(
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.rule == row.rule and row.method in (rule.methods or set())
    )
    with app.test_request_context():
        return app.url_for(endpoint, **values)


def _ask(app: Flask, client: Client, row: Row, address: str, *, token: bool = True) -> Page:
    if row.method == "GET":
        return client.get(address)  # type: ignore[return-value]
    data = {"csrf_token": forged_token(app, client)} if token else {}
    return client.post(address, data=data)  # type: ignore[return-value]


def forged_token(app: Flask, client: Client) -> str:
    """A form's token for this session, so that what is tried is the access and not the token."""
    with client.session_transaction(base_url="https://localhost") as session:
        session["csrf_token"] = "t" * 40
    return str(URLSafeTimedSerializer(app.config["SECRET_KEY"], salt="wtf-csrf-token").dumps("t" * 40))


SignIn = Callable[[Any], Client]


@pytest.mark.parametrize("row", [row for row in ROWS if row.who != PUBLIC], ids=str)
def test_route_is_closed_to_everybody_else(app: Flask, client: Client, sign_in: SignIn, row: Row) -> None:
    """The risk: somebody reads or does what is another's, by typing its address."""
    world, values = world_with(row.thing)
    address = address_of(app, row, values)
    answer = _ask(app, client, row, address)
    if row.method == "GET":
        assert answer.goes_to.startswith("/sign-in?next="), "signed out"
    else:
        assert answer.status_code == 401, "signed out"
        assert "Sign in" in answer.main
    for who in Who:
        if who != Who.ANYONE and who not in row.who:
            found = _ask(app, sign_in(world.people[who]), row, address)
            if who in row.told_who_can:
                _check_told_who_can(found, who)
                continue
            assert found.status_code == 404, who
            assert "Northside Youth Project" not in found.get_data(as_text=True), who


def _check_told_who_can(found: Page, who: Who) -> None:
    """Somebody of the group who may not do it: they read who may, and whom to ask."""
    assert found.status_code == 403, who
    assert re.search(
        r"Only an owner( or editor)? of the group can .+\. Ask Oona Owner( or [A-Z][a-z]+ [A-Z][a-z]+)?\.", found.main
    ), who


@pytest.mark.parametrize("row", [row for row in ROWS if row.method == "GET"], ids=str)
def test_page_is_open_to_whom_the_table_names(app: Flask, client: Client, sign_in: SignIn, row: Row) -> None:
    world, values = world_with(row.thing)
    address = address_of(app, row, values)
    for who in sorted(row.who):
        browser = client if who == Who.ANYONE else sign_in(world.people[who])
        last = last_line()
        found = _ask(app, browser, row, address)
        _check_open(found, row, who)
        _check_trail(found, row, last, _actor(world, who))


POSTS = [(row, who) for row in ROWS if row.method == "POST" for who in sorted(row.who)]


@pytest.mark.parametrize(("row", "who"), POSTS, ids=str)
def test_form_is_open_to_whom_the_table_names(app: Flask, client: Client, sign_in: SignIn, row: Row, who: Who) -> None:
    world, values = world_with(row.thing)
    address = address_of(app, row, values)
    browser = client if who == Who.ANYONE else sign_in(world.people[who])
    last = last_line()
    found = _ask(app, browser, row, address)
    _check_open(found, row, who)
    _check_trail(found, row, last, _actor(world, who))


def _actor(world: World, who: Who) -> str:
    return world.people[who].actor.key if who != Who.ANYONE else "anyone"


def _check_trail(found: Page, row: Row, last: int, actor: str) -> None:
    """What is not for everybody leaves a line when it leaves as a file; to read anything else leaves none."""
    is_file = found.status_code in GIVEN and found.mimetype != "text/html"
    lines = lines_after(last)
    if is_file and row.who != PUBLIC:
        assert [line.actor for line in lines] == [actor]
    elif row.method == "GET":
        assert list(lines) == []


def _check_open(found: Page, row: Row, who: Who) -> None:
    if found.status_code == 400:
        assert "we could not read that request" in found.main, who
    else:
        assert found.status_code in (OPENED if row.rule != "/healthz" else {503}), (who, found.words[:500])
    _check_headers(found, kept_by_nobody=who != Who.ANYONE and row.rule not in {"/sign-out", "/brand.css"})


def _check_headers(found: Page, *, kept_by_nobody: bool) -> None:
    policy = found.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'self'" in policy
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    if kept_by_nobody:
        assert "no-store" in found.headers["Cache-Control"]


BAD_VALUES = {
    "int": ["999999", "0", "-1", "99999999999999999999999", "1e3", "１"],
    "string": ["NOTHING-0001", "%00", "%27%20OR%201=1", "%25", "x" * 10_000, "%F0%9F%A6%8A", "..%2F..%2Fetc"],
    "any": ["nothing"],
}


@pytest.mark.parametrize("row", WITH_A_THING, ids=str)
def test_thing_that_is_not_there_is_a_404(app: Flask, sign_in: SignIn, row: Row) -> None:
    """The risk: an address that nobody thought of makes an error, and errors tell."""
    world, values = world_with(row.thing)
    who = sorted(row.who - {Who.ANYONE})[0]
    browser = sign_in(world.people[who])
    for name in values:
        converter = next(kind for kind, argument in _arguments(row.rule) if argument == name)
        for bad in BAD_VALUES[converter]:
            address = _filled(row.rule, {**{key: str(value) for key, value in values.items()}, name: bad})
            found = _ask(app, browser, row, address)
            assert found.status_code in ({404, 405} if name != "token" else {200, 404, 410, 422}), address[:200]


def _arguments(rule: str) -> list[tuple[str, str]]:
    return re.findall(r"<(\w+)(?:\([^)]*\))?:(\w+)>", rule)


def _filled(rule: str, values: dict[str, str]) -> str:
    return re.sub(r"<\w+(?:\([^)]*\))?:(\w+)>", lambda found: values[found[1]], rule)


@pytest.mark.parametrize("row", [row for row in TABLE if row.method == "POST"], ids=str)
def test_form_without_its_token_does_nothing(app: Flask, sign_in: SignIn, row: Row) -> None:
    """The risk: a page elsewhere makes a signed-in person's browser send our forms."""
    world, values = world_with(row.thing)
    address = address_of(app, row, values)
    browser = sign_in(world.people[sorted(row.who - {Who.ANYONE})[0]])
    found = _ask(app, browser, row, address, token=False)
    assert found.status_code == 400
    assert "csrf_token" not in found.request.form


FILES = (".csv", ".xlsx", ".json", ".pdf")
BY_ITS_OWN_DEED = {
    "/payments/awards/take.csv": "finance takes the awards: they count as taken",
    "/payments/awards/take.xlsx": "the same",
    DETAILS + "/proof": "it opens sealed details",
    BATCH + "/payments.csv": "the first download sends the batch",
    BATCH + "/payments.xlsx": "the same",
    "/payments/returns/<int:return_id>/file": "it holds what the bank says of accounts",
}
"""Files by POST, whose deed writes its own line, and why it is a deed."""


def test_every_file_that_is_not_public_is_handed_out_by_a_line(app: Flask) -> None:
    """Whatever ends like a file says so above its view, or is given by a deed that has its line."""
    views = {rule.rule: app.view_functions[rule.endpoint] for rule in app.url_map.iter_rules()}
    declared = {rule for rule, view in views.items() if "hands_out" in view.__dict__}
    closed = {row.rule for row in TABLE if row.who != PUBLIC}
    assert {
        rule for rule in closed if rule.endswith(FILES)
    } | BY_ITS_OWN_DEED.keys() == declared | BY_ITS_OWN_DEED.keys()
    assert declared <= closed
