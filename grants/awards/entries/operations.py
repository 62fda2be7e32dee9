"""The verbs that write into an award's ledger. Amounts in pence; every deed is dated twice and ends in one audit line.

Committing, releasing and paying are called by the room of payments, in its own deeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NotRequired, TypedDict, Unpack

from grants.accounts.models import Organisation
from grants.awards import letters, rules
from grants.awards.acts import AwardAct
from grants.awards.ledger.operations import Ledger, close_offer
from grants.awards.models import (
    Account,
    Award,
    AwardDistrict,
    AwardStatus,
    AwardTopic,
    EntryKind,
    LedgerEntry,
    OfferStatus,
)
from grants.awards.snapshots.operations import add_snapshots
from grants.foundation.records import audit
from grants.foundation.records.actors import Actor
from grants.foundation.records.db import Refused, transaction
from grants.foundation.values import clock
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from grants.funds.models import District, Fund, Priority, Round, Topic


def enter_award(
    *,
    actor: Actor,
    reference: str,
    fund: Fund,
    organisation: Organisation,
    award_day: Day,
    amount: Pence | None,
    a_round: Round | None = None,
    title: str = "",
    purpose: str = "",
    reasons: str = "",
    conditions: str = "",
    topics: Sequence[Topic] = (),
    districts: Sequence[District] = (),
    priority: Priority | None = None,
    requested: Pence | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
    decision_id: int | None = None,
    application_id: int | None = None,
    illustrative: bool = False,
    source: str = "",
    recorded_at: datetime | None = None,
) -> Award:
    """Enter an award with its first ledger entry. The first topic is the primary one; an unknown amount is None.

    An award with a `source` and no decision comes from older records: no limit of today is held against it, and
    it counts as recorded on the day it took effect unless `recorded_at` says otherwise. Any other is made here,
    now, and never above the largest grant of its round. Raises Refused.
    """
    is_decided = decision_id is not None
    from_records = bool(source) and not is_decided
    _check_entry(award_day, amount, a_round, is_decided=is_decided, from_records=from_records)
    with transaction() as session:
        now = clock.now()
        award = Award(
            reference=reference,
            status=AwardStatus.AWARDED,
            decision_id=decision_id,
            application_id=application_id,
            fund=fund,
            round=a_round,
            organisation=organisation,
            primary_topic=topics[0] if topics else None,
            priority=priority,
            title=title,
            purpose=purpose,
            reasons=reasons,
            conditions=conditions,
            award_day=award_day,
            award_last=award_day.last,
            requested_pence=requested,
            starts_on=starts_on,
            ends_on=ends_on,
            illustrative=illustrative,
            source=source,
            recorded_at=recorded_when(award_day, now=now, given=recorded_at, from_records=from_records),
            entered_at=now,
        )
        award.topics = [AwardTopic(topic=topic, position=position) for position, topic in enumerate(topics)]
        award.districts = [AwardDistrict(district=district) for district in districts]
        award.entries = [_first_entry(award, amount, actor)]
        session.add(award)
        session.flush()
        add_snapshots([award.id])
        audit.record(
            actor=actor,
            verb=AwardAct.ENTER_AWARD,
            thing=award,
            changes={"amount_pence": (None, amount), "award_date": (None, award_day), "source": ("", source)},
        )
        return award


def _check_entry(
    award_day: Day, amount: Pence | None, a_round: Round | None, *, is_decided: bool, from_records: bool
) -> None:
    rules.can_take_effect(award_day).or_refuse()
    rules.can_be_amount(amount).or_refuse()
    if from_records:
        return
    if amount is None and is_decided:
        raise Refused("An award that is decided here has an amount.")
    rules.within_largest_grant(a_round, amount or 0).or_refuse()


def _first_entry(award: Award, amount: Pence | None, actor: Actor) -> LedgerEntry:
    return LedgerEntry(
        kind=EntryKind.AWARD,
        account=Account.AWARDED,
        amount_pence=amount,
        project_delta=1,
        unknown_delta=int(amount is None),
        effective_day=award.award_day,
        effective_last=award.award_last,
        recorded_at=award.recorded_at,
        entered_at=award.entered_at,
        entered_by=actor.key,
        reason="",
        source=award.source,
    )


def vary(
    *, actor: Actor, award: Award, by: int, effective: Day, reason: str, recorded_at: datetime | None = None
) -> LedgerEntry:
    """Change what an award is worth by an amount in pence, up or down, from a day on. Raises Refused."""
    rules.can_take_effect(effective).or_refuse()
    with transaction():
        ledger = Ledger(award, actor=actor, reason=reason)
        amount = ledger.snapshot.awarded_pence
        ledger.allow("vary", amount, by)
        assert amount is not None  # noqa: S101 - the rule has looked
        last = max(effective.last, ledger.snapshot.award_last)
        entry = ledger.add(EntryKind.VARIATION, by, effective, recorded_at or ledger.now, last=last)
        ledger.close("vary")
        _note(actor, AwardAct.VARY_AWARD, award, amount_pence=(amount, amount + by), reason=("", ledger.reason))
        return entry


def withdraw(
    *, actor: Actor, award: Award, effective: Day, reason: str, recorded_at: datetime | None = None, source: str = ""
) -> LedgerEntry:
    """Withdraw an award from a day on: from then it adds nothing to any total. Raises Refused.

    An offer that waits for its group is void then, and a group that was offered the award is told. What was paid stays
    paid: it comes back as a recovery. Nothing is withdrawn while money of it is in a payment that is not paid.
    """
    rules.can_take_effect(effective).or_refuse()
    with transaction():
        ledger = Ledger(award, actor=actor, reason=reason, source=source)
        ledger.allow("withdraw", ledger.snapshot.award_day, effective)
        if ledger.state == AwardStatus.OFFERED:
            close_offer(ledger, OfferStatus.VOID)
        entry = ledger.withdraw(effective, recorded_at or ledger.now)
        ledger.close("withdraw")
        if ledger.offer is not None:
            letters.tell_withdrawn(ledger)
        _note(actor, AwardAct.WITHDRAW_AWARD, award, withdrawn_on=("", effective), reason=("", ledger.reason))
        return entry


class MoneyBack(TypedDict):
    """What is known of money that came back: a positive amount, from a day on."""

    actor: Actor
    award: Award
    amount: Pence
    effective: Day
    reason: str
    recorded_at: NotRequired[datetime | None]
    source: NotRequired[str]
    bank_reference: NotRequired[str]


def record_repayment(**back: Unpack[MoneyBack]) -> LedgerEntry:
    """Record what a group paid back, as a positive amount; never more than was awarded or paid. Raises Refused."""
    return _record_return(EntryKind.REPAYMENT, **back)


def record_recovery(**back: Unpack[MoneyBack]) -> LedgerEntry:
    """Record what was recovered from a group, as a positive amount; never more than was paid. Raises Refused."""
    return _record_return(EntryKind.RECOVERY, **back)


def _record_return(
    kind: EntryKind,
    *,
    actor: Actor,
    award: Award,
    amount: Pence,
    effective: Day,
    reason: str,
    recorded_at: datetime | None = None,
    source: str = "",
    bank_reference: str = "",
) -> LedgerEntry:
    rules.can_take_effect(effective).or_refuse()
    if amount <= 0:
        raise Refused("An amount that came back is more than £0.")
    with transaction():
        ledger = Ledger(award, actor=actor, reason=reason, source=source)
        if _ended_before(effective, ledger):
            raise Refused("Money cannot come back before the day on which it was awarded.")
        ledger.allow("record repayment", ledger.entries, amount, paid_here=award.is_paid_here)
        entry = ledger.add(
            kind,
            -amount,
            effective,
            recorded_at or ledger.now,
            account=Account.RETURNED,
            last=max(effective.last, ledger.snapshot.award_last),
        )
        entry.bank_reference = bank_reference
        ledger.close("record repayment")
        noted = {"amount_pence": (None, amount), "reason": ("", ledger.reason), "bank_reference": ("", bank_reference)}
        _note(actor, _CAME_BACK[kind], award, **noted)
        return entry


def _ended_before(effective: Day, ledger: Ledger) -> bool:
    first = ledger.snapshot.award_day.first
    return first is not None and effective.last < first


def recorded_when(day: Day, *, now: datetime, given: datetime | None = None, from_records: bool = True) -> datetime:
    """The instant at which the office's records had it, never later than now.

    What comes from records without saying is taken to have been recorded on the day it took effect.
    """
    return min(given or (clock.end_of_day(day.last) if from_records else now), now)


def _note(actor: Actor, verb: AwardAct, award: Award, **changes: tuple[object, object]) -> None:
    audit.record(actor=actor, verb=verb, thing=award, changes=changes)


def commit(*, actor: Actor, award: Award, amount: Pence, reason: str) -> LedgerEntry:
    """Commit an amount to a payment from today on: an award never varies below it. Raises Refused.

    `reason` names the payment, like "batch B-2026-0001".
    """
    with transaction():
        ledger = Ledger(award, actor=actor, reason=reason)
        _may(ledger, "commit", amount)
        entry = ledger.add(
            EntryKind.COMMITMENT, amount, Day.exactly(clock.today()), ledger.now, account=Account.COMMITTED
        )
        return _closed(ledger, entry, "commit", amount)


def release(*, actor: Actor, award: Award, amount: Pence, reason: str) -> LedgerEntry:
    """Take an amount back that was committed and will not be paid. Raises Refused."""
    with transaction():
        ledger = Ledger(award, actor=actor, reason=reason)
        _may(ledger, "release", amount)
        entry = ledger.add(
            EntryKind.COMMITMENT, -amount, Day.exactly(clock.today()), ledger.now, account=Account.COMMITTED
        )
        return _closed(ledger, entry, "release", amount)


def record_payment(
    *, actor: Actor, award: Award, amount: Pence, paid_on: Day, reason: str, source: str = ""
) -> LedgerEntry:
    """Record what was really paid of an award, on a day that has come. Never more than is committed. Raises Refused.

    A payment that finance dates before it was committed counts from the day of the commitment.
    """
    rules.can_take_effect(paid_on).or_refuse()
    with transaction():
        ledger = Ledger(award, actor=actor, reason=reason, source=source)
        _may(ledger, "pay", amount)
        committed = [e.effective_last for e in ledger.entries if e.account == Account.COMMITTED]
        entry = ledger.add(
            EntryKind.PAYMENT, amount, paid_on, ledger.now, account=Account.PAID, last=max(paid_on.last, *committed)
        )
        return _closed(ledger, entry, "pay", amount)


def reverse_payment(
    *, actor: Actor, award: Award, payment: LedgerEntry, on: Day | None, releases: bool, reason: str
) -> LedgerEntry:
    """Take back what was recorded as paid: from the day on which it came back, else as if it had never been paid.

    `releases` says that it is in no payment any more, so that the award can be paid again. Raises Refused.
    """
    if on is not None:
        rules.can_take_effect(on).or_refuse()
    with transaction():
        ledger = Ledger(award, actor=actor, reason=reason)
        amount = Pence(payment.amount_pence or 0)
        _may(ledger, "reverse payment", amount)
        if any(entry.kind == EntryKind.REVERSAL and entry.corrects_id == payment.id for entry in ledger.entries):
            raise Refused("This payment is taken back already.")
        day, last = on or payment.effective_day, max(on.last if on else date.min, payment.effective_last)
        entry = ledger.add(
            EntryKind.REVERSAL, -amount, day, ledger.now, account=Account.PAID, last=last, corrects=payment
        )
        if releases:
            ledger.add(EntryKind.COMMITMENT, -amount, day, ledger.now, account=Account.COMMITTED, last=last)
        return _closed(ledger, entry, "reverse payment", amount)


def _may(ledger: Ledger, verb: str, amount: Pence) -> None:
    if amount <= 0:
        raise Refused("An amount to pay is more than £0.")
    ledger.allow(verb, rules.worth(ledger.entries), amount, ledger.award.reference)


def _closed(ledger: Ledger, entry: LedgerEntry, verb: str, amount: Pence) -> LedgerEntry:
    ledger.close(verb)
    changes = {"amount_pence": (None, amount), "reason": ("", ledger.reason)}
    audit.record(actor=ledger.actor, verb=_NOTED[verb], thing=ledger.award, changes=changes)
    return entry


_NOTED = {
    "commit": AwardAct.COMMIT_TO_PAYMENT,
    "release": AwardAct.RELEASE_FROM_PAYMENT,
    "pay": AwardAct.RECORD_PAYMENT,
    "reverse payment": AwardAct.REVERSE_PAYMENT,
}
"""The verbs of the table as the audit trail names them."""

_CAME_BACK = {EntryKind.REPAYMENT: AwardAct.RECORD_REPAYMENT, EntryKind.RECOVERY: AwardAct.RECORD_RECOVERY}
