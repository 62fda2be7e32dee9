"""The offers that wait for a person: to be answered by their group, or to be looked after by an officer."""

from __future__ import annotations

from datetime import timedelta

from flask import url_for

from grants.accounts.models import Person, Role
from grants.awards.queries import OpenOffer, open_offers_ending, open_offers_of
from grants.foundation import clock
from grants.foundation.money import pounds
from grants.foundation.pages import deadline

from .waiting import Heap, Task

MOST = 60
"""Offers on a desk: they have no other list, and each that is dealt with makes room for the next."""

SOON = timedelta(days=3)
"""How long before its end an officer hears of an offer that was not answered."""


def offer_heaps(person: Person) -> list[Heap]:
    """What waits for a person because of offers, the most urgent first; no heap where nothing does."""
    heaps = []
    if person.organisation_ids:
        tasks = [_to_accept(one) for one in open_offers_of(person, most=MOST)]
        heaps.append(_heap("To accept", tasks))
    if Role.OFFICER in person.roles:
        ending = open_offers_ending(person, by=clock.now() + SOON, most=MOST)
        heaps.append(_heap("Offers without an answer", [_to_look_after(one) for one in ending]))
    return [heap for heap in heaps if heap.tasks]


def _heap(title: str, tasks: list[Task]) -> Heap:
    return Heap(title, tasks, len(tasks), url_for("desk.desk"), "")


def _to_accept(offer: OpenOffer) -> Task:
    late = offer.expires_at < clock.now()
    what = "its time has passed" if late else f"by {deadline(offer.expires_at)}"
    verb = "Ask for more time for" if late else "Accept"
    return Task(f"{verb} the offer of {pounds(offer.amount)} for", offer.reference, what, _url(offer), None)


def _to_look_after(offer: OpenOffer) -> Task:
    late = offer.expires_at < clock.now()
    what = f"{offer.organisation}, {'until' if not late else 'its time passed at'} {deadline(offer.expires_at)}"
    verb = "Give more time or let lapse the offer for" if late else "Remind the group of the offer for"
    return Task(verb, offer.reference, what, _url(offer), None)


def _url(offer: OpenOffer) -> str:
    return url_for("awards.offer", reference=offer.reference)
