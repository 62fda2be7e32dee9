"""The sentence, word by word."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from grants.foundation.values.clock import end_of_day, parse_instant
from grants.outcomes.totals.rules import FilterChoice, FilterKind, Filters, Totals
from grants.outcomes.totals.statements import claim, sentence

SCF = FilterChoice(FilterKind.FUND, 1, "SCF", "Safer Communities Fund")
CSE = FilterChoice(FilterKind.TOPIC, 1, "CSE", "CSE")
YOUNG = FilterChoice(FilterKind.TOPIC, 2, "young people", "young people", "with young people")
LEEDS = FilterChoice(FilterKind.DISTRICT, 1, "Leeds", "Leeds")
AREA = FilterChoice(FilterKind.DISTRICT, 2, "West Yorkshire", "West Yorkshire", "area")
ROUND = FilterChoice(FilterKind.ROUND, 1, "SCF 3", "SCF 3")
SAFE = FilterChoice(FilterKind.PRIORITY, 1, "safe", "Safeguarding vulnerable people", "Plan 2016")

TWENTY = Totals(projects=20, organisations=20, total_pence=10_309_600)
DAY = date(2017, 5, 2)


def said(totals: Totals = TWENTY, **filters: Any) -> str:
    return claim(Filters(as_at=DAY, **filters), totals)


def test_sentence_of_2_may_2017() -> None:
    filters = Filters(as_at=DAY, fund=SCF, topic=CSE, since=date(2014, 1, 1))
    totals = Totals(projects=20, organisations=20, total_pence=10_309_600, illustrative=20)

    assert sentence(filters, totals) == (
        "As at 2 May 2017, 20 projects tackling CSE were awarded £103,096 through the Safer Communities Fund "
        "since 2014. The rows behind it are illustrative."
    )


def test_sentence_says_what_is_not_known() -> None:
    filters = Filters(as_at=DAY, fund=SCF, topic=CSE, since=date(2014, 1, 1))
    totals = Totals(projects=4, organisations=4, total_pence=973_000, unknown_amounts=2)

    assert sentence(filters, totals) == (
        "As at 2 May 2017, 4 projects tackling CSE were awarded at least £9,730 through the Safer Communities Fund "
        "since 2014; the amounts of 2 of them are not known."
    )


@pytest.mark.parametrize(
    ("totals", "words"),
    [
        (Totals(), "No projects were awarded money."),
        (Totals(projects=1, total_pence=540_050), "1 project was awarded £5,400.50."),
        (Totals(projects=1, unknown_amounts=1), "1 project was awarded money; the amount is not known."),
        (Totals(projects=3, unknown_amounts=3), "3 projects were awarded money; the amounts are not known."),
        (
            Totals(projects=3, unknown_amounts=1, total_pence=100),
            "3 projects were awarded at least £1; the amount of 1 of them is not known.",
        ),
        (Totals(projects=1200, total_pence=10**9), "1,200 projects were awarded £10,000,000."),
    ],
)
def test_claim_of_few_many_and_none(totals: Totals, words: str) -> None:
    assert said(totals) == words


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"topic": YOUNG}, "20 projects with young people were awarded £103,096."),
        ({"topic": CSE, "district": LEEDS}, "20 projects tackling CSE in Leeds were awarded £103,096."),
        ({"district": AREA}, "20 projects across all of West Yorkshire were awarded £103,096."),
        (
            {"fund": SCF, "round": ROUND},
            "20 projects were awarded £103,096 through the Safer Communities Fund in round SCF 3.",
        ),
        ({"priority": SAFE}, "20 projects under the priority “Safeguarding vulnerable people” were awarded £103,096."),
        ({"since": date(2014, 1, 1)}, "20 projects were awarded £103,096 since 2014."),
        ({"since": date(2014, 4, 1)}, "20 projects were awarded £103,096 since 1 April 2014."),
        ({"until": date(2016, 12, 31)}, "20 projects were awarded £103,096 until the end of 2016."),
        ({"until": date(2016, 3, 31)}, "20 projects were awarded £103,096 until 31 March 2016."),
        ({"since": date(2015, 1, 1), "until": date(2015, 12, 31)}, "20 projects were awarded £103,096 in 2015."),
        (
            {"since": date(2014, 1, 1), "until": date(2016, 12, 31)},
            "20 projects were awarded £103,096 from 2014 to 2016.",
        ),
        (
            {"since": date(2015, 4, 1), "until": date(2016, 3, 31)},
            "20 projects were awarded £103,096 from 1 April 2015 to 31 March 2016.",
        ),
        (
            {"since": date(2015, 4, 1), "until": date(2016, 12, 31)},
            "20 projects were awarded £103,096 from 1 April 2015 to the end of 2016.",
        ),
        ({"since": DAY, "until": DAY}, "20 projects were awarded £103,096 on 2 May 2017."),
    ],
)
def test_claim_with_filters(filters: dict[str, Any], words: str) -> None:
    assert said(**filters) == words


def test_a_fund_whose_name_has_its_article_gets_no_second() -> None:
    fund = FilterChoice(FilterKind.FUND, 3, "X", "The Community Fund")

    assert said(fund=fund) == "20 projects were awarded £103,096 through The Community Fund."


@pytest.mark.parametrize(
    ("known_by", "words"),
    [
        (end_of_day(date(2018, 1, 3)), "As at 2 May 2017, as the records stood at the end of 3 January 2018, "),
        (parse_instant("2017-07-01T12:05:00Z"), "As at 2 May 2017, as the records stood at 13:05 on 1 July 2017, "),
    ],
)
def test_sentence_says_what_was_known(known_by: Any, words: str) -> None:
    assert sentence(Filters(as_at=DAY, known_by=known_by), TWENTY) == f"{words}20 projects were awarded £103,096."


def test_sentence_begins_small_where_there_is_nothing() -> None:
    assert sentence(Filters(as_at=DAY), Totals()) == "As at 2 May 2017, no projects were awarded money."


@pytest.mark.parametrize(
    ("totals", "words"),
    [
        (
            Totals(projects=2, total_pence=540_000, returned_pence=20_000),
            "2 projects were awarded £5,400. Of that, £200 came back, which leaves £5,200.",
        ),
        (
            Totals(projects=2, total_pence=540_000, returned_pence=20_000, unknown_amounts=1),
            "2 projects were awarded at least £5,400; the amount of 1 of them is not known. £200 came back.",
        ),
        (
            Totals(projects=1, total_pence=100, illustrative=1),
            "1 project was awarded £1. The row behind it is illustrative.",
        ),
        (
            Totals(projects=20, total_pence=100, illustrative=3),
            "20 projects were awarded £1. 3 of the 20 rows behind it are illustrative.",
        ),
        (
            Totals(projects=20, total_pence=100, illustrative=1),
            "20 projects were awarded £1. 1 of the 20 rows behind it is illustrative.",
        ),
    ],
)
def test_sentence_remarks(totals: Totals, words: str) -> None:
    assert sentence(Filters(as_at=DAY), totals) == f"As at 2 May 2017, {words}"
