"""Past awards from files: every line, or nothing; and what the published history must come to."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import func, select

from grants.accounts.models import Organisation
from grants.awards.corrections import operations as corrections
from grants.awards.ledger import queries
from grants.awards.models import Award, AwardSnapshot, LedgerEntry
from grants.awards.past.imports import ImportRefused, ImportReport, import_awards
from grants.awards.past.rows import COLUMNS
from grants.awards.snapshots import operations as snapshots
from grants.foundation.records.actors import Actor
from grants.foundation.records.audit import AuditLine
from grants.foundation.records.db import db
from grants.foundation.values.clock import end_of_day
from grants.foundation.values.money import Pence
from grants.funds.imports import import_tables
from grants.funds.models import Fund, Topic
from grants.funds.rows import TABLES
from tests.conftest import Runner
from tests.support.queries import rows_known_of

DATA = Path(__file__).parents[3] / "grants" / "desk" / "data"
PUBLISHED, ILLUSTRATIVE = DATA / "awards_published.csv", DATA / "cse_2014_2017_illustrative.csv"
ACTOR = Actor.command("tests")
GOOD = {
    "reference": "T-1",
    "fund": "SCF",
    "round": "SCF 3",
    "award_date": "2014-10-22",
    "organisation": "Genesis",
    "project": "Safe evenings",
    "districts": "Leeds",
    "topics": "CSE;young people",
    "amount_gbp": "5250",
    "source": "https://example.org/announcement",
}


@pytest.fixture(autouse=True)
def _reference(app: Flask) -> None:
    import_tables(DATA, TABLES, actor=ACTOR)


def write(path: Path, *rows: dict[str, str], columns: Sequence[str] = COLUMNS) -> Path:
    extra = [column for row in rows for column in row if column not in columns]
    names = [*columns, *dict.fromkeys(extra)]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def load(path: Path, **more: Any) -> ImportReport:
    return import_awards(path, actor=ACTOR, **more)


def load_rows(folder: Path, *rows: dict[str, str], **more: Any) -> ImportReport:
    return load(write(folder / "awards.csv", *rows), **more)


def refused(path: Path, **more: Any) -> list[str]:
    """The sentences with which a file is refused; nothing of it may be in."""
    before = db.session.scalar(select(func.count()).select_from(LedgerEntry))
    with pytest.raises(ImportRefused) as caught:
        load(path, **more)
    assert db.session.scalar(select(func.count()).select_from(LedgerEntry)) == before
    return list(caught.value.report.problems)


def figures(
    as_at: str, *, fund: str = "SCF", topic: str = "", since: str = "2014-01-01", known_by: datetime | None = None
) -> tuple[int, int, int, int, int]:
    """Projects, pence awarded, pence returned, unknown amounts and illustrative projects."""
    rows = queries.in_force(as_at=date.fromisoformat(as_at), known_by=known_by)
    wanted = select(rows).where(rows.c.award_last >= date.fromisoformat(since))
    found = db.session.execute(wanted).all()
    funds = {row.id: row.code for row in db.session.scalars(select(Fund))}
    topics = {row.id: row.name for row in db.session.scalars(select(Topic))}
    held = [
        row for row in found if funds[row.fund_id] == fund and (not topic or topics.get(row.primary_topic_id) == topic)
    ]
    return (
        len(held),
        sum(row.awarded_pence for row in held),
        sum(row.returned_pence for row in held),
        sum(row.is_unknown for row in held),
        sum(row.illustrative for row in held),
    )


def snapshot(reference: str = "T-1") -> AwardSnapshot:
    return db.session.scalars(
        select(AwardSnapshot).where(AwardSnapshot.reference == reference).execution_options(populate_existing=True)
    ).one()


# What the published history comes to


def test_published_awards_alone_hold_four_cse_projects(app: Flask) -> None:
    load(PUBLISHED)

    assert figures("2017-05-02", topic="CSE") == (4, 973_000, 0, 2, 0)


def test_illustrative_awards_alone_come_to_the_announced_total(app: Flask) -> None:
    load(ILLUSTRATIVE)

    assert figures("2017-05-02", topic="CSE") == (20, 10_309_600, 0, 0, 20)


def test_illustrative_awards_stand_in_for_the_published_four(app: Flask) -> None:
    load(PUBLISHED, leave_out={"PUB-0008", "PUB-0009", "PUB-0017", "PUB-0018"})
    load(ILLUSTRATIVE)

    assert figures("2017-05-02", topic="CSE") == (20, 10_309_600, 0, 0, 20)


def test_peg_award_is_never_in_an_scf_figure(app: Flask) -> None:
    load(PUBLISHED)

    assert figures("2026-01-01", fund="PEG", topic="CSE") == (1, 38_500_000, 0, 0, 0)
    assert figures("2026-01-01", topic="CSE")[1] == 973_000


def test_published_awards_hold_thirty_nine_exact_amounts(app: Flask) -> None:
    report = load(PUBLISHED)

    known = db.session.scalar(select(func.count()).where(AwardSnapshot.awarded_pence.is_not(None)))
    assert (report.new, known) == (87, 39)


# One line and what becomes of it


def test_line_keeps_its_words(app: Flask, tmp_path: Path) -> None:
    load_rows(tmp_path, GOOD | {"organisation": "  Women's   Health Matters ", "project": "Line one\nline two"})

    row = snapshot()
    assert (row.organisation_name, row.title) == ("Women's Health Matters", "Line one line two")
    assert (row.primary_topic, row.other_topics, row.districts) == ("CSE", "young people", "Leeds")
    assert (row.awarded_pence, row.round_code, row.fund_code) == (525_000, "SCF 3", "SCF")


def test_other_name_of_a_topic_counts_as_the_topic(app: Flask, tmp_path: Path) -> None:
    load_rows(tmp_path, GOOD | {"topics": "Child sexual exploitation;youth;young people"})

    assert (snapshot().primary_topic, snapshot().other_topics) == ("CSE", "young people")


def test_same_organisation_in_other_letters_is_one(app: Flask, tmp_path: Path) -> None:
    load_rows(
        tmp_path,
        GOOD | {"organisation": "SKY Positive Minds"},
        GOOD | {"reference": "T-2", "organisation": "Sky  Positive minds"},
    )

    assert db.session.scalars(select(Organisation.name)).all() == ["SKY Positive Minds"]


@pytest.mark.parametrize(
    ("a_round", "day", "last"), [("SCF 3", "2014-10-22", "2014-10-22"), ("SCF 10", "by 2017-04-04", "2017-04-04")]
)
def test_blank_date_takes_that_of_the_round(app: Flask, tmp_path: Path, a_round: str, day: str, last: str) -> None:
    load_rows(tmp_path, GOOD | {"round": a_round, "award_date": ""})

    assert (snapshot().award_day.text, snapshot().award_last.isoformat()) == (day, last)


@pytest.mark.parametrize(
    ("text", "last"), [("2015", "2015-12-31"), ("2015-02", "2015-02-28"), ("by 2015-06-29", "2015-06-29")]
)
def test_inexact_date_counts_as_its_last_day(app: Flask, tmp_path: Path, text: str, last: str) -> None:
    load_rows(tmp_path, GOOD | {"award_date": text})

    assert (snapshot().award_day.text, snapshot().award_last.isoformat()) == (text, last)


def test_blank_amount_is_unknown(app: Flask, tmp_path: Path) -> None:
    load_rows(tmp_path, GOOD | {"amount_gbp": ""})

    assert snapshot().awarded_pence is None
    assert figures("2026-01-01") == (1, 0, 0, 1, 0)


def test_award_above_the_largest_grant_of_its_round_is_in(app: Flask, tmp_path: Path) -> None:
    load_rows(tmp_path, GOOD | {"round": "SCF 16", "award_date": "", "amount_gbp": "9000"})

    assert snapshot().awarded_pence == 900_000


def test_withdrawn_award_is_two_entries(app: Flask, tmp_path: Path) -> None:
    load_rows(tmp_path, GOOD | {"withdrawn_on": "2015-03-01"})

    entries = db.session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)).all()
    assert [(entry.kind, entry.amount_pence) for entry in entries] == [("award", 525_000), ("withdrawal", -525_000)]
    assert figures("2015-02-28") == (1, 525_000, 0, 0, 0)
    assert figures("2015-03-01") == (0, 0, 0, 0, 0)
    assert snapshot().status == "withdrawn"


def test_repaid_award_stays_a_project(app: Flask, tmp_path: Path) -> None:
    load_rows(tmp_path, GOOD | {"repaid_gbp": "5250.00", "repaid_on": "2015-03-01"})

    assert figures("2015-02-28") == (1, 525_000, 0, 0, 0)
    assert figures("2015-03-01") == (1, 525_000, 525_000, 0, 0)


def test_recorded_days_say_what_was_known(app: Flask, tmp_path: Path) -> None:
    load_rows(
        tmp_path,
        GOOD | {"recorded_on": "2014-12-01", "withdrawn_on": "2015-03-01", "withdrawn_recorded_on": "2016-01-15"},
    )

    known = [
        figures("2026-01-01", known_by=end_of_day(date.fromisoformat(day)))[0]
        for day in ("2014-11-30", "2014-12-01", "2016-01-14", "2016-01-15")
    ]
    assert known == [0, 1, 1, 0]


def test_recorded_day_that_is_left_out_is_the_day_it_took_effect(app: Flask, tmp_path: Path) -> None:
    load_rows(tmp_path, GOOD | {"withdrawn_on": "2015-03-01"})

    known = [
        figures("2026-01-01", known_by=end_of_day(date.fromisoformat(day)))[0]
        for day in ("2014-10-21", "2014-10-22", "2015-02-28", "2015-03-01")
    ]
    assert known == [0, 1, 1, 0]


def test_nothing_is_recorded_later_than_it_was_entered(app: Flask, tmp_path: Path, clock: Any) -> None:
    load_rows(tmp_path, GOOD | {"award_date": "2026", "round": ""})

    entry = db.session.scalars(select(LedgerEntry)).one()
    assert entry.recorded_at == entry.entered_at == datetime.fromisoformat("2026-11-22T12:00:00+00:00")


def test_import_writes_one_audit_line_with_the_sum_of_the_file(app: Flask, tmp_path: Path) -> None:
    report = load_rows(tmp_path, GOOD)

    lines = db.session.scalars(select(AuditLine).where(AuditLine.verb == "import awards")).all()
    assert [line.reference for line in lines] == [report.sha256]


def test_snapshots_are_what_the_ledger_makes(app: Flask) -> None:
    load(PUBLISHED)
    rows = select(*AwardSnapshot.__table__.columns).order_by(AwardSnapshot.award_id)
    before = db.session.execute(rows).all()

    snapshots.rebuild_snapshots()

    assert db.session.execute(rows).all() == before


# Again, and with corrections


def test_same_file_again_changes_nothing(app: Flask) -> None:
    load(PUBLISHED)
    lines = db.session.scalar(select(func.count()).select_from(AuditLine))

    report = load(PUBLISHED)

    assert (report.new, report.unchanged, report.corrected) == (0, 87, 0)
    assert db.session.scalar(select(func.count()).select_from(Award)) == 87
    assert db.session.scalar(select(func.count()).select_from(AuditLine)) == lines


def test_same_file_again_leaves_what_an_officer_corrected(app: Flask, tmp_path: Path) -> None:
    load_rows(tmp_path, GOOD | {"amount_gbp": ""})
    award = db.session.scalars(select(Award)).one()
    corrections.correct_amount(actor=ACTOR, award=award, amount=Pence(500_000), reason="Found.")

    report = load_rows(tmp_path, GOOD | {"amount_gbp": ""}, correct_known=True)

    assert (report.unchanged, report.corrected) == (1, 0)
    assert snapshot().awarded_pence == 500_000


def test_file_that_says_what_an_officer_found_changes_nothing(app: Flask, tmp_path: Path) -> None:
    load_rows(tmp_path, GOOD | {"amount_gbp": ""})
    award = db.session.scalars(select(Award)).one()
    corrections.correct_amount(actor=ACTOR, award=award, amount=Pence(500_000), reason="Found.")

    report = load_rows(tmp_path, GOOD | {"amount_gbp": "5000.00"})

    assert (report.unchanged, report.corrected) == (1, 0)


CHANGES = {
    "fund": {"fund": "MSCF", "round": ""},
    "round": {"round": "SCF 2"},
    "award_date": {"award_date": "2014-11-01"},
    "organisation": {"organisation": "Blast"},
    "project": {"project": "Other evenings"},
    "districts": {"districts": "Bradford"},
    "topics": {"topics": "young people;CSE"},
    "amount_gbp": {"amount_gbp": "5000"},
    "source": {"source": "the minutes of March"},
    "withdrawn_on": {"withdrawn_on": "2015-03-01"},
    "repaid_gbp": {"repaid_gbp": "10", "repaid_on": "2015-03-01"},
}


@pytest.mark.parametrize("column", CHANGES)
def test_known_reference_with_other_content_is_refused(app: Flask, tmp_path: Path, column: str) -> None:
    load_rows(tmp_path, GOOD)
    other = write(tmp_path / "other.csv", GOOD | {"source": GOOD["source"]} | CHANGES[column])

    (problem,) = refused(other)

    assert problem.startswith(f"line 2, {column}: {CHANGES[column][column]}: T-1 is known with ")


@pytest.mark.parametrize("column", CHANGES)
def test_difference_becomes_a_dated_entry_with_correct(app: Flask, tmp_path: Path, column: str) -> None:
    load_rows(tmp_path, GOOD)
    other = write(tmp_path / "other.csv", GOOD | CHANGES[column])
    before = db.session.execute(select(LedgerEntry.id, LedgerEntry.amount_pence)).all()

    report = load(other, correct_known=True)
    again = load(other, correct_known=True)

    assert (report.corrected, again.corrected, again.unchanged) == (1, 0, 1)
    assert column in [difference.column for difference in report.differences]
    assert before[0] in db.session.execute(select(LedgerEntry.id, LedgerEntry.amount_pence)).all()
    award = db.session.scalars(select(Award)).one()
    reasons = {line.reason for line in (*award.entries, *award.changes)} - {""}
    assert reasons == {(GOOD | CHANGES[column])["source"]}


def test_correction_is_known_only_from_now_on(app: Flask, tmp_path: Path) -> None:
    load_rows(tmp_path, GOOD)

    load_rows(tmp_path, GOOD | {"amount_gbp": "5000"}, correct_known=True)

    assert figures("2014-10-22") == (1, 500_000, 0, 0, 0)
    assert figures("2014-10-22", known_by=end_of_day(date(2020, 1, 1))) == (1, 525_000, 0, 0, 0)


def test_correction_counts_as_recorded_when_the_line_says_so(app: Flask, tmp_path: Path) -> None:
    load_rows(tmp_path, GOOD)

    load_rows(tmp_path, GOOD | {"amount_gbp": "5000", "recorded_on": "2017-06-01"}, correct_known=True)

    known = [
        figures("2026-01-01", known_by=end_of_day(date.fromisoformat(day)))[1] for day in ("2017-05-31", "2017-06-01")
    ]
    assert known == [525_000, 500_000]


def test_several_differences_of_one_line_are_corrected_together(app: Flask, tmp_path: Path) -> None:
    load_rows(tmp_path, GOOD | {"withdrawn_on": "2015-03-01"})
    right = {
        "fund": "MSCF",
        "round": "MSCF 2",
        "award_date": "",
        "amount_gbp": "",
        "organisation": "Blast",
        "districts": "",
        "topics": "",
        "project": "",
        "withdrawn_on": "2022-12-01",
        "source": "the minutes of March",
    }

    load_rows(tmp_path, GOOD | right, correct_known=True)

    row = snapshot()
    assert (row.fund_code, row.round_code, row.organisation_name, row.title) == ("MSCF", "MSCF 2", "Blast", "")
    assert (row.districts, row.primary_topic, row.award_last) == ("", "", date(2022, 10, 6))
    assert figures("2022-11-30", fund="MSCF") == (1, 0, 0, 1, 0)
    assert figures("2022-12-01", fund="MSCF") == (0, 0, 0, 0, 0)


def test_withdrawal_that_was_none_is_taken_back(app: Flask, tmp_path: Path) -> None:
    load_rows(tmp_path, GOOD | {"withdrawn_on": "2015-03-01"})

    load_rows(tmp_path, GOOD | {"withdrawn_on": ""}, correct_known=True)

    assert figures("2026-01-01") == (1, 525_000, 0, 0, 0)


def test_repayment_of_another_amount_replaces_the_first(app: Flask, tmp_path: Path) -> None:
    load_rows(tmp_path, GOOD | {"repaid_gbp": "5000", "repaid_on": "2015-03-01"})

    load_rows(
        tmp_path, GOOD | {"amount_gbp": "400", "repaid_gbp": "300", "repaid_on": "2015-04-01"}, correct_known=True
    )

    assert figures("2026-01-01") == (1, 40_000, 30_000, 0, 0)


def test_made_up_award_cannot_become_a_real_one(app: Flask, tmp_path: Path) -> None:
    load_rows(tmp_path, GOOD | {"source": "illustrative: made up"})

    (problem,) = refused(write(tmp_path / "other.csv", GOOD), correct_known=True)

    assert "a made-up award stays made up" in problem


def test_check_with_correct_shows_the_differences_and_changes_nothing(app: Flask, tmp_path: Path) -> None:
    load_rows(tmp_path, GOOD)

    report = load_rows(tmp_path, GOOD | {"amount_gbp": "5000"}, correct_known=True, check=True)

    assert [str(each) for each in report.differences] == ["line 2, amount_gbp: T-1: 5250.00 → 5000.00"]
    assert snapshot().awarded_pence == 525_000


# What is refused


BAD = [
    ("reference", "", "is required"),
    ("reference", "a/b", "must begin with a letter or digit"),
    ("fund", "", "is required"),
    ("fund", "SCFF", "is not a known fund; the nearest is SCF"),
    ("round", "SCF 99", "is not a known round; the nearest is SCF 9"),
    ("round", "MSCF 2", "is not a round of SCF"),
    ("award_date", "31/02/2015", "must be YYYY-MM-DD"),
    ("award_date", "2015-02-31", "is not a day of the calendar"),
    ("award_date", "2999-01-01", "is in the future"),
    ("award_date", "2015-13", "must be YYYY-MM-DD"),
    ("organisation", "", "is required"),
    ("organisation", "x" * 201, "must be 200 characters or fewer"),
    ("districts", "Leads", "is not a known district; the nearest is Leeds"),
    ("topics", "hate crimes", "is not a known topic; the nearest is hate crime"),
    ("amount_gbp", "£5,925.50", "must be pounds as digits: write 5925.50"),
    ("amount_gbp", "5925.505", "must be pounds as digits"),
    ("amount_gbp", "-1", "must be pounds as digits"),
    ("amount_gbp", "abc", "must be pounds as digits"),
    ("amount_gbp", "1e3", "must be pounds as digits"),
    ("amount_gbp", "Infinity", "must be pounds as digits"),
    ("amount_gbp", "NaN", "must be pounds as digits"),
    ("amount_gbp", "٣", "must be pounds as digits"),
    ("amount_gbp", "99999999999999999999", "is larger than any grant"),
    ("amount_gbp", "0", "is nothing"),
    ("source", "", "is required"),
    ("source", "one\0two", "holds a NUL character"),
    ("project", "bell\x07", "holds a control character"),
    ("withdrawn_on", "2014-10-21", "is before the award"),
    ("withdrawn_on", "2999-01-01", "is in the future"),
    ("repaid_gbp", "5250.01", "is more than the £5,250 that was awarded"),
    ("recorded_on", "2999-01-01", "is in the future"),
    ("withdrawn_recorded_on", "2015-01-01", "is given without withdrawn_on"),
]


@pytest.mark.parametrize(("column", "value", "reason"), BAD)
def test_bad_cell_is_refused_with_line_column_value_and_reason(
    app: Flask, tmp_path: Path, column: str, value: str, reason: str
) -> None:
    bad = {column: value} | ({"repaid_on": "2015-01-01"} if column == "repaid_gbp" else {})
    path = write(tmp_path / "bad.csv", GOOD | {"reference": "T-0"}, GOOD | bad)

    problems = refused(path)

    shown = value.replace("\0", "\\x00").replace("\x07", "\\x07")
    assert [problem for problem in problems if problem.startswith(f"line 3, {column}: {shown[:70]}")]
    assert reason in problems[0]


def test_every_refused_line_is_named(app: Flask, tmp_path: Path) -> None:
    rows = [GOOD | {"reference": f"T-{number}", "amount_gbp": "abc"} for number in range(60)]

    problems = refused(write(tmp_path / "bad.csv", *rows))

    assert len(problems) == 51
    assert problems[0].startswith("line 2, ")
    assert problems[-1] == "… and 10 more lines are refused."


def test_repayment_of_an_unknown_amount_is_refused(app: Flask, tmp_path: Path) -> None:
    path = write(tmp_path / "bad.csv", GOOD | {"amount_gbp": "", "repaid_gbp": "5", "repaid_on": "2015-01-01"})

    assert refused(path) == ["line 2, repaid_gbp: 5: cannot be held against an award whose amount is not known"]


def test_blank_date_without_a_round_is_refused(app: Flask, tmp_path: Path) -> None:
    path = write(tmp_path / "bad.csv", GOOD | {"round": "", "award_date": ""})

    assert refused(path) == ["line 2, award_date: : is blank, and there is no round to take it from"]


def test_blank_date_of_a_round_without_one_is_refused(app: Flask, tmp_path: Path) -> None:
    path = write(tmp_path / "bad.csv", GOOD | {"round": "SCF 6", "award_date": ""})

    assert refused(path) == ["line 2, award_date: : is blank, and the round has no award date to take"]


@pytest.mark.parametrize("other", [{}, {"amount_gbp": "1"}])
def test_reference_twice_in_a_file_is_refused(app: Flask, tmp_path: Path, other: dict[str, str]) -> None:
    path = write(tmp_path / "bad.csv", GOOD, GOOD | other)

    assert refused(path) == ["line 3, reference: T-1: stands in line 2 of this file already"]


HEADER = ",".join(COLUMNS)
LINE = 'T-1,SCF,SCF 3,2014-10-22,Genesis,"Safe\nevenings",Leeds,CSE,5250,https://example.org'


BAD_FILES = [
    (b"", "line 1, file: bad.csv: the file is empty"),
    (b"\n\n", "line 1, file: bad.csv: the file is empty"),
    (HEADER.encode(), "line 2, file: bad.csv: the file holds a header and no rows"),
    (
        HEADER.replace("amount_gbp", "amount").encode(),
        "line 1, amount: amount: is not a known column; the nearest is amount_gbp",
    ),
    (HEADER.replace(",amount_gbp", "").encode(), "line 1, amount_gbp: : the column is missing"),
    ((HEADER + ",fund").encode(), "line 1, fund: fund: the column is there twice"),
    (f"{HEADER}\n{LINE}\nT-2,SCF\n".encode(), "line 4, round: : the row is short: it has 2 of 10 columns"),
    (f"{HEADER}\n{LINE},more\n".encode(), "line 2, row: more: the row is long: the header has 10 columns"),
    (
        f"{HEADER}\n{LINE}".replace("Genesis", "Café").encode("latin-1"),
        "line 2, organisation: Caf\\udce9: is not UTF-8 text: save the file as “CSV UTF-8”",
    ),
    (f"{HEADER}\n{LINE}".encode("utf-16"), "line 1, file: bad.csv: is UTF-16 text: save it as “CSV UTF-8”"),
    (
        f"{HEADER}\n{LINE}".replace('evenings"', "evenings").encode(),
        "line 2, file: bad.csv: a quotation mark is opened here and never closed",
    ),
    (
        f"{HEADER}\n{LINE}".replace("\n", "\r").encode(),
        "line 1, file: bad.csv: has line ends of another kind: save the file as “CSV UTF-8”",
    ),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "line 1, file: bad.csv: is an old Excel workbook: save it as XLSX or CSV UTF-8",
    ),
    (b"PK\x03\x04 and no more", "line 1, file: bad.csv: cannot be read as an XLSX workbook (BadZipFile)"),
    (
        b"x" * (1024 * 1024 + 2),
        "line 1, file: bad.csv: is longer than a row can be; is a quotation mark never closed?",
    ),
]


@pytest.mark.parametrize(("content", "problem"), BAD_FILES, ids=range(len(BAD_FILES)))
def test_bad_file_is_refused_with_a_reason(app: Flask, tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)

    assert refused(path)[0] == problem


@pytest.mark.parametrize(
    "content",
    [
        f"\ufeff{HEADER}\n{LINE}\n",
        f"{HEADER}\n{LINE}\n".replace("\n", "\r\n"),
        f"{HEADER}\n\n{LINE}\n\n,,,,,,,,,\n",
        f"{HEADER},,\n{LINE},,\n",
        f"{HEADER.upper()}\n{LINE}",
    ],
)
def test_harmless_differences_of_form_are_accepted(app: Flask, tmp_path: Path, content: str) -> None:
    path = tmp_path / "good.csv"
    path.write_text(content, encoding="utf-8", newline="")

    assert load(path).new == 1
    assert snapshot().title == "Safe evenings"


# Workbooks


def workbook(path: Path, *rows: Sequence[Any]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [COLUMNS, *rows]:
        sheet.append(list(row))
    book.save(path)
    return path


def test_workbook_is_read_cell_by_cell(app: Flask, tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "awards.xlsx",
        [
            "T-1",
            "SCF",
            "SCF 3",
            datetime(2014, 10, 22),  # noqa: DTZ001 - a cell has no zone
            "Genesis",
            None,
            "Leeds",
            "CSE",
            5925.5,
            "press",
        ],
        ["T-2", "SCF", None, 2015, "Blast", None, None, None, None, "press"],
        [None] * 10,
        ["T-3", "SCF", None, "by 2015-06-29", "Blast", None, None, None, 8000, "press"],
    )

    assert load(path).new == 3
    assert (snapshot().awarded_pence, snapshot().award_day.text) == (592_550, "2014-10-22")
    assert (snapshot("T-2").awarded_pence, snapshot("T-2").award_day.text) == (None, "2015")
    assert (snapshot("T-3").awarded_pence, snapshot("T-3").award_day.text) == (800_000, "by 2015-06-29")


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        (8, 5925.505, "5925.505"),
        (8, -1, "-1"),
        (8, True, "True"),
        (8, 1e22, "1e+22"),
        (3, datetime(2014, 10, 22, 9, 30), "2014-10-22 09:30:00"),  # noqa: DTZ001
        (3, 41934, "41934"),
    ],
)
def test_bad_cell_of_a_workbook_is_refused(app: Flask, tmp_path: Path, column: int, value: Any, shown: str) -> None:
    row: list[Any] = ["T-1", "SCF", "SCF 3", "2014-10-22", "Genesis", None, "Leeds", "CSE", 5250, "press"]
    row[column] = value

    (problem,) = refused(workbook(tmp_path / "bad.xlsx", row))

    assert problem.startswith(f"line 2, {COLUMNS[column]}: {shown}: ")


# On the command line


def test_command_says_that_every_line_is_in(app: Flask, runner: Runner) -> None:
    first = runner.invoke(args=["awards", "import", str(PUBLISHED)])
    second = runner.invoke(args=["awards", "import", str(PUBLISHED)])

    assert (first.exit_code, first.output) == (0, "Every line is in: 87 new.\n")
    assert (second.exit_code, second.output) == (0, "Nothing to do: all 87 awards are here already.\n")
    assert rows_known_of("awards") == 87


def test_command_with_check_changes_nothing(app: Flask, runner: Runner) -> None:
    result = runner.invoke(args=["awards", "import", str(PUBLISHED), "--check"])

    assert (result.exit_code, result.output) == (0, "Every line can go in: 87 new.\n")
    assert db.session.scalar(select(func.count()).select_from(Award)) == 0


def test_command_names_what_it_refuses(app: Flask, runner: Runner, tmp_path: Path) -> None:
    path = write(tmp_path / "bad.csv", GOOD | {"amount_gbp": "5925.505"})

    result = runner.invoke(args=["awards", "import", str(path)])

    assert result.exit_code == 1
    assert result.output == (
        "line 2, amount_gbp: 5925.505: must be pounds as digits, like 5925 or 5925.50\n"
        "Nothing was imported: 1 line is refused.\n"
    )


def test_command_shows_what_it_corrects(app: Flask, runner: Runner, tmp_path: Path) -> None:
    load_rows(tmp_path, GOOD)
    path = write(tmp_path / "other.csv", GOOD | {"amount_gbp": "5000"})

    result = runner.invoke(args=["awards", "import", str(path), "--correct"])

    assert result.exit_code == 0
    assert result.output == ("line 2, amount_gbp: T-1: 5250.00 → 5000.00\nEvery line is in: 1 corrected.\n")


def test_rebuild_command_counts_the_awards(app: Flask, runner: Runner) -> None:
    load(ILLUSTRATIVE)

    result = runner.invoke(args=["awards", "rebuild"])

    assert (result.exit_code, result.output) == (0, "20 awards, each as its ledger makes it.\n")
