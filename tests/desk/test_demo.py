"""The demonstration: that it loads once, and says the sentence that must come out right."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from grants.accounts.models import Person
from grants.awards.models import AwardStanding
from grants.desk import demo
from grants.foundation.audit import verify
from grants.foundation.db import Refused, db
from grants.funds.queries import open_rounds
from tests.conftest import MovedClock, Runner
from tests.support import factories as make

SENTENCE = "20 projects tackling CSE were awarded £103,096 through the Safer Communities Fund since 2014"
ASKED = ["outcomes", "statement", "--fund", "SCF", "--topic", "CSE", "--since", "2014-01-01", "--as-at", "2017-05-02"]


def test_demonstration_loads_once_with_its_past_its_people_and_one_open_round(runner: Runner) -> None:
    demo.load()

    text = runner.invoke(args=ASKED)
    found = json.loads(runner.invoke(args=[*ASKED, "--format", "json"]).output)
    assert text.exit_code == 0
    assert SENTENCE in text.output
    assert "illustrative" in text.output
    assert (found["projects"], found["total_pence"], found["illustrative"]) == (20, 10_309_600, 20)

    [opened] = open_rounds()
    assert (opened.fund.code, opened.largest_grant_pence, opened.pot_pence) == ("SCF", 600_000, 20_000_000)

    made_up = db.session.scalars(select(AwardStanding.reference).where(AwardStanding.illustrative)).all()
    assert len([reference for reference in made_up if reference.startswith("ILL-")]) == 20
    assert not [reference for reference in made_up if reference.startswith("PUB-")]

    assert verify().broken is None

    before = db.session.scalar(select(func.count(Person.id)))
    with pytest.raises(Refused, match="empty installation"):
        demo.load()
    assert db.session.scalar(select(func.count(Person.id))) == before


def test_demonstration_leaves_out_just_the_awards_that_the_illustrative_ones_stand_for() -> None:
    content = json.loads((demo.DATA / "demonstration.json").read_text("utf-8"))
    with (demo.DATA / "awards_published.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    replaced = [
        row["reference"]
        for row in rows
        if row["fund"] == "SCF"
        and row["topics"].split(";")[0] == "CSE"
        and row["award_date"].removeprefix("by ")[:10] <= "2017-05-02"
    ]

    assert content["replaced_by_illustrative"] == replaced


def test_demonstration_is_refused_where_there_are_people(app: Flask) -> None:
    make.officer()

    with pytest.raises(Refused, match="empty installation"):
        demo.load()


def test_demo_load_outside_a_demonstration_is_refused(
    runner: Runner, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "DEMO", False)

    result = runner.invoke(args=["demo", "load"])

    assert result.exit_code == 1
    assert "GRANTS_DEMO=1" in result.output


@pytest.mark.parametrize("day", [1, 8, 15, 20, 22, 30])
def test_demonstration_never_closes_over_christmas_and_always_on_a_friday_noon(clock: MovedClock, day: int) -> None:
    clock.move_to(datetime(2026, 11, day, 12, tzinfo=UTC))

    opens, closes = demo.dates()

    assert opens < datetime(2026, 11, day, 12, tzinfo=UTC) < closes
    assert (closes.weekday(), closes.hour) == (4, 12)
    assert not (closes.month == 12 and closes.day >= 22)
