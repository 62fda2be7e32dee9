"""The commands: the audit trail, the mail worker, the office's settings."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from grants.foundation import commands
from grants.foundation.records import audit, outbox
from grants.foundation.records.actors import ANYONE
from grants.foundation.records.db import db, is_postgresql
from grants.foundation.records.office import the_office
from grants.foundation.records.outbox import MailStatus, OutboxMessage
from tests.support import factories

ROOT = Path(__file__).parents[2]


def test_audit_verify_counts_the_lines(runner: Any) -> None:
    for verb in ("look", "go", "come"):
        line = audit.record(actor=ANYONE, verb=verb)
    result = runner.invoke(args=["audit", "verify"])
    assert (result.exit_code, result.output) == (0, f"3 lines and 0 rows, all in order. Head: 3:{line.hash}\n")


def test_audit_verify_misses_what_was_cut_off_where_it_is_told_the_head(runner: Any) -> None:
    audit.record(actor=ANYONE, verb="look")
    before = runner.invoke(args=["audit", "head"]).output.strip()
    audit.record(actor=ANYONE, verb="go")
    noted = runner.invoke(args=["audit", "head"]).output.strip()
    _behind_its_back("DELETE FROM audit_lines WHERE id = 2")

    assert runner.invoke(args=["audit", "verify"]).exit_code == 0
    assert runner.invoke(args=["audit", "verify", "--head", before]).exit_code == 0
    told = runner.invoke(args=["audit", "verify", "--head", noted])
    assert told.exit_code == 1
    assert told.output.startswith(
        "Line 2 was tampered with: it is missing, and so is all up to line 2, which was noted."
    )


def test_audit_verify_finds_another_line_in_place_of_the_one_that_was_noted(runner: Any) -> None:
    audit.record(actor=ANYONE, verb="look")
    told = runner.invoke(args=["audit", "verify", "--head", f"1:{'a' * 64}"])
    assert (told.exit_code, "it is not the line whose hash was noted" in told.output) == (1, True)


@pytest.mark.parametrize("head", ["1", "a" * 64, f"one:{'a' * 64}", f"1:{'A' * 64}"])
def test_audit_verify_says_what_a_head_looks_like(runner: Any, head: str) -> None:
    told = runner.invoke(args=["audit", "verify", "--head", head])
    assert (told.exit_code, "as `audit head` shows it" in told.output) == (2, True)


def test_audit_verify_names_a_row_that_was_changed(runner: Any) -> None:
    award = factories.award(reference="SCF-9")
    runner.invoke(args=["audit", "take-in"])
    _behind_its_back("UPDATE awards SET title = 'Another'", table="awards")
    told = runner.invoke(args=["audit", "verify"])
    assert told.exit_code == 1
    assert f"awards: row {award.id} (SCF-9) is not what line 1 says.\n" in told.output
    assert "award_standings: SCF-9 is not what its ledger says: search, title.\n" in told.output


def test_audit_verify_says_how_far_it_is(runner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "SECONDS_BETWEEN_WORDS", -1)
    for verb in ("look", "go"):
        audit.record(actor=ANYONE, verb=verb)
    told = runner.invoke(args=["audit", "verify"])
    assert told.stderr.splitlines()[:2] == ["lines: 1 of 2", "lines: 2 of 2"]


def test_audit_take_in_holds_once_what_no_line_holds(runner: Any) -> None:
    factories.organisation()
    assert "no line of the trail holds it" in runner.invoke(args=["audit", "verify"]).output
    assert runner.invoke(args=["audit", "take-in"]).output == "1 rows taken in.\n"
    assert runner.invoke(args=["audit", "verify"]).exit_code == 0
    assert runner.invoke(args=["audit", "take-in"]).output == "0 rows taken in.\n"
    assert runner.invoke(args=["audit", "verify"]).output.startswith("1 lines and 1 rows, all in order.")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE audit_lines SET why = 'another' WHERE id = 2", "Line 2 was tampered with: its content was changed."),
        ("UPDATE audit_lines SET at = '2020-01-01 00:00:00' WHERE id = 2", "Line 2 was tampered with"),
        ("DELETE FROM audit_lines WHERE id = 2", "Line 3 was tampered with: line 2 is missing."),
        ("UPDATE history_values SET after = 'x'", "Line 3 was tampered with: the kept value of name was changed."),
    ],
)
def test_audit_verify_names_the_first_line_that_was_tampered_with(runner: Any, change: str, told: str) -> None:
    audit.record(actor=ANYONE, verb="look")
    audit.record(actor=ANYONE, verb="go")
    audit.record(actor=ANYONE, verb="come", kind="people", changes={"name": ("a", "b")})
    _behind_its_back(change)
    result = runner.invoke(args=["audit", "verify"])
    assert result.exit_code == 1
    assert result.output.startswith(told)


def test_audit_verify_holds_when_a_value_was_erased(runner: Any) -> None:
    audit.record(actor=ANYONE, verb="come", kind="people", changes={"name": ("a", "b")})
    _behind_its_back("DELETE FROM history_values")
    assert runner.invoke(args=["audit", "verify"]).exit_code == 0


def _behind_its_back(change: str, *, table: str = "audit_lines") -> None:
    """As somebody with the database in their hands would: the triggers asleep, the foreign keys too."""
    db.session.rollback()
    with db.engine.connect() as connection:
        if is_postgresql():
            connection.execute(text("SET session_replication_role = replica"))
            connection.execute(text(change))
            connection.commit()
            connection.execute(text("SET session_replication_role = origin"))
            connection.commit()
            return
        triggers = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :name"), {"name": table}
        ).all()
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        for name, _ in triggers:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql(change)
        for _, sql in triggers:
            connection.exec_driver_sql(sql)
        connection.commit()


def test_mail_send_writes_what_is_due(runner: Any, instance: Path) -> None:
    message = outbox.queue(to="a@example.org", subject="Hello", body="Good day.", purpose="greeting")
    result = runner.invoke(args=["mail", "send"])
    assert (result.exit_code, result.output) == (0, "1 sent, 0 failed.\n")
    assert "Good day." in (instance / "mail" / f"{message.id:08}.eml").read_text()
    assert db.session.get_one(OutboxMessage, message.id).status == MailStatus.SENT
    assert runner.invoke(args=["mail", "send"]).output == "0 sent, 0 failed.\n"


def test_mail_send_says_when_the_server_does_not_answer(config: Any, runner: Any) -> None:
    message = outbox.queue(to="a@example.org", subject="Hello", body="Good day.", purpose="greeting")
    config["MAIL_URL"] = "smtp://127.0.0.1:1"
    result = runner.invoke(args=["mail", "send"])
    said, _, why = result.output.partition(" The last reason: ")
    assert (result.exit_code, said) == (1, "0 sent, 1 failed.")
    assert "refused" in why.lower()
    kept = db.session.get_one(OutboxMessage, message.id)
    assert (kept.status, kept.tries) == (MailStatus.QUEUED, 1)
    assert "refused" in kept.last_error.lower()


@contextmanager
def _worker(app: Any, folder: Path) -> Iterator[subprocess.Popen[str]]:
    environment = {
        **os.environ,
        "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
        "GRANTS_INSTANCE": str(folder),
        "PYTHONUNBUFFERED": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "mail", "run", "--every", "0.1"],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


def _wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    for _ in range(300):
        if path.exists():
            return
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.1)
    pytest.fail(f"{path.name} was not written")


def _queue_apart(subject: str) -> int:
    number = outbox.queue(to="a@example.org", subject=subject, body="Good day.", purpose="greeting").id
    db.session.rollback()
    return number


@pytest.mark.slow
def test_mail_run_sends_outlives_a_database_that_goes_away_and_ends_on_a_signal(app: Any, tmp_path: Path) -> None:
    with _worker(app, tmp_path) as process:
        _wait_for(tmp_path / "mail" / f"{_queue_apart('First'):08}.eml", process)
        _take_the_database_away()
        _give_it_back()
        _wait_for(tmp_path / "mail" / f"{_queue_apart('Second'):08}.eml", process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        assert process.stderr is not None
        assert "will try again" in process.stderr.read()


def _take_the_database_away() -> None:
    with db.engine.connect() as connection:
        connection.execute(text("ALTER TABLE outbox RENAME TO gone"))
        connection.commit()
        if is_postgresql():
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
            connection.commit()
    time.sleep(1.5)


def _give_it_back() -> None:
    with db.engine.connect() as connection:
        connection.execute(text("ALTER TABLE gone RENAME TO outbox"))
        connection.commit()


def test_office_set_changes_a_setting_and_writes_a_line(runner: Any) -> None:
    result = runner.invoke(args=["office", "set", "name", "The Mayor's office"])
    assert (result.exit_code, result.output) == (0, "name: The Mayor's office\n")
    assert the_office().name == "The Mayor's office"
    assert db.session.scalars(db.select(audit.AuditLine.verb)).all() == ["set office"]
    assert "name: The Mayor's office\n" in runner.invoke(args=["office", "show"]).output


def test_office_set_reads_yes_and_no(runner: Any) -> None:
    assert runner.invoke(args=["office", "set", "is_test_prefix", "yes"]).output == "is_test_prefix: yes\n"
    assert the_office().is_test_prefix is True


@pytest.mark.parametrize("args", [["colour", "red"], ["is_test_prefix", "perhaps"]])
def test_office_set_refuses_what_is_no_setting(runner: Any, args: list[str]) -> None:
    assert runner.invoke(args=["office", "set", *args]).exit_code == 2
