"""How far each bid of the demonstration goes, deed by deed, and when each deed is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from . import grants_made, together
from .bids import DemoBid
from .timetable import AFTERNOON, DAYTIME, EVENING, LATE_AFTERNOON, MORNING, Dates, Window

Planned = tuple[Callable[[DemoBid], None], Window]


class DemoEvent(NamedTuple):
    """A deed, and the instant (UTC) at which it is done."""

    instant: datetime
    deed: Callable[[], None]


CLOSED: dict[str, Planned] = {
    "start": (DemoBid.start, Window(-24, -12, DAYTIME)),
    "write": (DemoBid.write, Window(-22, -10, DAYTIME)),
    "submit": (DemoBid.submit, Window(-14, -1, DAYTIME)),
    "check": (DemoBid.check, Window(1, 5)),
    "withdraw": (DemoBid.withdraw, Window(6, 8, DAYTIME)),
    "score-1": (partial(DemoBid.score, turn=0), Window(6, 9)),
    "score-2": (partial(DemoBid.score, turn=1), Window(7, 11)),
    "score-3": (partial(DemoBid.score, turn=2), Window(8, 12)),
    "recommend": (DemoBid.recommend, Window(14, 15)),
    "decide": (DemoBid.decide, Window(17, 18)),
    "accept": (grants_made.accept, Window(20, 22, DAYTIME)),
    "decline-offer": (grants_made.decline, Window(21, 21, DAYTIME)),
    "lapse": (grants_made.lapse, Window(31, 31)),
    "begin-variation": (grants_made.begin_variation, Window(25, 25, MORNING)),
    "approve-variation": (grants_made.approve_variation, Window(25, 25, AFTERNOON)),
    "give-bank": (grants_made.give_bank_details, Window(23, 24, DAYTIME)),
    "verify": (grants_made.verify_bank_details, Window(26, 27)),
    "bounce": (grants_made.bounce, Window(35, 35)),
    "approve-bounce": (grants_made.approve_bounce, Window(36, 36)),
    "give-bank-again": (partial(grants_made.give_bank_details, change=1), Window(37, 38, DAYTIME)),
    "verify-again": (grants_made.verify_others, Window(42, 43)),
    "report": (grants_made.report, Window(53, 55, DAYTIME)),
    "accept-report": (grants_made.accept_report, Window(56, 57)),
    "repay": (grants_made.repay, Window(58, 59)),
    "declare-late": (DemoBid.declare, Window(31, 31)),
    "score-1-late": (partial(DemoBid.score, turn=0), Window(32, 38)),
    "score-2-late": (partial(DemoBid.score, turn=1), Window(36, 44)),
    "score-3-late": (partial(DemoBid.score, turn=2), Window(40, 48)),
    "withdraw-late": (DemoBid.withdraw, Window(47, 48, DAYTIME)),
    "recommend-late": (DemoBid.recommend, Window(50, 51)),
    "decide-late": (DemoBid.decide, Window(53, 54)),
    "give-bank-late": (grants_made.give_bank_details, Window(45, 48, DAYTIME)),
    "verify-late": (grants_made.verify_bank_details, Window(50, 52)),
    "give-bank-last": (grants_made.give_bank_details, Window(57, 58, DAYTIME)),
    "change-bank": (partial(grants_made.give_bank_details, change=1), Window(-1, -1, EVENING, before_loading=True)),
}
"""The round that closed, in working days after its closing. Its panel met twice: the late deeds are the second’s."""

TOGETHER: dict[str, tuple[Callable[[Sequence[DemoBid]], None], Window]] = {
    "sign": (together.sign, Window(19, 19)),
    "sign-late": (together.sign, Window(57, 57)),
    "prepare": (together.prepare, Window(28, 28)),
    "approve": (together.approve, Window(29, 29)),
    "settle": (together.settle, Window(32, 32)),
    "prepare-again": (partial(together.prepare, by="finance2"), Window(44, 44)),
    "approve-again": (partial(together.approve, by="finance1"), Window(45, 45)),
    "settle-again": (together.settle, Window(47, 47)),
    "prepare-late": (together.prepare, Window(56, 56)),
}
"""What is done to all bids of the closed round at once whose course names it."""

OPEN: dict[str, Planned] = {
    "start": (DemoBid.start, Window(-5, -4, MORNING)),
    "write": (DemoBid.write, Window(-5, -4, EVENING)),
    "submit": (DemoBid.submit, Window(-3, -2, MORNING)),
    "ask": (DemoBid.ask, Window(-2, -1, AFTERNOON)),
    "check": (DemoBid.check, Window(-2, -1, AFTERNOON)),
    "declare": (DemoBid.declare, Window(-1, -1, LATE_AFTERNOON)),
    "score-1": (partial(DemoBid.score, turn=0), Window(-1, -1, EVENING)),
    "answer": (DemoBid.answer, Window(-1, -1, EVENING)),
    "withdraw": (DemoBid.withdraw, Window(-1, -1, EVENING)),
}
"""The open round, in working days before the day of loading."""

SUBMITTED = "start write submit"
CHECKED = f"{SUBMITTED} check"
DECIDED = f"{CHECKED} score-1 score-2 score-3 recommend decide sign"
ACCEPTED = f"{DECIDED} accept"
PAID = f"{ACCEPTED} give-bank begin-variation approve-variation verify prepare approve settle"
PAID_AGAIN = f"{PAID} bounce approve-bounce give-bank-again verify-again prepare-again approve-again settle-again"
SCORED_LATE = f"{CHECKED} declare-late score-1-late score-2-late score-3-late"
DECIDED_LATE = f"{SCORED_LATE} recommend-late decide-late"

COURSES: dict[str, dict[str, str]] = {
    "closed": {
        "not eligible": CHECKED,
        "withdrawn": f"{SUBMITTED} withdraw",
        "withdrawn later": f"{CHECKED} score-1-late withdraw-late",
        "with the panel": SCORED_LATE,
        "recommended": f"{SCORED_LATE} recommend-late",
        "decided": DECIDED_LATE,
        "declined": DECIDED,
        "offered": f"{DECIDED_LATE} sign-late",
        "offer declined": f"{DECIDED} decline-offer",
        "lapsed": f"{DECIDED} lapse",
        "given": f"{ACCEPTED} give-bank-last",
        "verified": f"{ACCEPTED} give-bank-late verify-late",
        "on hold": f"{ACCEPTED} give-bank-late verify-late change-bank",
        "in a batch": f"{ACCEPTED} give-bank-late verify-late prepare-late",
        "paid": PAID,
        "paid again": PAID_AGAIN,
        "report due": PAID,
        "report overdue": PAID,
        "report received": f"{PAID} report",
        "reported": f"{PAID} report accept-report repay",
    },
    "open": {
        "draft": "start write",
        "submitted": SUBMITTED,
        "asked": f"{SUBMITTED} ask answer",
        "withdrawn": f"{SUBMITTED} withdraw",
        "not eligible": CHECKED,
        "with the panel": f"{CHECKED} declare score-1",
    },
}
"""By round and course: the deeds in their order. A deed that the bid's file has nothing for is left out."""

PLANS: dict[str, dict[str, Planned]] = {"closed": CLOSED, "open": OPEN}


def when(round_name: str, deed: str, dates: Dates, *, number: int, most: int) -> datetime:
    """When a deed is done to bid `number` of `most` of a round (UTC)."""
    if deed in TOGETHER:
        return TOGETHER[deed][1].instant(dates, number=0, most=1)
    return PLANS[round_name][deed][1].instant(dates, number=number, most=most)


def events(round_name: str, bids: Sequence[DemoBid], dates: Dates) -> Iterator[DemoEvent]:
    """What is done to the bids of a round, each deed with its instant, in no order."""
    together_with: dict[str, list[DemoBid]] = {}
    for bid in bids:
        for name in COURSES[round_name][bid.row["course"]].split():
            if name in TOGETHER:
                together_with.setdefault(name, []).append(bid)
            elif bid.calls_for(name):
                deed = partial(PLANS[round_name][name][0], bid)
                yield DemoEvent(when(round_name, name, dates, number=bid.number, most=len(bids)), deed)
    for name, those in together_with.items():
        yield DemoEvent(when(round_name, name, dates, number=0, most=1), partial(TOGETHER[name][0], those))
