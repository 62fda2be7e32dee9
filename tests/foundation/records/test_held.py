"""Whatever a deed writes, its line holds, and no room has to think of it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, update

from grants.accounts.models import FormerMembership, Membership, Organisation, RoleGrant
from grants.accounts.rights import Role
from grants.foundation.records import audit, held, proof
from grants.foundation.records.actors import NOBODY, Actor
from grants.foundation.records.acts import RecordAct
from grants.foundation.records.audit import AuditLine
from grants.foundation.records.db import Base, db, transaction
from grants.foundation.values import clock
from tests.support import factories

OFFICER = Actor.person(7)


def _lines_of(table: str) -> list[tuple[str, int, bool]]:
    """The keys of the digests of a table, with their lines, and whether a row is there."""
    of = held.RowDigest
    found = db.session.execute(select(of.row_key, of.line_id, of.sha256).where(of.table_name == table).order_by(of.id))
    return [(key, line, bool(digest)) for key, line, digest in found]


def _group(name: str = "Genesis") -> Organisation:
    return Organisation(name=name, made_at=clock.now())


def _faults() -> list[str]:
    db.session.rollback()
    return proof.prove().faults


def test_line_holds_what_was_made_changed_and_deleted_since_the_line_before(app: Flask) -> None:
    with transaction() as session:
        group, other = _group(), _group("Blast")
        session.add_all([group, other])
        audit.record(actor=OFFICER, verb="make")
        group.name = "Genesis Leeds"
        session.delete(other)
        audit.record(actor=OFFICER, verb="change")
    one, two = str(group.id), str(other.id)
    assert _lines_of("organisations") == [(one, 1, True), (two, 1, True), (one, 2, True), (two, 2, False)]
    assert _faults() == []


def test_what_did_not_change_is_not_held_again(app: Flask) -> None:
    with transaction() as session:
        group = _group()
        session.add(group)
        audit.record(actor=OFFICER, verb="make")
        group.name = group.name
        audit.record(actor=OFFICER, verb="look")
    assert _lines_of("organisations") == [(str(group.id), 1, True)]


def test_row_with_a_key_of_two_columns_is_held_by_both(app: Flask) -> None:
    person = factories.person()
    with transaction() as session:
        session.add(RoleGrant(person_id=person.id, role=Role.OFFICER, granted_at=clock.now()))
        audit.record(actor=OFFICER, verb="grant")
    assert _lines_of("role_grants") == [(f"{person.id}/officer", 1, True)]


def test_membership_that_ends_is_held_with_the_row_that_remembers_it(app: Flask) -> None:
    group = factories.organisation()
    person = factories.person(member_of=group)
    with transaction() as session:
        session.delete(session.scalars(select(Membership)).one())
        audit.record(actor=OFFICER, verb="leave")
    former = db.session.scalars(select(FormerMembership)).one()
    assert _lines_of("former_memberships") == [(str(former.id), 1, True)]
    assert _lines_of("memberships") == [(f"{person.id}/{group.id}", 1, False)]


@pytest.mark.parametrize("by", [OFFICER, None])
def test_what_is_written_after_the_last_line_of_a_deed_gets_a_line_of_its_own(app: Flask, by: Actor | None) -> None:
    def write() -> None:
        with transaction() as session:
            if by:
                audit.record(actor=by, verb="look")
            session.add(_group())

    from tests.support import loose

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loose, "is_by_a_test", lambda: False)
        write()
    line = db.session.scalars(select(AuditLine).order_by(AuditLine.id.desc())).first()
    assert line is not None
    assert (line.verb, line.actor) == (RecordAct.HOLD_ROWS, (by or NOBODY).key)
    number = db.session.scalar(select(Organisation.id))
    assert _lines_of("organisations") == [(str(number), line.id, True)]
    assert _faults() == []


def test_deed_that_fails_holds_nothing_and_leaves_nothing_to_the_next(app: Flask) -> None:
    def fail() -> None:
        with transaction() as session:
            session.add(_group())
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    audit.record(actor=OFFICER, verb="look")
    assert _lines_of("organisations") == []


def test_rows_that_are_inserted_by_one_statement_are_held(app: Flask) -> None:
    rows = [
        {
            "name": name,
            "name_key": name,
            "kind": "not recorded",
            "charity_number": "",
            "company_number": "",
            "made_at": at,
        }
        | {"version": 1}
        for name, at in (("a", clock.now()), ("b", clock.now()))
    ]
    with transaction():
        held.insert_rows(Organisation, rows)
        held.insert_rows(Organisation, [])
        audit.record(actor=OFFICER, verb="import")
    numbers = db.session.scalars(select(Organisation.id).order_by(Organisation.id))
    assert _lines_of("organisations") == [(str(number), 1, True) for number in numbers]
    assert len(_lines_of("organisations")) == len(rows)
    assert _faults() == []


@pytest.mark.parametrize(
    "statement", [update(Organisation).values(name="x"), insert(Organisation.__table__), db.delete(Organisation)]
)
def test_statement_that_would_go_past_the_trail_is_refused(app: Flask, statement: Any) -> None:
    with pytest.raises(held.NotHeld, match="organisations"), transaction() as session:
        session.execute(statement)


def test_digest_is_of_every_value_and_leaves_out_what_is_null() -> None:
    shape = held.Shape(Base.metadata.tables["award_topics"])
    assert shape.names == ["award_id", "change_id", "id", "position", "topic_id"]
    with_null = shape.digest([1, None, 2, 0, 3])
    assert with_null != shape.digest([1, 0, 2, 0, 3])
    assert with_null != shape.digest([1, None, 2, None, 3])
    assert len({with_null, shape.digest([1, None, 2, 0, 4]), shape.digest([1, None, 0, 2, 3])}) == 3


def test_every_table_is_held_or_says_why_not() -> None:
    """A new table is held by itself; what is left out is named once, with its reason, and is there."""
    tables = Base.metadata.tables
    columns = {f"{table.name}.{column.name}" for table in tables.values() for column in table.columns}
    assert held.NOT_HELD.keys() <= columns | tables.keys()
    assert all(len(reason) > 10 for reason in held.NOT_HELD.values())
    held_now = {table.name for table in proof.held_tables()}
    assert held_now == tables.keys() - held.NOT_HELD.keys()


def test_money_is_held_whole() -> None:
    money = {
        *("ledger_entries", "awards", "award_changes", "offers", "agreements", "variations", "decisions"),
        *("decision_notices", "notice_decisions", "batches", "batch_files", "payments", "bank_details"),
        *("return_files", "return_lines", "reports", "report_lines", "report_submissions", "report_answers"),
        "published_figures",
    }
    assert money <= {table.name for table in proof.held_tables()}
    assert not [name for name in held.NOT_HELD if name.partition(".")[0] in money]
