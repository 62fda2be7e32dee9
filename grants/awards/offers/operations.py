"""The verbs of an offer: make, extend, accept, decline, lapse; and to complete what came of it. Amounts in pence.

Each is a step of the award's table, held under the award's lock, and ends in one audit line. Times are UTC.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from grants.accounts.models import LONGEST_NAME, Person
from grants.awards import letters
from grants.awards import rules as award_rules
from grants.awards.acts import AwardAct
from grants.awards.around.queries import around
from grants.awards.ledger.operations import Ledger, checked_reason, close_offer
from grants.awards.models import LONGEST_REASON, Agreement, Award, Offer, OfferStatus
from grants.foundation.records import audit
from grants.foundation.records.actors import Actor
from grants.foundation.records.db import Refused, transaction
from grants.foundation.records.office import the_office, whom_to_ask
from grants.foundation.values import clock
from grants.foundation.values.days import Day
from grants.foundation.values.words import count_characters, tidy, tidy_line
from grants.funds.models import AGREEMENT_TERMS, OFFER_DAYS

from . import rules as offers
from .contents import freeze


class TooLate(Refused):
    """What was to be done by a time came after it."""


def make_offer(*, actor: Actor, award: Award) -> Offer:
    """Offer an award that was decided here to its group, as it stands now, for as many days as its round says.

    The group hears of it by the letter of its decision: this writes no mail. Raises Refused.
    """
    return _offer(actor, award, verb="offer", reason="Offered with its decision notice.")


def offer_again(*, person: Person, award: Award, reason: str) -> Offer:
    """Offer an award once more after an offer of it came to nothing, and tell the group. Raises Refused."""
    reason = checked_reason(reason)
    with transaction():
        ledger = Ledger(award, actor=person.actor, reason=reason)
        _manages(person, ledger, "offer again")
        if ledger.offer is None:
            raise Refused("This award was never offered: it is offered when its decision notice is signed.")
        offer = _offer(person.actor, award, verb="offer again", reason=reason)
        letters.tell_offered(ledger, offer)
        return offer


def extend_offer(*, person: Person, award: Award, until: date, reason: str, version: int) -> Offer:
    """Give a group until the end of a day (Europe/London), also where its time has passed, and tell it.

    `version` is the offer's, as the officer saw it. Raises Refused and LostUpdate.
    """
    with transaction():
        ledger = Ledger(award, actor=person.actor, reason=reason)
        _manages(person, ledger, "extend offer")
        offer = _open(ledger)
        offer.expect_version(version)
        ledger.allow("extend offer", offer, until)
        before, offer.expires_at = offer.expires_at, clock.end_of_day(until)
        offer.version += 1
        ledger.close("extend offer")
        letters.tell_extended(ledger, offer)
        changes = {"expires_at": (before, offer.expires_at), "reason": ("", ledger.reason)}
        audit.record(actor=person.actor, verb=AwardAct.EXTEND_OFFER, thing=award, changes=changes)
        return offer


def accept_offer(
    *,
    person: Person,
    award: Award,
    signatory_name: str,
    signatory_position: str,
    version: int,
    at: datetime | None = None,
) -> Agreement:
    """Accept an offer for the person's group, and freeze the agreement under its SHA-256.

    `at` is when the acceptance arrived, `version` the offer's as the group read it. Raises TooLate, Refused and
    LostUpdate.
    """
    at = at or clock.now()
    name, position = signed_line(signatory_name, "full name"), signed_line(signatory_position, "position")
    with transaction() as session:
        ledger = Ledger(award, actor=person.actor, reason="The group accepted the offer.")
        offer = _to_accept(person, ledger, version, at)
        close_offer(ledger, OfferStatus.ACCEPTED)
        offer.answered_at, offer.answered_by_id = at, person.id
        offer.signatory_name, offer.signatory_position = name, position
        session.flush()
        agreement = freeze(award, ledger.snapshot, offer)
        session.add(agreement)
        ledger.close("accept offer")
        letters.tell_accepted(ledger, offer, agreement)
        changes = {
            "offer": (OfferStatus.MADE, OfferStatus.ACCEPTED),
            "signatory_name": ("", name),
            "signatory_position": ("", position),
            "answered_at": (None, at),
        }
        audit.record(
            actor=person.actor,
            verb=AwardAct.ACCEPT_OFFER,
            thing=award,
            changes=changes,
            why=f"SHA-256 {agreement.sha256}",
        )
        return agreement


def _to_accept(person: Person, ledger: Ledger, version: int, at: datetime) -> Offer:
    """The offer as the group read it, where the person may accept it at this instant."""
    group = ledger.snapshot.organisation_id
    offers.can_decline(person, group, ledger.state, verb="accept offer").or_refuse()
    offer = _open(ledger)
    offer.expect_version(version)
    answer = offers.can_accept(person, group, ledger.state, offer, at)
    if not answer:
        ask = whom_to_ask(the_office())
        raise TooLate(f"{answer.reason} If you still want the grant, ask {ask} for more time.")
    return offer


def decline_offer(*, person: Person, award: Award, why: str = "", at: datetime | None = None) -> Offer:
    """Decline an offer for the person's group: its award is withdrawn. `why` stays with the office. Raises Refused."""
    at, why = at or clock.now(), tidy(why)
    if count_characters(why) > LONGEST_REASON:
        raise Refused(f"Shorten the reason to {LONGEST_REASON:,} characters or fewer.")
    with transaction():
        ledger = Ledger(award, actor=person.actor, reason="The group declined the offer.")
        offers.can_decline(person, ledger.snapshot.organisation_id, ledger.state).or_refuse()
        offer = close_offer(ledger, OfferStatus.DECLINED)
        offer.answered_at, offer.answered_by_id, offer.why = at, person.id, why
        _withdraw(ledger, "decline offer", {"offer": (OfferStatus.MADE, offer.status), "why": ("", why)})
        letters.tell_declined(ledger)
        return offer


def lapse_offer(*, person: Person, award: Award) -> Offer:
    """Let an offer lapse whose time has passed: its award is withdrawn, and the group is told. Raises Refused."""
    with transaction():
        ledger = Ledger(award, actor=person.actor, reason="The offer was not accepted in its time, so it lapsed.")
        _manages(person, ledger, "lapse offer")
        ledger.allow("lapse offer", _open(ledger), ledger.now)
        offer = close_offer(ledger, OfferStatus.LAPSED)
        _withdraw(ledger, "lapse offer", {"offer": (OfferStatus.MADE, offer.status)})
        letters.tell_lapsed(ledger, offer)
        return offer


def complete(*, actor: Actor, award: Award, reason: str) -> Award:
    """Close an award of which nothing is left to do: its report is accepted and what was not spent is back.

    The room of outcomes calls this. Raises Refused while it is not all paid.
    """
    with transaction():
        ledger = Ledger(award, actor=actor, reason=reason)
        ledger.allow("complete", award_rules.worth(ledger.entries))
        assert ledger.offer is not None  # noqa: S101 - it was accepted
        ledger.offer.completed_at = ledger.now
        ledger.offer.version += 1
        ledger.close("complete")
        changes = {"completed_at": (None, ledger.now), "reason": ("", ledger.reason)}
        audit.record(actor=actor, verb=AwardAct.COMPLETE_AWARD, thing=award, changes=changes)
        return award


def _offer(actor: Actor, award: Award, *, verb: str, reason: str) -> Offer:
    with transaction() as session:
        ledger = Ledger(award, actor=actor, reason=reason)
        amount = ledger.snapshot.awarded_pence
        ledger.allow(verb, amount, paid_here=award.is_paid_here)
        assert amount is not None  # noqa: S101 - the rule has looked
        days = award.round.offer_days if award.round else OFFER_DAYS
        offer = Offer(
            award_id=award.id,
            status=OfferStatus.MADE,
            amount_pence=amount,
            conditions=ledger.snapshot.conditions,
            terms=award.round.agreement_terms if award.round else AGREEMENT_TERMS,
            made_at=ledger.now,
            expires_at=clock.end_of_day(clock.london(ledger.now).date() + timedelta(days=days)),
        )
        session.add(offer)
        session.flush()
        ledger.offer = offer
        ledger.close(verb)
        changes = {
            "amount_pence": (None, amount),
            "expires_at": (None, offer.expires_at),
            "reason": ("", ledger.reason),
        }
        audit.record(
            actor=actor,
            verb=AwardAct.OFFER_AWARD if verb == "offer" else AwardAct.OFFER_AGAIN_AWARD,
            thing=award,
            changes=changes,
        )
        return offer


def _manages(person: Person, ledger: Ledger, verb: str) -> None:
    ties = around([ledger.award.id])[ledger.award.id].ties
    offers.can_manage_offer(person, ties, ledger.state, verb).or_refuse()


def _open(ledger: Ledger) -> Offer:
    assert ledger.offer is not None  # noqa: S101 - what is offered has an offer
    return ledger.offer


def _withdraw(ledger: Ledger, verb: str, changes: dict[str, tuple[object, object]]) -> None:
    today = Day.exactly(clock.london(ledger.now).date())
    ledger.withdraw(today, ledger.now)
    ledger.close(verb)
    audit.record(
        actor=ledger.actor,
        verb=AwardAct(verb),
        thing=ledger.award,
        changes={**changes, "withdrawn_on": ("", today), "reason": ("", ledger.reason)},
    )


def signed_line(text: str, what: str) -> str:
    """A name or position as it is signed, in one line. Raises Refused."""
    line = tidy_line(text)
    if not line:
        raise Refused(f"Enter the {what} of the person who signs for your group.")
    if count_characters(line) > LONGEST_NAME:
        raise Refused(f"The {what} must be {LONGEST_NAME} characters or fewer.")
    return line
