"""How far an award that was decided here may be varied, by whom, and who has to agree. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from grants.accounts.models import Person
from grants.accounts.rights import DoneBy, GroupRight, Right
from grants.accounts.rules import is_for
from grants.applications.apart.rules import stands_apart
from grants.awards.models import AwardStatus, Level, Variation, VariationKind, VariationStatus
from grants.awards.rules import Around, can_move
from grants.foundation.records.lifecycle import YES, Ruling, Step, find_step, no, who_does
from grants.foundation.values.money import Pence, pounds
from grants.funds.models import VARIATION_DAYS, VARIATION_PERCENT

from .contents import Terms, shared_out

OURS = "This is an award"
CHANGEABLE = frozenset({AwardStatus.AWARDED, AwardStatus.ACCEPTED, AwardStatus.PAID})
"""The states of an award in which its terms can be changed: nobody is about to answer an offer of them."""


def is_small(variation: Variation) -> Ruling:
    """Whether a second officer may approve it: it lowers money or changes words, within what the round sets."""
    return YES if variation.level == Level.OFFICER else no("Only the decision maker approves this variation.")


def is_large(variation: Variation) -> Ruling:
    """Whether the decision maker approves it: another group, more money, or much less."""
    return YES if variation.level == Level.DECISION_MAKER else no("A second grants officer approves this variation.")


def waits_for_the_group(variation: Variation) -> Ruling:
    """Whether the group has still to agree to it."""
    return YES if variation.is_to_be_agreed else no("There is nothing to agree to, or your group has agreed already.")


VARIATION_STEPS: tuple[Step[DoneBy], ...] = (
    Step(VariationStatus.WAITING, "approve", VariationStatus.IN_FORCE, Right.APPROVE_VARIATIONS, is_small),
    Step(VariationStatus.WAITING, "decide", VariationStatus.IN_FORCE, Right.DECIDE_VARIATIONS, is_large),
    Step(VariationStatus.WAITING, "refuse", VariationStatus.REFUSED, Right.REFUSE_VARIATIONS),
    Step(VariationStatus.WAITING, "take back", VariationStatus.CANCELLED, Right.BEGIN_VARIATIONS),
    Step(
        VariationStatus.IN_FORCE,
        "agree",
        VariationStatus.IN_FORCE,
        GroupRight.AGREE_TO_VARIATIONS,
        waits_for_the_group,
    ),
)
"""The life of a variation. It takes effect when it is approved, by somebody else than who began it."""


def can_begin(person: Person, around: Around, *, decided_here: bool) -> Ruling:
    """Whether the person may begin a variation of an award: an officer without a tie to it."""
    if not person.may(Right.BEGIN_VARIATIONS):
        return no("Only a grants officer begins a variation.")
    if not (answer := stands_apart(person, around.ties, OURS)):
        return answer
    return YES if decided_here else no("An award of the past is corrected, not varied.")


def can_approve(person: Person, variation: Variation, around: Around) -> Ruling:
    """Whether the person may bring a variation into force: another than who began it, of the level that it needs."""
    verb = "decide" if variation.level == Level.DECISION_MAKER else "approve"
    right = Right.DECIDE_VARIATIONS if verb == "decide" else Right.APPROVE_VARIATIONS
    if not person.may(right):
        return no(f"Only {variation.whose.label} approves this variation.")
    if not (answer := stands_apart(person, around.ties, OURS)):
        return answer
    if variation.begun_by_id == person.id:
        return no("You began this variation, so another approves it.")
    return _may(variation, verb)


def can_refuse(person: Person, variation: Variation, around: Around) -> Ruling:
    """Whether the person may refuse a variation, whoever would approve it."""
    if not person.may(Right.REFUSE_VARIATIONS):
        return no("Only a grants officer or the decision maker refuses a variation.")
    if variation.begun_by_id == person.id:
        return no("You began this variation, so you take it back, and another refuses it.")
    return stands_apart(person, around.ties, OURS) and _may(variation, "refuse")


def can_take_back(person: Person, variation: Variation, around: Around) -> Ruling:
    """Whether the person may take a variation back that waits."""
    if not person.may(Right.BEGIN_VARIATIONS):
        return no("Only a grants officer takes a variation back.")
    if variation.begun_by_id != person.id:
        return no("Another officer began this variation, so you refuse it instead.")
    return stands_apart(person, around.ties, OURS) and _may(variation, "take back")


def can_agree(person: Person, variation: Variation, around: Around) -> Ruling:
    """Whether the person may agree to it for the group that holds the award now."""
    who = who_does(VARIATION_STEPS, "agree")
    return is_for(person, who, around.group_id, "Only a member of the group agrees to this.") and _may(
        variation, "agree"
    )


def can_read(person: Person, around: Around) -> Ruling:
    """Whether the person may read the variations of an award: the groups that hold or held it, and the office."""
    if around.ties.group_ids & person.organisation_ids or person.may(Right.READ_VARIATIONS):
        return YES
    return no("This is not yours to read.")


def _may(variation: Variation, verb: str) -> Ruling:
    if step := find_step(VARIATION_STEPS, variation.status, verb):
        return step.allows(variation)
    return no(f"This variation is {variation.state.label.lower()}: nothing more can be done with it.")


# How far


@dataclass(frozen=True)
class LimitsOfRound:
    """What of a grant a second officer may take off, in percent, and by how many days move its last day."""

    percent: int = VARIATION_PERCENT
    days: int = VARIATION_DAYS


def beyond_an_officer(
    kind: VariationKind, decided: Terms, before: Terms, after: Terms, limits: LimitsOfRound
) -> Iterator[str]:
    """Why a second officer cannot approve it, in sentences; nothing where they can.

    `decided` is what the decision maker said last. The limits are held against that, and not against what holds now:
    many small steps are no way round the decision maker.
    """
    if kind == VariationKind.WITHDRAWAL:
        yield "The group loses the whole grant."
    if kind == VariationKind.REINSTATEMENT:
        yield "The group gets the grant back."
    if after.organisation_id != before.organisation_id:
        yield "Another group takes the grant over."
    if after.conditions != before.conditions:
        yield "The conditions change."
    if after.amount_pence > before.amount_pence:
        yield "The amount goes up."
    if 100 * (decided.amount_pence - after.amount_pence) > limits.percent * decided.amount_pence:
        yield f"More than {limits.percent}% is taken off what was decided."
    for name, day in (("starts_on", "first"), ("ends_on", "last")):
        now = getattr(after, name)
        if now != getattr(before, name) and _is_moved(getattr(decided, name), now, limits.days):
            yield f"The {day} day moves by more than {limits.days} days."
    if 100 * _spent_elsewhere(decided, after) > limits.percent * after.amount_pence:
        yield f"More than {limits.percent}% of the grant goes to other lines of the budget."


def _spent_elsewhere(decided: Terms, after: Terms) -> int:
    """How much, in pence, goes to other lines of the budget than it would by the decision."""
    planned: Counter[str] = Counter()
    for line in shared_out(decided.budget, after.amount_pence):
        planned[line.item] -= line.amount_pence
    for line in after.budget:
        planned[line.item] += line.amount_pence
    return (+planned).total()


def _is_moved(was: date | None, now: date | None, days: int) -> bool:
    """Whether a day is moved by more than so many days, either way; from or to nothing is always more."""
    return abs((now - was).days) > days if was and now else was != now


def is_possible(
    kind: VariationKind, state: AwardStatus, before: Terms, after: Terms, *, decided: Pence, largest: Pence | None
) -> Ruling:
    """Whether an award in this state can be varied so: never above the decision, or the largest grant of its round."""
    if kind != VariationKind.CHANGE:
        return can_move(state, "withdraw" if kind == VariationKind.WITHDRAWAL else "reinstate")
    if state not in CHANGEABLE:
        return no(f"This award is {state.label.lower()}: its terms cannot be changed now.")
    if before == after:
        return no("Nothing is changed. Change something, or leave the award as it is.")
    if not (after.title and after.purpose):
        return no("A grant keeps a project and a purpose.")
    if after.starts_on and after.ends_on and after.ends_on < after.starts_on:
        return no("The last day must be on or after the first day.")
    if after.amount_pence != before.amount_pence:
        within = is_within(after, decided=decided, largest=largest)
        if within and not can_move(state, "vary"):
            return no(f"All of this grant is paid, so its amount stays {pounds(before.amount_pence)}.")
        if not within:
            return within
    if not after.budget:
        return no("A grant keeps a budget with at least one line.")
    if (total := sum(line.amount_pence for line in after.budget)) != after.amount_pence:
        return no(f"The lines of the budget add up to {pounds(total)}, and the grant is {pounds(after.amount_pence)}.")
    return YES


def is_within(after: Terms, *, decided: Pence, largest: Pence | None) -> Ruling:
    """Whether the amount is more than £0, and neither above what was decided nor the round's largest grant."""
    if after.amount_pence <= 0:
        return no("A variation leaves more than £0. Withdraw the award instead.")
    if after.amount_pence > decided:
        return no(f"The decision was {pounds(decided)}, so a variation cannot go above it.")
    if largest is not None and after.amount_pence > largest:
        return no(f"The largest grant of the round is {pounds(largest)}.")
    return YES
