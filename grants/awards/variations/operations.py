"""The verbs of a variation: begin, approve, refuse, take back, agree. Amounts in pence, times UTC; all raise Refused.

Each is held under the award's lock. Approval brings it into force: the ledger and the changes of the award are written
then, by the same verbs that write them anywhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select

from grants.accounts.models import Organisation, Person
from grants.applications.apart.rules import Ties, stands_apart
from grants.awards.acts import AwardAct
from grants.awards.around.queries import around
from grants.awards.corrections import operations as corrections
from grants.awards.entries import operations as entries
from grants.awards.ledger.operations import checked_reason, latest_offer, lock
from grants.awards.models import (
    Award,
    AwardSnapshot,
    AwardStatus,
    ChangedField,
    Level,
    OfferStatus,
    Variation,
    VariationKind,
    VariationRequest,
    VariationStatus,
)
from grants.awards.offers.contents import Signature, freeze_terms
from grants.awards.offers.operations import signed_line
from grants.awards.requests import operations as requests
from grants.awards.rules import Around
from grants.foundation.records import audit
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.records.lifecycle import take_step
from grants.foundation.values import clock
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from grants.foundation.web.pages import instant
from grants.funds.models import Round

from . import letters, queries, rules
from .contents import Terms, Wanted, audited, before_and_after, differences, freeze, in_words, shared_out, terms_of


def begin(
    *,
    person: Person,
    award: Award,
    kind: VariationKind,
    reason: str,
    wanted: Wanted = Wanted(),  # noqa: B008 - it is frozen
    request: VariationRequest | None = None,
) -> Variation:
    """Begin a variation: what is not wanted otherwise stays as it is. Whoever approves it is told. Raises Refused.

    `request` is what the group asked for, which this answers.
    """
    reason = checked_reason(reason)
    with transaction() as session:
        snapshot, near = lock(award), around([award.id])[award.id]
        rules.can_begin(person, near, decided_here=award.is_paid_here).or_refuse()
        before = terms_of(snapshot, queries.budget_of(award.id))
        after = wanted.of(before) if kind == VariationKind.CHANGE else before
        stands_apart(person, Ties(frozenset({after.organisation_id})), rules.OURS).or_refuse()
        _check(award, kind, snapshot, before, after)
        earlier = _of(award)
        if any(one.state == VariationStatus.WAITING for one in earlier):
            raise Refused("A variation of this award waits already. It is approved, refused or taken back first.")
        made = _made(award, snapshot, earlier, (before, after), kind=kind, reason=reason, by=person)
        session.add(made)
        session.flush()
        if request:
            requests.take_up(person=person, request=request, variation=made)
        letters.tell_begun(made, award, person)
        _record(person, AwardAct.BEGIN_VARIATION, made, award, **audited(before, after))
        return made


def _made(
    award: Award,
    snapshot: AwardSnapshot,
    earlier: Sequence[Variation],
    terms: tuple[Terms, Terms],
    *,
    kind: VariationKind,
    reason: str,
    by: Person,
) -> Variation:
    before, after = terms
    number, at = len(earlier) + 1, clock.now()
    reference = f"{award.reference}-V{number}"
    because = list(rules.beyond_an_officer(kind, _decided(award, before, earlier), before, after, _limits(snapshot)))
    said = {"reference": reference, "reason": reason, "begun_at": audit.as_text(at), "because": because}
    content, digest = freeze(award, kind, AwardStatus(award.status), before, after, **said)
    return Variation(
        award_id=award.id,
        number=number,
        reference=reference,
        kind=kind,
        level=Level.DECISION_MAKER if because else Level.OFFICER,
        status=VariationStatus.WAITING,
        to_group_id=after.organisation_id if after.organisation_id != before.organisation_id else None,
        reason=reason,
        content=content,
        sha256=digest,
        begun_at=at,
        begun_by_id=by.id,
    )


def approve(*, person: Person, variation: Variation, seen: int) -> Variation:
    """Bring a variation into force, from today on. Both groups, finance and the decision maker are told.

    Raises Refused, also where the award is not any more what the variation began from, and LostUpdate.
    """
    with transaction():
        award, snapshot, current, near = _held(variation)
        rules.can_approve(person, current, near).or_refuse()
        current.expect_version(seen)
        before, after = before_and_after(current)
        if terms_of(snapshot, queries.budget_of(award.id)) != before:
            raise Refused("The award has changed since this variation was begun. Take it back, and begin another.")
        kind = VariationKind(current.kind)
        _check(award, kind, snapshot, before, after)
        is_change = kind == VariationKind.CHANGE
        needs_agreement = is_change and (_take_over(current, award) or _needs_agreement(award, current))
        _apply(person, award, current, before, after)
        verb = "decide" if current.level == Level.DECISION_MAKER else "approve"
        _step(current, verb)
        current.judged_at, current.judged_by_id = clock.now(), person.id
        current.needs_agreement = needs_agreement
        told_by_itself = kind == VariationKind.WITHDRAWAL
        letters.tell_in_force(current, award, () if told_by_itself else {before.organisation_id, after.organisation_id})
        _record(person, AwardAct.APPROVE_VARIATION, current, award, **audited(before, after))
        return current


def refuse(*, person: Person, variation: Variation, seen: int, why: str) -> Variation:
    """Refuse a variation with the reason, which who began it is told. Raises Refused and LostUpdate."""
    return _end(person, variation, seen, "refuse", checked_reason(why))


def take_back(*, person: Person, variation: Variation, seen: int) -> Variation:
    """Take a variation back that waits. Raises Refused and LostUpdate."""
    return _end(person, variation, seen, "take back", "")


def agree(
    *, person: Person, variation: Variation, seen: int, signatory_name: str, signatory_position: str
) -> Variation:
    """Agree to a variation for the person's group: the new agreement is frozen, and payments go on. Raises Refused."""
    with transaction():
        award, snapshot, current, near = _held(variation)
        rules.can_agree(person, current, near).or_refuse()
        current.expect_version(seen)
        take_step(rules.VARIATION_STEPS, current.state, "agree", thing="variation")
        at = clock.now()
        if not snapshot.is_project:
            raise Refused("This grant is withdrawn, so there is nothing to agree to.")
        offer = latest_offer(award)
        assert offer is not None  # noqa: S101 - what needs an agreement was accepted
        before, after = before_and_after(current)
        text, digest = freeze_terms(
            award,
            snapshot,
            offer,
            Signature(at, person.id, signed_line(signatory_name, "name"), signed_line(signatory_position, "position")),
            title=f"Changed grant agreement {current.reference}",
            amount=Pence(after.amount_pence),
            conditions=after.conditions,
            more=[
                ("Budget", "; ".join(in_words(after.budget).splitlines())),
                ("What changed", "; ".join(what.lower() for what, _was, _now in differences(before, after))),
                ("Approved at", instant(current.judged_at, zone=True) if current.judged_at else ""),
                ("In place of", f"what was agreed before change {current.number}"),
            ],
        )
        current.agreement, current.agreement_sha256 = text, digest
        current.agreed_at, current.agreed_by_id = at, person.id
        current.version += 1
        letters.tell_agreed(current, award)
        _record(person, AwardAct.AGREE_TO_VARIATION, current, award, agreed_at=(None, at))
        return current


def _held(variation: Variation) -> tuple[Award, AwardSnapshot, Variation, Around]:
    """The award, how it stands, and the variation as they are now, held until the end of the transaction."""
    award = db.session.get_one(Award, variation.award_id)
    snapshot = lock(award)
    db.session.refresh(variation, with_for_update={"of": Variation})
    return award, snapshot, variation, around([award.id])[award.id]


def _check(award: Award, kind: VariationKind, snapshot: AwardSnapshot, before: Terms, after: Terms) -> None:
    assert award.decision is not None  # noqa: S101 - the rule has looked
    largest = award.round.largest_grant_pence if award.round else None
    state = AwardStatus(award.status)
    decided = award.decision.amount_pence
    rules.is_possible(kind, state, before, after, decided=decided, largest=largest).or_refuse()
    if kind == VariationKind.CHANGE and after.amount_pence < (snapshot.committed_pence or 0):
        raise Refused("More than that is in payments already. Finance has to take it out of them first.")


def _apply(person: Person, award: Award, variation: Variation, before: Terms, after: Terms) -> None:
    today, reason = Day.exactly(clock.today()), variation.reason
    if variation.kind == VariationKind.WITHDRAWAL:
        entries.withdraw(actor=person.actor, award=award, effective=today, reason=reason)
        return
    if variation.kind == VariationKind.REINSTATEMENT:
        corrections.reinstate(actor=person.actor, award=award, reason=reason)
        return
    if by := after.amount_pence - before.amount_pence:
        entries.vary(actor=person.actor, award=award, by=by, effective=today, reason=reason)
    values: dict[ChangedField, corrections.Value] = {}
    if after.organisation_id != before.organisation_id:
        values[ChangedField.RECIPIENT] = db.session.get_one(Organisation, after.organisation_id)
    for field, name in _PLAIN.items():
        if (now := getattr(after, name)) != getattr(before, name):
            values[field] = now
    if values:
        corrections.change_fields(actor=person.actor, award=award, values=values, reason=reason, effective=today)


_PLAIN = {
    ChangedField.TITLE: "title",
    ChangedField.PURPOSE: "purpose",
    ChangedField.CONDITIONS: "conditions",
    ChangedField.STARTS_ON: "starts_on",
    ChangedField.ENDS_ON: "ends_on",
}
"""Where the terms hold what is a word or a day."""


def _needs_agreement(award: Award, variation: Variation) -> bool:
    offer = latest_offer(award)
    was_accepted = offer is not None and offer.status == OfferStatus.ACCEPTED
    return was_accepted and variation.level == Level.DECISION_MAKER


def _end(person: Person, variation: Variation, seen: int, verb: str, why: str) -> Variation:
    may = rules.can_refuse if verb == "refuse" else rules.can_take_back
    with transaction():
        award, _snapshot, current, near = _held(variation)
        may(person, current, near).or_refuse()
        current.expect_version(seen)
        _step(current, verb)
        current.judged_at, current.judged_by_id, current.why = clock.now(), person.id, why
        act = AwardAct.REFUSE_VARIATION if verb == "refuse" else AwardAct.TAKE_BACK_VARIATION
        if verb == "take back":
            requests.give_back(person=person, variation=current)
        letters.tell_ended(current, award)
        _record(person, act, current, award, why=("", why))
        return current


def _step(variation: Variation, verb: str) -> None:
    variation.status = take_step(rules.VARIATION_STEPS, variation.state, verb, thing="variation")
    variation.version += 1


def _of(award: Award) -> Sequence[Variation]:
    """Every variation of an award, which is held, as they stand now."""
    asked = select(Variation).where(Variation.award_id == award.id).order_by(Variation.number)
    return db.session.scalars(asked.execution_options(populate_existing=True)).all()


def _take_over(current: Variation, award: Award) -> bool:
    """Whether an earlier change was still to be agreed to: from now on the group agrees to this one in its place."""
    open_ones = [one for one in _of(award) if one.is_to_be_agreed and one.id != current.id]
    for one in open_ones:
        one.needs_agreement = False
        one.version += 1
    return bool(open_ones)


def _decided(award: Award, before: Terms, earlier: Sequence[Variation]) -> Terms:
    """The terms as the decision maker saw them last: in a variation that is in force, else in the decision."""
    for one in reversed(earlier):
        changed = one.state == VariationStatus.IN_FORCE and one.what == VariationKind.CHANGE
        if changed and one.level == Level.DECISION_MAKER:
            return before_and_after(one)[1]
    assert award.decision is not None  # noqa: S101 - the rule has looked
    amount = award.decision.amount_pence
    budget = shared_out(queries.budget_of_bid(award.id), amount)
    return replace(before, amount_pence=amount, starts_on=award.starts_on, ends_on=award.ends_on, budget=budget)


def _limits(snapshot: AwardSnapshot) -> rules.LimitsOfRound:
    a_round = db.session.get(Round, snapshot.round_id) if snapshot.round_id else None
    return rules.LimitsOfRound(a_round.variation_percent, a_round.variation_days) if a_round else rules.LimitsOfRound()


def _record(
    person: Person, act: AwardAct, variation: Variation, award: Award, **changes: tuple[object, object]
) -> None:
    audit.record(
        actor=person.actor,
        verb=act,
        thing=award,
        changes={"variation": ("", variation.reference), **changes},
        why=f"SHA-256 {variation.sha256}",
    )
