"""While a file that somebody brings is looked at and parsed, nothing is locked: other writers go on."""

from __future__ import annotations

import shutil
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import func, select

from grants.awards.models import Award
from grants.awards.past.imports import import_awards
from grants.awards.past.rows import COLUMNS
from grants.foundation.records.actors import Actor
from grants.foundation.records.db import Refused, db
from grants.foundation.records.kinds import ODT
from grants.funds.models import Round
from grants.outcomes.announced.imports import import_reference
from grants.payments.models import BankDetails, BatchStatus, Payment, PaymentStatus, ReturnFile
from tests.conftest import MovedClock
from tests.foundation.records.test_files import zipped
from tests.support import factories
from tests.support import payments_factories as make
from tests.support.attacks import HEADINGS, inline, looking_for_locks, wide_workbook, workbook
from tests.support.client import Client

DATA = Path(__file__).parents[3] / "grants" / "desk" / "data"
ACTOR = Actor.command("tests")


@pytest.fixture
def finance(client: Client, clock: MovedClock) -> Client:
    client.sign_in(make.finance())
    return client


def _paid(payment: Payment) -> bytes:
    said = (payment.reference, "22/11/2026", "F-1", "5400", "paid")
    return workbook(
        f'{HEADINGS}<row r="2">{inline(dict(zip(("A2", "B2", "C2", "D2", "E2"), said, strict=True)))}</row>'
    )


def test_return_file_is_taken_in_while_others_write(finance: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = make.batch(BatchStatus.EXPORTED)
    (payment,) = make.payments_of(batch)
    page = finance.get("/payments/returns")

    with looking_for_locks(monkeypatch) as parsed:
        sent = finance.submit(page, {"returned": (BytesIO(_paid(payment)), "return.xlsx")})

    assert parsed == ["zip"] * 3
    assert "Paid" in finance.get(sent.goes_to).main
    assert db.session.get_one(Payment, payment.id).status == PaymentStatus.PAID


def test_attack_holds_nobody_up(finance: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    page = finance.get("/payments/returns")

    with looking_for_locks(monkeypatch) as parsed:
        told = finance.submit(page, {"returned": (BytesIO(wide_workbook()), "return.xlsx")})

    assert parsed == ["zip"] * 3
    assert (told.status_code, "no rows" in told.errors["returned"]) == (422, True)
    assert db.session.scalar(select(func.count()).select_from(ReturnFile)) == 0


def test_proof_is_looked_at_while_others_write(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    details = make.given(make.accepted_award(), proven=False)
    client.sign_in(factories.person(member_of=details.organisation))
    page = client.get(f"/organisations/{details.organisation_id}/bank-details")
    proof = zipped(mimetype=ODT.media_type.encode(), content_xml=b"x")

    with looking_for_locks(monkeypatch) as parsed:
        client.submit(page, {"proof": (BytesIO(proof), "a.odt")}, form='form[action$="/proof"]')

    assert parsed == ["zip"]
    assert db.session.get_one(BankDetails, details.id).proof_id is None


def test_reference_tables_are_read_before_anything_is_locked(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with looking_for_locks(monkeypatch) as parsed:
        import_reference(DATA, actor=ACTOR)

    assert parsed == ["csv"] * 5
    assert db.session.scalar(select(func.count()).select_from(Round))


def test_past_awards_are_read_before_anything_is_locked(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_reference(DATA, actor=ACTOR)
    book = openpyxl.Workbook()
    for row in (COLUMNS, ["T-1", "SCF", "SCF 3", "2014-10-22", "Genesis", "Safe", "Leeds", "CSE", 5250, "press"]):
        book.active.append(list(row))  # type: ignore[union-attr]
    book.save(tmp_path / "awards.xlsx")

    with looking_for_locks(monkeypatch) as parsed:
        import_awards(DATA / "awards_published.csv", actor=ACTOR)
        import_awards(tmp_path / "awards.xlsx", actor=ACTOR)

    assert parsed == ["csv", "zip", "zip"]
    assert db.session.scalar(select(func.count()).where(Award.reference == "T-1")) == 1


def test_file_that_changes_while_it_is_read_is_refused(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_reference(DATA, actor=ACTOR)
    path = Path(shutil.copy(DATA / "awards_published.csv", tmp_path))

    def watch(lines: object, what: str, _most: int | None) -> object:
        if what == "Reading":
            path.write_text(path.read_text("utf-8") + "\n", "utf-8")
        return lines

    with pytest.raises(Refused, match=r"awards_published.csv changed while it was read"):
        import_awards(path, actor=ACTOR, watch=watch)  # type: ignore[arg-type]
    assert db.session.scalar(select(func.count()).select_from(Award)) == 0
