"""What cannot be stored now loses no text, and the health of the service says so."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg
import pytest
from flask import Flask
from sqlalchemy import exc, make_url, text
from sqlalchemy.orm import Session

from grants import create_app
from grants.foundation.records import audit, health
from grants.foundation.records import db as records
from grants.foundation.records.actors import Actor
from grants.foundation.records.db import db, transaction
from grants.foundation.records.health import may_work_later, why_not_write
from tests.conftest import new_client
from tests.support.attacks import psycopg_url
from tests.support.client import ORIGIN, words

OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def another_app(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Flask]]:
    """Makes an app that waits for nobody, with `/note`, which writes, and `/slip`, which asks for what there is not."""
    monkeypatch.setattr(records, "BUSY_SECONDS", 0.05)
    monkeypatch.setattr(health, "TRIAL_SECONDS", 0.05)
    made: list[Flask] = []

    def make(**overrides: Any) -> Flask:
        url = app.config["SQLALCHEMY_DATABASE_URI"]
        new = create_app({"TESTING": False, "SQLALCHEMY_DATABASE_URI": url, **overrides})
        new.add_url_rule("/note", "note", _note, methods=["GET", "POST"])
        new.add_url_rule("/slip", "slip", lambda: str(db.session.execute(text("SELECT 1 FROM nowhere"))))
        made.append(new)
        return new

    yield make
    for each in made:
        with each.app_context():
            db.engine.dispose()


def _note() -> str:
    with transaction():
        audit.record(actor=Actor.command("test"), verb="look")
    return "stored"


@contextmanager
def _held(app: Flask) -> Iterator[None]:
    """Hold the database as another process would that takes long over its writing."""
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(str(make_url(url).database), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
        return
    with psycopg.connect(psycopg_url(url)) as other:
        other.execute("LOCK TABLE audit_lines IN EXCLUSIVE MODE")
        yield
        other.rollback()


def test_what_is_sent_while_the_database_is_held_is_kept_to_be_sent_again(another_app: Callable[..., Flask]) -> None:
    """Risk: an import holds the database for a minute, and everybody's text of that minute is gone."""
    made = another_app()
    client = new_client(made)
    page = client.post("/note", data={"text": "x"}, headers=OURS).page
    sent = {
        "csrf_token": page.select_one("main input[name=csrf_token]")["value"],
        "text": "An <hour> of work",
        "password": "correct horse",
    }

    with _held(made):
        answer = client.post("/note", data=sent, headers=OURS)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert [words(one) for one in answer.page.select(".g-typed")] == ["An <hour> of work"]
    assert "correct horse" not in answer.get_data(as_text=True)
    assert client.submit(answer).get_data(as_text=True) == "stored"


@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize("path", ["/", "/register"])
@pytest.mark.parametrize("away", ["sqlite:////no/folder/here.db", "postgresql+psycopg://nobody@127.0.0.1:1/nothing"])
def test_page_that_needs_the_database_says_when_to_try_again(
    another_app: Callable[..., Flask], away: str, path: str, signed_in: bool
) -> None:
    client = new_client(another_app(SQLALCHEMY_DATABASE_URI=away))
    if signed_in:
        with client.session_transaction(base_url=ORIGIN) as session:
            session["_user_id"] = "a session that is in the database"

    answer = client.get(path)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert words(answer.page.h1) == "The service is not available right now"


def test_database_that_goes_away_at_the_end_keeps_no_answer_back(another_app: Callable[..., Flask]) -> None:
    """Risk: a page that was made, or a deed that was done, is told as an error without a page."""
    client = new_client(another_app())
    gone = exc.OperationalError("ROLLBACK", None, psycopg.OperationalError("server closed the connection"))

    with patch.object(Session, "close", side_effect=gone):
        assert client.get("/register").status_code == 200

    assert client.get("/register").status_code == 200


def test_fault_of_our_own_is_not_taken_for_a_busy_database(another_app: Callable[..., Flask]) -> None:
    assert new_client(another_app()).get("/slip").status_code == 500


def test_trial_writes_where_it_can_and_changes_no_row(another_app: Callable[..., Flask]) -> None:
    with another_app().app_context():
        assert [why_not_write(), why_not_write()] == ["", ""]
        assert db.session.scalar(text("SELECT count(*) FROM audit_lines")) == 0


def test_trial_notices_a_database_that_takes_no_writes(app: Flask, another_app: Callable[..., Flask]) -> None:
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    if url.startswith("sqlite"):
        read_only = f"sqlite:///file:{make_url(url).database}?mode=ro&uri=true"
    else:
        read_only = f"{url}?options=-c%20default_transaction_read_only%3Don"
    made = another_app(SQLALCHEMY_DATABASE_URI=read_only)
    with made.app_context():
        assert why_not_write() == "The database takes no writes."
    client = new_client(made)
    token = client.post("/note", data={"text": "x"}, headers=OURS).page.select_one("main input")["value"]
    assert client.post("/note", data={"csrf_token": token, "text": "Mine"}, headers=OURS).status_code == 503


def test_trial_notices_a_writer_that_takes_long_and_a_folder_that_takes_no_files(
    another_app: Callable[..., Flask], tmp_path: Path
) -> None:
    made = another_app()
    with made.app_context(), _held(made):
        held = "" if records.is_postgresql() else "The database is held by a writer that takes long."
        assert why_not_write() == held
    with another_app(INSTANCE=tmp_path / "gone").app_context():
        assert why_not_write() == "The instance folder takes no files."


@pytest.mark.parametrize(
    ("error", "later"),
    [
        (OSError(errno.ENOSPC, "full"), True),
        (OSError(errno.ENOENT, "missing"), False),
        (exc.TimeoutError("all are in use"), True),
        (exc.OperationalError("", {}, psycopg.errors.LockNotAvailable()), True),
        (exc.OperationalError("", {}, psycopg.errors.DiskFull()), True),
        (exc.DBAPIError("", {}, psycopg.errors.ReadOnlySqlTransaction()), True),
        (exc.DBAPIError("", {}, psycopg.InterfaceError(), connection_invalidated=True), True),
        (exc.DBAPIError("", {}, psycopg.errors.UndefinedTable()), False),
        (exc.IntegrityError("", {}, psycopg.errors.UniqueViolation()), False),
    ],
    ids=lambda value: f"{value!r:.40}",
)
def test_error_is_for_later_only_where_the_statement_is_not_at_fault(error: Exception, later: bool) -> None:
    assert may_work_later(error) is later
