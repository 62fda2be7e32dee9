"""Every form and every page of the table, as everybody who may, with what nobody of good will types.

Which fields a form has is seen by watching it: a new page is tried without a word here. `HOSTILE_SEED` tries others.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.access_table import DRAFTS, TABLE, Row
from tests.support.client import Client, Page
from tests.support.hostile import SEED, TEXTS, fields_of, filled, watching_forms
from tests.support.world import Who, world_with
from tests.test_access import address_of, forged_token

SignIn = Callable[[Any], Client]

ROWS = [*TABLE, *DRAFTS]
TIMES = 4
LONGEST = 2.0
"""Seconds of work that one request may take at most."""
UNASKED = ("q", "status", "fund", "after", "before", "at", "known", "next", "year", "from", "to")
"""Parameters that a page may read which names none."""


def _ask_fast(browser: Client, *args: Any, **kwargs: Any) -> Page:
    begun = time.process_time()
    answer: Page = browser.open(*args, **kwargs)
    spent = time.process_time() - begun
    assert answer.status_code < 500 or answer.status_code == 503, answer.get_data(as_text=True)[:500]
    assert answer.mimetype != "text/html" or b"<script>alert" not in answer.data
    assert spent < LONGEST, f"{spent:.1f} s for {args} {str(kwargs)[:300]}"
    return answer


def _browsers(sign_in: SignIn, client: Client, row: Row, people: dict[Who, Any], dice: random.Random) -> list[Client]:
    """Two at most of those who may, by lot: the others are kept out before a form is read."""
    chosen = dice.sample(sorted(row.who), min(2, len(row.who)))
    found = [client if who == Who.ANYONE else sign_in(people[who]) for who in chosen]
    for browser in found:
        browser.lints = False  # a page that says what is wrong with a field that it does not show leads nowhere
    return found


@pytest.mark.parametrize("row", [row for row in ROWS if row.method == "POST"], ids=str)
def test_no_form_can_be_filled_in_so_that_it_breaks(app: Flask, client: Client, sign_in: SignIn, row: Row) -> None:
    dice = random.Random(f"{SEED} {row}")
    world, values = world_with(row.thing)
    address = address_of(app, row, values)
    for browser in _browsers(sign_in, client, row, world.people, dice):
        for other in ("[]", "5", '{"a": [1]}', "{"):
            _ask_fast(browser, address, method="POST", data=other, content_type="application/json")
        with watching_forms() as forms:
            _ask_fast(browser, address, method="POST", data={"csrf_token": forged_token(app, browser)})
        fields = fields_of(forms)
        for _ in range(TIMES):
            data = filled(fields, dice) | {"csrf_token": forged_token(app, browser)}
            _ask_fast(browser, address, method="POST", data=data, content_type="multipart/form-data")


@pytest.mark.parametrize("row", [row for row in ROWS if row.method == "GET"], ids=str)
def test_no_page_can_be_asked_so_that_it_breaks(app: Flask, client: Client, sign_in: SignIn, row: Row) -> None:
    dice = random.Random(f"{SEED} {row}")
    world, values = world_with(row.thing)
    address = address_of(app, row, values)
    taken = getattr(app.view_functions[_endpoint(app, row)], "taken", None)
    names = [*taken.filters, "after", "before"] if taken else UNASKED
    for browser in _browsers(sign_in, client, row, world.people, dice):
        for _ in range(TIMES // 2):
            asked = [(dice.choice(names), dice.choice(TEXTS)[:2_000]) for _ in range(dice.choice([1, 2, 5]))]
            _ask_fast(browser, address, method="GET", query_string=asked)


def _endpoint(app: Flask, row: Row) -> str:
    rules = (rule for rule in app.url_map.iter_rules() if rule.rule == row.rule)
    return next(rule.endpoint for rule in rules if row.method in (rule.methods or ()))
