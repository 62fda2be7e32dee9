"""Batches: prepared by one, approved by another, frozen, downloaded, cancelled."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from grants.accounts.models import Organisation, Person
from grants.accounts.rights import Role
from grants.awards.corrections.operations import change_field
from grants.awards.entries import operations as awards
from grants.awards.models import Award, AwardSnapshot, AwardStatus, ChangedField, Variation
from grants.foundation.records import audit, office
from grants.foundation.records.db import LostUpdate, Refused, db, transaction
from grants.foundation.values.clock import now, today
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from grants.funds.models import Round
from grants.payments.bank import operations as bank
from grants.payments.batches import operations as batches
from grants.payments.batches.operations import BadPayment
from grants.payments.batches.queries import payable
from grants.payments.models import (
    HOLD,
    MOST_PAYMENTS,
    BankStatus,
    Batch,
    BatchFile,
    BatchStatus,
    CheckMethod,
    FileKind,
    PaymentStatus,
)
from grants.payments.sealing import BankAccount, Damaged
from tests.conftest import MovedClock
from tests.support import award_factories, factories
from tests.support import payments_factories as make

ZEROS = BankAccount("=cmd|' /C calc'!A0", "000007", "00000042", "", "0113 496 0000")


def _snapshot(award: Award) -> AwardSnapshot:
    return db.session.get_one(AwardSnapshot, award.id, populate_existing=True)


def _approve(batch: Batch, person: Person | None = None) -> Batch:
    return batches.approve(person=person or make.finance("Abe Approves"), batch=batch, seen=batch.version)


def _download(batch: Batch, kind: FileKind = FileKind.XLSX, person: Person | None = None) -> bytes:
    return batches.download(person=person or make.finance(), batch=batch, kind=kind).content


# Prepare


def test_batch_commits_the_whole_rest_of_its_awards(app: Flask, clock: MovedClock) -> None:
    award = make.payable_award()

    batch = make.batch(awards=[award])

    (payment,) = make.payments_of(batch)
    assert (batch.number, batch.status, batch.payment_count, batch.total_pence) == (
        "B-2026-0001",
        "prepared",
        1,
        540_000,
    )
    assert (payment.reference, payment.amount_pence, payment.status) == (f"{award.reference}-1", 540_000, "waiting")
    assert payment.vat_treatment == "Outside the scope"
    assert _snapshot(award).committed_pence == 540_000


def test_a_part_is_paid_now_and_the_rest_later(app: Flask) -> None:
    award = make.payable_award()
    make.batch(awards=[award], amounts=[200_000])
    person = make.finance()

    assert payable(person, most=9) == []  # while one waits
    first = db.session.scalars(select(Batch)).one()
    batches.cancel(person=person, batch=first, seen=first.version, reason="A mistake.")

    (one,) = payable(person, most=9)
    assert one.rest == 540_000
    assert make.payments_of(make.batch(awards=[award], amounts=[340_000]))[0].reference == f"{award.reference}-2"


def test_numbers_go_on_within_a_year_and_begin_anew_with_the_next(app: Flask, clock: MovedClock) -> None:
    numbers = [make.batch().number, make.batch().number]
    clock.shift(timedelta(days=60))

    assert [*numbers, make.batch().number] == ["B-2026-0001", "B-2026-0002", "B-2027-0001"]


def test_cancelled_preparation_takes_no_number(app: Flask) -> None:
    with pytest.raises(BadPayment):
        make.batch(awards=[make.payable_award()], amounts=[540_001])

    assert make.batch().number.endswith("-0001")


@pytest.mark.parametrize("amount", [0, -1, 540_001])
def test_amount_is_more_than_nothing_and_no_more_than_the_rest(app: Flask, amount: int) -> None:
    award = make.payable_award()

    with pytest.raises(BadPayment, match="more than £0, and £5,400 or less") as caught:
        make.batch(awards=[award], amounts=[amount])
    assert caught.value.award_id == award.id
    assert _snapshot(award).committed_pence == 0


def _not_accepted() -> Award:
    return factories.award()


def _without_details() -> Award:
    return make.accepted_award()


def _not_verified() -> Award:
    award = make.accepted_award()
    make.given(award)
    return award


def _in_a_batch() -> Award:
    award = make.payable_award()
    make.batch(awards=[award], amounts=[100])
    return award


@pytest.mark.parametrize("award_of", [_not_accepted, _without_details, _not_verified, _in_a_batch])
def test_award_that_cannot_be_paid_is_in_no_batch(app: Flask, award_of: Callable[[], Award]) -> None:
    award = award_of()

    assert award.id not in {one.snapshot.award_id for one in payable(make.finance(), most=9)}
    with pytest.raises(BadPayment, match="cannot be paid now"):
        make.batch(awards=[award], amounts=[100])


def test_award_of_the_officers_own_group_is_left_to_others(app: Flask) -> None:
    award = make.payable_award()
    person = factories.person(Role.FINANCE, member_of=db.session.get_one(Organisation, award.organisation_id))

    assert payable(person, most=9) == []
    with pytest.raises(BadPayment):
        make.batch(awards=[award], by=person)


def test_empty_double_and_endless_batches_are_refused(app: Flask) -> None:
    award, person = make.payable_award(), make.finance()

    for amounts in ([], [(award.id, Pence(1))] * 2):
        with pytest.raises(Refused, match="at least one"):
            batches.prepare(person=person, amounts=amounts)
    with pytest.raises(Refused, match="at most"):
        batches.prepare(person=person, amounts=[(number, Pence(1)) for number in range(MOST_PAYMENTS + 1)])


def test_award_is_not_varied_below_what_is_in_a_batch(app: Flask) -> None:
    award = make.payable_award()
    make.batch(awards=[award])

    with pytest.raises(Refused):
        awards.withdraw(actor=factories.TESTS, award=award, effective=Day.exactly(today()), reason="Off.")


# Approve


def test_another_approves_and_the_files_are_made(app: Flask) -> None:
    batch = _approve(make.batch())

    files = db.session.scalars(select(BatchFile).order_by(BatchFile.kind)).all()
    assert batch.status == BatchStatus.APPROVED
    assert [file.kind for file in files] == ["csv", "xlsx"]
    assert all(b"00733445" not in file.sealed.encode() for file in files)


@pytest.mark.parametrize("roles", [(Role.FINANCE,), tuple(Role)])
def test_who_prepared_does_not_approve_whatever_else_they_are(app: Flask, roles: tuple[Role, ...]) -> None:
    """The risk: one person alone moves money."""
    person = factories.person(*roles)
    batch = make.batch(by=person)

    with pytest.raises(Refused, match="You prepared this batch"):
        _approve(batch, person)
    assert batch.status == BatchStatus.PREPARED


def test_who_verified_a_payee_does_not_approve(app: Flask) -> None:
    """The risk: one person both says whose account it is and sends money there."""
    vera = make.finance("Vera Verifies")
    batch = make.batch(awards=[make.payable_award(), make.payable_award(by=vera)])

    with pytest.raises(Refused, match="You verified bank details"):
        _approve(batch, vera)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.FINANCE])
def test_only_finance_officers_prepare_approve_download_and_cancel(app: Flask, role: Role) -> None:
    award, person = make.payable_award(), factories.person(role)
    batch = make.batch()

    for deed in (
        lambda: make.batch(awards=[award], by=person),
        lambda: _approve(batch, person),
        lambda: _download(batch, person=person),
        lambda: batches.cancel(person=person, batch=batch, seen=batch.version, reason="No."),
    ):
        with pytest.raises(Refused, match="Only a finance officer"):
            deed()


def test_approver_of_a_payees_group_stands_apart(app: Flask) -> None:
    award = make.payable_award()
    person = factories.person(Role.FINANCE, member_of=db.session.get_one(Organisation, award.organisation_id))

    with pytest.raises(Refused, match="This batch pays a grant of your own group"):
        _approve(make.batch(awards=[award]), person)


def test_batch_to_details_that_changed_meanwhile_is_not_approved(app: Flask, clock: MovedClock) -> None:
    award = make.payable_award()
    batch = make.batch(awards=[award])
    new = make.given(award, account=ZEROS)
    clock.shift(HOLD)
    make.verify(new, CheckMethod.CALL, note="Rang.")

    with pytest.raises(Refused, match="have changed since this batch was prepared"):
        _approve(batch)


def test_batch_of_an_award_that_went_to_another_group_is_not_approved(app: Flask) -> None:
    award = make.payable_award()
    batch = make.batch(awards=[award])
    _moved(award)

    with pytest.raises(Refused, match="belongs to another group now"):
        _approve(batch)


def _varied(award: Award) -> Variation:
    return award_factories.begun_variation(award, title="Closed evenings")


def _moved(award: Award) -> None:
    change_field(
        actor=factories.TESTS,
        award=award,
        field=ChangedField.RECIPIENT,
        value=factories.organisation(),
        reason="It was theirs.",
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_moved, "A grant that pays .* belongs to another group now"),
        (_varied, "The variation V1 of a grant to .* waits"),
    ],
)
def test_approved_batch_whose_award_changed_stops_at_its_download_and_can_be_cancelled(
    app: Flask, change: Callable[[Award], Any], reason: str
) -> None:
    award = make.payable_award()
    batch = _approve(make.batch(awards=[award, make.payable_award()]))
    change(award)

    with pytest.raises(Refused, match=reason + ".* Cancel this batch, and prepare another"):
        _download(batch)
    batches.cancel(person=make.finance(), batch=batch, seen=batch.version, reason="It changed.")

    assert batch.status == BatchStatus.CANCELLED


def test_file_that_left_is_downloaded_again_whatever_changed_since(app: Flask) -> None:
    award = make.payable_award()
    batch = _approve(make.batch(awards=[award]))
    first = _download(batch)
    _moved(award)

    assert _download(batch) == first


def test_award_whose_variation_waits_is_not_paid(app: Flask) -> None:
    award = make.payable_award()
    found = _varied(award)
    finance = make.finance()

    assert payable(finance, most=10) == []
    with pytest.raises(Refused, match="cannot be paid now"):
        make.batch(awards=[award])
    award_factories.approve(found)

    assert [one.snapshot.award_id for one in payable(finance, most=10)] == [award.id]


def test_award_is_paid_once_the_group_agreed_to_its_large_change(app: Flask) -> None:
    award = make.payable_award()
    found = award_factories.approve(award_factories.begun_variation(award, amount=100_000))
    assert payable(make.finance(), most=10) == []

    award_factories.agree(found, award_factories.member_of(award))

    assert [one.rest for one in payable(make.finance(), most=10)] == [100_000]


@pytest.mark.parametrize("status", [BatchStatus.APPROVED, BatchStatus.EXPORTED, BatchStatus.CANCELLED])
def test_batch_is_approved_once(app: Flask, status: BatchStatus) -> None:
    """Also the race: of two who approve at the same moment, the second finds it done."""
    batch = make.batch(status)

    with pytest.raises(Refused, match="you cannot approve it now"):
        _approve(batch)
    assert db.session.scalar(select(func.count()).select_from(BatchFile)) == (0 if status == "cancelled" else 2)


def test_batch_that_changed_since_it_was_looked_at_is_not_approved(app: Flask) -> None:
    batch = make.batch()

    with pytest.raises(LostUpdate):
        batches.approve(person=make.finance(), batch=batch, seen=batch.version + 1)


# The file


@pytest.fixture
def coded_award(app: Flask) -> Award:
    """An award of a round with codes, whose group has zeros in its numbers and a formula for a name."""
    office.set_office(actor=factories.TESTS, vat_treatment="=OUTSIDE")
    a_round = factories.open_round(code="SCF-21")
    with transaction() as session:
        codes = session.get_one(Round, a_round.id)
        codes.cost_centre, codes.account_code, codes.project_code = "00123", "4500", "-9"
    award = make.accepted_award(factories.organisation("@Northside"), in_round=a_round)
    make.verified(award, account=ZEROS)
    return award


def test_xlsx_holds_numbers_as_numbers_and_zeros_as_text(coded_award: Award) -> None:
    batch = _approve(make.batch(awards=[coded_award]))

    book = load_workbook(io.BytesIO(_download(batch)))
    heads, cells = list(book.worksheets[0].iter_rows())
    row = {head.value: (cell.value, cell.data_type) for head, cell in zip(heads, cells, strict=True)}

    assert row == {
        "Payment reference": (f"{coded_award.reference}-1", "s"),
        "Payee": ("Northside", "s"),
        "Supplier number": ("", "s"),
        "Amount (£)": (5400, "n"),
        "Cost centre": ("00123", "s"),
        "Account code": ("4500", "s"),
        "Project code": ("-9", "s"),
        "Funding source": ("Proceeds of Crime Act 2002", "s"),
        "Financial year of approval": ("2026-27", "s"),
        "VAT treatment": ("=OUTSIDE", "s"),
        "Sort code": ("000007", "s"),
        "Account number": ("00000042", "s"),
        "Account name": ("cmd /C calcA0", "s"),
        "Roll number or reference": ("", "s"),
    }


def test_csv_escapes_what_a_spreadsheet_would_run(coded_award: Award) -> None:
    batch = _approve(make.batch(awards=[coded_award]))

    (row,) = csv.DictReader(io.StringIO(_download(batch, FileKind.CSV).decode("utf-8-sig")))

    assert (row["Sort code"], row["Account number"], row["Amount (£)"]) == ("000007", "00000042", "5400.00")
    assert (row["Payee"], row["Account name"], row["Project code"]) == ("Northside", "cmd /C calcA0", "'-9")


@pytest.mark.parametrize(
    ("name", "payee"),
    [
        ("Zoë’s Café – Leeds", "Zoes Cafe - Leeds"),
        ("ਸਿੱਖ Society", "Northside Youth Project"),
        ("！！", "Northside Youth Project"),
    ],
)
def test_payee_stands_in_the_file_as_banks_take_it_and_is_kept_as_it_is(app: Flask, name: str, payee: str) -> None:
    """The risk: a curly apostrophe in the name of the group has the bank refuse the whole file."""
    batch = _approve(make.batch(awards=[make.payable_award(factories.organisation(name))]))

    (row,) = csv.DictReader(io.StringIO(_download(batch, FileKind.CSV).decode("utf-8-sig")))

    assert row["Payee"] == payee
    assert [payment.payee for payment in make.payments_of(batch)] == [name]


@pytest.mark.parametrize("kind", FileKind)
def test_every_download_is_the_same_bytes_also_after_the_details_changed(
    app: Flask, clock: MovedClock, kind: FileKind
) -> None:
    award = make.payable_award()
    batch = _approve(make.batch(awards=[award]))
    first = _download(batch, kind)
    new = make.given(award, account=ZEROS)
    clock.shift(HOLD)
    make.verify(new, CheckMethod.CALL, note="Rang.")
    office.set_office(actor=factories.TESTS, vat_treatment="Other")

    assert _download(batch, kind) == first
    frozen = db.session.scalars(select(BatchFile).where(BatchFile.kind == kind)).one()
    assert (frozen.sha256, frozen.size) == (hashlib.sha256(first).hexdigest(), len(first))


def test_first_download_sends_it_and_each_is_written_down(app: Flask) -> None:
    batch, person = _approve(make.batch()), make.finance()

    _download(batch, FileKind.CSV, person)
    at = batch.exported_at
    _download(batch, FileKind.XLSX, person)

    verbs = db.session.scalars(select(audit.AuditLine.verb).where(audit.AuditLine.actor == person.actor.key)).all()
    assert (batch.status, batch.exported_by_id, batch.exported_at) == (BatchStatus.EXPORTED, person.id, at)
    assert verbs == ["download payment file (csv)", "download payment file (xlsx)"]


@pytest.mark.parametrize("status", [BatchStatus.PREPARED, BatchStatus.CANCELLED])
def test_there_is_no_file_before_approval(app: Flask, status: BatchStatus) -> None:
    with pytest.raises(Refused, match="you cannot export it now"):
        _download(make.batch(status))


def test_file_that_was_changed_behind_our_back_is_not_given_out(app: Flask) -> None:
    """The risk: somebody with the database puts other accounts into an approved file."""
    batch = _approve(make.batch())
    with transaction() as session:
        frozen = session.scalars(select(BatchFile).where(BatchFile.kind == "csv")).one()
        frozen.sealed = session.scalars(select(BatchFile).where(BatchFile.kind == "xlsx")).one().sealed

    with pytest.raises(Damaged):
        _download(batch, FileKind.CSV)
    with pytest.raises(DatabaseError, match="append-only"), transaction() as session:
        session.execute(text("UPDATE batch_files SET sha256 = 'other'"))


# Cancel


@pytest.mark.parametrize("status", [BatchStatus.PREPARED, BatchStatus.APPROVED])
def test_cancelled_batch_releases_what_it_committed(app: Flask, status: BatchStatus) -> None:
    award = make.payable_award()
    batch = make.batch(status, awards=[award])

    batches.cancel(person=make.finance(), batch=batch, seen=batch.version, reason=" Wrong month. ")

    assert (batch.status, batch.why) == (BatchStatus.CANCELLED, "Wrong month.")
    assert make.payments_of(batch)[0].status == PaymentStatus.CANCELLED
    assert _snapshot(award).committed_pence == 0
    assert make.batch(awards=[award]).status == BatchStatus.PREPARED


@pytest.mark.parametrize("status", [BatchStatus.EXPORTED, BatchStatus.CANCELLED])
def test_batch_whose_file_left_is_not_cancelled(app: Flask, status: BatchStatus) -> None:
    batch = make.batch(status)

    with pytest.raises(Refused, match="you cannot cancel it now"):
        batches.cancel(person=make.finance(), batch=batch, seen=batch.version, reason="Late.")


def test_cancelling_needs_a_reason(app: Flask) -> None:
    batch = make.batch()

    with pytest.raises(Refused, match="reason"):
        batches.cancel(person=make.finance(), batch=batch, seen=batch.version, reason=" ")


def test_award_stays_accepted_until_it_is_paid(app: Flask) -> None:
    award = make.payable_award()
    make.batch(BatchStatus.EXPORTED, awards=[award])

    assert db.session.get_one(Award, award.id, populate_existing=True).status == AwardStatus.ACCEPTED
    assert audit.verify().broken is None


# What the database holds

_UPDATES = {
    "approved_by_another": "UPDATE batches SET approved_by_id = prepared_by_id, approved_at = prepared_at",
    "approved_by_somebody": "UPDATE batches SET approved_at = prepared_at",
    "approved_if_beyond": "UPDATE batches SET status = 'approved'",
    "exported_if_beyond": "UPDATE batches SET status = 'exported', approved_at = prepared_at, approved_by_id = 1",
    "reconciled_at_an_instant": "UPDATE batches SET reconciled_at = prepared_at",
    "cancelled_with_reason_before_export": "UPDATE batches SET status = 'cancelled', cancelled_at = prepared_at",
    "status_is_known": "UPDATE batches SET status = 'lost'",
    "has_day_and_reference_if_paid": "UPDATE payments SET status = 'paid', settled_at = '2026-11-22'",
    "settled_if_not_waiting": "UPDATE payments SET status = 'failed'",
}


@pytest.mark.parametrize("name", _UPDATES)
def test_database_refuses_what_must_not_be(app: Flask, name: str) -> None:
    make.batch()

    with pytest.raises(IntegrityError, match=name), transaction() as session:
        session.execute(text(_UPDATES[name]))


@pytest.mark.parametrize(
    ("values", "name"), [({"payment_count": 0}, "has_payments"), ({"total_pence": 0}, "total_pence_in_range")]
)
def test_database_refuses_a_batch_of_nothing(app: Flask, values: dict[str, int], name: str) -> None:
    about = {"number": "B-1", "status": BatchStatus.PREPARED, "payment_count": 1, "total_pence": 1}

    with pytest.raises(IntegrityError, match=name), transaction() as session:
        session.add(Batch(prepared_at=now(), prepared_by_id=make.finance().id, **about | values))


def test_what_was_prepared_never_changes(app: Flask) -> None:
    make.batch()

    with pytest.raises(DatabaseError, match="append-only"), transaction() as session:
        session.execute(text("UPDATE batches SET total_pence = total_pence + 1"))


def test_database_holds_an_award_to_one_live_payment(app: Flask) -> None:
    """Also the race of two batches with one award: should both get past the ledger, the second is not stored."""
    award = make.payable_award()
    first = make.batch(awards=[award], amounts=[100])
    other = make.batch()
    (payment,) = make.payments_of(first)

    columns = [column.name for column in payment.__table__.columns]
    copied = ", ".join(name for name in columns if name not in {"id", "reference", "batch_id"})
    index = r"uq_payments_one_live_payment|payments\.award_id"
    with pytest.raises(IntegrityError, match=index), transaction() as session:
        session.execute(
            text(
                f"INSERT INTO payments (reference, batch_id, {copied}) "  # noqa: S608
                f"SELECT 'X-1', {other.id}, {copied} FROM payments WHERE id = {payment.id}"
            )
        )


@pytest.mark.parametrize("column", ["amount_pence", "bank_details_id", "award_id", "payee", "reference"])
def test_payment_is_never_edited(app: Flask, column: str) -> None:
    make.batch()

    with pytest.raises(DatabaseError, match="append-only"), transaction() as session:
        session.execute(text(f"UPDATE payments SET {column} = {column}"))  # noqa: S608


def test_audit_has_a_line_for_each_deed(app: Flask) -> None:
    batch = make.batch(BatchStatus.EXPORTED)

    lines = db.session.scalars(select(audit.AuditLine).where(audit.AuditLine.kind == "batches")).all()
    assert [line.verb for line in lines] == ["prepare batch", "approve batch", "download payment file (xlsx)"]
    assert {line.reference for line in lines} == {batch.number}
    assert bank.opened(batch.payments[0].bank_details).number not in str([line.digests for line in lines])
    assert batch.payments[0].bank_details.status == BankStatus.VERIFIED
