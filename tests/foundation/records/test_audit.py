"""The trail cannot be changed by the app, and shows it where somebody changed it behind the app's back."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError

from grants.foundation.records import audit, office
from grants.foundation.records.actors import ANYONE, Actor
from grants.foundation.records.appendonly import statements
from grants.foundation.records.audit import AuditLine, HistoryValue, Verdict
from grants.foundation.records.db import WriteOutsideTransaction, db, is_postgresql, transaction
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from tests.support.client import apart

OFFICER = Actor.person(7)
LINES = AuditLine.__table__


def some_deeds() -> None:
    """Four lines, of which the second and the third keep values."""
    audit.record(actor=ANYONE, verb="look")
    audit.record(
        actor=OFFICER, verb="name", kind="people", changes={"name": ("Jo", "Joe"), "day": (None, date(2026, 1, 2))}
    )
    audit.record(actor=OFFICER, verb="award", kind="awards", reference="SCF-1", changes={"pence": (Pence(1), Pence(2))})
    audit.record(actor=OFFICER, verb="sign", why="As agreed.")


@contextmanager
def triggers_asleep(table: str) -> Iterator[None]:
    """What somebody can do who holds the database itself."""
    with transaction() as session:
        if is_postgresql():
            session.execute(text("SET LOCAL session_replication_role = replica"))
            yield
            return
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
        for name in (f"{table}_no_update", f"{table}_no_delete"):
            session.execute(text(f"DROP TRIGGER {name}"))
        yield
        for statement in statements(table, "sqlite"):
            session.execute(text(statement))


def behind_its_back(*changes: Any) -> None:
    with triggers_asleep("audit_lines"):
        for change in changes:
            db.session.execute(text(change) if isinstance(change, str) else change)
    db.session.expire_all()


def rewritten(line_id: int, **values: Any) -> Any:
    return update(LINES).where(LINES.c.id == line_id).values(**values)


def test_line_says_who_did_what_with_which_and_why(app: Flask, clock: Any) -> None:
    made = office.set_office(actor=OFFICER, name="Office of the PCC", why="First set-up.")
    line = db.session.scalars(select(AuditLine)).one()
    assert (line.id, line.actor, line.verb, line.kind, line.thing_id) == (
        1,
        "person:7",
        "set office",
        "office",
        made.id,
    )
    assert (line.why, line.previous, line.reference) == ("First set-up.", audit.GENESIS, "")
    assert line.at.isoformat() == "2026-11-22T12:00:00+00:00"
    assert "name" in json.loads(line.digests)


def test_line_itself_holds_no_value(app: Flask) -> None:
    audit.record(actor=OFFICER, verb="name", kind="people", changes={"name": ("Jo Secret", "Joe Secret")})
    row = db.session.execute(text("SELECT * FROM audit_lines")).one()
    assert "Secret" not in str(row)
    assert db.session.scalars(select(HistoryValue.after)).all() == ["Joe Secret"]


def test_diff_is_what_changed_and_leaves_out_passwords(app: Flask) -> None:
    office.set_office(actor=OFFICER, name="One")
    made = db.session.get_one(office.Office, 1)
    made.name, made.area = "Two", made.area
    assert audit.diff(made) == {"name": ("One", "Two")}


def test_same_values_have_other_digests_in_each_line(app: Flask) -> None:
    """Equal digests would tell, after erasure, that two people had the same name."""
    for _ in range(2):
        audit.record(actor=OFFICER, verb="name", kind="people", changes={"name": ("", "Jo")})
    first, second = db.session.scalars(select(AuditLine.digests)).all()
    assert first != second


def test_trail_that_nobody_touched_holds(app: Flask) -> None:
    some_deeds()
    verdict = audit.verify()
    assert verdict == Verdict(4, db.session.get_one(AuditLine, 4).hash)


def test_empty_trail_holds(app: Flask) -> None:
    assert audit.verify() == Verdict(0, audit.GENESIS)


COLUMNS = [column.key for column in AuditLine.__table__.columns if column.key not in {"id", "thing_id", "at"}]


@pytest.mark.parametrize("column", COLUMNS)
def test_any_changed_column_is_found(app: Flask, column: str) -> None:
    """Risk: somebody who holds the database rewrites who did what, or why."""
    some_deeds()
    behind_its_back(rewritten(3, **{column: "{} "}))
    assert audit.verify().broken == 3


@pytest.mark.parametrize(
    ("column", "value"),
    [("at", datetime(2020, 1, 1, tzinfo=UTC)), ("at", datetime(2026, 11, 22, 12, 0, 0, 1, UTC)), ("thing_id", 5)],
)
def test_changed_time_or_thing_is_found(app: Flask, clock: Any, column: str, value: Any) -> None:
    some_deeds()
    behind_its_back(rewritten(2, **{column: value}))
    assert audit.verify() == Verdict(1, db.session.get_one(AuditLine, 1).hash, 2, "its content was changed")


def test_line_that_was_changed_with_its_hash_is_found_by_the_next(app: Flask) -> None:
    some_deeds()
    line = db.session.get_one(AuditLine, 2)
    line.why = "Another reason."
    forged = audit.line_hash(line)
    db.session.rollback()
    behind_its_back(rewritten(2, why="Another reason.", hash=forged))
    assert (audit.verify().broken, audit.verify().reason) == (3, "it does not follow the line before it")


@pytest.mark.parametrize("missing", [1, 2, 3])
def test_missing_line_is_found(app: Flask, missing: int) -> None:
    some_deeds()
    behind_its_back(
        delete(HistoryValue).where(HistoryValue.line_id == missing), delete(LINES).where(LINES.c.id == missing)
    )
    assert audit.verify().reason == f"line {missing} is missing"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ("UPDATE history_values SET after = '9' WHERE field = 'pence'", "pence"),
        ("UPDATE history_values SET before = '9' WHERE field = 'pence'", "pence"),
        ("UPDATE history_values SET field = 'amount' WHERE field = 'pence'", "amount"),
        ("UPDATE history_values SET key = 'k' WHERE field = 'name'", "name"),
        ("UPDATE history_values SET line_id = 4 WHERE field = 'pence'", "pence"),
    ],
)
def test_changed_value_is_found(app: Flask, change: str, field: str) -> None:
    some_deeds()
    behind_its_back(change)
    assert audit.verify().reason == f"the kept value of {field} was changed"


def test_chain_holds_after_values_were_erased(app: Flask) -> None:
    some_deeds()
    before = audit.verify()
    with transaction() as session:
        session.execute(delete(HistoryValue).where(HistoryValue.field == "name"))
    assert audit.verify() == before
    with transaction() as session:
        session.execute(delete(HistoryValue))
    assert audit.verify() == before


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_lines SET why = 'x'",
        "UPDATE audit_lines SET why = 'x' WHERE id = 2",
        "DELETE FROM audit_lines",
        "DELETE FROM audit_lines WHERE id = 4",
    ],
)
def test_database_refuses_to_change_the_trail(app: Flask, change: str) -> None:
    some_deeds()
    with pytest.raises(DBAPIError, match="audit_lines is append-only"), transaction() as session:
        session.execute(text(change))
    assert audit.verify().lines == 4


def test_database_refuses_to_replace_or_empty_the_trail(app: Flask) -> None:
    some_deeds()
    way = "TRUNCATE audit_lines CASCADE" if is_postgresql() else "REPLACE INTO audit_lines SELECT * FROM audit_lines"
    with pytest.raises(DBAPIError, match="audit_lines is append-only"), transaction() as session:
        session.execute(text(way))
    assert audit.verify().lines == 4


def test_line_is_written_with_its_deed_or_not_at_all(app: Flask) -> None:
    def look_and_fail() -> None:
        with transaction():
            audit.record(actor=ANYONE, verb="look")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        look_and_fail()
    assert db.session.scalar(select(func.count()).select_from(AuditLine)) == 0


def test_get_writes_no_line(app: Flask) -> None:
    def get() -> None:
        with app.test_request_context("/"):
            app.preprocess_request()
            audit.record(actor=ANYONE, verb="look")

    with pytest.raises(WriteOutsideTransaction, match="A GET changes nothing"):
        apart(get)


def test_deeds_at_the_same_time_make_one_chain(app: Flask) -> None:
    errors: list[BaseException] = []

    def work() -> None:
        try:
            with app.app_context():
                for _ in range(5):
                    audit.record(actor=ANYONE, verb="look", changes={"n": (0, 1)})
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert audit.verify().lines == 20


@pytest.mark.parametrize("lines", [3, 7])
def test_verify_asks_little_however_long_the_trail(
    app: Flask, lines: int, count_queries: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(lines):
        audit.record(actor=ANYONE, verb="look", changes={"n": (n, n + 1)})
    with count_queries() as queries:
        assert audit.verify().lines == lines
    assert queries.count == 6
    monkeypatch.setattr(audit, "LINES_AT_A_TIME", 2)
    assert audit.verify().lines == lines


def test_values_are_written_alike_on_every_database() -> None:
    values = [None, True, 5, "a", date(2026, 1, 2), Day.parse("2015-03"), [1, "é"], {"b": 1, "a": None}]
    expected = ["", "True", "5", "a", "2026-01-02", "2015-03", '[1, "é"]', '{"a": null, "b": 1}']
    assert [audit.as_text(value) for value in values] == expected
