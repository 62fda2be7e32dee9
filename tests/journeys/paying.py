"""From the letter to the money: the group accepts and gives its bank details, and finance pays."""

from __future__ import annotations

import csv
import io
from hashlib import sha256
from typing import Any

from openpyxl import load_workbook
from sqlalchemy import select

from grants.foundation.values import clock
from grants.payments.models import Batch, Payment

from .applying import signs_in
from .judging import CONDITIONS, LESS, REASONS
from .stage import GROUP, REFERENCE
from .walking import Walker, mails, reading

SORT_CODE, ACCOUNT = "012345", "00733445"
PROOF = b"%PDF-1.7\n1 0 obj\nAccount 00733445\nendobj\n%%EOF\n"
TWO = "You prepared this batch, so another finance officer approves it."


def reads_and_accepts(group: Walker) -> None:
    """The group reads the result and the letter, and accepts the offer."""
    signs_in(group)
    group.go(f"/applications/{REFERENCE}")
    group.reads("Grant offered", "Our letter to you", "£5,400", LESS, REASONS)
    group.go("/desk")
    group.page.locator(f"a[href='/awards/{REFERENCE}/offer']").first.click()
    group.look()
    group.reads("£6,000", "£5,400", CONDITIONS)
    group.press("Accept the grant")
    assert group.error_beside("signatory_name") == "Enter the full name of the person who signs"
    group.page.get_by_label("Full name").fill("Nadia New")
    group.fill("Position", "Chair")
    group.tick("I may sign for our group")
    group.press_twice("Accept the grant", then="You have accepted the grant")
    assert group.fetch(f"/awards/{REFERENCE}/agreement.pdf").startswith(b"%PDF")


def gives_bank_details(group: Walker) -> None:
    """The group gives its bank details and the proof of them."""
    group.follow("Give bank details")
    group.fill("Name on the account", GROUP)
    group.fill("Sort code", "01-23-4")
    group.fill("Account number", ACCOUNT)
    group.fill("Telephone number of the group", "0113 496 0000")
    group.tick("This is an account of our group")
    group.press("Save and continue")
    assert "6 digits" in group.error_beside("sort")
    assert group.page.get_by_label("Account number").input_value() == ACCOUNT
    group.fill("Sort code", "01-23-45")
    group.press("Save and continue")
    group.page.get_by_label("Bank statement or headed letter").set_input_files(
        {"name": "statement.pdf", "mimeType": "application/pdf", "buffer": PROOF}
    )
    group.press("Send the proof")
    group.reads("We check them, and write to you when they are verified.")
    group.does_not_read(SORT_CODE, "01-23-45", ACCOUNT)


def verifies_and_prepares(finance: Walker) -> str:
    """A finance officer verifies the details and prepares a batch, and is refused to approve it. Gives its number."""
    finance.go("/payments")
    finance.follow("1 set of bank details waits to be verified")
    finance.follow(GROUP)
    finance.does_not_read(ACCOUNT)
    finance.press("Show the whole details")
    finance.reads(ACCOUNT)
    finance.download("Download the proof")
    finance.tick("The name on the account", "The sort code", "The account number")
    finance.tick("They agree with the bank statement or letter")
    finance.fill("Supplier number", "S-1001")
    finance.press("Verify")
    finance.go("/payments")
    finance.follow("Prepare a batch")
    finance.tick(REFERENCE)
    finance.press_twice("Prepare the batch", then=TWO)
    with reading() as session:
        number, version = session.execute(select(Batch.number, Batch.version)).one()
    assert finance.page.get_by_role("button", name="Approve").count() == 0
    form = {"csrf_token": finance.page.locator("[name=csrf_token]").first.input_value(), "version": version}
    answer = finance.page.request.post(f"/payments/batches/{number}/approve", form=form)
    assert (answer.status, TWO in answer.text()) == (422, True)
    return str(number)


def approves(finance: Walker, number: str) -> None:
    """Another finance officer approves it, and downloads its file twice: the same bytes, every zero in its place."""
    finance.go("/payments")
    finance.follow("1 batch waits to be approved")
    finance.follow(number)
    finance.press("Approve 1 payment of £5,400")
    first = finance.download("Download as XLSX")
    finance.go(f"/payments/batches/{number}")
    assert finance.download("Download as XLSX") == first
    finance.reads(sha256(first).hexdigest())
    paid = _first_line(first)
    assert (paid["Sort code"], paid["Account number"], paid["Amount (£)"]) == (SORT_CODE, ACCOUNT, 5400)
    assert (paid["Payee"], paid["Supplier number"]) == (GROUP, "S-1001")


def takes_the_return(finance: Walker) -> None:
    """The file that says what was paid settles it; sent again it does nothing."""
    with reading() as session:
        payment = session.scalars(select(Payment)).one()
        reference, batch = payment.reference, payment.batch.number
    line = f"{reference},{clock.today()},F-7,5400.00,paid"
    content = f"reference,date,finance reference,amount,status\n{line}\n".encode()
    for does in ("Paid 1 payment", "Nothing to do: this file says nothing"):
        finance.go("/payments/returns")
        finance.page.get_by_label("Return file", exact=True).set_input_files(
            {"name": "return.csv", "mimeType": "text/csv", "buffer": content}
        )
        finance.press("Take it in")
        assert does in " ".join(finance.text.split())
    assert [mail.to for mail in mails("payment-paid")] == ["nadia@example.org"]
    finance.go(f"/payments/batches/{batch}")
    finance.reads("Reconciled", "F-7")


def exports(finance: Walker, number: str) -> None:
    """All awards of the round as commitments, as XLSX and as CSV."""
    finance.go("/payments/awards?round=SCF+21")
    found = _first_line(finance.download("XLSX, to open in a spreadsheet"))
    assert (found["Reference"], found["Group"], found["Awarded (£)"]) == (REFERENCE, GROUP, 5400)
    assert (found["Fund"], found["Round"], found["Decision"]) == ("SCF", "SCF 21", f"D-{REFERENCE}")
    (line,) = csv.DictReader(io.StringIO(finance.download("CSV, for machines").decode("utf-8-sig")))
    assert (line["Reference"], line["Awarded (£)"], line["Paid (£)"]) == (REFERENCE, "5400.00", "5400.00")
    finance.is_refused(f"/review/{REFERENCE}", f"/decisions/{REFERENCE}", f"/applications/{REFERENCE}")
    finance.go(f"/decisions/notices/{number}")


def _first_line(content: bytes) -> dict[Any, Any]:
    heads, row, *_rest = load_workbook(io.BytesIO(content), read_only=True).worksheets[0].values
    return dict(zip(heads, row, strict=True))
