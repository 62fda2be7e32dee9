"""Who reads, answers and looks after an offer, and until when. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.accounts.rules import is_for
from grants.applications.apart.rules import Ties, stands_apart
from grants.awards.models import AwardStatus, Offer
from grants.awards.rules import AWARD_STEPS, allows, can_move
from grants.foundation.records.lifecycle import YES, Ruling, no, who_does

# Offers


def can_read_offer(person: Person, group_ids: Collection[int]) -> Ruling:
    """Whether the person may read what was offered: a member of a group that it was made to or is with, the office."""
    if person.organisation_ids.intersection(group_ids) or person.may(Right.READ_OFFERS):
        return YES
    return no("This offer is not yours to read.")


def can_manage_offer(person: Person, ties: Ties, status: str, verb: str) -> Ruling:
    """Whether the person may do this verb of the table for the office. Nobody does it who has a tie to the award."""
    if not person.may(Right.MANAGE_OFFERS):
        return no("Only a grants officer does this.")
    return stands_apart(person, ties, "This is an award") and can_move(status, verb)


def can_accept(person: Person, organisation_id: int, status: str, offer: Offer, at: datetime) -> Ruling:
    """Whether the person may accept it for the group with what arrived at this instant (UTC)."""
    answer = can_decline(person, organisation_id, status, verb="accept offer")
    return answer and allows(status, "accept offer", offer, at)


def can_decline(person: Person, organisation_id: int, status: str, *, verb: str = "decline offer") -> Ruling:
    """Whether the person may decline it for the group."""
    otherwise = "Only a member of the group answers its offer."
    if not (answer := is_for(person, who_does(AWARD_STEPS, verb), organisation_id, otherwise)):
        return answer
    if status in {AwardStatus.ACCEPTED, AwardStatus.PAID, AwardStatus.COMPLETE}:
        return no("Your group has accepted this offer already.")
    return can_move(status, verb)
