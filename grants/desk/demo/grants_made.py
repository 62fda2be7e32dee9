"""What is done to a bid of the demonstration once its decision is announced: by its group, its officer and finance."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path

from sqlalchemy import select

from grants.awards.models import Award, Offer, Variation, VariationKind
from grants.awards.offers import operations as offers
from grants.awards.variations import operations as variations
from grants.awards.variations.contents import Wanted
from grants.foundation.records.db import db
from grants.foundation.records.drafts import fingerprint
from grants.foundation.records.kinds import PDF, Upload
from grants.foundation.values import clock
from grants.foundation.values.money import Pence
from grants.outcomes.reports.answers import operations as judging
from grants.outcomes.reports.drafts import contents
from grants.outcomes.reports.drafts import operations as reports
from grants.outcomes.reports.drafts.operations import Spent
from grants.outcomes.reports.queries import locked_case
from grants.payments.bank import operations as bank
from grants.payments.bank.queries import set_of
from grants.payments.models import BankDetails, BankStatus, CheckMethod, Compared, Payment, Reversal
from grants.payments.reversals import operations as reversals
from grants.payments.sealing import BankAccount

from .bids import DemoBid

LETTER = Path(__file__).parents[1] / "data" / "demonstration_bank_letter.pdf"


def award_of(bid: DemoBid) -> Award:
    """The award that came of a bid."""
    return db.session.scalars(select(Award).where(Award.application_id == bid.application.id)).one()


# The offer


def accept(bid: DemoBid) -> None:
    """The group accepts the offer."""
    award = award_of(bid)
    offers.accept_offer(
        person=bid.person,
        award=award,
        signatory_name=bid.person.name,
        signatory_position="For the committee",
        version=_offer_of(award).version,
    )


def decline(bid: DemoBid) -> None:
    """The group declines the offer."""
    offers.decline_offer(person=bid.person, award=award_of(bid), why=bid.row["offer declined"])


def lapse(bid: DemoBid) -> None:
    """An officer lets the offer lapse, which the group did not answer."""
    offers.lapse_offer(person=bid.officer, award=award_of(bid))


def _offer_of(award: Award) -> Offer:
    return db.session.scalars(select(Offer).where(Offer.award_id == award.id)).one()


# What is changed afterwards


def begin_variation(bid: DemoBid) -> None:
    """An officer begins a change that the group asked for: a smaller amount, and more time."""
    row, award = bid.row["varied"], award_of(bid)
    ends_on = award.ends_on + timedelta(days=row["later"]) if award.ends_on else None
    wanted = Wanted(amount=Pence(row["amount"]), ends_on=ends_on)
    variations.begin(person=bid.officer, award=award, kind=VariationKind.CHANGE, reason=row["why"], wanted=wanted)


def approve_variation(bid: DemoBid) -> None:
    """Another officer approves it."""
    award = award_of(bid)
    found = db.session.scalars(select(Variation).where(Variation.award_id == award.id)).one()
    variations.approve(person=bid.other_officer, variation=found, seen=found.version)


# Bank details


def give_bank_details(bid: DemoBid, change: int = 0) -> None:
    """The group gives its bank details, or others, with a letter. No bank has this sort code, nobody this number."""
    account = BankAccount(
        name=bid.group.name.removesuffix(" (demonstration)")[:40],
        sort_code=f"0000{10 + bid.number:02}",
        number=f"{1234 * (bid.number + 1) + change:08}",
        reference="",
        number_on_file=f"01632 960{100 + bid.number}",
    )
    details = bank.give(person=bid.person, organisation=bid.group, account=account)
    content = LETTER.read_bytes()
    upload = Upload("bank letter.pdf", PDF.media_type, len(content), BytesIO(content))
    bank.prove(person=bid.person, details=details, upload=upload)


def verify_bank_details(
    bid: DemoBid, by: str = "finance1", method: CheckMethod = CheckMethod.PROOF, note: str = ""
) -> None:
    """A finance officer verifies the bank details by the letter, and others after a call."""
    details: BankDetails | None = set_of(bid.group.id, BankStatus.GIVEN)
    assert details is not None  # noqa: S101 - its course gives them first
    person = bid.cast.person(by)
    bank.show(person=person, details=details)
    bank.show_proof(person=person, details=details)
    bank.verify(
        person=person,
        details=details,
        seen=details.version,
        method=method,
        note=note,
        compared=list(Compared),
        supplier_number=f"D{5000 + bid.number}",
    )


def verify_others(bid: DemoBid) -> None:
    """The other finance officer verifies the details that are given after money came back."""
    note = "Spoke to the treasurer, on the number on file."
    verify_bank_details(bid, by="finance2", method=CheckMethod.CALL, note=note)


# A payment that came back


def bounce(bid: DemoBid) -> None:
    """A finance officer records that the payment came back."""
    reversals.record_bounce(
        person=bid.cast.person("finance1"),
        payment=_payment_of(bid),
        day=clock.today(),
        finance_reference=f"R{70000 + bid.number}",
        reason="The bank says that the account is closed.",
    )


def approve_bounce(bid: DemoBid) -> None:
    """Another finance officer approves that."""
    found = db.session.scalars(select(Reversal).where(Reversal.payment_id == _payment_of(bid).id)).one()
    reversals.approve(person=bid.cast.person("finance2"), reversal=found, seen=found.version)


def _payment_of(bid: DemoBid) -> Payment:
    return db.session.scalars(select(Payment).where(Payment.award_id == award_of(bid).id)).one()


# The report


def report(bid: DemoBid) -> None:
    """The group writes its report and sends it."""
    row, award, person = bid.row["report"], award_of(bid), bid.person
    draft = reports.open_report(person=person, award=award)
    reports.save_people(
        person=person,
        award=award,
        seen=fingerprint(contents.people(draft)),
        people_helped=row["people"],
        people_estimated=False,
        volunteers=row["volunteers"],
        sessions=row["sessions"],
    )
    reports.save_difference(
        person=person,
        award=award,
        seen=fingerprint(contents.difference(draft)),
        difference=row["difference"],
        changed=row["changed"],
    )
    reports.save_spending(
        person=person,
        award=award,
        seen=fingerprint(contents.spending(locked_case(award.id).told)),
        other_money="",
        lines=[Spent(Pence(amount), reason) for amount, reason in row["spent"]],
    )
    reports.submit(person=person, award=award, declared_name=person.name)


def accept_report(bid: DemoBid) -> None:
    """An officer accepts the report."""
    case = locked_case(award_of(bid).id)
    judging.answer(person=bid.officer, award=case.award, seen=judging.version_of(case), accepts=True)


def repay(bid: DemoBid) -> None:
    """Finance records that what was not spent came back: that completes the award."""
    case = locked_case(award_of(bid).id)
    judging.record_repayment(
        person=bid.cast.person("finance1"),
        award=case.award,
        seen=judging.version_of(case),
        amount=case.money.outstanding,
        arrived_on=clock.today(),
    )
