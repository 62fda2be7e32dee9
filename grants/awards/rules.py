"""What the ledger may hold, as pure functions over its entries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from grants.applications.rules import after_months
from grants.foundation.records.lifecycle import YES, Ruling, Step, find_step, no
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence, pounds
from grants.funds.models import Round

from .models import Account, AwardStatus, EntryKind, LedgerEntry, Offer, OfferStatus

OFFICE, PCC, GROUP, FINANCE = "a grants officer", "the decision maker", "a member of the group", "a finance officer"
NO_MORE_THAN_AWARDED, NO_MORE_THAN_PAID = "no more comes back than was awarded", "no more comes back than was paid"
ALL = "than was awarded"

MISTAKE = "the withdrawal was a mistake; with the reason"

AWARD_STEPS = (
    Step(AwardStatus.AWARDED, "offer", AwardStatus.OFFERED, PCC, "its decision notice is signed"),
    Step(
        AwardStatus.AWARDED,
        "offer again",
        AwardStatus.OFFERED,
        OFFICE,
        "an earlier offer came to nothing; with the reason",
    ),
    Step(
        AwardStatus.AWARDED,
        "vary",
        AwardStatus.AWARDED,
        OFFICE,
        "more than £0 is left, and never above the largest grant of its round",
    ),
    Step(
        AwardStatus.AWARDED,
        "record repayment",
        AwardStatus.AWARDED,
        OFFICE,
        f"from older records; {NO_MORE_THAN_AWARDED}",
    ),
    Step(AwardStatus.AWARDED, "correct amount", AwardStatus.AWARDED, OFFICE, "with the reason"),
    Step(
        AwardStatus.AWARDED,
        "withdraw",
        AwardStatus.WITHDRAWN,
        OFFICE,
        "not before the day of the award; with the reason",
    ),
    Step(
        AwardStatus.OFFERED,
        "extend offer",
        AwardStatus.OFFERED,
        OFFICE,
        "to a later day, also when its time has passed; with the reason",
    ),
    Step(AwardStatus.OFFERED, "accept offer", AwardStatus.ACCEPTED, GROUP, "its time has not passed"),
    Step(AwardStatus.OFFERED, "decline offer", AwardStatus.WITHDRAWN, GROUP),
    Step(AwardStatus.OFFERED, "lapse offer", AwardStatus.WITHDRAWN, OFFICE, "its time has passed"),
    Step(AwardStatus.OFFERED, "withdraw", AwardStatus.WITHDRAWN, OFFICE, "with the reason; the offer is void"),
    Step(AwardStatus.ACCEPTED, "commit", AwardStatus.ACCEPTED, FINANCE, "no more than was awarded"),
    Step(AwardStatus.ACCEPTED, "release", AwardStatus.ACCEPTED, FINANCE, "no more than is committed and not paid"),
    Step(
        AwardStatus.ACCEPTED,
        "pay",
        AwardStatus.ACCEPTED,
        FINANCE,
        "no more than is committed; a part of what was awarded",
    ),
    Step(
        AwardStatus.ACCEPTED,
        "pay",
        AwardStatus.PAID,
        FINANCE,
        "no more than is committed; all that was awarded is paid then",
    ),
    Step(
        AwardStatus.ACCEPTED,
        "vary",
        AwardStatus.ACCEPTED,
        OFFICE,
        "not below what is committed, never above the largest grant",
    ),
    Step(AwardStatus.ACCEPTED, "vary", AwardStatus.PAID, OFFICE, "down to what is paid"),
    Step(
        AwardStatus.ACCEPTED,
        "correct amount",
        AwardStatus.ACCEPTED,
        OFFICE,
        "not below what is committed; with the reason",
    ),
    Step(AwardStatus.ACCEPTED, "correct amount", AwardStatus.PAID, OFFICE, "down to what is paid; with the reason"),
    Step(AwardStatus.ACCEPTED, "record repayment", AwardStatus.ACCEPTED, OFFICE, NO_MORE_THAN_PAID),
    Step(
        AwardStatus.ACCEPTED,
        "withdraw",
        AwardStatus.WITHDRAWN,
        OFFICE,
        "nothing is committed that is not paid; with the reason",
    ),
    Step(AwardStatus.PAID, "record repayment", AwardStatus.PAID, OFFICE, NO_MORE_THAN_PAID),
    Step(AwardStatus.PAID, "withdraw", AwardStatus.WITHDRAWN, OFFICE, "with the reason"),
    Step(
        AwardStatus.PAID,
        "complete",
        AwardStatus.COMPLETE,
        OFFICE,
        "its report is accepted and what was not spent is back",
    ),
    Step(AwardStatus.COMPLETE, "record repayment", AwardStatus.COMPLETE, OFFICE, NO_MORE_THAN_PAID),
    Step(AwardStatus.COMPLETE, "withdraw", AwardStatus.WITHDRAWN, OFFICE, "with the reason"),
    Step(
        AwardStatus.WITHDRAWN,
        "record repayment",
        AwardStatus.WITHDRAWN,
        OFFICE,
        f"{NO_MORE_THAN_PAID}; from older records, {ALL}",
    ),
    Step(AwardStatus.WITHDRAWN, "correct amount", AwardStatus.WITHDRAWN, OFFICE, "with the reason"),
    Step(AwardStatus.WITHDRAWN, "reinstate", AwardStatus.AWARDED, OFFICE, f"{MISTAKE}; it was never accepted"),
    Step(
        AwardStatus.WITHDRAWN,
        "reinstate",
        AwardStatus.ACCEPTED,
        OFFICE,
        f"{MISTAKE}; it was accepted, and is not all paid",
    ),
    Step(AwardStatus.WITHDRAWN, "reinstate", AwardStatus.PAID, OFFICE, f"{MISTAKE}; it was accepted and paid"),
    Step(AwardStatus.WITHDRAWN, "reinstate", AwardStatus.COMPLETE, OFFICE, f"{MISTAKE}; it was complete"),
)
"""The life of an award. Each step is a dated entry in its ledger or an answer to its offer: see `state_of`.

Where a verb has several rows, what the ledger adds up to then decides where it leads.
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
    "complete": "complete it",
    "reinstate": "take a withdrawal of it back",
}
"""Each verb of the table as a sentence says it."""


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


def worth(entries: Iterable[LedgerEntry], *, as_at: date | None = None, known_by: datetime | None = None) -> Worth:
    """The plain sums over the entries that had taken effect and were recorded; pence, returned as a positive number."""
    projects = unknown = 0
    amounts: dict[str, int] = dict.fromkeys(Account, 0)
    for entry in entries:
        if (as_at and entry.effective_last > as_at) or (known_by and entry.recorded_at > known_by):
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


def can_move(status: str, verb: str) -> Ruling:
    """Whether the table has a row for this state and verb."""
    if find_step(AWARD_STEPS, status, verb):
        return YES
    is_now = AwardStatus(status).label.lower()
    if {step.end for step in AWARD_STEPS if step.verb == verb and step.end != step.start} == {status}:
        return no(f"This award is {is_now} already.")
    return no(f"This award is {is_now}: you cannot {IN_WORDS[verb]} now.")


def can_lead(start: str, verb: str, end: str) -> Ruling:
    """Whether the table lets this verb lead from one state to the other."""
    if any((step.start, step.verb, step.end) == (start, verb, end) for step in AWARD_STEPS):
        return YES
    return can_move(start, verb) and no(f"This would make the award {AwardStatus(end).label.lower()}, which it cannot.")


def in_force(entries: Iterable[LedgerEntry], *, as_at: date | None = None, known_by: datetime | None = None) -> Worth:
    """What the award adds to a total: nothing at all unless it is a project then."""
    sums = worth(entries, as_at=as_at, known_by=known_by)
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
    largest = the_round.largest_grant_pence if the_round else None
    if the_round is None or largest is None or amount <= largest:
        return YES
    return no(f"The largest grant of {the_round.code} is {pounds(largest)}.")


def can_take_effect(day: Day) -> Ruling:
    """An entry cannot take effect in the future: a day is when its first possible day is."""
    return no("The day is in the future.") if day.is_future else YES


def can_be_amount(amount: Pence | None) -> Ruling:
    """An award is more than nothing; an amount that is not known is None, never 0."""
    return YES if amount is None or amount > 0 else no("An award is more than £0. Leave an unknown amount blank.")


def can_come_back(entries: Sequence[LedgerEntry], amount: int, *, paid_here: bool = False) -> Ruling:
    """What comes back is never more than was awarded, or was paid by this system; also of an award withdrawn since."""
    sums = worth(entries)
    if sums.projects > 0 and sums.unknown:
        return no(_UNKNOWN)
    most, done = (Pence(sums.paid), "paid") if paid_here else (most_awarded(entries), "awarded")
    if sums.returned + amount > most:
        return no(f"More would have come back ({pounds(sums.returned + amount)}) than was {done} ({pounds(most)}).")
    return YES
