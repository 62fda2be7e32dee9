"""Things of payments for tests: accepted awards, bank details and batches in every state. All are stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from grants.accounts.models import Organisation, Person
from grants.accounts.rights import Role
from grants.applications.models import ApplicationStatus
from grants.awards.models import Award
from grants.foundation.records.db import db, transaction
from grants.foundation.records.kinds import PDF, Upload
from grants.foundation.values import clock
from grants.foundation.values.money import Pence
from grants.payments.bank import operations as bank
from grants.payments.bank.queries import set_of
from grants.payments.batches import operations as batches
from grants.payments.models import (
    HOLD,
    BankDetails,
    BankStatus,
    Batch,
    BatchStatus,
    CheckMethod,
    Compared,
    FileKind,
    Payment,
    Reversal,
)
from grants.payments.returns import operations as returns
from grants.payments.reversals import operations as reversals
from grants.payments.sealing import BankAccount

from . import award_factories as awards
from . import factories
from .kept import kept_when_first
from .world import Thing, Who, World

if TYPE_CHECKING:
    from tests.conftest import MovedClock

ACCOUNT = BankAccount("Northside Youth Project", "012345", "00733445", "", "0113 496 0000")
HEAD = "reference,date,finance reference,amount,status"
PROOF = b"%PDF-1.7\n1 0 obj\nAccount 00733445\nendobj\n%%EOF\n"


def finance(name: str = "Fin Pays") -> Person:
    """A finance officer of this name."""
    return factories.person(Role.FINANCE, name=name)


@kept_when_first
def accepted_award(organisation: Organisation | None = None, *, amount: int = 540_000, **more: Any) -> Award:
    """An award of a group that was decided, offered and accepted. `more` goes to `factories.application`."""
    group = organisation or factories.organisation()
    application = factories.application(ApplicationStatus.RECOMMENDED, organisation=group, **more)
    return awards.accepted_award(amount, of=application)


def upload(content: bytes = PROOF, name: str = "statement.pdf", media_type: str = PDF.media_type) -> Upload:
    """A file as a form gives it."""
    return Upload(name, media_type, len(content), BytesIO(content))


def account_of(group_id: int) -> BankAccount:
    """The account of a group: no two groups have the same, and each ends like `ACCOUNT`."""
    return replace(ACCOUNT, sort_code=f"{int(ACCOUNT.sort_code) + group_id - 1:06}")


def given(award: Award, *, account: BankAccount | None = None, proven: bool = True) -> BankDetails:
    """Details that the award's group gave, with their proof."""
    group = db.session.get_one(Organisation, award.organisation_id)
    account = account or account_of(group.id)
    by = factories.person(name="Gil Gives", member_of=group)
    made = bank.give(person=by, organisation=group, account=account)
    return bank.prove(person=by, details=made, upload=upload()) if proven else made


def verified(award: Award, *, by: Person | None = None, **more: Any) -> BankDetails:
    """Details that are in force."""
    made = given(award, **more)
    return verify(made, by=by)


def look(person: Person, details: BankDetails) -> None:
    """Open the number and the proof of details."""
    bank.show(person=person, details=details)
    bank.show_proof(person=person, details=details)


def verify(
    details: BankDetails,
    method: CheckMethod = CheckMethod.PROOF,
    *,
    by: Person | None = None,
    seen: int | None = None,
    **more: Any,
) -> BankDetails:
    """Verify details after looking at the number and the proof: nothing of it is done where it is refused."""
    person = by or finance("Vera Verifies")
    with transaction():
        look(person, details)
        return bank.verify(
            person=person,
            details=details,
            seen=details.version if seen is None else seen,
            method=method,
            **{"compared": list(Compared), **more},
        )


def verified_anew(award: Award, clock: MovedClock) -> BankDetails:
    """Other details of a group whose account changed or is blocked, verified as soon as their hold is over."""
    made = given(award, account=BankAccount("Northside", "112233", "00998877", "", "0113 496 0000"))
    clock.shift(HOLD)
    return verify(made, CheckMethod.BOTH, note="Rang Alex on the number on file.")


@kept_when_first
def payable_award(organisation: Organisation | None = None, *, by: Person | None = None, **more: Any) -> Award:
    """An accepted award whose group has verified details. `by` verified them."""
    award = accepted_award(organisation, **more)
    if set_of(award.organisation_id, BankStatus.VERIFIED) is None:
        verified(award, by=by)
    return award


@kept_when_first
def batch(
    status: BatchStatus = BatchStatus.PREPARED,
    *,
    awards: Sequence[Award] = (),
    amounts: Sequence[int] = (),
    by: Person | None = None,
    approver: Person | None = None,
) -> Batch:
    """A batch in a state, of these awards (else of a new one) with their whole amounts or these."""
    chosen = list(awards) or [payable_award()]
    wanted = list(amounts) or [award.decision.amount_pence for award in chosen if award.decision]
    preparer = by or finance("Prue Prepares")
    made = batches.prepare(
        person=preparer, amounts=[(award.id, Pence(amount)) for award, amount in zip(chosen, wanted, strict=True)]
    )
    if status == BatchStatus.CANCELLED:
        return batches.cancel(person=preparer, batch=made, seen=made.version, reason="A mistake.")
    if status != BatchStatus.PREPARED:
        made = batches.approve(person=approver or finance("Abe Approves"), batch=made, seen=made.version)
    if status in {BatchStatus.EXPORTED, BatchStatus.RECONCILED}:
        batches.download(person=preparer, batch=made, kind=FileKind.XLSX)
    return made


def payments_of(of: Batch) -> list[Payment]:
    """The payments of a batch, as they stand now."""
    query = db.select(Payment).where(Payment.batch_id == of.id).order_by(Payment.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def take(*lines: str, by: Person | None = None, head: str = HEAD) -> returns.Taken:
    """A return file of these lines, taken in."""
    content = "\n".join((head, *lines)) + "\n"
    return returns.take(person=by or finance("Rita Returns"), upload=upload(content.encode(), "return.csv", "text/csv"))


def line(payment: Payment, status: str = "paid", *, day: str = "", trace: str = "F-1") -> str:
    """What a return file says of a payment, with its own amount, today."""
    amount = f"{payment.amount_pence // 100}.{payment.amount_pence % 100:02}"
    return ",".join((payment.reference, day or clock.today().isoformat(), trace, amount, status))


@kept_when_first
def settled(status: str = "paid", *, award: Award | None = None) -> Payment:
    """A payment of the whole award that a return file marked as paid or failed."""
    (payment,) = payments_of(batch(BatchStatus.EXPORTED, awards=[award or payable_award()]))
    take(line(payment, status))
    return payment


def bounced(payment: Payment, *, by: Person | None = None) -> Reversal:
    """That a payment which was paid came back: recorded, and not approved yet."""
    return reversals.record_bounce(
        person=by or finance("Rex Records"),
        payment=payment,
        day=clock.today(),
        finance_reference="R-1",
        reason="Account closed.",
    )


# For the table of access


def a_payment(world: World) -> dict[str, Any]:
    """A payment to the group that was paid."""
    return {"reference": settled(award=payable_award(world.group)).reference}


def a_reversal(world: World) -> dict[str, Any]:
    """A payment to the group that came back."""
    return {"reversal_id": bounced(settled(award=payable_award(world.group))).id}


def own_group(world: World) -> dict[str, Any]:
    """The group, which has accepted an award."""
    accepted_award(world.group)
    return {"organisation_id": world.group.id}


def some_details(world: World) -> dict[str, Any]:
    """Details that the group gave."""
    return {"details_id": given(accepted_award(world.group)).id}


@cache
def a_batch(status: BatchStatus = BatchStatus.PREPARED) -> Thing:
    """A batch that pays the group, in a state."""

    def make(world: World) -> dict[str, Any]:
        return {"number": batch(status, awards=[payable_award(world.group)]).number}

    return make


def a_return(world: World) -> dict[str, Any]:
    """A return file that was taken in."""
    of = batch(BatchStatus.EXPORTED, awards=[payable_award(world.group)])
    (payment,) = payments_of(of)
    text = (
        "reference,date,finance reference,amount,status\n"
        f"{payment.reference},{clock.today()},F-1,{payment.amount_pence / 100},paid\n"
    )
    taken = returns.take(person=world.people[Who.FINANCE], upload=upload(text.encode(), "return.csv", "text/csv"))
    return {"return_id": taken.file.id}
