"""The figures that must come out right, by command, page and JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Client, Runner

SENTENCE = "20 projects tackling CSE were awarded £103,096 through the Safer Communities Fund since 2014"
ASKED = {"fund": "SCF", "topic": "CSE", "since": "2014-01-01", "as_at": "2017-05-02"}


def command(runner: Runner, **filters: str) -> Any:
    options = [f"--{name.replace('_', '-')}={value}" for name, value in filters.items()]
    return runner.invoke(args=["outcomes", "statement", *options])


def as_json(runner: Runner, **filters: str) -> dict[str, Any]:
    result = command(runner, format="json", **filters)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_statement_of_2_may_2017(past: Callable[..., None], runner: Runner) -> None:
    past("published", "illustrative")

    text = command(runner, **ASKED)
    found = as_json(runner, **ASKED)

    assert (text.exit_code, text.stdout) == (0, f"As at 2 May 2017, {SENTENCE}. The rows behind it are illustrative.\n")
    assert re.fullmatch("[0-9a-f]{64}", found.pop("sha256"))
    assert found == {
        "projects": 20,
        "organisations": 20,
        "total_pence": 10_309_600,
        "returned_pence": 0,
        "net_pence": 10_309_600,
        "unknown_amounts": 0,
        "illustrative": 20,
        "sentence": text.stdout.strip(),
        "as_at": "2017-05-02",
        "known_by": None,
        "records": None,
        "filters": {
            "fund": "SCF",
            "topic": "CSE",
            "priority": None,
            "district": None,
            "round": None,
            "since": "2014-01-01",
            "until": None,
        },
    }


def test_statement_of_the_published_awards_alone(past: Callable[..., None], runner: Runner) -> None:
    past("published")

    found = as_json(runner, **ASKED)

    figures = {name: found[name] for name in ("projects", "total_pence", "unknown_amounts", "illustrative")}
    assert figures == {"projects": 4, "total_pence": 973_000, "unknown_amounts": 2, "illustrative": 0}
    assert found["sentence"] == (
        "As at 2 May 2017, 4 projects tackling CSE were awarded at least £9,730 through the Safer Communities Fund "
        "since 2014; the amounts of 2 of them are not known."
    )


def test_money_of_another_fund_is_in_its_own_figure_only(past: Callable[..., None], runner: Runner) -> None:
    past("published", "illustrative")

    scf = as_json(runner, fund="SCF", topic="CSE")
    peg = as_json(runner, fund="PEG", topic="CSE")
    both = as_json(runner, topic="CSE")

    assert (scf["total_pence"], peg["total_pence"], both["total_pence"]) == (10_309_600, 38_500_000, 48_809_600)
    assert peg["projects"] == 1


@pytest.mark.parametrize(
    "filters",
    [
        ASKED,
        {"fund": "SCF"},
        {"topic": "child sexual exploitation", "district": "Leeds"},
        {"round": "SCF 3", "until": "2015"},
        {"district": "West Yorkshire", "known_by": "2016-12-31"},
        {"fund": "PEG", "topic": "FGM"},
        {},
    ],
)
def test_command_page_and_json_say_the_same(
    past: Callable[..., None], runner: Runner, client: Client, filters: dict[str, str]
) -> None:
    past("published", "illustrative")

    by_command = as_json(runner, **filters)
    by_json = client.get("/outcomes.json", query_string=filters)
    page = client.get("/outcomes", query_string=filters)
    rows = client.get("/outcomes/rows", query_string=filters)

    assert by_json.get_json() == by_command
    when, _, claim = by_command["sentence"].partition(", ")
    opening = claim.split(". ")[0].removeprefix("as the records stood ").rstrip(".")
    assert when in page.main
    assert opening.split(", ")[-1].removeprefix("no projects") in page.main
    numbers = [cell.get_text() for cell in page.page.select(".g-numbers dd")]
    if by_command["projects"]:
        assert numbers[:2] == [f"{by_command[name]:,}" for name in ("projects", "organisations")]
        assert numbers[2] == f"£{by_command['total_pence'] / 100:,.2f}"
        assert numbers[5:] == [f"{by_command[name]:,}" for name in ("unknown_amounts", "illustrative")]
        foot = rows.page.select("tfoot tr")[-1]
        assert foot.select("td")[0].get_text() == numbers[2]
    else:
        assert numbers == []
        assert "No award fits" in rows.main


def test_rows_are_one_click_away_and_add_up(past: Callable[..., None], client: Client) -> None:
    past("published", "illustrative")

    page = client.get("/outcomes", query_string=ASKED)
    [link] = [link for link in page.page.select("a") if "row by row" in link.get_text()]
    rows = client.get(str(link["href"]))

    amounts = [row.select("td")[4].get_text() for row in rows.page.select("tbody tr")]
    assert len(amounts) == 20
    assert sum(int(re.sub(r"\D", "", amount)) for amount in amounts) == 10_309_600
    assert rows.page.select("tfoot td")[0].get_text() == "£103,096.00"
    assert len(rows.page.select("tbody .g-tag")) == 20
    assert rows.page.select_one("tbody th a")["href"] == "/awards/ILL-0001"


def test_announced_total_stands_beside_the_records_of_its_day(past: Callable[..., None], client: Client) -> None:
    past("published", "illustrative")

    page = client.get("/outcomes", query_string={"fund": "SCF", "topic": "CSE"})
    everything = client.get("/outcomes")

    [row] = page.page.select(".g-announced tbody tr")
    cells = [" ".join(cell.get_text(" ").split()) for cell in row.find_all(["th", "td"])]
    assert cells == [
        "2 May 2017",
        "SCF, CSE: awarded since 2014 exact",
        "£103,096.00 20 projects",
        "£103,096.00 20 projects, all illustrative",
        "none 100% is there",
    ]
    assert len(everything.page.select(".g-announced tbody tr")) == 19


def test_page_stays_small_and_its_pictures_have_their_tables(past: Callable[..., None], client: Client) -> None:
    past("published", "illustrative")

    page = client.get("/outcomes")

    assert len(page.data) < 60 * 1024
    assert [svg["role"] for svg in page.page.select("main svg")] == ["img", "img"]
    assert "Crown copyright and database right 2016" in page.main
    assert "the districts can add up to more than the total" in page.main
    assert page.page.select_one("#years ~ .g-split tbody th").get_text() == "2014"
    names = [row.th.get_text() for row in page.page.select("#districts ~ .g-split tbody tr")]
    assert names[:6] == ["Bradford", "Calderdale", "Kirklees", "Leeds", "Wakefield", "All of West Yorkshire"]


def test_sentence_speaks_of_each_topic_in_its_own_words(past: Callable[..., None], runner: Runner) -> None:
    past("published")

    said = [as_json(runner, topic=topic)["sentence"] for topic in ("young people", "hate crime")]

    assert "projects with young people were awarded" in said[0]
    assert "tackling hate crime" in said[1]
