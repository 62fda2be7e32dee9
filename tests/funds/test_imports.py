"""Funds, districts, topics and rounds from a folder; with announced totals on the command line."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from grants.foundation.records.actors import Actor
from grants.foundation.records.audit import AuditLine
from grants.foundation.records.db import Refused, db
from grants.funds.imports import ReferenceRefused, TableReport, import_tables
from grants.funds.models import District, Fund, Round, Topic
from grants.funds.rows import TABLES
from tests.conftest import Runner
from tests.support import factories

DATA = Path(__file__).parents[2] / "grants" / "desk" / "data"
ACTOR = Actor.command("tests")
FILES = ("funds.csv", "districts.csv", "topics.csv", "rounds.csv", "published_figures.csv")


@pytest.fixture
def folder(app: Flask, tmp_path: Path) -> Path:
    for name in FILES:
        shutil.copy(DATA / name, tmp_path / name)
    return tmp_path


def load(folder: Path, **more: Any) -> list[TableReport]:
    return import_tables(folder, TABLES, actor=ACTOR, **more)


def change(folder: Path, name: str, before: str, after: str) -> None:
    path = folder / name
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")


def refused(folder: Path, **more: Any) -> list[str]:
    """The sentences with which a folder is refused; nothing of it may be in."""
    before = db.session.scalar(select(func.count()).select_from(Round))
    with pytest.raises(ReferenceRefused) as caught:
        load(folder, **more)
    assert db.session.scalar(select(func.count()).select_from(Round)) == before
    return [f"{report.file}: {line}" for report in caught.value.reports for line in report.problems]


def round_(code: str) -> Round:
    return db.session.scalars(select(Round).where(Round.code == code).execution_options(populate_existing=True)).one()


def test_everything_of_the_folder_is_in(folder: Path) -> None:
    reports = load(folder)

    assert [(report.file, report.new) for report in reports] == [
        ("funds.csv", 3),
        ("districts.csv", 6),
        ("topics.csv", 26),
        ("rounds.csv", 28),
    ]


def test_old_round_is_complete_with_days_as_exact_as_they_are_known(folder: Path) -> None:
    load(folder)

    first, tenth, covid = round_("SCF 1"), round_("SCF 10"), round_("SCF Covid-19")
    assert {first.status, tenth.status, covid.status} == {"complete"}
    assert (first.opens_day and first.opens_day.text, first.awarded_day and first.awarded_day.text) == (
        "2014-02",
        "by 2014-05-12",
    )
    assert (tenth.largest_grant_pence, tenth.pot_pence, tenth.announced_pence) == (500_000, 14_000_000, 17_211_837)
    assert covid.slug == "scf-covid-19"
    assert first.largest_grant_pence is None


def test_topic_has_its_other_names(folder: Path) -> None:
    load(folder)

    topic = db.session.scalars(select(Topic).where(Topic.name == "drugs and alcohol")).one()
    assert [row.name for row in topic.other_names] == ["alcohol", "drugs", "substance misuse"]


def test_same_folder_again_changes_nothing(folder: Path) -> None:
    load(folder)
    lines = db.session.scalar(select(func.count()).select_from(AuditLine))

    reports = load(folder)

    assert [(report.new, report.unchanged) for report in reports] == [(0, 3), (0, 6), (0, 26), (0, 28)]
    assert db.session.scalar(select(func.count()).select_from(AuditLine)) == lines


def test_check_changes_nothing(folder: Path) -> None:
    load(folder, check=True)

    assert db.session.scalar(select(func.count()).select_from(Fund)) == 0


def test_files_that_are_not_there_are_passed_over(folder: Path) -> None:
    for name in ("funds.csv", "topics.csv", "rounds.csv"):
        (folder / name).unlink()

    load(folder)

    assert db.session.scalar(select(func.count()).select_from(District)) == 6


def test_folder_without_any_of_the_files_is_refused(app: Flask, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"holds none of funds\.csv"):
        load(tmp_path)


CHANGES = [
    ("funds.csv", ("Safer Communities Fund", "Safe Communities Fund"), "name", "Safer Communities Fund"),
    ("districts.csv", ("E08000035,Leeds", "E08000035,Leeds City"), "name", "Leeds"),
    ("funds.csv", ("yes,round", "no,round"), "open_call", "yes"),
    ("topics.csv", ("hate crime,", "hate crime,hate incidents"), "other_names", "a blank"),
    ("topics.csv", ("drugs;alcohol;", "drugs;drink;"), "other_names", "alcohol; drugs; substance misuse"),
    ("rounds.csv", ("SCF,SCF 2,", "PEG,SCF 2,"), "fund", "SCF"),
    ("rounds.csv", ("SCF,SCF 2,7500", "SCF,SCF 2,7600"), "max_grant_gbp", "7500.00"),
]


@pytest.mark.parametrize(("name", "edit", "column", "known"), CHANGES)
def test_known_row_with_other_content_is_refused(
    folder: Path, name: str, edit: tuple[str, str], column: str, known: str
) -> None:
    load(folder)
    change(folder, name, *edit)

    (problem,) = refused(folder)

    assert problem.startswith(f"{name}: line ")
    assert f", {column}: " in problem
    assert f"is known with {known}; --correct changes it" in problem


@pytest.mark.parametrize(("name", "edit", "column", "known"), CHANGES)
def test_known_row_is_changed_with_correct_and_an_audit_line(
    folder: Path, name: str, edit: tuple[str, str], column: str, known: str
) -> None:
    load(folder)
    change(folder, name, *edit)

    reports = load(folder, correct=True)
    again = load(folder)

    assert [report.corrected for report in reports if report.file == name] == [1]
    assert sum(report.corrected + report.new for report in again) == 0
    assert len(db.session.scalars(select(AuditLine).where(AuditLine.verb == "correct reference")).all()) == 1


def test_round_that_is_run_here_is_not_changed_by_a_file(folder: Path) -> None:
    load(folder)
    fund = db.session.scalars(select(Fund).where(Fund.code == "SCF")).one()
    factories.open_round(code="SCF 21", of=fund)
    with (folder / "rounds.csv").open("a", encoding="utf-8") as file:
        file.write("SCF,SCF 21,5000,,,,,,,,,,,,\n")

    (problem,) = refused(folder, correct=True)

    assert "is a round that is run here" in problem


BAD = [
    ("funds.csv", "yes,round", "perhaps,round", "open_call: perhaps: must be yes or no or blank"),
    ("funds.csv", "yes,round", "yes,somebody", "largest_grant_is_set_by: somebody: must be round or award"),
    ("districts.csv", "E08000035,Leeds", "E08000035,Bradford", "name: Bradford: is the name of E08000032 already"),
    ("districts.csv", "E08000035,Leeds", "E08000035,bradford", "name: bradford: is the name of E08000032 already"),
    ("districts.csv", "E08000035,Leeds", "E08000035,Leeds; York", "name: Leeds; York: holds a “;”"),
    ("topics.csv", "hate crime,", "hate; crime,", "topic: hate; crime: holds a “;”"),
    ("topics.csv", "hate crime,", "hate crime,ASB", "other_names: ASB: is a name of the topic anti-social behaviour"),
    ("rounds.csv", "SCF,SCF 2,", "SCFF,SCF 2,", "fund: SCFF: is not a known fund; the nearest is SCF"),
    ("rounds.csv", "SCF,SCF 2,7500", "SCF,SCF 2,£7,500".replace(",500", ""), "max_grant_gbp: £7: must be pounds"),
    ("rounds.csv", "SCF,SCF 2,", "SCF,SCF 1,", "fund: SCF: stands in line 2 of this file already"),
    ("rounds.csv", "2014-06-13", "2014-05-11", "closes: 2014-05-11: is before the round opens"),
    ("rounds.csv", "2014-07-30", "2999-07-30", "awarded_on: 2999-07-30: is in the future"),
    ("rounds.csv", "2014-05-12,45", "May 2014,45", "awarded_by: May 2014: must be YYYY-MM-DD"),
    ("rounds.csv", "2014-05-12,45", "2014-05-12,many", "awards: many: must be a whole number"),
]


@pytest.mark.parametrize(("name", "before", "after", "problem"), BAD)
def test_bad_row_is_refused_with_line_column_value_and_reason(
    folder: Path, name: str, before: str, after: str, problem: str
) -> None:
    change(folder, name, before, after)

    problems = refused(folder)

    assert problems[0].startswith(f"{name}: line ")
    assert problem in problems[0]


def test_command_brings_in_announced_totals_too(folder: Path, runner: Runner) -> None:
    first = runner.invoke(args=["reference", "import", str(folder)])
    second = runner.invoke(args=["reference", "import", str(folder)])

    assert first.exit_code == 0
    assert "published_figures.csv: 19 new, 0 corrected, 0 here already\nEvery line is in.\n" in first.output
    assert (second.exit_code, second.output) == (0, "Nothing to do: everything is here already.\n")


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("topic:CSE", "topic:CSEE", "scope: topic:CSEE: is not a known topic; the nearest is CSE"),
        ("topic:CSE", "CSE", "scope: CSE: must be all, or topic: and the name of a topic"),
        ("103096,exact,20", ",exact,", "amount_gbp: : is blank, and so is count: the row announces nothing"),
        ("2017-05-02", "02/05/2017", "as_at: 02/05/2017: must be YYYY-MM-DD"),
    ],
)
def test_command_refuses_a_bad_announced_total(
    folder: Path, runner: Runner, before: str, after: str, problem: str
) -> None:
    change(folder, "published_figures.csv", before, after)

    result = runner.invoke(args=["reference", "import", str(folder)])

    assert result.exit_code == 1
    assert f"published_figures.csv: line 2, {problem}" in result.output
    assert db.session.scalar(select(func.count()).select_from(Fund)) == 0
