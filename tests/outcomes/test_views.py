"""The pages: what they show, what they refuse, and what they ask of the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask

from grants.foundation.records.db import transaction
from grants.foundation.values.clock import end_of_day
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from grants.outcomes.announced.models import PublishedFigure
from tests.conftest import Client, Runner
from tests.support import factories

BAD = [
    ("fund", "'"),
    ("fund", "100%"),
    ("topic", "C\0SE"),
    ("topic", "x" * 10_000),
    ("district", "<script>alert(1)</script>"),
    ("round", "\N{RIGHT-TO-LEFT OVERRIDE}SCF"),
    ("priority", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")),
    ("since", "2015-02-31"),
    ("until", "31/02/2015"),
    ("as_at", "2999-01-01"),
    ("known_by", "never"),
]


@pytest.fixture
def one_award(app: Flask) -> None:
    factories.award(reference="A-1", amount=540_000, award_day="2016-03-03", title="Tea & <talk>", source="records")


@pytest.mark.parametrize(("name", "value"), BAD)
def test_bad_filter_is_answered_beside_it(one_award: None, client: Client, name: str, value: str) -> None:
    for address in ("/outcomes", "/outcomes/rows"):
        page = client.get(address, query_string={name: value})

        assert page.status_code == 400
        assert list(page.errors) == [name]
        assert page.summary == [page.errors[name]] or "put right" in " ".join(page.summary)
        assert "£5,400" not in page.main
        assert str(page.page.title.get_text()).startswith("Error: ")


@pytest.mark.parametrize(("name", "value"), BAD)
def test_bad_filter_gives_no_figures_as_json(one_award: None, client: Client, name: str, value: str) -> None:
    answer = client.get("/outcomes.json", query_string={name: value})

    assert answer.status_code == 400
    assert list(answer.get_json()) == ["errors"]
    assert list(answer.get_json()["errors"]) == [name]


@pytest.mark.parametrize(("option", "value"), [("--fund", "'"), ("--since", "2015-02-31"), ("--as-at", "soon")])
def test_bad_filter_ends_the_command_with_2(one_award: None, runner: Runner, option: str, value: str) -> None:
    result = runner.invoke(args=["outcomes", "statement", option, value])

    assert result.exit_code == 2
    assert option in result.output
    assert "Traceback" not in result.output


def test_page_without_any_award(client: Client) -> None:
    assert "No projects were awarded money." in client.get("/outcomes").main
    assert "No award fits these filters." in client.get("/outcomes/rows").main


def test_page_of_one_award(one_award: None, client: Client) -> None:
    page = client.get("/outcomes", query_string={"fund": "SCF"})

    assert "1 project was awarded £5,400 through the Safer Communities Fund." in page.main
    assert "illustrative" not in page.page.select_one(".g-hero__words").get_text()


def test_illustrative_row_is_marked_wherever_it_is_shown_or_counted(app: Flask, client: Client) -> None:
    factories.award(
        reference="A-1", amount=100, award_day="2016-03-03", source="illustrative: made up", illustrative=True
    )

    page, rows = client.get("/outcomes"), client.get("/outcomes/rows")
    found = client.get("/outcomes.json").get_json()

    assert "The row behind it is illustrative." in page.main
    assert page.main.count("all illustrative") == 3
    assert rows.page.select_one("tbody .g-tag").get_text() == "illustrative"
    assert (found["illustrative"], "illustrative" in found["sentence"]) == (1, True)


def test_text_of_people_is_shown_as_text(one_award: None, client: Client) -> None:
    assert "Tea & <talk>" in client.get("/outcomes/rows").main


def test_filter_can_be_taken_off(one_award: None, client: Client) -> None:
    page = client.get("/outcomes", query_string={"fund": "scf", "since": "2014"})

    assert [word["href"] for word in page.page.select(".g-filters__word")] == [
        "/outcomes?since=2014-01-01",
        "/outcomes?fund=SCF",
    ]


def test_form_keeps_what_was_chosen(one_award: None, client: Client) -> None:
    page = client.get("/outcomes", query_string={"fund": "scf", "since": "May 2014"})

    again = client.submit(page, {"topic": "CSE"})

    assert page.page.select_one("#fund option[selected]")["value"] == "SCF"
    assert dict(again.request.args)["since"] == "May 2014"
    assert (
        "1 project tackling CSE was awarded £5,400 through the Safer Communities Fund since 1 May 2014." in again.main
    )


def test_withdrawn_award_is_gone_from_the_page_of_its_day_on(app: Flask, client: Client) -> None:
    from grants.awards.entries import operations

    award = factories.award(amount=540_000, award_day="2016-03-03", source="records")
    operations.withdraw(
        actor=factories.TESTS,
        award=award,
        effective=Day.parse("2016-05-01"),
        reason="The group closed.",
        recorded_at=end_of_day(date(2018, 1, 1)),
    )

    def says(**filters: str) -> bool:
        return "1 project was awarded £5,400." in client.get("/outcomes", query_string=filters).main

    assert says(as_at="2016-04-30")
    assert not says(as_at="2016-05-01")
    assert says(as_at="2016-05-01", known_by="2017-12-31")
    assert says(as_at="2017-05-02", known_by="2017-05-02")


def _many(how_many: int) -> None:
    for number in range(how_many):
        factories.award(amount=100 * (number + 1), award_day=f"20{14 + number % 10}-03-03", source="records")


def _announce() -> None:
    fund = factories.fund()
    with transaction() as session:
        for year in (2015, 2016, 2017):
            day = Day.parse(f"{year}-05-02")
            session.add(
                PublishedFigure(
                    as_at_day=day,
                    as_at_last=day.last,
                    fund_id=fund.id,
                    topic_id=None,
                    scope="all",
                    figure_kind="awarded since 2014",
                    amount_pence=Pence(10_000),
                    amount_quality="exact",
                    count=4,
                    count_unit="groups",
                    source="test",
                )
            )


@pytest.mark.parametrize("how_many", [1, 3, 8])
def test_pages_ask_the_same_few_questions_whatever_there_is(
    app: Flask, client: Client, count_queries: Callable[[], Any], how_many: int
) -> None:
    _many(how_many)
    _announce()

    asked = []
    for address in ("/outcomes", "/outcomes", "/outcomes/rows", "/outcomes.json"):
        with count_queries() as queries:
            client.get(address)
        asked.append(queries.count)

    assert asked == [6, 4, 4, 3]


def test_rows_page_on_and_back(app: Flask, client: Client) -> None:
    _many(120)

    first = client.get("/outcomes/rows", query_string={"fund": "SCF"})
    second = client.get(str(first.page.select_one("a[rel=next]")["href"]))
    third = client.get(str(second.page.select_one("a[rel=next]")["href"]))

    pages = [[row.th.get_text() for row in page.page.select("tbody tr")] for page in (first, second, third)]
    assert [len(page) for page in pages] == [50, 50, 20]
    assert len({reference for page in pages for reference in page}) == 120
    assert third.page.select_one("a[rel=next]") is None
    assert (
        first.page.select("tfoot tr")[-1].td.get_text()
        == third.page.select("tfoot tr")[-1].td.get_text()
        == "£7,260.00"
    )
    back = client.get(str(third.page.select_one("a[rel=prev]")["href"]))
    assert [row.th.get_text() for row in back.page.select("tbody tr")] == pages[1]
