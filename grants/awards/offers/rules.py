"""Who reads, answers and looks after an offer, and until when. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.awards.models import AwardStatus, Offer
from grants.awards.rules import can_move
from grants.foundation.records.lifecycle import YES, Ruling, no
from grants.foundation.values import clock
from grants.foundation.web.pages import deadline

LONGEST_EXTENSION = timedelta(days=365)
"""How far from today an offer can be extended to."""


# Offers


def can_read_offer(person: Person, organisation_id: int) -> Ruling:
    """Whether the person may read what was offered: a member of the group, and the office's readers."""
    if organisation_id in person.organisation_ids or person.may(Right.READ_OFFERS):
        return YES
    return no("This offer is not yours to read.")


def can_manage_offer(person: Person, organisation_id: int, status: str, verb: str) -> Ruling:
    """Whether the person may do this verb of the table for the office. Nobody does it for their own group."""
    if not person.may(Right.MANAGE_OFFERS):
        return no("Only a grants officer does this.")
    if organisation_id in person.organisation_ids:
        return no("This is an award of your own group, so others deal with it.")
    return can_move(status, verb)


def can_accept(person: Person, organisation_id: int, status: str, offer: Offer | None, at: datetime) -> Ruling:
    """Whether the person may accept it for the group with what arrived at this instant (UTC)."""
    answer = can_decline(person, organisation_id, status, verb="accept offer")
    if answer and offer and at > offer.expires_at:
        return no(f"This offer had to be accepted by {deadline(offer.expires_at, zone=True)}.")
    return answer


def can_decline(person: Person, organisation_id: int, status: str, *, verb: str = "decline offer") -> Ruling:
    """Whether the person may decline it for the group."""
    if organisation_id not in person.organisation_ids:
        return no("Only a member of the group answers its offer.")
    if status in {AwardStatus.ACCEPTED, AwardStatus.PAID, AwardStatus.COMPLETE}:
        return no("Your group has accepted this offer already.")
    return can_move(status, verb)


def can_lapse(offer: Offer, at: datetime) -> Ruling:
    """Whether its time has passed at this instant (UTC)."""
    if at > offer.expires_at:
        return YES
    return no(f"The group can still accept until {deadline(offer.expires_at, zone=True)}.")


def can_extend(offer: Offer, until: date) -> Ruling:
    """Whether the group may be given until the end of this day: later than now, than it has, and not for ever."""
    if until < clock.today():
        return no("Give today or a later day: the group can accept until its end.")
    if clock.end_of_day(until) <= offer.expires_at:
        return no(f"The group has until {deadline(offer.expires_at, zone=True)} already. Give a later day.")
    if until > clock.today() + LONGEST_EXTENSION:
        return no(f"Give a day within the next {LONGEST_EXTENSION.days} days.")
    return YES
