"""The pages of payments: what is typed and sent, what comes back, and who sees what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Config, Flask
from sqlalchemy import select

from grants.accounts.models import Organisation, Person
from grants.accounts.rights import Role
from grants.awards.models import Award
from grants.foundation.records import files
from grants.foundation.records.audit import AuditLine
from grants.foundation.records.db import db, transaction
from grants.foundation.records.kinds import megabytes
from grants.foundation.values import clock as clocks
from grants.foundation.values.money import Pence
from grants.payments.bank.operations import opened
from grants.payments.models import HOLD, BankDetails, BankStatus, Batch, BatchStatus, Payment, ReturnFile
from tests.conftest import MovedClock
from tests.support import factories
from tests.support import payments_factories as make
from tests.support.client import Client
from tests.support.kept import kept

SignIn = Callable[[Any], Client]
TYPED = {
    "account_name": "Northside Youth",
    "sort": " 01–23 45",
    "number": "0073-3445",
    "reference": "",
    "number_on_file": "0113 496 0000",
    "agrees": "yes",
}


@pytest.fixture(autouse=True)
def _noon(clock: MovedClock) -> None:
    """It is noon on 22 November 2026."""


@pytest.fixture
def award(app: Flask) -> Award:
    """An award that the group has accepted."""
    return kept("accepted by Northside", lambda: make.accepted_award(factories.organisation("Northside Youth Project")))


@pytest.fixture
def member(award: Award, sign_in: SignIn) -> Client:
    """The browser of somebody of the group."""
    return sign_in(factories.applicant(db.session.get_one(Organisation, award.organisation_id)))


def _own(award: Award) -> str:
    return f"/organisations/{award.organisation_id}/bank-details"


def _sets(award: Award) -> list[BankDetails]:
    query = select(BankDetails).where(BankDetails.organisation_id == award.organisation_id).order_by(BankDetails.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def _statement(content: bytes = make.PROOF, name: str = "statement.pdf") -> tuple[BytesIO, str]:
    return BytesIO(content), name


# A group's own details


def test_group_gives_details_and_then_their_proof(member: Client, award: Award) -> None:
    answer = member.submit(_own(award), TYPED)
    assert answer.goes_to == _own(award)

    page = member.get(_own(award))
    assert "ending 3445" in page.main
    assert "00733445" not in page.get_data(as_text=True)
    member.submit(page, {"proof": _statement()}, form='form[action$="/proof"]')

    (details,) = _sets(award)
    assert opened(details) == make.BankAccount("Northside Youth", "012345", "00733445", "", "0113 496 0000")
    assert details.proof_name == "statement.pdf"
    assert "We check them, and write to you" in member.get(_own(award)).main


def test_double_click_gives_details_once(member: Client, award: Award) -> None:
    page = member.get(_own(award))

    first, second = member.submit(page, TYPED), member.submit(page, TYPED)

    assert first.goes_to == second.goes_to
    assert len(_sets(award)) == 1


@pytest.mark.parametrize(
    ("name", "typed", "message"),
    [
        ("sort", "01234", "The sort code must be 6 digits, like 01-02-03"),
        ("sort", "１２３４５６", "The sort code must be 6 digits, like 01-02-03"),
        ("number", "1e3", "The account number must be 8 digits, like 00012345"),
        ("number", "733445", "The account number must be 8 digits, like 00012345"),
        ("number", "", "Enter the account number"),
        ("account_name", "", "Enter the name on the account"),
        ("account_name", "x" * 50_000, "The name on the account must be 200 characters or fewer."),
        ("number_on_file", "ring me", "The telephone number must be one that we can ring, like 0113 496 0000"),
    ],
)
def test_refused_form_comes_back_with_everything_that_was_typed(
    member: Client, award: Award, name: str, typed: str, message: str
) -> None:
    page = member.submit(_own(award), {**TYPED, name: typed})

    assert page.status_code == 422
    assert page.errors[name].startswith(message)
    kept = {box.get("name"): box.get("value") for box in page.page.select("main form input[type=text]")}
    assert kept[name] == typed
    assert kept["account_name"] == (typed if name == "account_name" else "Northside Youth")
    assert _sets(award) == []


def test_expired_form_gives_back_the_numbers_that_were_typed(member: Client, award: Award) -> None:
    """The risk: the numbers count as secrets, and somebody types them a second time, wrongly."""
    page = member.post(_own(award), data=TYPED)

    kept = {box.get("name"): box.get("value") for box in page.page.select("main form input")}
    assert (page.status_code, kept["sort"], kept["number"]) == (400, TYPED["sort"], TYPED["number"])


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"MZ" + b"\0" * 500, "statement.pdf", "“statement.pdf” is something else inside"),
        (b"%PDF-1.7\n" + b"0" * (50 * 1024 * 1024), "large.pdf", "must be 10 MB or less. This one has 50.1 MB"),
        (b"", "empty.pdf", "must not be an empty file"),
        (b"PK\x03\x04 word", "letter.docx", "must be a PDF, JPEG or PNG file"),
    ],
)
def test_file_that_is_no_proof_is_told_and_the_details_stay(
    member: Client, award: Award, content: bytes, name: str, message: str
) -> None:
    make.given(award, proven=False)

    page = member.submit(_own(award), {"proof": _statement(content, name)}, form='form[action$="/proof"]')
    page.request.environ["wsgi.input"].close()

    assert page.status_code == 422
    assert message in page.errors["proof"]
    assert _sets(award)[0].proof_id is None
    assert "ending 3445" in page.main


def test_group_has_room_for_so_many_bytes_and_is_told_beside_the_file_what_it_used(
    member: Client, award: Award, config: Config
) -> None:
    before = make.given(award).proof_id
    owner = f"organisation:{award.organisation_id}"
    used = files.used_by(owner)
    config["GROUP_QUOTA"] = 2 * used

    again = member.submit(_own(award), {"proof": _statement()}, form='form[action$="/proof"]')
    refused = member.submit(_own(award), {"proof": _statement()}, form='form[action$="/proof"]')

    assert again.status_code == 302
    assert refused.status_code == 422
    amount = megabytes(2 * used).replace("\xa0", " ")
    assert f"Your group has {amount} of files here, of the {amount} that each group may have" in refused.errors["proof"]
    assert files.used_by(owner) == 2 * used
    assert _sets(award)[0].proof_id != before
    make.given(make.accepted_award())


def test_details_are_asked_for_only_once_an_award_is_accepted(app: Flask, sign_in: SignIn) -> None:
    group = factories.organisation()
    browser = sign_in(factories.applicant(group))

    page = browser.get(f"/organisations/{group.id}/bank-details")

    assert "once it has accepted the offer" in page.main
    assert not page.page.select("main form")


def test_group_reads_why_its_details_were_refused(member: Client, award: Award) -> None:
    details = make.given(award)
    make.bank.refuse(person=make.finance(), details=details, seen=details.version, reason="It is not your account.")

    page = member.get(_own(award))

    assert "It is not your account." in page.main
    assert page.page.select_one("#sort")


def test_change_says_that_it_is_held(member: Client, award: Award, clock: MovedClock) -> None:
    make.verified(award)

    member.submit(_own(award), {**TYPED, "number": "99887766"}, form='form[action$="/bank-details"]')
    member.submit(_own(award), {"proof": _statement()}, form='form[action$="/proof"]')

    page = member.get(_own(award))
    assert "ending 3445" in page.main
    assert "not before 12noon on 24 November 2026" in page.main.replace("\xa0", " ").replace("12 noon", "12noon")


# Verification


@pytest.fixture
def finance(app: Flask, sign_in: SignIn) -> Client:
    """The browser of a finance officer, who has a colleague."""
    make.finance("Abe Approves")
    return sign_in(make.finance())


def test_numbers_are_shown_by_a_post_that_is_written_down(finance: Client, award: Award) -> None:
    details = make.given(award)
    address = f"/payments/bank-details/{details.id}"
    page = finance.get(address)
    assert "00733445" not in page.get_data(as_text=True)

    shown = finance.submit(page, form='form[action$="/show"]')
    proof = finance.submit(page, form='form[action$="/proof"]')

    assert "01-23-45" in shown.main
    assert "00733445" in shown.main
    assert (proof.data, proof.mimetype) == (make.PROOF, "application/pdf")
    assert proof.headers["Content-Disposition"].startswith("attachment")
    verbs = db.session.scalars(select(AuditLine.verb).order_by(AuditLine.id.desc()).limit(2)).all()
    assert verbs == ["open proof of bank details", "show bank details"]


def test_verifying_and_refusing_by_their_forms(finance: Client, award: Award) -> None:
    details = make.given(award)
    address = f"/payments/bank-details/{details.id}"

    compared = {"compared": ["name", "sort code", "account number"]}
    for opens in ("show", "proof"):
        finance.submit(address, form=f'form[action$="/{opens}"]')

    asked = finance.submit(address, {**compared, "method": "call", "note": ""}, form='form[action$="/verify"]')
    assert asked.status_code == 422
    assert asked.summary == ["Enter whom you spoke to, when, and on which number."]
    page = finance.submit(
        address, {**compared, "method": "proof", "supplier_number": "S-7"}, form='form[action$="/verify"]'
    )

    assert page.goes_to == "/payments/bank-details"
    assert (_sets(award)[0].status, _sets(award)[0].supplier_number) == (BankStatus.VERIFIED, "S-7")
    again = finance.post(
        f"{address}/refuse", data={"csrf_token": _token(finance, "/desk"), "version": "1", "reason": "x"}
    )
    assert (again.status_code, _sets(award)[0].status) == (422, BankStatus.VERIFIED)


def _token(client: Client, address: str) -> str:
    return str(client.get(address).page.select_one('input[name="csrf_token"]')["value"])


def test_proof_that_was_exchanged_meanwhile_is_told(finance: Client, award: Award) -> None:
    details = make.given(award)
    page = finance.get(f"/payments/bank-details/{details.id}")
    make.bank.prove(person=details.given_by, details=details, upload=make.upload(b"%PDF-1.7\nother\n%%EOF\n"))

    typed = {"method": "proof", "note": "Looked.", "compared": ["name"]}
    answer = finance.submit(page, typed, form='form[action$="/verify"]')

    assert answer.status_code == 409
    assert "has sent something new" in answer.summary[0]
    assert answer.page.select_one("#note").get_text().strip() == "Looked."


def test_auditor_reads_pages_without_numbers_telephone_or_buttons(app: Flask, sign_in: SignIn) -> None:
    """The risk: who reads everything learns what only finance needs."""
    paid = make.payable_award()
    batch = make.batch(BatchStatus.EXPORTED, awards=[paid])
    waiting = make.given(make.accepted_award())
    browser = sign_in(factories.auditor())

    for address in (
        "/payments",
        "/payments/bank-details",
        f"/payments/bank-details/{waiting.id}",
        "/payments/batches",
        f"/payments/batches/{batch.number}",
        "/payments/returns",
        "/payments/all",
        "/payments/all.csv",
    ):
        page = browser.get(address)
        text = page.get_data(as_text=True)
        assert page.status_code == 200
        assert not any(secret in text for secret in ("00733445", "012345", "01-23-45", "496 0000")), address
        if page.mimetype == "text/html":
            assert not page.page.select('main form[method="post"]')


# Batches


def test_batch_is_prepared_by_its_form_with_a_part(finance: Client) -> None:
    first, second = make.payable_award(), make.payable_award()
    page = finance.get("/payments/batches/new")

    answer = finance.submit(page, {"lines-0-amount": "£1,000", "lines-1-pay": None})
    again = finance.submit(page, {"lines-0-amount": "£1,000", "lines-1-pay": None})

    assert answer.goes_to == again.goes_to
    (payment,) = db.session.scalars(select(Payment))
    assert (payment.award_id, payment.amount_pence) == (first.id, 100_000)
    assert second.reference in finance.get("/payments/batches/new").main


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("5400.01", "The amount must be more than £0, and £5,400 or less."),
        ("1e3", "The amount must be an amount in pounds, like 3400 or 3,400.50"),
        ("0", "The amount must be £0.01 or more"),
        ("", "Enter the amount to pay, or take the award out of the batch"),
    ],
)
def test_amount_that_cannot_be_is_told_beside_it_and_the_rest_stays(finance: Client, typed: str, message: str) -> None:
    make.payable_award()
    second = make.payable_award()

    page = finance.submit("/payments/batches/new", {"lines-0-amount": "200", "lines-1-amount": typed})

    assert page.status_code == 422
    assert page.errors == {"lines-1-amount": f"{second.reference}: {message}"}
    assert page.page.select_one("#lines-0-amount")["value"] == "200"
    assert db.session.scalars(select(Batch)).all() == []


def test_nothing_chosen_is_told(finance: Client) -> None:
    make.payable_award()

    page = finance.submit("/payments/batches/new", {"lines-0-pay": None})

    assert page.summary == ["Select at least one award to pay, each once."]


def test_award_that_went_into_another_batch_meanwhile_is_told(finance: Client) -> None:
    award = make.payable_award()
    page = finance.get("/payments/batches/new")
    make.batch(awards=[award])

    answer = finance.submit(page)

    assert answer.status_code == 422
    assert answer.errors == {"lines-0-amount": "This award cannot be paid now: it is in another batch, or has changed."}


def test_preparer_has_no_button_to_approve_and_is_told_why(app: Flask, sign_in: SignIn) -> None:
    person = make.finance()
    batch = make.batch(by=person)
    browser = sign_in(person)

    page = browser.get(f"/payments/batches/{batch.number}")

    assert "You prepared this batch, so another finance officer approves it." in page.main
    assert not page.page.select('form[action$="/approve"]')
    token = _token(browser, f"/payments/batches/{batch.number}")
    answer = browser.post(f"/payments/batches/{batch.number}/approve", data={"csrf_token": token, "version": "1"})
    assert answer.status_code == 422
    assert db.session.get_one(Batch, batch.id, populate_existing=True).status == BatchStatus.PREPARED


def test_two_who_approve_at_once_approve_once(app: Flask, sign_in: SignIn) -> None:
    batch = make.batch()
    address = f"/payments/batches/{batch.number}"
    one, two = sign_in(make.finance("One")), sign_in(make.finance("Two"))
    pages = one.get(address), two.get(address)

    answers = [
        one.submit(pages[0], form='form[action$="/approve"]'),
        two.submit(pages[1], form='form[action$="/approve"]'),
    ]

    assert [answer.status_code for answer in answers] == [302, 422]
    assert "is approved: you cannot approve it now" in answers[1].summary[0]


def test_batch_from_its_page_to_the_file_and_back(app: Flask, sign_in: SignIn, clock: MovedClock) -> None:
    award = make.payable_award()
    batch = make.batch(awards=[award])
    address = f"/payments/batches/{batch.number}"
    browser = sign_in(make.finance())
    browser.submit(address, form='form[action$="/approve"]')

    first = browser.submit(address, form='form[action$="/payments.csv"]')
    second = browser.submit(address, form='form[action$="/payments.csv"]')
    assert first.data == second.data
    assert b"012345" in first.data
    assert first.headers["Content-Disposition"] == "attachment; filename=b-2026-0001.csv"

    text = f"reference,date,finance reference,amount,status\n{award.reference}-1,22/11/2026,F-1,5400,paid\n"
    for words in ("1 of 1 line recorded.", "Nothing to do"):
        sent = browser.submit("/payments/returns", {"returned": (BytesIO(text.encode()), "return.csv")})
        assert words in browser.get(sent.goes_to).words
    assert "Reconciled" in browser.get(address).main
    assert len(db.session.scalars(select(ReturnFile)).all()) == 1


def test_cancelling_by_its_form(finance: Client) -> None:
    batch = make.batch()
    address = f"/payments/batches/{batch.number}"

    empty = finance.submit(address, {"reason": ""}, form='form[action$="/cancel"]')
    assert empty.errors == {"reason": "Enter the reason"}
    finance.submit(address, {"reason": "Wrong month."}, form='form[action$="/cancel"]')

    assert "Wrong month." in finance.get(address).main


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"MZ\0\0", "return.csv", "“return.csv” is something else inside"),
        (b"reference,date\n", "return.csv", "The file is no return file."),
        (b"", "return.csv", "must not be an empty file"),
    ],
)
def test_file_that_is_no_return_file_is_told(finance: Client, content: bytes, name: str, message: str) -> None:
    page = finance.submit("/payments/returns", {"returned": (BytesIO(content), name)})

    assert page.status_code == 422
    assert message in page.errors["returned"]


@pytest.mark.parametrize("address", ["/payments/bank-details", "/payments/batches", "/payments/all"])
def test_filters(finance: Client, address: str) -> None:
    make.batch()

    assert "The status “nothing” is not known." in finance.get(f"{address}?status=nothing").main
    assert finance.get(f"{address}?status={'verified' if 'bank' in address else 'cancelled'}").status_code == 200
    if address == "/payments/all":
        assert finance.get(f"{address}.csv?status=nothing").status_code == 400


# How often they ask the database

QUERIES = {
    "/payments": 3,
    "/payments/bank-details": 3,
    "/payments/batches": 3,
    "/payments/batches/new": 6,
    "/payments/batches/B-2026-0001": 6,
    "/payments/all": 4,
    "/payments/returns": 4,
}


@pytest.mark.parametrize("count", [1, 3, 8])
def test_pages_ask_as_often_whatever_they_hold(
    app: Flask, finance: Client, clock: MovedClock, count_queries: Any, count: int
) -> None:
    group = factories.organisation()
    a_round = factories.open_round(pot_pence=10**9)
    awards = [make.payable_award(group, in_round=a_round) for _ in range(2 * count)]
    make.batch(awards=awards[:count])
    _fill(count - 1)

    for address, expected in QUERIES.items():
        with count_queries() as queries:
            page = finance.get(address)
        assert queries.count == expected, address
        assert page.weight(50) < 60 * 1024, address
        if address not in {"/payments", "/payments/returns", "/payments/bank-details"}:
            assert len(page.page.select("tbody tr")) == count, address


def _fill(count: int) -> None:
    """So many more batches, each without a payment, which no list looks at."""
    person, now = make.finance(), clocks.now() - timedelta(days=400)
    with transaction() as session:
        session.add_all(
            Batch(
                number=f"B-2025-{number:04}",
                status=BatchStatus.PREPARED,
                payment_count=1,
                total_pence=Pence(1),
                prepared_at=now,
                prepared_by_id=person.id,
            )
            for number in range(count)
        )


@pytest.mark.parametrize("count", [1, 3])
def test_pages_of_details_and_of_a_return_ask_as_often(
    app: Flask, sign_in: SignIn, clock: MovedClock, count_queries: Any, count: int
) -> None:
    person = make.finance()
    awards = [make.payable_award() for _ in range(count)]
    batch = make.batch(BatchStatus.EXPORTED, awards=awards)
    lines = [f"{payment.reference},22/11/2026,F-1,5400,paid\n" for payment in make.payments_of(batch)]
    content = "reference,date,finance reference,amount,status\n" + "".join(lines)
    taken = make.returns.take(person=person, upload=make.upload(content.encode(), "return.csv", "text/csv"))
    changes = [
        make.given(award, account=make.BankAccount("N", "000001", "00000001", "", "01134960000")) for award in awards
    ]
    group = awards[0].organisation_id
    member = db.session.get_one(Person, changes[0].given_by_id)
    browser, owner = sign_in(person), sign_in(member)

    for client, address, expected in (
        (browser, f"/payments/returns/{taken.file.id}", 6),
        (browser, f"/payments/bank-details/{changes[0].id}", 6),
        (browser, "/payments/bank-details", 3),
        (owner, f"/organisations/{group}/bank-details", 5),
    ):
        with count_queries() as queries:
            client.get(address)
        assert queries.count == expected, address


def test_held_change_is_listed_with_its_time(finance: Client, award: Award, clock: MovedClock) -> None:
    make.verified(award)
    make.given(award, account=make.BankAccount("N", "000001", "00000001", "", "01134960000"))

    assert "Change, held until" in finance.get("/payments/bank-details").main
    clock.shift(HOLD)
    assert "held until" not in finance.get("/payments/bank-details").main


def test_finance_officer_of_a_group_finds_its_details_nowhere(app: Flask, sign_in: SignIn, award: Award) -> None:
    details = make.given(award)
    person = factories.person(Role.FINANCE, member_of=db.session.get_one(Organisation, award.organisation_id))

    assert sign_in(person).get(f"/payments/bank-details/{details.id}").status_code == 404


def test_all_payments_as_a_file_hide_accounts_and_follow_the_filters(finance: Client) -> None:
    make.batch()
    make.batch(BatchStatus.CANCELLED)

    rows = finance.get("/payments/all.csv?status=waiting").get_data(as_text=True).splitlines()

    assert len(rows) == 2
    assert ",3445,5400.00,Waiting," in rows[1]
    assert finance.get("/payments/all.xlsx").status_code == 200
