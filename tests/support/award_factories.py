"""Awards that were decided here, at every point of their life, each made with one call by the real verbs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from grants.accounts.models import Membership, Person
from grants.applications.models import ApplicationStatus
from grants.awards.entries import operations
from grants.awards.entries import operations as commitments
from grants.awards.ledger.operations import entries_of, latest_offer
from grants.awards.models import (
    Award,
    AwardStatus,
    EntryKind,
    LedgerEntry,
    Offer,
    Variation,
    VariationKind,
    VariationRequest,
    VariationStatus,
)
from grants.awards.offers import operations as offers
from grants.awards.requests import operations as requests
from grants.awards.variations import operations as variations
from grants.awards.variations.contents import Wanted
from grants.foundation.records.db import db, transaction
from grants.foundation.values import clock
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence

from . import decision_factories, factories
from .kept import kept_when_first
from .world import World


@kept_when_first
def decided_award(amount: int = 540_000, **more: Any) -> Award:
    """An award that is decided and was never offered. `more` goes to `factories.decision`."""
    made = factories.decision(amount=amount, **more)
    bid = made.application
    return operations.enter_award(
        actor=factories.TESTS,
        reference=bid.reference,
        fund=bid.round.fund,
        a_round=bid.round,
        organisation=bid.organisation,
        decision_id=made.id,
        application_id=bid.id,
        title=bid.title,
        purpose=bid.summary,
        reasons=made.reasons,
        conditions=made.conditions,
        amount=made.amount_pence,
        award_day=Day.exactly(clock.today()),
        requested=bid.requested_pence,
        starts_on=bid.starts_on,
        ends_on=bid.ends_on,
        illustrative=bid.illustrative,
        topics=[row.topic for row in bid.topics],
        districts=[row.district for row in bid.districts],
        priority=bid.priority,
    )


def member_of(award: Award) -> Person:
    """Somebody of the group that was awarded it."""
    return db.session.scalars(
        select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.organisation_id == award.organisation_id)
        .order_by(Person.id)
    ).first() or factories.applicant(award.organisation)


def offer_of(award: Award) -> Offer:
    """The latest offer of an award."""
    with transaction():
        found = latest_offer(award)
    assert found is not None
    return found


@kept_when_first
def offered_award(amount: int = 540_000, **more: Any) -> Award:
    """An award that waits for its group: its notice is signed. `more` goes to `factories.decision`."""
    made = decision_factories.announced(amount=amount, **more)
    return db.session.scalars(select(Award).where(Award.decision_id == made.id)).one()


def accept(award: Award, **more: Any) -> Award:
    """Accept the offer of an award for its group."""
    given = {"signatory_name": "Alex Applicant", "signatory_position": "Chair", **more}
    given.setdefault("person", member_of(award))
    offers.accept_offer(award=award, version=given.pop("version", offer_of(award).version), **given)
    return award


@kept_when_first
def accepted_award(amount: int = 540_000, **more: Any) -> Award:
    """An award that its group has accepted."""
    return accept(offered_award(amount, **more))


def pay(award: Award, amount: int) -> None:
    """Commit an amount of an award to a payment, and pay it today."""
    about: dict[str, Any] = {"actor": factories.TESTS, "award": award, "amount": Pence(amount), "reason": "Batch 1"}
    commitments.commit(**about)
    commitments.record_payment(**about, paid_on=Day.exactly(clock.today()))


def last_paid_entry(award: Award) -> LedgerEntry:
    """The latest payment of an award that was not taken back; its first entry where there is none."""
    every = entries_of(award)
    taken_back = {entry.corrects_id for entry in every if entry.kind == EntryKind.REVERSAL}
    return [every[0], *(e for e in every if e.kind == EntryKind.PAYMENT and e.id not in taken_back)][-1]


@kept_when_first
def paid_award(amount: int = 540_000, **more: Any) -> Award:
    """An award that is all paid."""
    award = accepted_award(amount, **more)
    pay(award, amount)
    return award


@kept_when_first
def complete_award(amount: int = 540_000, **more: Any) -> Award:
    """An award of which nothing is left to do."""
    award = paid_award(amount, **more)
    return offers.complete(actor=factories.TESTS, award=award, reason="The report is accepted.")


@kept_when_first
def withdrawn_award(amount: int = 540_000, **more: Any) -> Award:
    """An award that was never offered and is withdrawn."""
    award = decided_award(amount, **more)
    withdraw(award)
    return award


def withdraw(award: Award) -> None:
    """Withdraw an award today."""
    operations.withdraw(
        actor=factories.TESTS, award=award, effective=Day.exactly(clock.today()), reason="The project cannot go on."
    )


AWARDS = {
    AwardStatus.AWARDED: decided_award,
    AwardStatus.OFFERED: offered_award,
    AwardStatus.ACCEPTED: accepted_award,
    AwardStatus.PAID: paid_award,
    AwardStatus.COMPLETE: complete_award,
    AwardStatus.WITHDRAWN: withdrawn_award,
}
"""How an award of each state is made."""


def begun_variation(
    award: Award,
    by: Person | None = None,
    kind: VariationKind = VariationKind.CHANGE,
    request: VariationRequest | None = None,
    **wanted: Any,
) -> Variation:
    """A variation of an award that waits. What is not `wanted` otherwise stays as it is; the amount is pence."""
    about: dict[str, Any] = {"person": by or factories.officer(), "award": award, "request": request}
    about["wanted"] = Wanted(**wanted)
    return variations.begin(kind=kind, reason="The group asked for it by letter.", **about)


def approve(variation: Variation, by: Person | None = None) -> Variation:
    """Bring a variation into force by whoever its level asks for."""
    by = by or {"officer": factories.officer, "decision maker": factories.decision_maker}[variation.level]()
    return variations.approve(person=by, variation=variation, seen=variation.version)


def refuse(variation: Variation) -> Variation:
    """Refuse a variation."""
    return variations.refuse(person=factories.officer(), variation=variation, seen=variation.version, why="No.")


def agree(variation: Variation, person: Person) -> Variation:
    """Agree to a variation for a group."""
    signs = {"signatory_name": "Alex Applicant", "signatory_position": "Chair"}
    return variations.agree(person=person, variation=variation, seen=variation.version, **signs)


def an_offer(world: World) -> dict[str, Any]:
    """What is offered to the group."""
    bid = world.application(ApplicationStatus.RECOMMENDED)
    return {"reference": offered_award(of=bid).reference}


def an_agreement(world: World) -> dict[str, Any]:
    """What the group has accepted."""
    return {"reference": accepted_award(of=world.application(ApplicationStatus.RECOMMENDED)).reference}


def asked(award: Award, by: Person | None = None, wish: str = "We need four weeks more.") -> VariationRequest:
    """What the group of an award asks to be changed, which waits for an answer."""
    return requests.ask(person=by or member_of(award), award=award, wish=wish)


def a_request(world: World) -> dict[str, Any]:
    """A request of the group for a change of its grant."""
    return {"number": asked(accepted_award(of=world.application(ApplicationStatus.RECOMMENDED))).id}


def a_variation(
    status: VariationStatus = VariationStatus.WAITING, *, agreed: bool = False
) -> Callable[[World], dict[str, Any]]:
    """A variation of what the group has accepted: one that waits, or a large one that is in force."""

    def thing(world: World) -> dict[str, Any]:
        award = accepted_award(of=world.application(ApplicationStatus.RECOMMENDED))
        if status == VariationStatus.WAITING:
            return {"reference": begun_variation(award, amount=500_000).reference}
        found = approve(begun_variation(award, amount=300_000))
        return {"reference": (agree(found, member_of(award)) if agreed else found).reference}

    return thing
