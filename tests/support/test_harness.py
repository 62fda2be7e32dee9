"""The harness itself: what it must notice, and what it must keep apart."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, has_request_context
from sqlalchemy import func, select

from grants.accounts.models import Person
from grants.applications.models import ApplicationStatus
from grants.foundation.records import audit
from grants.foundation.records.actors import ANYONE
from grants.foundation.records.db import db
from grants.foundation.values.clock import now
from tests.support import factories
from tests.support.client import Client
from tests.support.lint import BadPage, lint

GOOD = """<!doctype html><html lang="en"><head><title>Awards – Grants</title></head><body><main><h1>Awards</h1>
<form action="/search" method="post"><input type="hidden" name="csrf_token" value="x">
<label for="q">Search</label><input id="q" name="q"><button>Search</button></form>
<table><caption>Awards</caption><tr><th scope="col">Year</th></tr><tr><td>2014</td></tr></table>
<img src="/logo.png" alt=""></main></body></html>"""


def test_lint_lets_a_good_page_through() -> None:
    assert lint(GOOD, "/").h1 is not None


@pytest.mark.parametrize(
    ("good", "bad", "fault"),
    [
        ("<h1>Awards</h1>", "<h1>Awards</h1><h1>Again</h1>", "2 h1"),
        ("<title>Awards", "<title>Grants", "does not begin"),
        ("<table>", '<table id="q">', "used 2 times"),
        ('action="/search" ', "", "no action"),
        ('method="post"', "", "no method"),
        ('name="csrf_token"', 'name="other"', "no csrf_token"),
        ('method="post"', 'method="get"', "into the address"),
        ('for="q"', 'for="r"', "has no label"),
        (' alt=""', "", "no alt"),
        ("<main>", '<main style="color: red">', "inline style"),
        ("<main>", "<main><script>alert(1)</script>", "inline script"),
        ("<main>", '<main onclick="x()">', "has onclick"),
        ("<caption>Awards</caption>", "", "no caption"),
        (' scope="col"', "", "no scope"),
        ("</form>", "", "line"),
        ("</main>", "{{ amount }}</main>", "code shows"),
        (' lang="en"', "", "no lang"),
        ("<table>", "<table>   <b>", "line"),
        ("<caption>Awards", "<caption>Awards &nosuch; ones", "line"),
        ('for="q"', 'for="q" for="q"', "line"),
        ('action="/search"', 'action="/search?a&nosuch;"', "line"),
    ],
)
def test_lint_names_what_is_wrong(good: str, bad: str, fault: str) -> None:
    assert good in GOOD
    lint(GOOD, "/")
    with pytest.raises(BadPage, match=fault):
        lint(GOOD.replace(good, bad, 1), "/")


def _list_of_two_pages(*, status: int = 200, back: str = "/", rows: str = "2015", fault: str = "") -> Client:
    """A browser at a list of two pages. Its first has the row 2014; the second what is given."""
    app = Flask("lists")

    def page(row: str, link: str) -> str:
        return GOOD.replace("<tr><td>2014", f"<tbody><tr><td>{row}").replace("</main>", f"{link}</main>")

    @app.get("/")
    def first() -> str:
        return page("2014", '<a rel="next" href="/second">Next</a>')

    @app.get("/second")
    def second() -> tuple[str, int]:
        return page(rows, f'<a rel="prev" href="{back}">Previous</a>' if back else "") + fault, status

    @app.get("/elsewhere")
    def elsewhere() -> str:
        return page("1999", "")

    @app.get("/gone")
    def gone() -> tuple[str, int]:
        return page("1999", ""), 410

    client = Client(app)
    client.lints = True
    return client


def test_client_turns_the_page_of_a_list_and_stays_where_it_was() -> None:
    client = _list_of_two_pages()
    assert client.get("/").rows == ["2014"]
    assert client.last is not None
    assert client.last.rows == ["2014"]
    assert client.get("/second").rows == ["2015"]


@pytest.mark.parametrize(
    ("second", "fault"),
    [
        ({"status": 500}, "its page next"),
        ({"back": ""}, "has no way back"),
        ({"back": "/gone"}, "its page prev"),
        ({"back": "/elsewhere"}, "do not lead back to the same rows"),
        ({"rows": "2014"}, "do not lead back to the same rows"),
        ({"fault": "</p>"}, "GET /second"),
    ],
)
def test_client_finds_what_is_wrong_with_the_next_page_of_a_list(second: dict[str, Any], fault: str) -> None:
    """The risk: a list whose second page nobody ever saw."""
    client = _list_of_two_pages(**second)
    with pytest.raises(BadPage, match=fault):
        client.get("/")


def test_client_does_not_turn_the_page_while_queries_are_counted(app: object, count_queries: Any) -> None:
    client = _list_of_two_pages(status=500)
    with count_queries():
        assert client.get("/").rows == ["2014"]


@pytest.mark.parametrize("_time", [1, 2])
def test_database_is_empty_before_each_test(app: object, _time: int) -> None:
    assert db.session.scalar(select(func.count()).select_from(Person)) == 0
    assert factories.officer().id == 1
    audit.record(actor=ANYONE, verb="look")


def test_count_queries_counts_statements(app: object, count_queries: Any) -> None:
    with count_queries() as queries:
        db.session.scalars(select(Person)).all()
        db.session.scalars(select(Person.id)).all()
    assert queries.count == 2


def test_clock_moves_only_when_told(clock: Any) -> None:
    before = now()
    assert now() == before
    clock.shift(timedelta(hours=2))
    assert now() - before == timedelta(hours=2)


@pytest.mark.parametrize("status", list(ApplicationStatus))
def test_factory_makes_an_application_in_each_state(app: object, status: ApplicationStatus) -> None:
    assert factories.application(status).status == status


def test_sheet_is_locked_when_made(app: object) -> None:
    made = factories.score_sheet(factories.application(ApplicationStatus.ELIGIBLE))
    assert made.locked_at is not None
    assert made.locked_at <= now()


def test_no_request_is_open_in_a_test(app: Any, client: Any) -> None:
    """The risk: pytest-flask opens one, and what needs one passes here and fails in the mail worker."""
    assert not has_request_context()
    assert client.get("/").status_code == 200
    assert not has_request_context()
    assert app.response_class is Flask.response_class


def test_config_of_a_test_is_its_own(app: Flask, config: Any) -> None:
    assert "LEFT_BY_A_TEST" not in config
    config["LEFT_BY_A_TEST"] = True
    assert app.config is config


test_config_is_as_before_in_the_next_test = test_config_of_a_test_is_its_own


@pytest.mark.usefixtures("client_class")
class TestClientOfAClass:
    """pytest-flask gives a class of tests the same client."""

    client: Client

    def test_class_has_the_client_that_lints(self, accept_json: Any) -> None:
        assert isinstance(self.client, Client)
        assert self.client.get("/healthz", headers=accept_json).is_json
