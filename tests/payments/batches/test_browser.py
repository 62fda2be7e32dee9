"""The running total of a new batch in a browser, with scripts and without."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from grants.accounts.models import Person
from tests.support import payments_factories as make

pytestmark = pytest.mark.browser

LINES_OF_THE_DAY = """cell => {
  const text = cell.firstChild, start = text.data.indexOf(" on ") + 4, range = document.createRange();
  range.setStart(text, start);
  range.setEnd(text, text.length);
  return [...range.getClientRects()].map((box) => Math.round(box.top));
}"""
"""Where the lines begin in which a browser puts the day of an instant."""


@pytest.fixture
def person(app: Flask) -> Person:
    """A finance officer with a colleague, and two awards to pay."""
    make.finance("Abe Approves")
    make.payable_award()
    make.payable_award()
    return make.finance("Prue Prepares")


def _sum(page: Any) -> str:
    return str(page.locator("output").inner_text()).replace("\xa0", " ")


def test_total_follows_every_tick_and_figure(person: Person, new_page: Callable[..., Any]) -> None:
    page = new_page(person)
    page.goto("/payments/batches/new")
    assert _sum(page) == "2 payments, £10,800.00 in total"

    page.locator("#lines-0-amount").fill("£1 234.5")
    assert _sum(page) == "2 payments, £6,634.50 in total"
    page.locator("#lines-1-amount").fill("1e3")
    assert _sum(page) == "2 payments, £1,234.50 in total, without 1 amount that cannot be read"
    page.locator("label[for=lines-1-pay]").click()
    assert _sum(page) == "1 payment, £1,234.50 in total"


def test_total_is_there_without_scripts(person: Person, new_page: Callable[..., Any]) -> None:
    page = new_page(person, scripts=False)
    page.goto("/payments/batches/new")

    assert _sum(page) == "2 payments, £10,800.00 in total"


@pytest.mark.parametrize("width", [1024, 1280])
def test_awards_for_finance_do_not_scroll_sideways_on_a_desk(
    person: Person, new_page: Callable[..., Any], width: int
) -> None:
    page = new_page(person)
    page.set_viewport_size({"width": width, "height": 900})

    page.goto("/payments/awards")

    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_day_stays_in_one_line_of_a_card_on_a_phone(person: Person, new_page: Callable[..., Any]) -> None:
    payment = make.settled()
    page = new_page(person)
    page.set_viewport_size({"width": 320, "height": 900})

    page.goto(f"/payments/all/{payment.reference}")

    tops = page.locator('td[data-label="Taken in"]').evaluate(LINES_OF_THE_DAY)
    assert len(set(tops)) == 1
