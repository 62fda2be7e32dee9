"""Batches, payments, their files and the ledger say the same, and whoever changes one of them is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import text

from grants.foundation.records.db import db
from grants.payments.models import BatchFile, BatchStatus, FileKind
from grants.payments.sums import queries
from tests.support import factories, tampering
from tests.support import payments_factories as make

Check = Callable[[], Iterator[str]]
CHECKS: tuple[Check, ...] = (
    queries.payments_that_differ,
    queries.batches_that_differ,
    queries.files_that_differ,
    queries.return_files_that_differ,
)


def _everything() -> list[str]:
    return [words for check in CHECKS for words in check()]


def test_nothing_differs_whatever_became_of_a_payment(app: Flask) -> None:
    make.bounced(make.settled())
    make.settled("failed")
    for status in BatchStatus:
        make.batch(status)
    assert _everything() == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE payments SET amount_pence = 540001", "has 540000 pence committed in its ledger, and 540001 in its"),
        ("UPDATE payments SET status = 'failed'", "has 540000 pence paid in its ledger, and 0 in its payments"),
        ("UPDATE ledger_entries SET amount_pence = 1 WHERE account = 'paid'", "has 1 pence paid in its ledger, and 5"),
        ("DELETE FROM ledger_entries WHERE account = 'committed'", "has 0 pence committed in its ledger, and 540000"),
        ("UPDATE batches SET total_pence = 540001", "says 1 payments of 540001 pence, and has 1 of 540000"),
        ("UPDATE batches SET payment_count = 2", "says 2 payments of 540000 pence, and has 1 of 540000"),
        ("DELETE FROM payments", "says 1 payments of 540000 pence, and has 0 of 0"),
        ("UPDATE batch_files SET sealed = 'x'", "cannot be opened with the keys that there are"),
        ("UPDATE batch_files SET sha256 = 'x'", "is not what was frozen"),
        ("UPDATE batch_files SET size = size + 1", "is not what was frozen"),
        ("UPDATE payments SET reference = 'X-1'", "the csv file of B-"),
        ("UPDATE return_files SET stored_key = 'x'", "is not what was sent, or cannot be opened"),
        ("UPDATE return_files SET sha256 = 'x'", "is not what was sent, or cannot be opened"),
        ("UPDATE stored_files SET sha256 = 'x'", "its content is missing"),
        ("UPDATE return_files SET paid_count = 2", "counts 2 lines as paid, and has 1"),
        ("UPDATE return_lines SET outcome = 'repeated'", "counts 0 lines as known already, and has 1"),
    ],
)
def test_what_was_changed_differs_and_is_named(app: Flask, change: str, told: str) -> None:
    make.settled()
    with tampering.behind_its_back():
        assert _everything() == []
        db.session.execute(text(change))
        db.session.expire_all()
        assert any(told in words for words in _everything()), _everything()


def test_file_of_another_batch_with_its_own_hash_is_found(app: Flask) -> None:
    one, other = (make.batch(BatchStatus.APPROVED) for _ in range(2))
    csv = {file.batch_id: file for file in db.session.query(BatchFile).filter_by(kind=FileKind.CSV)}
    with tampering.behind_its_back():
        theirs, table = csv[other.id], BatchFile.__table__
        values = {"sealed": theirs.sealed, "sha256": theirs.sha256, "size": theirs.size}
        db.session.connection().execute(table.update().where(table.c.id == csv[one.id].id).values(values))
        db.session.expire_all()
        assert _everything() == [f"the csv file of {one.number} does not list its payments"]


def test_award_of_the_past_has_no_payments_to_differ_from(app: Flask) -> None:
    factories.award(source="Council minutes 2015", award_day="2015-03-02")
    assert _everything() == []
