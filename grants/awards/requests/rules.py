"""Who asks for a change of a grant, and who answers. Pure."""

from __future__ import annotations

from grants.accounts.models import Person
from grants.accounts.rights import DoneBy, GroupRight, Right
from grants.accounts.rules import is_for
from grants.applications.apart.rules import stands_apart
from grants.awards.models import AwardStatus, RequestStatus, VariationRequest
from grants.awards.rules import Around
from grants.foundation.records.lifecycle import YES, Ruling, Step, find_step, no, who_does

REQUEST_STEPS: tuple[Step[DoneBy], ...] = (
    Step(RequestStatus.OPEN, "take up", RequestStatus.TAKEN_UP, Right.BEGIN_VARIATIONS),
    Step(RequestStatus.OPEN, "decline", RequestStatus.DECLINED, Right.BEGIN_VARIATIONS),
    Step(RequestStatus.OPEN, "take back", RequestStatus.TAKEN_BACK, GroupRight.ASK_FOR_VARIATIONS),
    Step(RequestStatus.TAKEN_UP, "give back", RequestStatus.OPEN, Right.BEGIN_VARIATIONS),
)
"""The life of a request: an officer begins a variation for it or says why not, or the group thinks better of it. It is
open again where the officer takes that variation back.
"""

ASKABLE = frozenset({AwardStatus.ACCEPTED, AwardStatus.PAID})
"""The states of an award in which its group may ask for a change."""


def can_ask(person: Person, around: Around, state: AwardStatus) -> Ruling:
    """Whether the person may ask for a change of a grant: a member of the group that holds and accepted it."""
    otherwise = "Only a member of the group asks for a change of its grant."
    if not (answer := is_for(person, GroupRight.ASK_FOR_VARIATIONS, around.group_id, otherwise)):
        return answer
    return YES if state in ASKABLE else no(f"This grant is {state.label.lower()}: it cannot be changed now.")


def can_decline(person: Person, request: VariationRequest, around: Around) -> Ruling:
    """Whether the person may answer that a request is not taken up."""
    return _of_the_office(person, around) and _may(request, "decline")


def can_take_up(person: Person, request: VariationRequest, around: Around) -> Ruling:
    """Whether the person may begin a variation for a request."""
    return _of_the_office(person, around) and _may(request, "take up")


def can_give_back(person: Person, request: VariationRequest, around: Around) -> Ruling:
    """Whether the person may open a request again, since the variation begun for it is taken back."""
    return _of_the_office(person, around) and _may(request, "give back")


def can_take_back(person: Person, request: VariationRequest, around: Around) -> Ruling:
    """Whether the person may take a request of their group back."""
    who = who_does(REQUEST_STEPS, "take back")
    return is_for(person, who, around.group_id, "Only a member of the group takes its request back.") and _may(
        request, "take back"
    )


def _of_the_office(person: Person, around: Around) -> Ruling:
    if not person.may(Right.BEGIN_VARIATIONS):
        return no("Only a grants officer answers a request.")
    return stands_apart(person, around.ties, "This is an award")


def _may(request: VariationRequest, verb: str) -> Ruling:
    if step := find_step(REQUEST_STEPS, request.status, verb):
        return step.allows()
    return no(f"This request is {request.state.label.lower()}: nothing more can be done with it.")
