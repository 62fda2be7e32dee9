"""What the ledger may hold, as pure functions over its entries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from grants.foundation.days import Day
from grants.foundation.lifecycle import YES, Answer, Step, find_step, no
from grants.foundation.money import Pence, pounds
from grants.funds.models import Round

from .models import Account, AwardStatus, LedgerEntry, Offer, OfferStatus

S = AwardStatus
OFFICE, PCC, GROUP, FINANCE = "a grants officer", "the decision maker", "a member of the group", "a finance officer"

AWARD_STEPS = (
    Step(S.AWARDED, "offer", S.OFFERED, PCC, "its decision notice is signed"),
    Step(S.AWARDED, "vary", S.AWARDED, OFFICE, "more than £0 is left, and never above the largest grant of its round"),
    Step(S.AWARDED, "record repayment", S.AWARDED, OFFICE, "no more comes back than was awarded"),
    Step(S.AWARDED, "correct amount", S.AWARDED, OFFICE, "with the reason"),
    Step(S.AWARDED, "withdraw", S.WITHDRAWN, OFFICE, "not before the day of the award; with the reason"),
    Step(S.OFFERED, "extend offer", S.OFFERED, OFFICE, "to a later time; with the reason"),
    Step(S.OFFERED, "accept offer", S.ACCEPTED, GROUP, "before it lapses"),
    Step(S.OFFERED, "decline offer", S.WITHDRAWN, GROUP, "before it lapses"),
    Step(S.OFFERED, "lapse offer", S.WITHDRAWN, OFFICE, "its time has passed"),
    Step(S.OFFERED, "withdraw", S.WITHDRAWN, OFFICE, "with the reason"),
    Step(S.ACCEPTED, "commit", S.ACCEPTED, FINANCE, "no more than was awarded"),
    Step(S.ACCEPTED, "release", S.ACCEPTED, FINANCE, "no more than is committed and not paid"),
    Step(S.ACCEPTED, "pay in part", S.ACCEPTED, FINANCE, "no more than is committed"),
    Step(S.ACCEPTED, "pay", S.PAID, FINANCE, "all that was awarded is paid then"),
    Step(S.ACCEPTED, "vary", S.ACCEPTED, OFFICE, "not below what is committed, never above the largest grant"),
    Step(S.ACCEPTED, "correct amount", S.ACCEPTED, OFFICE, "not below what is committed; with the reason"),
    Step(S.ACCEPTED, "record repayment", S.ACCEPTED, OFFICE, "no more comes back than was paid"),
    Step(S.ACCEPTED, "withdraw", S.WITHDRAWN, OFFICE, "nothing is committed that is not paid; with the reason"),
    Step(S.PAID, "record repayment", S.PAID, OFFICE, "no more comes back than was paid"),
    Step(S.PAID, "withdraw", S.WITHDRAWN, OFFICE, "with the reason"),
    Step(S.PAID, "complete", S.COMPLETE, OFFICE, "its report is accepted and what was not spent is back"),
    Step(S.COMPLETE, "record repayment", S.COMPLETE, OFFICE, "no more comes back than was paid"),
    Step(S.COMPLETE, "withdraw", S.WITHDRAWN, OFFICE, "with the reason"),
    Step(S.WITHDRAWN, "record repayment", S.WITHDRAWN, OFFICE, "no more comes back than was awarded"),
    Step(S.WITHDRAWN, "correct amount", S.WITHDRAWN, OFFICE, "with the reason"),
    Step(S.WITHDRAWN, "reinstate", S.AWARDED, OFFICE, "the withdrawal was a mistake; with the reason"),
)
"""The life of an award. Each step is a dated entry in its ledger or an answer to its offer: see `state_of`."""


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
        projects=projects, awarded=amounts[Account.AWARDED], unknown=unknown, returned=-amounts[Account.RETURNED],
        committed=amounts[Account.COMMITTED], paid=amounts[Account.PAID],
    )  # fmt: skip


def state_of(sums: Worth, offer: Offer | None, *, past: AwardStatus = S.AWARDED) -> AwardStatus:
    """Where an award is in its life: from the sums of its ledger and its latest offer.

    `past` is the state of one that never had an offer: it comes from older records.
    """
    if sums.projects <= 0:
        return S.WITHDRAWN
    if offer is None or offer.status in {OfferStatus.DECLINED, OfferStatus.LAPSED}:
        return S.COMPLETE if past == S.COMPLETE else S.AWARDED
    if offer.status == OfferStatus.MADE:
        return S.OFFERED
    if offer.completed_at is not None:
        return S.COMPLETE
    return S.PAID if 0 < sums.awarded <= sums.paid else S.ACCEPTED


def can_move(status: str, verb: str) -> Answer:
    """Whether the table has a row for this state and verb."""
    if find_step(AWARD_STEPS, status, verb):
        return YES
    return no(f"This award is {AwardStatus(status).label.lower()}: you cannot {verb} now.")


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
    if sums.paid < 0 or sums.committed < sums.paid:
        return no("More would be paid than is committed.")
    if sums.projects == 1 and not sums.unknown and sums.committed > sums.awarded:
        return no(
            f"More would be committed to payments ({pounds(sums.committed)}) than is awarded ({pounds(sums.awarded)})."
        )
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
