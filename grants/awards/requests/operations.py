"""The verbs of a request: ask, take up, decline, take back. Times UTC; all raise Refused.

Each is held under the award's lock, and ends in one audit line.
"""

from __future__ import annotations

from grants.accounts.models import Person
from grants.awards.acts import AwardAct
from grants.awards.around.queries import around
from grants.awards.ledger.operations import checked_reason, lock
from grants.awards.models import (
    LONGEST_REASON,
    Award,
    AwardStatus,
    RequestStatus,
    Variation,
    VariationRequest,
)
from grants.awards.rules import Around
from grants.foundation.records import audit
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.records.lifecycle import take_step
from grants.foundation.values import clock
from grants.foundation.values.words import count_characters

from . import letters, queries, rules


def ask(*, person: Person, award: Award, wish: str) -> VariationRequest:
    """Ask for a change of the grant of the person's group. The officers are told. Raises Refused."""
    wish = wish.strip()
    if not wish or count_characters(wish) > LONGEST_REASON:
        raise Refused(f"Say what should change and why, in {LONGEST_REASON:,} characters or fewer.")
    with transaction() as session:
        lock(award)
        near = around([award.id])[award.id]
        rules.can_ask(person, near, AwardStatus(award.status)).or_refuse()
        if queries.open_request(award.id):
            raise Refused("Your group has asked for a change already. Take that back to ask for another.")
        made = VariationRequest(
            award_id=award.id,
            status=RequestStatus.OPEN,
            wish=wish,
            asked_at=clock.now(),
            asked_by_id=person.id,
        )
        session.add(made)
        session.flush()
        letters.tell_asked(award, near.group_id, wish, person)
        _record(person, AwardAct.ASK_FOR_VARIATION, award)
        return made


def take_up(*, person: Person, request: VariationRequest, variation: Variation) -> None:
    """Answer a request by the variation that the person just began, in its transaction. Raises Refused."""
    with transaction():
        _award, current, near = _held(request)
        rules.can_take_up(person, current, near).or_refuse()
        if current.award_id != variation.award_id:
            raise Refused("This request is of another award.")
        _answer(person, current, "take up", "")
        current.variation_id = variation.id


def give_back(*, person: Person, variation: Variation) -> None:
    """Open the request again for which a variation was begun that is taken back, in its transaction. Raises Refused.

    It stays as it is where the group has asked for something else meanwhile.
    """
    with transaction():
        request = queries.answered_by(variation.id)
        if request is None or queries.open_request(variation.award_id):
            return
        award, current, near = _held(request)
        rules.can_give_back(person, current, near).or_refuse()
        current.status = take_step(rules.REQUEST_STEPS, current.state, "give back", thing="request")
        current.answered_at = current.answered_by_id = current.variation_id = None
        current.version += 1
        _record(person, AwardAct.REOPEN_VARIATION_REQUEST, award)


def decline(*, person: Person, request: VariationRequest, seen: int, answer: str) -> VariationRequest:
    """Answer that a request is not taken up, and why. The group is told. Raises Refused and LostUpdate."""
    answer = checked_reason(answer)
    with transaction():
        award, current, near = _held(request)
        rules.can_decline(person, current, near).or_refuse()
        current.expect_version(seen)
        _answer(person, current, "decline", answer)
        letters.tell_declined(award, near.group_id, answer)
        _record(person, AwardAct.DECLINE_VARIATION_REQUEST, award)
        return current


def take_back(*, person: Person, request: VariationRequest, seen: int) -> VariationRequest:
    """Take a request of the person's group back. Raises Refused and LostUpdate."""
    with transaction():
        award, current, near = _held(request)
        rules.can_take_back(person, current, near).or_refuse()
        current.expect_version(seen)
        _answer(person, current, "take back", "")
        letters.tell_taken_back(award, near.group_id, person)
        _record(person, AwardAct.TAKE_BACK_VARIATION_REQUEST, award)
        return current


def _held(request: VariationRequest) -> tuple[Award, VariationRequest, Around]:
    """The award and the request as they stand now, held until the end of the transaction."""
    award = db.session.get_one(Award, request.award_id)
    lock(award)
    db.session.refresh(request, with_for_update={"of": VariationRequest})
    return award, request, around([award.id])[award.id]


def _answer(person: Person, request: VariationRequest, verb: str, answer: str) -> None:
    request.status = take_step(rules.REQUEST_STEPS, request.state, verb, thing="request")
    request.answered_at, request.answered_by_id, request.answer = clock.now(), person.id, answer
    request.version += 1


def _record(person: Person, act: AwardAct, award: Award) -> None:
    audit.record(actor=person.actor, verb=act, thing=award, changes={})
