"""What verifying asks for: both were opened, what was compared is said, and the account is of this group."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.fernet import Fernet
from flask import Config, Flask
from sqlalchemy import select, text

from grants.accounts.models import Organisation, Person
from grants.foundation.records import audit
from grants.foundation.records.db import Refused, db
from grants.payments import sealing
from grants.payments.bank import operations as bank
from grants.payments.models import BankDetails, BankStatus, CheckMethod, Compared, FileKind
from grants.payments.operations import reseal_all
from tests.support import factories
from tests.support import payments_factories as make
from tests.support.client import Client
from tests.support.payments_factories import ACCOUNT

SignIn = Callable[[Any], Client]
VERIFY = 'form[action$="/verify"]'
PROOF = {"compared": ["name", "sort code", "account number"], "method": "proof"}


@pytest.fixture
def details(app: Flask) -> BankDetails:
    """Details with their proof, of a group of that name."""
    return make.given(make.accepted_award(factories.organisation("Northside Youth Project")))


@pytest.fixture
def officer(details: BankDetails) -> Person:
    """A finance officer."""
    return make.finance()


def _verify(person: Person, details: BankDetails, **more: Any) -> BankDetails:
    how = {"method": CheckMethod.PROOF, "compared": list(Compared), **more}
    return bank.verify(person=person, details=details, seen=details.version, **how)


def test_who_opened_neither_number_nor_proof_does_not_verify(details: BankDetails, officer: Person) -> None:
    with pytest.raises(Refused, match="show the whole details and download the proof"):
        _verify(officer, details)


@pytest.mark.parametrize(
    ("opens", "missing"), [(bank.show, "download the proof"), (bank.show_proof, "show the whole details")]
)
def test_who_opened_one_of_them_does_not_verify(
    details: BankDetails, officer: Person, opens: Callable[..., Any], missing: str
) -> None:
    opens(person=officer, details=details)

    with pytest.raises(Refused, match=f"Before you verify them, {missing}, and"):
        _verify(officer, details)


def test_what_a_colleague_opened_does_not_count(details: BankDetails, officer: Person) -> None:
    make.look(make.finance("Another"), details)

    with pytest.raises(Refused, match="Before you verify them"):
        _verify(officer, details)


def test_proof_that_was_exchanged_is_opened_again(details: BankDetails, officer: Person) -> None:
    make.look(officer, details)
    bank.prove(person=details.given_by, details=details, upload=make.upload(b"%PDF-1.7\nanother\n%%EOF\n"))
    bank.show(person=officer, details=details)

    with pytest.raises(Refused, match="download the proof"):
        _verify(officer, details)


def test_what_was_opened_of_other_details_does_not_count(details: BankDetails, officer: Person) -> None:
    make.look(officer, make.given(make.accepted_award()))

    with pytest.raises(Refused, match="Before you verify them"):
        _verify(officer, details)


@pytest.mark.parametrize("missing", [Compared.NAME, Compared.SORT_CODE, Compared.NUMBER])
def test_name_sort_code_and_number_are_all_compared(details: BankDetails, officer: Person, missing: Compared) -> None:
    make.look(officer, details)

    with pytest.raises(Refused, match="tick each of them"):
        _verify(officer, details, compared=set(Compared) - {missing})


def test_what_was_compared_is_kept_and_audited(details: BankDetails, officer: Person) -> None:
    make.look(officer, details)

    _verify(officer, details, compared=[Compared.NUMBER, Compared.NAME, Compared.SORT_CODE])

    assert details.compared == "name, sort code, account number"
    last = db.session.scalars(select(audit.AuditLine).order_by(audit.AuditLine.id.desc()).limit(1)).one()
    assert "compared" in last.digests


# The same account under two groups


@pytest.fixture
def shared(details: BankDetails) -> BankDetails:
    """Details of another group with the same sort code and number."""
    account = bank.opened(details)
    other = make.accepted_award(factories.organisation("Southside"))
    return make.given(other, account=replace(account, name="Southside", reference="R-1"))


def test_account_of_two_groups_needs_a_reason(shared: BankDetails) -> None:
    with pytest.raises(Refused, match=r"Northside Youth Project gave the same account\. Say why"):
        make.verify(shared)

    make.verify(shared, shared_why="One trust manages the money of both.")
    assert (shared.status, shared.shared_why) == (BankStatus.VERIFIED, "One trust manages the money of both.")


def test_account_of_one_group_needs_none_and_keeps_none(details: BankDetails) -> None:
    make.verify(details, shared_why="Not asked.")

    assert details.shared_why == ""


@pytest.mark.parametrize("change", [{"sort_code": "999999"}, {"number": "11111111"}])
def test_another_sort_code_or_number_is_another_account(details: BankDetails, change: dict[str, str]) -> None:
    other = make.accepted_award(factories.organisation("Southside"))

    assert make.verified(other, account=replace(bank.opened(details), **change)).shared_why == ""


def test_database_holds_no_number_and_no_plain_digest_of_one(details: BankDetails) -> None:
    account = bank.opened(details)
    row = " ".join(str(cell) for cell in db.session.execute(text("SELECT * FROM bank_details")).one())

    assert account.number not in row
    assert details.account_digest == sealing.digests_of(account)[0]
    assert details.account_digest not in {
        sealing.hmac.new(key, f"{account.sort_code} {account.number}".encode(), "sha256").hexdigest()
        for key in (b"", b"bank", account.sort_code.encode())
    }


def test_account_is_found_under_another_group_after_the_keys_changed(
    app: Flask, config: Config, details: BankDetails, shared: BankDetails
) -> None:
    old = sealing.derived_key(app.config["SECRET_KEY"])
    new = Fernet.generate_key()
    before = details.account_digest
    try:
        config["BANK_KEYS"] = f"{new.decode()},{old.decode()}"
        sealing.init_app(app)
        assert bank.shared_with(shared) == ["Northside Youth Project"]
        reseal_all(actor=factories.TESTS)
        config["BANK_KEYS"] = new.decode()
        sealing.init_app(app)
        db.session.expire_all()
        assert details.account_digest != before
        assert bank.shared_with(shared) == ["Northside Youth Project"]
    finally:
        config["BANK_KEYS"] = ""
        sealing.init_app(app)


# The name


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sort_code": "000000"}, "zeros alone"),
        ({"number": "00000000"}, "zeros alone"),
        ({"name": "ਸਿੱਖ Society"}, "letters A to Z"),
        ({"name": "’ – ’"}, "letters A to Z"),
    ],
)
def test_account_that_no_bank_has_is_refused(app: Flask, change: dict[str, str], reason: str) -> None:
    award = make.accepted_award()

    with pytest.raises(Refused, match=reason):
        make.given(award, account=replace(ACCOUNT, **change))


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("sort", "00-00-00", "The sort code must not be zeros alone"),
        ("number", "00000000", "The account number must not be zeros alone"),
        ("account_name", "ਸਿੱਖ", "The name on the account must be in the letters A to Z"),
    ],
)
def test_account_that_no_bank_has_is_refused_at_its_field(
    app: Flask, sign_in: SignIn, field: str, typed: str, message: str
) -> None:
    group = db.session.get_one(Organisation, make.accepted_award().organisation_id)
    good = {"account_name": "N", "sort": "012345", "number": "00733445", "number_on_file": "0113 496 0000"}

    page = sign_in(factories.applicant(group)).submit(f"/organisations/{group.id}/bank-details", {**good, field: typed})

    assert page.status_code == 422
    assert page.errors[field].startswith(message)


def test_payment_file_has_the_name_as_banks_take_it_and_the_details_as_it_was_given(app: Flask) -> None:
    award = make.accepted_award()
    details = make.verified(award, account=replace(ACCOUNT, name="Zoë’s Café – Leeds"))
    batch = make.batch(make.BatchStatus.APPROVED, awards=[award])

    content = make.batches.download(person=make.finance(), batch=batch, kind=FileKind.CSV).content.decode()

    assert "Zoes Cafe - Leeds" in content
    assert "Zoë" not in content
    assert bank.opened(details).name == "Zoë’s Café – Leeds"


# The pages


def test_page_asks_to_open_both_and_then_takes_the_answer(
    details: BankDetails, officer: Person, sign_in: SignIn
) -> None:
    finance, address = sign_in(officer), f"/payments/bank-details/{details.id}"
    assert "Before you verify them, show the whole details and download the proof" in finance.get(address).main

    refused = finance.submit(address, PROOF, form=VERIFY)
    assert refused.status_code == 422
    assert "Before you verify them" in refused.summary[0]
    make.look(officer, details)
    assert "Before you verify them" not in finance.get(address).main
    finance.submit(address, PROOF, form=VERIFY)

    assert db.session.get_one(BankDetails, details.id, populate_existing=True).status == BankStatus.VERIFIED
    assert "Name, sort code, account number" in finance.get(address).main


def test_difference_of_names_is_marked_on_page_and_list(
    app: Flask, sign_in: SignIn, officer: Person, details: BankDetails
) -> None:
    finance = sign_in(officer)
    assert "The names differ" not in finance.get(f"/payments/bank-details/{details.id}").main
    assert "Name differs" not in finance.get("/payments/bank-details").main
    other = make.given(make.accepted_award(), account=replace(ACCOUNT, name="Mr A Person"))

    page = finance.get(f"/payments/bank-details/{other.id}")

    assert "The names differ" in page.main
    assert "Mr A Person" not in page.main
    shown = finance.submit(page, form='form[action$="/show"]')
    assert "“Mr A Person” is not" in shown.main
    assert "Name differs" in finance.get("/payments/bank-details").main


def test_page_asks_why_several_groups_have_the_account(shared: BankDetails, officer: Person, sign_in: SignIn) -> None:
    finance, address = sign_in(officer), f"/payments/bank-details/{shared.id}"
    make.look(officer, shared)
    assert "Northside Youth Project gave the same sort code" in finance.get(address).main

    refused = finance.submit(address, PROOF, form=VERIFY)
    assert "Say why that is right" in refused.summary[0]
    finance.submit(address, {**PROOF, "shared_why": "One trust."}, form=VERIFY)

    assert "One trust." in finance.get(address).main


def test_auditor_is_not_told_who_else_has_the_account(shared: BankDetails, sign_in: SignIn) -> None:
    assert "gave the same" not in sign_in(factories.auditor()).get(f"/payments/bank-details/{shared.id}").main
