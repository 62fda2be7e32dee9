"""What the public reads about rounds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from grants.foundation.records.db import db, transaction
from grants.foundation.values.days import Day
from grants.funds.models import EligibilityQuestion, Round, RoundStatus
from tests.support import factories
from tests.support.client import Client


def _past(number: int) -> Round:
    fund = factories.fund()
    with transaction() as session:
        made = Round(
            fund_id=fund.id,
            code=f"Old {number}",
            slug=f"old-{number}",
            status=RoundStatus.COMPLETE,
            largest_grant_pence=500_000,
            announced_awards=35,
            announced_pence=15_498_403,
            announced_quality="exact",
            awarded_day=Day.parse("by 2014-10-22"),
        )
        session.add(made)
    return made


def test_rounds_shows_what_is_open_and_what_is_known_of_the_past(client: Client) -> None:
    factories.open_round(code="SCF-21")
    _past(3)

    page = client.get("/rounds").main

    assert page.index("SCF-21") < page.index("Past rounds") < page.index("Old 3")
    assert "by 22 Oct 2014" in page
    assert "£154,984.03" in page
    assert "not known" in page


def test_rounds_without_any_says_so(client: Client) -> None:
    assert "No round is open now" in client.get("/rounds").main


@pytest.mark.parametrize("count", [1, 3, 8])
def test_rounds_asks_as_often_whatever_the_number(client: Client, count_queries: Any, count: int) -> None:
    for number in range(count):
        _past(number)

    with count_queries() as queries:
        client.get("/rounds")

    assert queries.count == 2


def test_round_in_preparation_is_not_there(client: Client) -> None:
    factories.open_round(code="SCF-22", status=RoundStatus.DRAFT)

    for address in (
        "/rounds/scf-22",
        "/rounds/scf-22/questions",
        "/rounds/scf-22/blank-form.pdf",
        "/eligibility/scf-22",
    ):
        assert client.get(address).status_code == 404
    assert "SCF-22" not in client.get("/rounds").main


def test_round_says_when_it_closes_with_its_zone(client: Client, clock: Any) -> None:
    factories.open_round(code="SCF-21")

    page = client.get("/rounds/scf-21").main

    assert "Closes at 12 noon, Sunday 20 December 2026 (UK time, GMT)" in page
    assert "£6,000" in page


def test_closed_round_offers_no_application(client: Client, clock: Any) -> None:
    factories.open_round(code="SCF-21")
    clock.shift(timedelta(days=28))

    page = client.get("/rounds/scf-21").main

    assert "This round closed at" in page
    assert "Check whether you can apply" not in page


def test_questions_shows_each_with_its_limit(client: Client) -> None:
    factories.open_round(code="SCF-21", questions=2)

    page = client.get("/rounds/scf-21/questions").main

    assert "Why is the project needed?" in page
    assert "Up to 300 words" in page


def test_blank_form_is_a_pdf(client: Client) -> None:
    factories.open_round(code="SCF-21")

    response = client.get("/rounds/scf-21/blank-form.pdf")

    assert response.mimetype == "application/pdf"
    assert response.data.startswith(b"%PDF")


def test_past_round_has_no_questions_and_no_form(client: Client) -> None:
    _past(1)

    assert client.get("/rounds/old-1").status_code == 200
    assert client.get("/rounds/old-1/questions").status_code == 404
    assert client.get("/eligibility/old-1").status_code == 404


def _asked() -> tuple[int, int]:
    a_round = factories.open_round(code="SCF-21")
    with transaction() as session:
        session.add(
            EligibilityQuestion(
                round_id=a_round.id,
                position=2,
                text="Is it for one person?",
                hint="",
                good_answer=False,
                advice="Your council helps single people.",
            )
        )
    first, second = db.session.scalars(select(EligibilityQuestion.id).order_by(EligibilityQuestion.position))
    return first, second


def test_eligibility_with_good_answers_leads_to_the_application(client: Client) -> None:
    first, second = _asked()

    page = client.submit("/eligibility/scf-21", {f"q{first}": "yes", f"q{second}": "no"})

    assert "You can apply." in page.main
    assert page.page.find("a", href="/rounds/scf-21/apply")


def test_eligibility_with_a_bad_answer_ends_kindly_with_advice(client: Client) -> None:
    first, second = _asked()

    page = client.submit("/eligibility/scf-21", {f"q{first}": "yes", f"q{second}": "yes"})

    assert "Your council helps single people." in page.main
    assert "You answered “Yes” to: Is it for one person?" in page.main
    assert not page.page.find("a", href="/rounds/scf-21/apply")


def test_eligibility_with_a_missing_answer_names_it(client: Client) -> None:
    first, second = _asked()

    page = client.submit("/eligibility/scf-21", {f"q{first}": "yes"})

    assert page.errors == {f"q{second}": "Select yes or no: Is it for one person?"}
    assert page.summary == ["Select yes or no: Is it for one person?"]


def test_eligibility_with_no_answer_at_all_says_so(client: Client) -> None:
    """The risk: somebody presses the button first, and the page comes back without a word."""
    first, second = _asked()

    page = client.submit("/eligibility/scf-21", button="Continue")

    assert set(page.errors) == {f"q{first}", f"q{second}"}
    assert len(page.summary) == 2


@pytest.mark.parametrize("answer", ["", "maybe", "' OR 1", "x" * 10_000, "\x00"])
def test_eligibility_takes_nothing_but_yes_and_no(client: Client, answer: str) -> None:
    first, _second = _asked()

    page = client.get("/eligibility/scf-21", query_string={f"q{first}": answer})

    assert page.status_code == 200
    assert "You can apply" not in page.main


def test_eligibility_needs_no_account_and_stores_nothing(client: Client, count_queries: Callable[[], Any]) -> None:
    first, second = _asked()

    with count_queries() as queries:
        client.get(f"/eligibility/scf-21?q{first}=yes&q{second}=no")

    assert not [text for text in queries.statements if not text.lstrip().upper().startswith("SELECT")]
