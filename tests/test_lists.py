"""Every list of several pages leads on to its end, and back to its beginning. A list without its row here fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask, template_rendered
from jinja2 import Template, nodes
from sqlalchemy import FromClause, Join, Select, Table, literal, select
from sqlalchemy.sql import visitors

from grants.accounts.models import Person, Role
from grants.accounts.sessions import operations as sessions
from grants.applications.models import Application, ApplicationStatus
from grants.foundation.records.db import db
from grants.foundation.web import tables
from grants.funds.models import Round
from grants.payments.returns import operations as returns
from tests.support import (
    award_factories,
    decision_factories,
    factories,
    outcomes_factories,
    payments_factories,
    review_factories,
)
from tests.support.client import Client, Page
from tests.test_templates import TEMPLATES, parsed

ROWS, ROWS_ON_A_PAGE = 5, 2


@dataclass(frozen=True)
class Paged:
    """A list: its address, who reads it, and what makes its row of a number for that reader."""

    address: str
    reader: Callable[[], Person]
    row: Callable[[Person, int], object]


def _round() -> Round:
    """One round for all applications."""
    found = db.session.scalars(select(Round).where(Round.code == "SCF-21")).first()
    return found or factories.open_round(code="SCF-21", scores_needed=1)


def _bid(status: ApplicationStatus) -> Application:
    return factories.application(status, in_round=_round())


def _returned(reader: Person, number: int) -> object:
    content = f"reference,date,finance reference,amount,status\nNONE-{number},2026-12-04,F-1,1,paid\n".encode()
    upload = payments_factories.upload(content, f"return {number}.csv", "text/csv")
    return returns.take(person=reader, upload=upload)


LISTS = {
    "accounts/account/sessions.html": Paged(
        "/account/sessions", factories.person, lambda reader, n: sessions.begin(reader, browser=f"Browser {n}")
    ),
    "accounts/people/people.html": Paged(
        "/people", factories.administrator, lambda _by, _n: factories.person(Role.PANEL)
    ),
    "applications/listing/list.html": Paged(
        "/applications", factories.officer, lambda _by, _n: _bid(ApplicationStatus.SUBMITTED)
    ),
    "awards/notices/notices.html": Paged(
        "/decisions/notices", factories.person, lambda _by, _n: decision_factories.announced()
    ),
    "desk/trail/trail.html": Paged("/audit", factories.auditor, lambda _by, _n: factories.award()),
    "outcomes/reports/listing/list.html": Paged(
        "/reports", factories.officer, lambda _by, _n: outcomes_factories.paid_award(in_round=_round())
    ),
    "outcomes/rows.html": Paged("/outcomes/rows", factories.person, lambda _by, _n: factories.award()),
    "payments/exports/awards.html": Paged(
        "/payments/awards", factories.finance_officer, lambda _by, _n: payments_factories.accepted_award()
    ),
    "payments/bank/bank_details.html": Paged(
        "/payments/bank-details",
        factories.finance_officer,
        lambda _by, _n: payments_factories.given(payments_factories.accepted_award()),
    ),
    "awards/variations/all_variations.html": Paged(
        "/variations",
        factories.officer,
        lambda _by, _n: award_factories.begun_variation(award_factories.decided_award(), amount=500_000),
    ),
    "payments/batches/batches.html": Paged(
        "/payments/batches", factories.finance_officer, lambda _by, _n: payments_factories.batch()
    ),
    "payments/exports/payments.html": Paged(
        "/payments/all", factories.finance_officer, lambda _by, _n: payments_factories.batch()
    ),
    "payments/reversals/reversals.html": Paged(
        "/payments/reversals",
        factories.finance_officer,
        lambda _by, _n: payments_factories.bounced(payments_factories.settled()),
    ),
    "payments/returns/returns.html": Paged("/payments/returns", factories.finance_officer, _returned),
    "register/register.html": Paged("/register", factories.person, lambda _by, _n: factories.award()),
    "review/waiting/locked.html": Paged(
        "/review/locked",
        factories.panel_member,
        lambda by, _n: factories.score_sheet(_bid(ApplicationStatus.ELIGIBLE), by),
    ),
    "review/ranking/ranking.html": Paged(
        "/review/rounds/scf-21", factories.officer, lambda _by, n: review_factories.scored([n], in_round=_round())
    ),
    "review/waiting/waiting.html": Paged(
        "/review", factories.officer, lambda _by, _n: _bid(ApplicationStatus.SUBMITTED)
    ),
}
"""By the template that shows the list."""


def outer_joined(query: Select[Any]) -> set[Any]:
    """What a select has outer joins to, besides those by which SQLAlchemy loads what belongs to its things."""
    itself = query.with_only_columns(literal(1), maintain_column_froms=True)
    joins = [
        part
        for source in itself.get_final_froms()
        if isinstance(source, Join)
        for part in visitors.iterate(source)
        if isinstance(part, Join)
    ]
    assert not any(join.full for join in joins)
    away = (part for join in joins if join.isouter for part in visitors.iterate(join.right))
    return {part for part in away if isinstance(part, FromClause)}


def always_there(order: tables.Order, away: set[Any]) -> Iterator[Any]:
    """The tables by whose columns a list goes down, and of which each row has one: an index may give that order."""
    for column, down in order:
        clause = getattr(column, "__clause_element__", lambda column=column: column)()
        if down and isinstance(clause.table, Table) and clause.table not in away and not clause.nullable:
            yield clause.table


@pytest.fixture
def shown(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The templates that were shown. A page of a list is short, so that few rows make several."""
    really, names = tables.page_of, set[str]()

    def page_of(query: Select[Any], *, outer_joins: bool, whole: Any, **how: Any) -> tables.Page[Any]:
        away = outer_joined(query)
        assert outer_joins is bool(away)
        assert whole is None or whole.__table__ not in away
        assert not away or set(always_there(how["order"], away)) <= {getattr(whole, "__table__", None)}
        return really(query, **{**how, "size": ROWS_ON_A_PAGE, "outer_joins": outer_joins, "whole": whole})

    def note(_app: Flask, template: Template, **_more: Any) -> None:
        names.add(str(template.name))

    monkeypatch.setattr(tables, "page_of", page_of)
    with template_rendered.connected_to(note, app):
        yield names


def test_every_list_of_several_pages_stands_here() -> None:
    with_a_pager = {
        name
        for name in TEMPLATES
        for call in parsed(name).find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name == "pager"
    }
    assert with_a_pager == set(LISTS)


@pytest.mark.parametrize("template", LISTS)
def test_list_leads_on_to_its_end_and_back(shown: set[str], sign_in: Callable[[Person], Client], template: str) -> None:
    """What each page shows no other shows, and the way back is the way there."""
    listed = LISTS[template]
    reader = listed.reader()
    for number in range(ROWS):
        listed.row(reader, number)
    browser = sign_in(reader)

    there = _walk(browser, browser.get(listed.address), "next")
    back = _walk(browser, there[-1], "prev")

    assert template in shown
    assert len(there) >= ROWS // ROWS_ON_A_PAGE
    assert all(1 <= len(page.rows) <= ROWS_ON_A_PAGE for page in there)
    rows = [row for page in there for row in page.rows]
    assert len(rows) == len(set(rows)) >= ROWS
    assert [page.rows for page in reversed(back)] == [page.rows for page in there]


def test_list_of_drafts_says_that_it_has_outer_joins(shown: set[str], sign_in: Callable[[Person], Client]) -> None:
    """It has no row above, as it leads on by its form: where no draft is, its outer join gives no values."""
    review_factories.scored([1], in_round=_round())
    sign_in(factories.officer()).get("/review/rounds/scf-21/recommendations")

    assert "review/recommendations/recommendations.html" in shown


def _walk(browser: Client, first: Page, way: str) -> list[Page]:
    pages = [first]
    while address := pages[-1].link(way):
        pages.append(browser.get(address))  # type: ignore[arg-type]
        assert pages[-1].status_code == 200
        assert len(pages) < 100
    return pages
