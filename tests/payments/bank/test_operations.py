"""Bank details: given, proven, verified, changed; and that they stay sealed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from flask import Config, Flask
from pypdf import PdfReader
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from grants.accounts.models import Membership, Organisation, Person
from grants.accounts.rights import Role
from grants.awards.models import Award
from grants.foundation.records import audit
from grants.foundation.records.db import LostUpdate, Refused, db, transaction
from grants.foundation.records.outbox import OutboxMessage
from grants.foundation.values.settings import BadSetting
from grants.payments import sealing
from grants.payments.bank import operations as bank
from grants.payments.bank.queries import around_group
from grants.payments.batches import operations as batches
from grants.payments.models import HOLD, BankDetails, BankStatus, BatchStatus, CheckMethod, FileKind
from grants.payments.operations import reseal_all
from tests.conftest import MovedClock
from tests.support import factories
from tests.support import payments_factories as make
from tests.support.kept import kept
from tests.support.payments_factories import ACCOUNT

OTHER = replace(ACCOUNT, number="99887766", sort_code="000001")


def _verify(person: Person, details: BankDetails, method: CheckMethod = CheckMethod.PROOF, **more: Any) -> BankDetails:
    return make.verify(details, method, by=person, **more)


def _group(award: Award) -> Organisation:
    return db.session.get_one(Organisation, award.organisation_id)


def _mails(purpose: str) -> list[OutboxMessage]:
    return list(db.session.scalars(select(OutboxMessage).where(OutboxMessage.purpose == purpose)))


def test_details_are_given_proven_and_verified(app: Flask) -> None:
    details = make.given(make.accepted_award())

    verified = _verify(make.finance(), details, supplier_number=" S-1 ")

    assert (verified.status, verified.supplier_number, verified.held_until) == (BankStatus.VERIFIED, "S-1", None)
    assert bank.opened(verified) == ACCOUNT
    assert _mails("bank-details-verified")
    assert not _mails("bank-details-change")


def test_what_is_sealed_stands_nowhere_else(app: Flask, instance: Path) -> None:
    """The risk: a copy of the database, its audit trail, its mail or the uploads shows a bank account."""
    details = make.verified(make.accepted_award())
    bank.show(person=make.finance(), details=details)
    bank.show_proof(person=make.finance(), details=details)

    for table in db.metadata.sorted_tables:
        for row in db.session.execute(select(table)):
            words = " ".join(map(_readable, row))
            assert ACCOUNT.number not in words, table.name
            assert ACCOUNT.sort_code not in words, table.name
    for path in (instance / "files").rglob("*"):
        assert path.is_dir() or b"00733445" not in path.read_bytes()
    assert details.last_digits == "3445"


def _readable(cell: object) -> str:
    """What somebody reads who has the cell: of a PDF its words, whose bytes hold any six digits by chance."""
    if isinstance(cell, bytes) and cell.startswith(b"%PDF"):
        return " ".join(page.extract_text() for page in PdfReader(BytesIO(cell)).pages)
    return str(cell)


def test_showing_is_written_down_without_what_was_shown(app: Flask) -> None:
    details, person = make.given(make.accepted_award()), make.finance()

    assert bank.show(person=person, details=details) == ACCOUNT
    assert bank.show_proof(person=person, details=details) == make.PROOF

    lines = db.session.scalars(select(audit.AuditLine).where(audit.AuditLine.actor == person.actor.key)).all()
    assert [line.verb for line in lines] == ["show bank details", "open proof of bank details"]
    assert {line.digests for line in lines} == {"{}"}
    assert audit.verify().broken is None


@pytest.mark.parametrize("role", [role for role in Role if role != Role.FINANCE])
def test_only_a_finance_officer_sees_or_verifies(app: Flask, role: Role) -> None:
    details, person = make.given(make.accepted_award()), factories.person(role)
    around = around_group(details.organisation_id)

    for deed in (
        lambda: bank.show(person=person, details=details),
        lambda: bank.show_proof(person=person, details=details),
        lambda: bank.number_on_file(person=person, details=details, around=around),
        lambda: _verify(person, details),
        lambda: bank.refuse(person=person, details=details, seen=details.version, reason="No."),
    ):
        with pytest.raises(Refused, match="Only a finance officer"):
            deed()
    assert details.status == BankStatus.GIVEN


def test_finance_officer_of_the_group_stands_apart(app: Flask) -> None:
    award = make.accepted_award()
    details = make.given(award)
    person = factories.person(Role.FINANCE, member_of=_group(award))

    with pytest.raises(Refused, match="your own group"):
        _verify(person, details)
    with pytest.raises(Refused, match="your own group"):
        bank.show(person=person, details=details)


def test_only_the_group_gives_and_only_after_it_accepted(app: Flask) -> None:
    award = make.accepted_award()
    stranger, other = factories.person(), factories.applicant()

    for person in (stranger, other, make.finance()):
        with pytest.raises(Refused, match="do not belong"):
            bank.give(person=person, organisation=_group(award), account=ACCOUNT)
    group = factories.organisation()
    with pytest.raises(Refused, match="once it has accepted"):
        bank.give(person=factories.applicant(group), organisation=group, account=ACCOUNT)


@pytest.mark.parametrize(
    "account",
    [
        replace(ACCOUNT, number="1234567"),
        replace(ACCOUNT, number="1234567８"),
        replace(ACCOUNT, sort_code="01-234"),
        replace(ACCOUNT, name=" "),
        replace(ACCOUNT, number_on_file=""),
    ],
)
def test_account_that_is_none_is_refused(app: Flask, account: sealing.BankAccount) -> None:
    with pytest.raises(Refused):
        make.given(make.accepted_award(), account=account)


def test_details_without_proof_are_not_verified(app: Flask) -> None:
    details = make.given(make.accepted_award(), proven=False)

    with pytest.raises(Refused, match="not sent proof"):
        _verify(make.finance(), details)


def test_details_given_again_before_they_are_verified_take_the_place_of_the_first(app: Flask) -> None:
    award = make.accepted_award()
    first = make.given(award)

    second = make.given(award, account=OTHER)

    assert (first.status, second.status, second.changes_id) == (BankStatus.REPLACED, BankStatus.GIVEN, None)
    with pytest.raises(Refused, match="replaced"):
        _verify(make.finance(), first)


def test_the_same_details_again_are_told(app: Flask) -> None:
    award = make.accepted_award()
    make.given(award)

    with pytest.raises(Refused, match="hold these details already"):
        make.given(award)


def test_refused_details_are_given_again_and_the_group_reads_why(app: Flask) -> None:
    award = make.accepted_award()
    details = make.given(award)

    with pytest.raises(Refused, match="reason"):
        bank.refuse(person=make.finance(), details=details, seen=details.version, reason=" ")
    bank.refuse(person=make.finance(), details=details, seen=details.version, reason="The statement is of a person.")

    assert details.status == BankStatus.REFUSED
    assert "The statement is of a person." in _mails("bank-details-refused")[0].body
    assert make.given(award).status == BankStatus.GIVEN


# A change of details in force


@pytest.fixture
def changed(app: Flask, clock: MovedClock) -> tuple[BankDetails, BankDetails, Person]:
    """Details in force, others that would replace them, and the officer who verified the first."""
    return kept("a change of details", _changed)


Changed = tuple[BankDetails, BankDetails, Person]


def _changed() -> Changed:
    award, vera = make.accepted_award(), make.finance("Vera Verifies")
    old = make.verified(award, by=vera)
    return old, make.given(award, account=OTHER), vera


def test_change_is_held_and_everybody_is_told(changed: Changed) -> None:
    """The risk: whoever has taken over one mailbox of a group has its next grant paid to themselves."""
    old, new, _vera = changed

    assert (new.changes_id, new.held_until, old.status) == (old.id, new.given_at + HOLD, BankStatus.VERIFIED)
    told = {mail.to for mail in _mails("bank-details-change")}
    members = {one.person.email for one in db.session.scalars(select(Membership))}
    assert old.given_by.email in told
    assert told == members


def test_old_contact_is_told_of_a_change_after_leaving_the_group(app: Flask) -> None:
    award = make.accepted_award()
    old = make.verified(award)
    with transaction() as session:
        session.delete(session.get_one(Membership, (old.given_by_id, award.organisation_id)))

    make.given(award, account=OTHER)

    assert old.given_by.email in {mail.to for mail in _mails("bank-details-change")}


def test_change_waits_48_hours(changed: Changed, clock: MovedClock) -> None:
    old, new, _vera = changed
    how: dict[str, Any] = {"method": CheckMethod.BOTH, "note": "Spoke to the chair at noon."}

    clock.shift(HOLD - timedelta(seconds=1))
    with pytest.raises(Refused, match="it can be verified from"):
        _verify(make.finance(), new, **how)
    clock.shift(timedelta(seconds=1))
    _verify(make.finance(), new, **how)

    assert (old.status, new.status) == (BankStatus.REPLACED, BankStatus.VERIFIED)


@pytest.mark.parametrize(("method", "note"), [(CheckMethod.PROOF, "Looked."), (CheckMethod.CALL, " ")])
def test_change_needs_a_call_and_a_note_of_it(
    changed: Changed, clock: MovedClock, method: CheckMethod, note: str
) -> None:
    clock.shift(HOLD)

    with pytest.raises(Refused):
        _verify(make.finance(), changed[1], method, note=note)


def test_who_verified_the_details_in_force_does_not_verify_the_change(changed: Changed, clock: MovedClock) -> None:
    clock.shift(HOLD)

    with pytest.raises(Refused, match="another finance officer verifies the change"):
        _verify(changed[2], changed[1], CheckMethod.CALL, note="Rang.")


def test_refused_change_leaves_the_old_details_in_force(changed: Changed) -> None:
    old, new, vera = changed

    bank.refuse(person=vera, details=new, seen=new.version, reason="The group does not know of it.")

    assert (old.status, new.status) == (BankStatus.VERIFIED, BankStatus.REFUSED)


def test_each_deed_has_its_audit_line(changed: Changed, clock: MovedClock) -> None:
    clock.shift(HOLD)
    _verify(make.finance(), changed[1], CheckMethod.CALL, note="Rang.")

    of_details = select(audit.AuditLine.verb).where(audit.AuditLine.kind == "bank_details")
    lines = db.session.scalars(of_details.order_by(audit.AuditLine.id))
    assert list(lines) == [
        "give bank details",
        "give proof of bank details",
        "show bank details",
        "open proof of bank details",
        "verify bank details",
        "ask for change of bank details",
        "give proof of bank details",
        "show bank details",
        "open proof of bank details",
        "verify bank details",
    ]
    assert audit.verify().broken is None


# Two at once


def test_details_that_changed_since_the_page_was_opened_are_not_verified(app: Flask) -> None:
    """The risk: the proof is exchanged between looking and verifying."""
    award = make.accepted_award()
    details = make.given(award)
    seen = details.version
    bank.prove(person=details.given_by, details=details, upload=make.upload(b"%PDF-1.7\nanother\n%%EOF\n"))

    with pytest.raises(LostUpdate):
        make.verify(details, by=make.finance(), seen=seen)


def test_verified_once(app: Flask) -> None:
    details = make.verified(make.accepted_award())

    with pytest.raises(Refused, match="verified: you cannot verify now"):
        _verify(make.finance(), details)
    with pytest.raises(Refused, match="verified: you cannot refuse now"):
        bank.refuse(person=make.finance(), details=details, seen=details.version, reason="Late.")


# What the database holds

_CHANGES = {
    "uq_bank_details_one_verified": "status = 'verified', compared = 'name', method = 'both', note = 'Rang.', "
    "checked_at = held_until, checked_by_id = given_by_id",
    "change_is_called_back_after_its_hold": "status = 'verified', compared = 'name', method = 'both', note = 'Rang.', "
    "checked_at = given_at, checked_by_id = given_by_id",
    "says_what_was_compared_if_verified": "status = 'verified', method = 'both', note = 'Rang.', "
    "checked_at = held_until, checked_by_id = given_by_id",
    "proven_if_verified": "status = 'verified', compared = 'name', method = 'both', note = 'Rang.', "
    "checked_at = held_until, checked_by_id = given_by_id, proof_id = NULL, proof_key = ''",
    "has_reason_if_refused": "status = 'refused', checked_at = given_at, checked_by_id = given_by_id",
    "not_checked_while_given": "checked_at = given_at, checked_by_id = given_by_id",
    "checked_by_somebody": "status = 'refused', why = 'x', checked_at = given_at",
    "status_is_known": "status = 'lost'",
    "proof_is_sealed": "proof_key = ''",
}


@pytest.mark.parametrize("name", _CHANGES)
def test_database_refuses_what_must_not_be(app: Flask, name: str) -> None:
    award = make.accepted_award()
    make.verified(award)
    details = make.given(award, account=OTHER)

    with pytest.raises(IntegrityError) as caught, transaction() as session:
        session.execute(text(f"UPDATE bank_details SET {_CHANGES[name]} WHERE id = {details.id}"))  # noqa: S608
    said = str(caught.value.orig)
    assert name in said or ("UNIQUE" in said and name.startswith("uq_"))


@pytest.mark.parametrize("column", ["organisation_id", "last_digits", "given_at", "given_by_id", "changes_id"])
def test_details_are_never_edited_in_place(app: Flask, column: str) -> None:
    details = make.given(make.accepted_award())

    with pytest.raises(DatabaseError, match="append-only"), transaction() as session:
        session.execute(text(f"UPDATE bank_details SET {column} = {column} WHERE id = {details.id}"))  # noqa: S608


# Keys


def test_sealed_details_do_not_open_beside_another_group(app: Flask) -> None:
    """The risk: somebody with the database copies one group's sealed details over another's."""
    details = make.given(make.accepted_award())

    with pytest.raises(sealing.Damaged):
        sealing.unseal_account(details.sealed, organisation_id=details.organisation_id + 1)


@pytest.fixture
def with_keys(app: Flask, config: Config) -> Iterator[Callable[..., None]]:
    """Gives the app these keys; afterwards it has its own again."""

    def with_keys(*keys: bytes) -> None:
        config["BANK_KEYS"] = ",".join(key.decode() for key in keys)
        sealing.init_app(app)

    yield with_keys
    with_keys()


def test_new_key_opens_the_old_and_seals_anew(config: Config, with_keys: Callable[..., None]) -> None:
    details = make.verified(make.accepted_award())
    batch = make.batch(BatchStatus.APPROVED)
    old, new = sealing.derived_key(config["SECRET_KEY"]), Fernet.generate_key()
    with_keys(new, old)

    returned = make.take("NONE-1,2026-11-22,F-1,1,paid").file

    assert reseal_all(actor=factories.TESTS) == (2, 2, 1)
    with_keys(new)

    assert b"NONE-1" in make.returns.download(person=make.finance(), file=returned)
    assert bank.opened(details) == ACCOUNT
    assert bank.show_proof(person=make.finance(), details=details) == make.PROOF
    assert batches.download(person=make.finance(), batch=batch, kind=FileKind.CSV).content
    with_keys(old)
    with pytest.raises(sealing.Damaged):
        bank.opened(details)
    with pytest.raises(sealing.Damaged):
        reseal_all(actor=factories.TESTS)


CONFIG: dict[str, Any] = {"SECRET_KEY": "s", "DEMO": False, "PUBLIC_URL": "https://grants.example.org"}


@pytest.mark.parametrize(
    ("settings", "starts"),
    [
        ({}, False),
        ({"BANK_KEYS": "short"}, False),
        ({"BANK_KEYS": f"{Fernet.generate_key().decode()}, {Fernet.generate_key().decode()}"}, True),
        ({"DEMO": True}, True),
        ({"PUBLIC_URL": "http://127.0.0.1:8000"}, True),
        ({"PUBLIC_URL": "http://127.0.0.1.example.org"}, False),
    ],
)
def test_app_starts_only_with_keys_or_for_itself(settings: dict[str, Any], starts: bool) -> None:
    made = Flask("made")
    made.config.update({**CONFIG, **settings})

    if starts:
        sealing.init_app(made)
    else:
        with pytest.raises(BadSetting, match="BANK_KEYS"):
            sealing.init_app(made)


def test_command_seals_anew(app: Flask, runner: Any) -> None:
    make.given(make.accepted_award())

    result = runner.invoke(args=["payments", "reseal"])

    assert (result.exit_code, result.output) == (
        0,
        "Sealed anew: 1 sets of bank details, 0 payment files and 0 return files.\n",
    )
