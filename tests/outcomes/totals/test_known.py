"""As the records stood: what was known since the system runs, nothing rewrites; of before that, files of later tell."""

from __future__ import annotations

import csv
import json
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from grants.awards import rules
from grants.awards.corrections import operations as corrections
from grants.awards.entries import operations as entries
from grants.awards.ledger import queries as ledger
from grants.awards.models import Award, ImportedRow, LedgerEntry
from grants.awards.past.imports import ImportRefused, import_awards
from grants.awards.past.rows import COLUMNS
from grants.foundation.records import audit, held
from grants.foundation.records.actors import ANYONE
from grants.foundation.records.audit import AuditLine
from grants.foundation.records.db import db, transaction
from grants.foundation.values.clock import end_of_day
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from grants.outcomes.totals import queries
from grants.outcomes.totals.rules import Filters, Import, Records
from grants.outcomes.totals.statements import told_since
from tests.conftest import MovedClock
from tests.support import factories
from tests.support.client import Client

BEGAN = datetime(2026, 3, 2, 12, tzinfo=UTC)
TODAY = date(2026, 6, 1)
ROW = {"fund": "SCF", "award_date": "2015-03-02", "organisation": "Genesis", "topics": "CSE", "source": "Minutes"}
ROW |= {"project": "Safe evenings", "districts": "Leeds"}
_numbers = count(1)
many = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def _began(app: Flask, clock: MovedClock) -> None:
    clock.move_to(BEGAN)
    for make in (factories.fund, factories.topic, factories.district):
        make()
    audit.record(actor=ANYONE, verb="look")


def _bring(folder: Path, *rows: dict[str, str], **more: Any) -> None:
    path = folder / f"{next(_numbers)}.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, [*COLUMNS, "recorded_on"], restval="")
        writer.writeheader()
        writer.writerows(ROW | row for row in rows)
    import_awards(path, actor=factories.TESTS, **more)


def _said(known_by: datetime | None, as_at: date = TODAY) -> str:
    return json.dumps(queries.statement(Filters(as_at=as_at, known_by=known_by)).as_json())


def _projects(known_by: datetime, as_at: date = TODAY) -> int:
    return queries.statement(Filters(as_at=as_at, known_by=known_by)).totals.projects


def test_file_of_today_with_an_old_day_does_not_change_what_was_known_last_week(
    clock: MovedClock, tmp_path: Path
) -> None:
    clock.shift(timedelta(days=14))
    last_week = end_of_day(date(2026, 3, 9))
    before = _said(last_week)
    _bring(tmp_path, {"reference": "OLD-1", "amount_gbp": "5000", "recorded_on": "2015-04-01"})

    assert _said(last_week) == before
    assert (_projects(last_week), _projects(BEGAN), _projects(end_of_day(date(2026, 3, 16)))) == (0, 0, 1)
    assert _projects(BEGAN - timedelta(microseconds=1)) == _projects(end_of_day(date(2015, 4, 1))) == 1
    assert _projects(end_of_day(date(2015, 3, 31))) == 0


def test_correction_of_today_with_an_old_day_does_not_change_what_was_known_last_week(
    clock: MovedClock, tmp_path: Path
) -> None:
    factories.topic("hate crime")
    _bring(tmp_path, {"reference": "OLD-1", "amount_gbp": "5000", "recorded_on": "2015-04-01"})
    clock.shift(timedelta(days=14))
    before = _said(end_of_day(date(2026, 3, 9)))
    _bring(
        tmp_path,
        {"reference": "OLD-1", "amount_gbp": "4000", "recorded_on": "2015-04-01", "topics": "hate crime"},
        correct_known=True,
    )

    assert _said(end_of_day(date(2026, 3, 9))) == before
    assert '"total_pence": 400000' in _said(None)


files = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(["4000", "5000", ""]),
        st.sampled_from(["2015-03-02", "2020-01-01", "2026-03-03", "2026-03-05", ""]),
        st.integers(0, 2),
    ),
    min_size=2,
    max_size=5,
)


@many
@given(plan=files)
def test_no_import_rewrites_what_was_known_while_the_system_ran(
    app: Flask, clock: MovedClock, tmp_path: Path, plan: list[tuple[int, str, str, int]]
) -> None:
    stem = f"R{next(_numbers)}"
    begin = clock_now() + timedelta(hours=1)
    clock.move_to(begin)
    said: dict[datetime, str] = {}
    for number, amount, recorded, days in plan:
        clock.shift(timedelta(days=days, hours=1))
        row = {"reference": f"{stem}-{number}", "amount_gbp": amount, "recorded_on": recorded}
        with suppress(ImportRefused):  # a file may be refused: that rewrites nothing either
            _bring(tmp_path, row, correct_known=True)
        said[clock_now()] = _said(clock_now())
        clock.shift(timedelta(hours=1))
        said[clock_now()] = _said(clock_now())
    assert {instant: _said(instant) for instant in said} == said


def clock_now() -> datetime:
    """The instant at which the moved clock stands."""
    return datetime.now(UTC)


INSTANTS = [BEGAN + timedelta(days=days) for days in range(-3, 4)]
lines = st.lists(
    st.tuples(st.sampled_from(INSTANTS), st.sampled_from(INSTANTS[3:]), st.integers(1, 9)), min_size=1, max_size=6
)


@many
@given(lines=lines)
def test_ledger_says_in_sql_what_the_rule_says_of_each_line(app: Flask, lines: list[Any]) -> None:
    award = factories.award(reference=f"K-{next(_numbers)}", amount=100, award_day="2015-03-02", source="Minutes")
    with transaction():
        table = LedgerEntry.__table__.columns
        first = db.session.execute(select(*table).where(table.award_id == award.id)).mappings().one()
        held.insert_rows(LedgerEntry, [_variation(first, *line) for line in lines])
        audit.record(actor=ANYONE, verb="look")
    rows = db.session.scalars(select(LedgerEntry).where(LedgerEntry.award_id == award.id)).all()
    began = db.session.scalar(select(func.min(AuditLine.at)))
    assert began == BEGAN
    for instant in INSTANTS:
        found = ledger.in_force(as_at=TODAY, known_by=instant).c
        asked = select(found.awarded_pence).where(found.award_id == award.id)
        told = db.session.execute(asked).scalar()
        assert (told or 0) == rules.in_force(rows, as_at=TODAY, known_by=instant, began=began).awarded


def _variation(first: Any, recorded: datetime, entered: datetime, amount: int) -> dict[str, Any]:
    changed = {"kind": "variation", "amount_pence": amount, "project_delta": 0, "reason": "More."}
    values = dict(first) | changed | {"recorded_at": recorded, "entered_at": entered}
    del values["id"]
    return values


def test_change_of_an_award_counts_from_when_it_was_entered(clock: MovedClock) -> None:
    award = factories.award(reference="A-1", award_day="2015-03-02", source="Minutes")
    clock.shift(timedelta(days=7))
    corrections.correct_award_date(
        actor=factories.TESTS,
        award=award,
        award_day=Day.parse("2026-03-05"),
        recorded_at=end_of_day(date(2015, 4, 1)),
        reason="It was so.",
    )

    assert _projects(end_of_day(date(2026, 3, 8)), date(2026, 3, 4)) == 1
    assert _projects(end_of_day(date(2026, 3, 9)), date(2026, 3, 4)) == 0


def test_entry_of_today_counts_today_and_not_before(clock: MovedClock) -> None:
    award = factories.award(reference="A-1", award_day="2015-03-02", source="Minutes")
    clock.shift(timedelta(days=7))
    entries.record_repayment(
        actor=factories.TESTS, award=award, amount=Pence(1), effective=Day.parse("2016-01-01"), reason="Back."
    )

    returned = [
        queries.statement(Filters(as_at=TODAY, known_by=end_of_day(date(2026, 3, day)))).totals.returned_pence
        for day in (8, 9)
    ]
    assert returned == [0, 1]


# Where it comes from


@pytest.fixture
def told(clock: MovedClock, tmp_path: Path) -> list[str]:
    """Two files of two days, and an award that was entered by hand."""
    _bring(tmp_path, {"reference": "OLD-1", "amount_gbp": "5000", "recorded_on": "2015-04-01"})
    clock.shift(timedelta(days=1))
    _bring(tmp_path, {"reference": "OLD-2", "amount_gbp": "4000", "recorded_on": "2015-04-02"})
    factories.award(reference="A-1", award_day="2015-03-02", source="Minutes")
    return list(db.session.scalars(select(ImportedRow.file_sha256).order_by(ImportedRow.id)))


def test_page_and_json_say_which_files_of_which_day_tell_of_before(told: list[str], client: Client) -> None:
    words = (
        "This system did not run then: what the records held comes from "
        f"1 file brought in on 2 March 2026 ({told[0][:8]}), and 1 file brought in on 3 March 2026 ({told[1][:8]}), "
        "and 1 award entered by hand since."
    )
    for address in ("/outcomes", "/outcomes/rows"):
        assert words in client.get(address, query_string={"known_by": "2015-04-02"}).main
        assert "did not run" not in client.get(address, query_string={"known_by": "2026-03-02"}).main
    answer = client.get("/outcomes.json", query_string={"known_by": "2015-04-02"}).json
    assert answer["records"] == {
        "known_by": "recorded",
        "system_began": "2026-03-02T12:00:00+00:00",
        "imports": [
            {"sha256": told[0], "imported_at": "2026-03-02T12:00:00+00:00"},
            {"sha256": told[1], "imported_at": "2026-03-03T12:00:00+00:00"},
        ],
        "entered_by_hand": 1,
    }
    later = client.get("/outcomes.json", query_string={"known_by": "2026-03-02"}).json
    assert later["records"] == {"known_by": "entered"}


def test_file_that_had_nothing_to_say_of_an_instant_is_not_named(told: list[str], client: Client) -> None:
    answer = client.get("/outcomes.json", query_string={"known_by": "2015-04-01"}).json
    assert [one["sha256"] for one in answer["records"]["imports"]] == [told[0]]


def test_files_of_one_day_are_told_together() -> None:
    files = tuple(Import(letter * 64, BEGAN) for letter in "ab")
    assert "comes from 2 files brought in on 2 March 2026 (aaaaaaaa, bbbbbbbb)." in told_since(
        Records(BEGAN - timedelta(days=1), BEGAN, files)
    )
    assert told_since(Records(BEGAN, BEGAN, files)) == told_since(None) == ""
    assert told_since(Records(BEGAN, None)).endswith("comes from nothing since.")


def test_pages_ask_as_little_when_they_are_asked_of_an_instant(
    told: list[str], client: Client, count_queries: Any
) -> None:
    with count_queries() as asked:
        client.get("/outcomes", query_string={"known_by": "2015-04-02"})
    assert asked.count == 5
    assert db.session.scalar(select(func.count()).select_from(Award)) == 3
