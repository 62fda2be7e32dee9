"""What one line of a file of past awards says, and each reason for which it is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask

from grants.awards.past.rows import PastAward, Words, in_words, is_illustrative, read_past_award, same_content
from grants.foundation.documents.rows import TableRow
from grants.foundation.records.db import transaction
from grants.foundation.values.days import Day
from grants.funds.models import Topic
from tests.support import factories

PLAIN = {
    "reference": "T-1",
    "fund": "SCF",
    "round": "",
    "award_date": "2014-10-22",
    "organisation": "Genesis",
    "project": "",
    "districts": "",
    "topics": "",
    "amount_gbp": "",
    "source": "A list",
}
FULL = {
    "reference": "t.1_a-b",
    "fund": "scf",
    "round": "scf-1",
    "award_date": "2014-10",
    "organisation": "Genesis",
    "project": "Café",
    "districts": "leeds; Bradford;;Leeds",
    "topics": "FGM;youth;CSE;young people",
    "amount_gbp": "5250",
    "source": "A list",
    "withdrawn_on": "2015-03",
    "repaid_gbp": "5250",
    "repaid_on": "2014-10-01",
    "recorded_on": "2015",
    "withdrawn_recorded_on": "2015-04",
    "repaid_recorded_on": "2015-05-01",
}


@pytest.fixture
def words(app: Flask) -> Words:
    scf, other = factories.fund("SCF"), factories.fund("PEG")
    dated, _undated, _of_another = (
        factories.open_round(code=code, of=fund) for code, fund in (("SCF-1", scf), ("SCF-2", scf), ("PEG-1", other))
    )
    with transaction():
        dated.awarded_day = Day.parse("2014-11-05")
    for topic, names in (("CSE", []), ("FGM", []), ("young people", ["youth"])):
        factories.topic(topic, names)
    factories.district("Leeds")
    factories.district("Bradford")
    return Words()


def _read(words: Words, cells: dict[str, str]) -> Any:
    return read_past_award(TableRow(3, cells), words)


def _wrong(words: Words, **cells: str) -> list[str]:
    found = _read(words, PLAIN | cells)
    return [] if isinstance(found, PastAward) else [str(problem).removeprefix("line 3, ") for problem in found]


def test_line_becomes_its_values_and_its_words(words: Words) -> None:
    found = _read(words, FULL)

    content = FULL | {
        "fund": "SCF",
        "round": "SCF-1",
        "districts": "Bradford; Leeds",
        "topics": "FGM; CSE; young people",
        "amount_gbp": "5250.00",
        "repaid_gbp": "5250.00",
        "recorded_on": "2015-12-31",
        "withdrawn_recorded_on": "2015-04-30",
    }
    del content["reference"]
    assert found.content == content
    assert found.as_json() == json.dumps(content, ensure_ascii=False, sort_keys=True)
    assert (found.line, found.reference, found.fund.code, found.round.code) == (3, "t.1_a-b", "SCF", "SCF-1")
    assert [topic.name for topic in found.topics] == ["FGM", "young people", "CSE"]
    assert [district.name for district in found.districts] == ["Leeds", "Bradford"]
    assert (found.amount, found.repaid, found.award_day) == (525_000, 525_000, Day.parse("2014-10"))
    days = (found.withdrawn, found.repaid_day, found.recorded, found.withdrawn_recorded, found.repaid_recorded)
    assert days == tuple(map(Day.parse, ("2015-03", "2014-10-01", "2015", "2015-04", "2015-05-01")))
    assert (found.cells, found.illustrative) == (FULL, False)


def test_blank_cell_says_that_there_is_none_unless_it_is_of_a_recording(words: Words) -> None:
    blank = {"withdrawn_on": "", "repaid_gbp": "", "recorded_on": "", "repaid_recorded_on": ""}

    found = _read(words, PLAIN | blank)

    assert found.content == {
        **{column: text for column, text in PLAIN.items() if column != "reference"},
        "withdrawn_on": "",
        "repaid_gbp": "",
    }
    assert (found.round, found.amount, found.withdrawn, found.repaid, found.recorded) == (None,) * 5


def test_blank_day_is_that_of_the_round(words: Words) -> None:
    assert _read(words, PLAIN | {"award_date": "", "round": "SCF-1"}).award_day == Day.parse("2014-11-05")


FORM = "must begin with a letter or digit and hold only letters, digits, - _ and ."
NO_DAY = "is blank, and the round has no award date to take"
NO_AMOUNT = "cannot be held against an award whose amount is not known"


def test_what_a_line_must_hold(words: Words) -> None:
    for cells, problems in (
        ({"reference": "x" * 40}, []),
        ({"reference": ""}, ["reference: : is required"]),
        ({"reference": "-1"}, [f"reference: -1: {FORM}"]),
        (
            {"reference": "x" * 41},
            [f"reference: {'x' * 41}: {reason}" for reason in ("must be 40 characters or fewer", FORM)],
        ),
        ({"fund": ""}, ["fund: : is required"]),
        ({"fund": "SCFF", "round": "SCF-1"}, ["fund: SCFF: is not a known fund; the nearest is SCF"]),
        ({"round": "PEG-1"}, ["round: PEG-1: is not a round of SCF"]),
        ({"round": "SCF-9", "award_date": ""}, ["round: SCF-9: is not a known round; the nearest is SCF-2"]),
        ({"round": "SCF-2", "award_date": ""}, [f"award_date: : {NO_DAY}"]),
        ({"award_date": ""}, ["award_date: : is blank, and there is no round to take it from"]),
        ({"award_date": "x"}, ["award_date: x: must be YYYY-MM-DD, by YYYY-MM-DD, YYYY-MM or YYYY"]),
        ({"organisation": ""}, ["organisation: : is required"]),
        ({"districts": "Leeds; Leads"}, ["districts: Leads: is not a known district; the nearest is Leeds"]),
        ({"topics": "FGN"}, ["topics: FGN: is not a known topic; the nearest is FGM"]),
        ({"source": ""}, ["source: : is required"]),
        ({"source": "x" * 1000}, []),
        ({"source": "x" * 1001}, [f"source: {'x' * 79}…: must be 1,000 characters or fewer"]),
    ):
        assert _wrong(words, **cells) == problems


def test_what_comes_later_fits_the_award(words: Words) -> None:
    day, back = {"repaid_on": "2015-01-01"}, {"repaid_gbp": "10"}
    for cells, problems in (
        ({"withdrawn_on": "2014-10-22"}, []),
        ({"withdrawn_on": "2014-10-21"}, ["withdrawn_on: 2014-10-21: is before the award of 22\xa0October\xa02014"]),
        ({"award_date": "by 2014-10-22", "withdrawn_on": "2014-10-21"}, []),
        (
            {"amount_gbp": "10", **back, "repaid_on": "2014-10-21"},
            ["repaid_on: 2014-10-21: is before the award of 22\xa0October\xa02014"],
        ),
        ({"amount_gbp": "10", **back, **day}, []),
        ({"amount_gbp": "9.99", **back, **day}, ["repaid_gbp: 10: is more than the £9.99 that was awarded"]),
        ({"amount_gbp": "10", **back}, ["repaid_on: : is required where something was repaid"]),
        ({"amount_gbp": "10", **day}, ["repaid_gbp: : is required where there is a day of repayment"]),
        ({**back, **day}, [f"repaid_gbp: 10: {NO_AMOUNT}"]),
        (
            {"withdrawn_recorded_on": "2015"},
            ["withdrawn_recorded_on: 2015: is given without withdrawn_on"],
        ),
        ({"repaid_recorded_on": "2015"}, ["repaid_recorded_on: 2015: is given without repaid_on"]),
    ):
        assert _wrong(words, **cells) == problems


def test_names_stand_in_an_order_of_their_own_but_for_a_primary_topic() -> None:
    topics = [Topic(name=name) for name in "cba"]

    assert in_words(topics, first_counts=True) == "c; a; b"
    assert in_words(topics, first_counts=False) == "a; b; c"


def test_name_of_an_organisation_says_the_same_in_any_case() -> None:
    assert same_content("organisation", "Blast", "BLAST")
    assert not same_content("organisation", "Blast", "Genesis")
    assert not same_content("project", "Blast", "BLAST")
    assert same_content("project", "Blast", "Blast")


def test_source_says_with_its_first_word_that_an_award_is_made_up() -> None:
    assert is_illustrative("Illustrative: a list")
    assert not is_illustrative("An illustrative list")
