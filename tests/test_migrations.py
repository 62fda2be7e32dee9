"""The schema that the migrations make is the schema that the models make: CHECKs, indexes and triggers too."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from psycopg import sql
from sqlalchemy import column, func, insert, inspect, select, text
from sqlalchemy import table as some_table
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from grants import create_app
from grants.accounts.models import Person
from grants.accounts.rights import MemberRole
from grants.awards.models import Award, AwardSnapshot, Offer, OfferStatus
from grants.awards.snapshots.operations import rebuild_snapshots
from grants.foundation.records import audit, outbox
from grants.foundation.records.appendonly import FREE, MAY_CHANGE
from grants.foundation.records.audit import AuditLine
from grants.foundation.records.db import db, transaction
from grants.foundation.values import clock
from tests.support import factories, release
from tests.support.databases import chosen_url, psycopg_url

ROOT = Path(__file__).parents[1]

MakeApp = Callable[[str], Flask]


@pytest.fixture
def make_app(tmp_path: Path, worker: str) -> Iterator[MakeApp]:
    """Makes an app on a database of its own, with nothing in it, of the kind that the suite runs on."""
    made: list[Flask] = []
    dropped: list[str] = []

    def make(name: str) -> Flask:
        url = chosen_url()
        if url:
            address = make_url(url).set(database=f"migrations_{worker}_{name}")
            _recreate(url, str(address.database))
            dropped.append(str(address.database))
            address_text = address.render_as_string(hide_password=False)
        else:
            address_text = f"sqlite:///{tmp_path / name}.db"
        app = create_app({"SQLALCHEMY_DATABASE_URI": address_text, "INSTANCE": tmp_path, "TESTING": True})
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()
    for name in dropped:
        with psycopg.connect(psycopg_url(chosen_url()), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _recreate(url: str, name: str) -> None:
    with psycopg.connect(psycopg_url(url), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def schema() -> dict[str, Any]:
    """Everything that the database holds but rows, in words that do not depend on how it came there."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            return _sqlite_schema(connection)
        return _postgresql_schema(connection)


def _sqlite_schema(connection: Any) -> dict[str, Any]:
    rows = connection.execute(
        text(
            "SELECT type || ' ' || name, sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name <> 'alembic_version'"
        )
    )
    return {name: _parts(statement) if name.startswith("table") else _tidy(statement) for name, statement in rows}


def _tidy(statement: str) -> str:
    return re.sub(r"\s+", " ", statement).strip()


def _parts(statement: str) -> list[str]:
    """The columns and constraints of a CREATE TABLE, sorted: their order is no difference."""
    body = statement[statement.index("(") + 1 : statement.rindex(")")]
    parts, depth, begun = [], 0, 0
    for at, sign in enumerate(body):
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            parts.append(_tidy(body[begun:at]))
            begun = at + 1
    return sorted([*parts, _tidy(body[begun:])])


_POSTGRESQL = {
    "columns": "SELECT table_name || '.' || column_name, concat_ws(' ', data_type, character_maximum_length::text, "
    "is_nullable, column_default, is_identity) FROM information_schema.columns WHERE table_schema = 'public'",
    "constraints": "SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = 'public'::regnamespace",
    "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": "SELECT tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid) FROM pg_trigger "
    "WHERE NOT tgisinternal",
    "functions": "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
}


def _postgresql_schema(connection: Any) -> dict[str, Any]:
    found = {}
    for kind, query in _POSTGRESQL.items():
        for name, definition in connection.execute(text(query)):
            if not name.startswith("alembic_version"):
                found[f"{kind} {name}"] = _tidy(definition)
    return found


def test_migrations_make_the_schema_of_the_models(make_app: MakeApp) -> None:
    with make_app("models").app_context():
        db.create_all()
        by_models = schema()
    with make_app("migrations").app_context():
        upgrade()
        by_migrations = schema()
    assert any("no_update" in name for name in by_models)
    assert any("CHECK" in str(value) for value in by_models.values())
    assert by_migrations == by_models, "write a migration"


def _triggers() -> dict[str, set[str]]:
    """The columns that the database protects from UPDATE in each table where it refuses DELETE too."""
    protected = {}
    with db.engine.connect() as connection:
        found = dict(list(connection.execute(text(_TRIGGERS[connection.dialect.name]))))
    for table in db.metadata.sorted_tables:
        definition = found.get(f"{table.name}_no_update", "")
        if definition and f"{table.name}_no_delete" in found:
            named = re.search(r" UPDATE OF (.*?) ON ", definition)
            protected[table.name] = set(named[1].split(", ")) if named else set(table.columns.keys())
    return protected


_TRIGGERS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
}


def test_database_refuses_every_change_that_is_not_listed(app: Flask) -> None:
    """A new table only grows, and a new column never changes, unless it is put on the list."""
    tables = {table.name: set(table.columns.keys()) for table in db.metadata.sorted_tables}
    assert not MAY_CHANGE.keys() & FREE.keys()
    assert MAY_CHANGE.keys() | FREE.keys() <= tables.keys()
    assert all(set(columns) < tables[table] for table, columns in MAY_CHANGE.items())
    expected = {name: columns - set(MAY_CHANGE.get(name, ())) for name, columns in tables.items() if name not in FREE}
    assert _triggers() == expected


def test_downgrade_leaves_nothing(make_app: MakeApp) -> None:
    with make_app("down").app_context():
        upgrade()
        downgrade(revision="base")
        assert schema() == {}


def test_upgrade_works_again_after_a_downgrade_with_data(make_app: MakeApp) -> None:
    with make_app("again").app_context():
        upgrade()
        _put_something_in()
        downgrade(revision="base")
        assert schema() == {}
        upgrade()
        assert db.session.scalar(select(func.count()).select_from(Person)) == 0


def test_upgrade_keeps_what_is_there(make_app: MakeApp) -> None:
    with make_app("data").app_context():
        upgrade()
        _put_something_in()
        upgrade()
        assert db.session.scalars(select(Person.name)).one() == "Sam"
        assert audit.verify().broken is None


def test_upgrade_from_the_last_release_keeps_every_row(make_app: MakeApp) -> None:
    with make_app("release").app_context():
        upgrade(revision=release.REVISION)
        with db.engine.begin() as connection:
            before = release.load(connection)
        upgrade()
        with db.engine.begin() as connection:
            after = release.read(connection, only=before)
        assert {name: len(rows) for name, rows in after.items()} == {name: len(rows) for name, rows in before.items()}
        assert after == before
        assert audit.verify().broken is None
        db.session.rollback()
        with db.engine.begin() as connection:
            assert connection.execute(text("SELECT count(*) FROM recommendation_sets")).scalar_one() == 1
            assert connection.execute(text("SELECT DISTINCT offer_days FROM rounds")).scalars().all() == [14]
            assert connection.execute(text("SELECT DISTINCT role FROM memberships")).scalars().all() == ["owner"]
        db.session.rollback()
        before_renewal = _snapshots()
        rebuild_snapshots()
        assert _snapshots() == before_renewal
        db.session.rollback()
        for table in ("awards", "ledger_entries", "decisions", "submissions"):
            with pytest.raises(DBAPIError, match="append-only"), transaction() as session:
                session.execute(text(f"DELETE FROM {table}"))  # noqa: S608


def test_upgrade_cuts_links_out_of_letters_that_left(make_app: MakeApp) -> None:
    link = "https://grants.example/reset-password/a-secret?next=/rounds"
    columns = "to", "subject", "body", "purpose", "about", "status", "made_at", "not_before", "tries", "last_error"
    now = inspect(outbox.OutboxMessage).columns
    old = some_table("outbox", *(column(name, now[name].type) for name in columns))
    with make_app("letters").app_context():
        upgrade(revision=release.REVISION)
        with db.engine.begin() as connection:
            for status in outbox.MailStatus:
                values = "a", "", f"Open\n{link}\nsoon", "", "", status.value, clock.now(), clock.now(), 0, ""
                connection.execute(insert(old).values(dict(zip(columns, values, strict=True))))
        upgrade()
        with db.engine.begin() as connection:
            bodies = dict(list(connection.execute(text("SELECT status, body FROM outbox"))))
    assert {status for status, body in bodies.items() if link in body} == {"queued", "sending"}
    assert {status for status, body in bodies.items() if outbox.CUT_OUT in body} == {"sent", "failed", "void"}


def _snapshots() -> list[tuple[object, ...]]:
    with db.engine.begin() as connection:
        rows = connection.execute(select(AwardSnapshot.__table__).order_by(AwardSnapshot.award_id)).all()
    return [tuple(row) for row in rows]


def test_downgrade_to_the_last_release_keeps_every_row(make_app: MakeApp) -> None:
    with make_app("back").app_context():
        upgrade(revision=release.REVISION)
        with db.engine.begin() as connection:
            before = release.load(connection)
        made = schema()
        upgrade()
        downgrade(revision=release.REVISION)
        with db.engine.begin() as connection:
            assert release.read(connection) == before
        assert schema() == made


def test_downgrade_refuses_to_lose_what_the_last_release_cannot_hold(make_app: MakeApp) -> None:
    with make_app("lossy").app_context():
        upgrade(revision=release.REVISION)
        with db.engine.begin() as connection:
            release.load(connection)
        upgrade()
        with transaction() as session:
            now = clock.now()
            session.add(
                Offer(
                    award_id=session.scalars(select(Award.id).limit(1)).one(),
                    status=OfferStatus.MADE,
                    amount_pence=100,
                    conditions="",
                    terms="",
                    made_at=now,
                    expires_at=now + timedelta(days=1),
                )
            )
        db.session.rollback()
        with pytest.raises(SystemExit):
            downgrade(revision=release.REVISION)
        assert db.session.scalar(select(func.count()).select_from(Offer)) == 1
        db.session.rollback()


def test_downgrade_refuses_to_make_a_reader_an_owner(make_app: MakeApp) -> None:
    with make_app("reader").app_context():
        upgrade()
        factories.person(member_of=factories.organisation(), as_=MemberRole.READER)
        db.session.rollback()
        with pytest.raises(SystemExit):
            downgrade(revision=release.REVISION)
        db.session.rollback()


def test_migrated_tables_refuse_to_change_a_line(make_app: MakeApp) -> None:
    with make_app("refuse").app_context():
        upgrade()
        _put_something_in()
        for change in ("UPDATE audit_lines SET why = 'x'", "DELETE FROM audit_lines"):
            with pytest.raises(DBAPIError, match="append-only"), transaction() as session:
                session.execute(text(change))
        assert db.session.scalar(select(func.count()).select_from(AuditLine)) == 1


def _put_something_in() -> None:
    person = factories.person(name="Sam")
    audit.record(actor=person.actor, verb="look")
    db.session.rollback()


def test_upgrade_command_is_quiet_and_makes_a_working_installation(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{path}", "GRANTS_INSTANCE": str(tmp_path)}
    command = [sys.executable, "-W", "error", "-m", "flask", "--app", "wsgi"]
    done = subprocess.run(
        [*command, "db", "upgrade"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    checked = subprocess.run(
        [*command, "audit", "verify"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    assert checked.stdout.startswith("0 lines")
