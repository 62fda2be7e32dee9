"""What the ledger may hold, as pure functions over its entries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from grants.accounts.rights import DoneBy, GroupRight, Right
from grants.applications.apart.rules import Hands, Ties
from grants.applications.rules import after_months
from grants.foundation.records.lifecycle import YES, Ruling, Step, find_step, no, steps_from
from grants.foundation.values import clock
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence, pounds
from grants.foundation.web.pages import deadline
from grants.funds.models import Round

from .models import Account, AwardChange, AwardStatus, EntryKind, LedgerEntry, Offer, OfferStatus


@dataclass(frozen=True)
class Around:
    """Who is around an award: the group that holds it now, what ties people to it, and who did which step on it.

    `held_by` is the number of the variation that holds it back from payment: one that waits to be approved, or that
    the group has still to agree to. `varied_by` is that of the last in force: the award is not as its notice says.
    """

    group_id: int
    ties: Ties
    hands: Hands
    held_by: int | None = None
    varied_by: int | None = None


@dataclass(frozen=True)
class Worth:
    """What an award adds up to: 1 or 0 projects, the pence of each account, and whether the amount is unknown."""

    projects: int = 0
    awarded: int = 0
    unknown: int = 0
    returned: int = 0
    committed: int = 0
    paid: int = 0

    @property
    def to_commit(self) -> Pence:
        """What is awarded and not yet in a payment, in pence."""
        return Pence(self.awarded - self.committed)

    @property
    def to_pay(self) -> Pence:
        """What is in a payment and not paid yet, in pence."""
        return Pence(self.committed - self.paid)


def report_due_on(ends_on: date | None, award_last: date, report_days: int) -> date:
    """The day by which a group reports: so many days after its project's end, or after a year where that is not known.

    >>> report_due_on(date(2027, 6, 30), date(2026, 12, 1), 30), report_due_on(None, date(2026, 12, 1), 30)
    (datetime.date(2027, 7, 30), datetime.date(2027, 12, 31))
    """
    return (ends_on or after_months(award_last, 12)) + timedelta(days=report_days)


def is_known(line: LedgerEntry | AwardChange, known_by: datetime, began: datetime | None) -> bool:
    """Whether the records held a line by an instant. From when this system `began` on, they held what was entered by
    then, whatever a file says that came later; before that, what is said to have been recorded by then.
    """
    return (line.entered_at if began is not None and known_by >= began else line.recorded_at) <= known_by


def worth(
    entries: Iterable[LedgerEntry],
    *,
    as_at: date | None = None,
    known_by: datetime | None = None,
    began: datetime | None = None,
) -> Worth:
    """The plain sums over the entries that had taken effect and were known; pence, returned as a positive number."""
    projects = unknown = 0
    amounts: dict[str, int] = dict.fromkeys(Account, 0)
    for entry in entries:
        if (as_at and entry.effective_last > as_at) or (known_by and not is_known(entry, known_by, began)):
            continue
        projects += entry.project_delta
        unknown += entry.unknown_delta
        amounts[entry.account] += entry.amount_pence or 0
    return Worth(
        projects=projects,
        awarded=amounts[Account.AWARDED],
        unknown=unknown,
        returned=-amounts[Account.RETURNED],
        committed=amounts[Account.COMMITTED],
        paid=amounts[Account.PAID],
    )


def state_of(sums: Worth, offer: Offer | None, *, past: AwardStatus = AwardStatus.AWARDED) -> AwardStatus:
    """Where an award is in its life: from the sums of its ledger and its latest offer.

    `past` is the state of one that never had an offer: it comes from older records.
    """
    if sums.projects <= 0:
        return AwardStatus.WITHDRAWN
    if offer is None:
        return AwardStatus.COMPLETE if past == AwardStatus.COMPLETE else AwardStatus.AWARDED
    if offer.status == OfferStatus.MADE:
        return AwardStatus.OFFERED
    if offer.status != OfferStatus.ACCEPTED:
        return AwardStatus.AWARDED
    if offer.completed_at is not None:
        return AwardStatus.COMPLETE
    return AwardStatus.PAID if 0 < sums.awarded <= sums.paid else AwardStatus.ACCEPTED


def in_force(
    entries: Iterable[LedgerEntry],
    *,
    as_at: date | None = None,
    known_by: datetime | None = None,
    began: datetime | None = None,
) -> Worth:
    """What the award adds to a total, nothing unless it is a project then: `ledger.queries.in_force` says it in SQL."""
    sums = worth(entries, as_at=as_at, known_by=known_by, began=began)
    return sums if sums.projects > 0 else Worth()


def ledger_holds(entries: Sequence[LedgerEntry], *, paid_here: bool = False) -> Ruling:
    """Whether an award's entries make sense at every date, as known at every instant.

    `paid_here` says that this system pays the award, so that no more can come back than it has paid.
    """
    days = sorted({entry.effective_last for entry in entries})
    instants = sorted({entry.recorded_at for entry in entries})
    beginning = without_withdrawals(entries)
    for day in days:
        sums, begun = worth(entries, as_at=day), worth(beginning, as_at=day).projects == 1
        answer = _makes_sense(sums, paid_here) and _is_neat(sums, begun)
        if not answer:
            return answer
    for instant in instants:
        for day in days:
            answer = _makes_sense(in_force(entries, as_at=day, known_by=instant), paid_here)
            if not answer:
                return answer
    return YES


def without_withdrawals(entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """What the ledger would hold if the award had never been withdrawn."""
    return [entry for entry in entries if EntryKind.WITHDRAWAL not in {entry.kind, _corrected(entry)}]


def _corrected(entry: LedgerEntry) -> str:
    return entry.corrects.kind if entry.corrects else ""


def _makes_sense(sums: Worth, paid_here: bool) -> Ruling:
    if sums.projects > 1:
        return no("The award would count twice.")
    if sums.awarded < 0:
        return no("The award would be worth less than nothing.")
    if sums.returned < 0:
        return no("Less than nothing would have been returned.")
    if sums.paid < 0 or sums.committed < sums.paid:
        return no("More would be paid than is committed.")
    if paid_here and sums.returned > sums.paid:
        return no(f"More would have come back ({pounds(sums.returned)}) than was paid ({pounds(sums.paid)}).")
    if sums.projects != 1:
        return YES
    if sums.unknown:
        return no(_UNKNOWN) if sums.returned or sums.committed else YES
    if sums.committed > sums.awarded:
        return no(
            f"More would be committed to payments ({pounds(sums.committed)}) than is awarded ({pounds(sums.awarded)})."
        )
    if sums.returned > sums.awarded:
        return no(f"More would have come back ({pounds(sums.returned)}) than was awarded ({pounds(sums.awarded)}).")
    return YES


_UNKNOWN = "The amount awarded is not known, so what was paid or came back cannot be held against it. Correct it first."


def _is_neat(sums: Worth, begun: bool) -> Ruling:
    if sums.projects < 0:
        return no("The award would end before it begins.")
    if sums.projects == 0 and (sums.awarded or sums.unknown):
        return no("An award that does not count would still be worth something.")
    if not begun and sums.committed:
        return no("Money would be committed to payments before the day of the award.")
    if sums.projects == 0 and sums.to_pay:
        return no(f"{pounds(sums.to_pay)} is in a payment that is not paid yet. Finance has to take it out first.")
    return YES if sums.unknown in {0, 1} else no("The amount would be unknown twice.")


def most_awarded(entries: Sequence[LedgerEntry]) -> Pence:
    """The most that an award was ever worth, on any day, in pence."""
    awards = [entry for entry in entries if entry.account == Account.AWARDED]
    return Pence(max((worth(awards, as_at=day).awarded for day in {e.effective_last for e in awards}), default=0))


def within_largest_grant(the_round: Round | None, amount: int) -> Ruling:
    """The largest grant is a hard limit of its round, for awards that are made here; old awards had other limits."""
    if the_round is None or the_round.largest_grant_pence is None or amount <= the_round.largest_grant_pence:
        return YES
    return no(f"The largest grant of {the_round.code} is {pounds(the_round.largest_grant_pence)}.")


def can_take_effect(day: Day) -> Ruling:
    """An entry cannot take effect in the future: a day is when its first possible day is."""
    return no("The day is in the future.") if day.is_future else YES


def can_be_amount(amount: Pence | None) -> Ruling:
    """Whether an award is more than £0; an amount that is not known is None, never 0."""
    return YES if amount is None or amount > 0 else no("An award is more than £0. Leave an unknown amount blank.")


def can_come_back(entries: Sequence[LedgerEntry], amount: int, *, paid_here: bool = False) -> Ruling:
    """Whether no more comes back than was awarded, or was paid by this system; also of an award withdrawn since."""
    sums = worth(entries)
    if sums.projects > 0 and sums.unknown:
        return no(_UNKNOWN)
    most, done = (Pence(sums.paid), "paid") if paid_here else (most_awarded(entries), "awarded")
    if sums.returned + amount > most:
        return no(f"More would have come back ({pounds(sums.returned + amount)}) than was {done} ({pounds(most)}).")
    return YES


def can_be_offered(amount: Pence | None, *, paid_here: bool) -> Ruling:
    """Whether it was decided here, by a notice that is signed, and its amount is known."""
    return YES if paid_here and amount else no("Only an award that was decided here is offered.")


def can_vary(amount: Pence | None, by: int) -> Ruling:
    """Whether the amount is known, and more than £0 is left; the ledger holds it to what is committed."""
    if amount is None:
        return no("The amount awarded is not known. Correct it first.")
    if by == 0 or amount + by <= 0:
        return no("A variation changes the amount and leaves more than £0. Withdraw the award instead.")
    return YES


def can_withdraw(awarded: Day, effective: Day) -> Ruling:
    """Whether it has been awarded by the day; the ledger holds that nothing is in a payment that is not paid."""
    if awarded.first is not None and effective.last < awarded.first:
        return no("The award cannot be withdrawn before the day on which it was awarded.")
    return YES


def can_commit(sums: Worth, amount: Pence, reference: str) -> Ruling:
    """Whether no more is committed than was awarded."""
    return (
        YES
        if amount <= sums.to_commit
        else no(f"Only {pounds(sums.to_commit)} of {reference} is not in a payment yet.")
    )


def can_settle(sums: Worth, amount: Pence, reference: str) -> Ruling:
    """Whether it is no more than is committed and not paid."""
    return YES if amount <= sums.to_pay else no(f"Only {pounds(sums.to_pay)} of {reference} is committed and not paid.")


def can_reverse(sums: Worth, amount: Pence, reference: str) -> Ruling:
    """Whether it is no more than was paid."""
    return YES if amount <= sums.paid else no(f"Only {pounds(Pence(sums.paid))} of {reference} was paid.")


def can_complete(sums: Worth) -> Ruling:
    """Whether nothing of it waits to be paid; the rules of its report hold that the report is accepted."""
    return no("Something of this award is in a payment that is not paid yet.") if sums.to_pay else YES


# The offer


LONGEST_EXTENSION = timedelta(days=365)
"""How far from today an offer can be extended to."""


def is_in_time(offer: Offer, at: datetime) -> Ruling:
    """Whether its time has not passed at this instant (UTC)."""
    if at > offer.expires_at:
        return no(f"This offer had to be accepted by {deadline(offer.expires_at, zone=True)}.")
    return YES


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


AWARD_STEPS: tuple[Step[DoneBy], ...] = (
    Step(AwardStatus.AWARDED, "offer", AwardStatus.OFFERED, Right.SIGN_NOTICES, can_be_offered),
    Step(AwardStatus.AWARDED, "offer again", AwardStatus.OFFERED, Right.MANAGE_OFFERS, can_be_offered),
    Step(AwardStatus.AWARDED, "vary", AwardStatus.AWARDED, Right.APPROVE_VARIATIONS, can_vary),
    Step(AwardStatus.AWARDED, "record repayment", AwardStatus.AWARDED, Right.CORRECT_AWARDS, can_come_back),
    Step(AwardStatus.AWARDED, "correct amount", AwardStatus.AWARDED, Right.CORRECT_AWARDS, can_be_amount),
    Step(AwardStatus.AWARDED, "withdraw", AwardStatus.WITHDRAWN, Right.CORRECT_AWARDS, can_withdraw),
    Step(AwardStatus.OFFERED, "extend offer", AwardStatus.OFFERED, Right.MANAGE_OFFERS, can_extend),
    Step(AwardStatus.OFFERED, "accept offer", AwardStatus.ACCEPTED, GroupRight.ANSWER_OFFERS, is_in_time),
    Step(AwardStatus.OFFERED, "decline offer", AwardStatus.WITHDRAWN, GroupRight.ANSWER_OFFERS),
    Step(AwardStatus.OFFERED, "lapse offer", AwardStatus.WITHDRAWN, Right.MANAGE_OFFERS, can_lapse),
    Step(AwardStatus.OFFERED, "withdraw", AwardStatus.WITHDRAWN, Right.CORRECT_AWARDS, can_withdraw),
    Step(AwardStatus.ACCEPTED, "commit", AwardStatus.ACCEPTED, Right.PREPARE_PAYMENTS, can_commit),
    Step(AwardStatus.ACCEPTED, "release", AwardStatus.ACCEPTED, Right.PREPARE_PAYMENTS, can_settle),
    Step(AwardStatus.ACCEPTED, "pay", AwardStatus.ACCEPTED, Right.TAKE_RETURNS, can_settle),
    Step(AwardStatus.ACCEPTED, "pay", AwardStatus.PAID, Right.TAKE_RETURNS, can_settle),
    Step(AwardStatus.ACCEPTED, "reverse payment", AwardStatus.ACCEPTED, Right.APPROVE_PAYMENTS, can_reverse),
    Step(AwardStatus.ACCEPTED, "vary", AwardStatus.ACCEPTED, Right.APPROVE_VARIATIONS, can_vary),
    Step(AwardStatus.ACCEPTED, "vary", AwardStatus.PAID, Right.APPROVE_VARIATIONS, can_vary),
    Step(AwardStatus.ACCEPTED, "correct amount", AwardStatus.ACCEPTED, Right.CORRECT_AWARDS, can_be_amount),
    Step(AwardStatus.ACCEPTED, "correct amount", AwardStatus.PAID, Right.CORRECT_AWARDS, can_be_amount),
    Step(AwardStatus.ACCEPTED, "record repayment", AwardStatus.ACCEPTED, Right.CORRECT_AWARDS, can_come_back),
    Step(AwardStatus.ACCEPTED, "withdraw", AwardStatus.WITHDRAWN, Right.CORRECT_AWARDS, can_withdraw),
    Step(AwardStatus.PAID, "reverse payment", AwardStatus.ACCEPTED, Right.APPROVE_PAYMENTS, can_reverse),
    Step(AwardStatus.PAID, "record repayment", AwardStatus.PAID, Right.CORRECT_AWARDS, can_come_back),
    Step(AwardStatus.PAID, "withdraw", AwardStatus.WITHDRAWN, Right.CORRECT_AWARDS, can_withdraw),
    Step(AwardStatus.PAID, "complete", AwardStatus.COMPLETE, Right.CLOSE_AWARDS, can_complete),
    Step(AwardStatus.COMPLETE, "record repayment", AwardStatus.COMPLETE, Right.CORRECT_AWARDS, can_come_back),
    Step(AwardStatus.COMPLETE, "withdraw", AwardStatus.WITHDRAWN, Right.CORRECT_AWARDS, can_withdraw),
    Step(AwardStatus.WITHDRAWN, "reverse payment", AwardStatus.WITHDRAWN, Right.APPROVE_PAYMENTS, can_reverse),
    Step(AwardStatus.WITHDRAWN, "record repayment", AwardStatus.WITHDRAWN, Right.CORRECT_AWARDS, can_come_back),
    Step(AwardStatus.WITHDRAWN, "correct amount", AwardStatus.WITHDRAWN, Right.CORRECT_AWARDS, can_be_amount),
    Step(AwardStatus.WITHDRAWN, "reinstate", AwardStatus.AWARDED, Right.CORRECT_AWARDS),
    Step(AwardStatus.WITHDRAWN, "reinstate", AwardStatus.ACCEPTED, Right.CORRECT_AWARDS),
    Step(AwardStatus.WITHDRAWN, "reinstate", AwardStatus.PAID, Right.CORRECT_AWARDS),
    Step(AwardStatus.WITHDRAWN, "reinstate", AwardStatus.COMPLETE, Right.CORRECT_AWARDS),
)
"""The life of an award. Each step is a dated entry in its ledger or an answer to its offer: see `state_of`.

Where a verb leads to several states, what the ledger adds up to then decides to which; their rows name one rule.
"""

IN_WORDS = {
    "offer": "offer it",
    "offer again": "offer it again",
    "vary": "vary it",
    "record repayment": "record money that came back",
    "correct amount": "correct its amount",
    "withdraw": "withdraw it",
    "extend offer": "give more time to accept it",
    "accept offer": "accept it",
    "decline offer": "decline it",
    "lapse offer": "let its offer lapse",
    "commit": "commit money of it to a payment",
    "release": "release money of it from a payment",
    "pay": "record a payment of it",
    "reverse payment": "take a payment of it back",
    "complete": "complete it",
    "reinstate": "take a withdrawal of it back",
}
"""Each verb of the table as a sentence says it."""


def can_move(status: str, verb: str) -> Ruling:
    """Whether the table has a row for this state and verb."""
    if steps_from(AWARD_STEPS, status, verb):
        return YES
    is_now = AwardStatus(status).label.lower()
    if {step.end for step in AWARD_STEPS if step.verb == verb and step.end != step.start} == {status}:
        return no(f"This award is {is_now} already.")
    return no(f"This award is {is_now}: you cannot {IN_WORDS[verb]} now.")


def allows(status: str, verb: str, *facts: Any, **named: Any) -> Ruling:
    """What the rule that the table names for this verb says of these facts, where the verb is possible at all."""
    answer = can_move(status, verb)
    return steps_from(AWARD_STEPS, status, verb)[0].allows(*facts, **named) if answer else answer


def can_lead(start: str, verb: str, end: str) -> Ruling:
    """Whether the table lets this verb lead from one state to the other."""
    if find_step(AWARD_STEPS, start, verb, end):
        return YES
    return can_move(start, verb) and no(f"This would make the award {AwardStatus(end).label.lower()}, which it cannot.")
