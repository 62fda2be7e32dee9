"""What the ledger may hold, as pure functions over its entries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from grants.foundation.days import Day
from grants.foundation.lifecycle import YES, Answer, Step, no
from grants.foundation.money import Pence, pounds
from grants.funds.models import Round

from .models import Account, AwardStatus, LedgerEntry

S = AwardStatus
OFFICE = "a grants officer"

AWARD_STEPS = (
    Step(S.AWARDED, "vary", S.AWARDED, OFFICE, "more than £0 is left, and never above the largest grant of its round"),
    Step(S.AWARDED, "record repayment", S.AWARDED, OFFICE, "no more comes back than was awarded"),
    Step(S.AWARDED, "correct amount", S.AWARDED, OFFICE, "with the reason"),
    Step(S.AWARDED, "withdraw", S.WITHDRAWN, OFFICE, "not before the day of the award; with the reason"),
    Step(S.WITHDRAWN, "record repayment", S.WITHDRAWN, OFFICE, "no more comes back than was awarded"),
    Step(S.WITHDRAWN, "correct amount", S.WITHDRAWN, OFFICE, "with the reason"),
    Step(S.WITHDRAWN, "reinstate", S.AWARDED, OFFICE, "the withdrawal was a mistake; with the reason"),
)
"""The life of an award. Each step is a dated entry in its ledger, and the state follows from the ledger's sums."""


@dataclass(frozen=True)
class Worth:
    """What an award adds up to: 1 or 0 projects, pence awarded and returned, and whether the amount is unknown."""

    projects: int = 0
    awarded: int = 0
    unknown: int = 0
    returned: int = 0


def worth(entries: Iterable[LedgerEntry], *, as_at: date | None = None, known_by: datetime | None = None) -> Worth:
    """The plain sums over the entries that had taken effect and were recorded; pence, returned as a positive number."""
    projects = awarded = unknown = returned = 0
    for entry in entries:
        if (as_at and entry.effective_last > as_at) or (known_by and entry.recorded_at > known_by):
            continue
        projects += entry.project_delta
        unknown += entry.unknown_delta
        if entry.account == Account.AWARDED:
            awarded += entry.amount_pence or 0
        else:
            returned -= entry.amount_pence or 0
    return Worth(projects, awarded, unknown, returned)


def in_force(entries: Iterable[LedgerEntry], *, as_at: date | None = None, known_by: datetime | None = None) -> Worth:
    """What the award adds to a total: nothing at all unless it is a project then."""
    sums = worth(entries, as_at=as_at, known_by=known_by)
    return sums if sums.projects > 0 else Worth()


def ledger_holds(entries: Sequence[LedgerEntry]) -> Answer:
    """Whether an award's entries make sense at every date, as known at every instant."""
    days = sorted({entry.effective_last for entry in entries})
    instants = sorted({entry.recorded_at for entry in entries})
    for day in days:
        answer = _makes_sense(worth(entries, as_at=day)) and _is_neat(worth(entries, as_at=day))
        if not answer:
            return answer
    for instant in instants:
        for day in days:
            answer = _makes_sense(in_force(entries, as_at=day, known_by=instant))
            if not answer:
                return answer
    return YES


def _makes_sense(sums: Worth) -> Answer:
    if sums.projects > 1:
        return no("The award would count twice.")
    if sums.awarded < 0:
        return no("The award would be worth less than nothing.")
    if sums.returned < 0:
        return no("Less than nothing would have been returned.")
    if sums.projects == 1 and sums.unknown and sums.returned:
        return no("The amount awarded is not known, so what came back cannot be held against it. Correct it first.")
    if sums.projects == 1 and not sums.unknown and sums.returned > sums.awarded:
        return no(f"More would have come back ({pounds(sums.returned)}) than was awarded ({pounds(sums.awarded)}).")
    return YES


def _is_neat(sums: Worth) -> Answer:
    if sums.projects < 0:
        return no("The award would end before it begins.")
    if sums.projects == 0 and (sums.awarded or sums.unknown):
        return no("An award that does not count would still be worth something.")
    return YES if sums.unknown in {0, 1} else no("The amount would be unknown twice.")


def within_largest_grant(the_round: Round | None, amount: int) -> Answer:
    """The largest grant is a hard limit of its round, for awards that are made here; old awards had other limits."""
    largest = the_round.largest_grant_pence if the_round else None
    if the_round is None or largest is None or amount <= largest:
        return YES
    return no(f"The largest grant of {the_round.code} is {pounds(largest)}.")


def can_take_effect(day: Day) -> Answer:
    """An entry cannot take effect in the future: a day is when its first possible day is."""
    return no("The day is in the future.") if day.is_future else YES


def can_be_amount(amount: Pence | None) -> Answer:
    """An award is more than nothing; an amount that is not known is None, never 0."""
    return YES if amount is None or amount > 0 else no("An award is more than £0. Leave an unknown amount blank.")


def can_come_back(entries: Sequence[LedgerEntry], amount: int) -> Answer:
    """What comes back is never more than was awarded, also of an award that was withdrawn since."""
    awards = [entry for entry in entries if entry.account == Account.AWARDED]
    days = {entry.effective_last for entry in awards}
    most = max((worth(awards, as_at=day).awarded for day in days), default=0)
    returned = worth(entries).returned
    if worth(entries).projects > 0 and worth(entries).unknown:
        return no("The amount awarded is not known, so what came back cannot be held against it. Correct it first.")
    if returned + amount > most:
        return no(f"More would have come back ({pounds(returned + amount)}) than was awarded ({pounds(most)}).")
    return YES
