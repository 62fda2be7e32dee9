"""How far each bid of the demonstration goes, deed by deed, and when each deed is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from .bids import Bid
from .timetable import AFTERNOON, DAYTIME, EVENING, LATE_AFTERNOON, MORNING, Dates, Window

Planned = tuple[Callable[[Bid], None], Window]


class Event(NamedTuple):
    """A deed, and the instant (UTC) at which it is done."""

    instant: datetime
    deed: Callable[[], None]


CLOSED: dict[str, Planned] = {
    "start": (Bid.start, Window(-24, -12, DAYTIME)),
    "write": (Bid.write, Window(-22, -10, DAYTIME)),
    "submit": (Bid.submit, Window(-14, -1, DAYTIME)),
    "check": (Bid.check, Window(1, 5)),
    "withdraw": (Bid.withdraw, Window(6, 8, DAYTIME)),
    "score-1": (partial(Bid.score, turn=0), Window(6, 9)),
    "score-2": (partial(Bid.score, turn=1), Window(7, 11)),
    "score-3": (partial(Bid.score, turn=2), Window(8, 12)),
    "recommend": (Bid.recommend, Window(14, 15)),
    "decide": (Bid.decide, Window(17, 18)),
    "declare-late": (Bid.declare, Window(31, 31)),
    "score-1-late": (partial(Bid.score, turn=0), Window(32, 38)),
    "score-2-late": (partial(Bid.score, turn=1), Window(36, 44)),
    "score-3-late": (partial(Bid.score, turn=2), Window(40, 48)),
    "withdraw-late": (Bid.withdraw, Window(47, 48, DAYTIME)),
    "recommend-late": (Bid.recommend, Window(50, 51)),
    "decide-late": (Bid.decide, Window(53, 54)),
}
"""The round that closed, in working days after its closing. Its panel met twice: the late deeds are the second’s."""

OPEN: dict[str, Planned] = {
    "start": (Bid.start, Window(-5, -4, MORNING)),
    "write": (Bid.write, Window(-5, -4, EVENING)),
    "submit": (Bid.submit, Window(-3, -2, MORNING)),
    "ask": (Bid.ask, Window(-2, -1, AFTERNOON)),
    "check": (Bid.check, Window(-2, -1, AFTERNOON)),
    "declare": (Bid.declare, Window(-1, -1, LATE_AFTERNOON)),
    "score-1": (partial(Bid.score, turn=0), Window(-1, -1, EVENING)),
    "answer": (Bid.answer, Window(-1, -1, EVENING)),
    "withdraw": (Bid.withdraw, Window(-1, -1, EVENING)),
}
"""The open round, in working days before the day of loading."""

SUBMITTED = "start write submit"
CHECKED = f"{SUBMITTED} check"
SCORED = f"{CHECKED} score-1 score-2 score-3"
DECIDED = f"{SCORED} recommend decide"
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
        "offered": DECIDED_LATE,
        "offer declined": DECIDED,
        "lapsed": DECIDED,
        "given": DECIDED,
        "on hold": DECIDED,
        "verified": DECIDED,
        "in a batch": DECIDED,
        "paid": DECIDED,
        "report due": DECIDED,
        "report overdue": DECIDED,
        "report received": DECIDED,
        "reported": DECIDED,
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


def events(round_name: str, rows: Sequence[Bid], dates: Dates) -> Iterator[Event]:
    """What is done to the bids of a round, each deed with its instant, in no order."""
    for bid in rows:
        for name in COURSES[round_name][bid.row["course"]].split():
            deed, window = PLANS[round_name][name]
            if bid.calls_for(name):
                instant = window.instant(dates, number=bid.number, most=len(rows))
                yield Event(instant, partial(deed, bid))
