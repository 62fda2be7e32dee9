"""The harness itself: what it must notice, and what it must keep apart."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from grants.accounts.models import Person
from grants.applications.models import ApplicationStatus
from grants.foundation.records import audit
from grants.foundation.records.actors import ANYONE
from grants.foundation.records.db import db
from grants.foundation.values.clock import now
from tests.support import factories
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
    ],
)
def test_lint_names_what_is_wrong(good: str, bad: str, fault: str) -> None:
    assert good in GOOD
    with pytest.raises(BadPage, match=fault):
        lint(GOOD.replace(good, bad, 1), "/")


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
