"""Who came in during the closed round, took files away, or forgot a password: lines that no verb of a room writes.

A visit is what the pages write of it: that somebody signed in, each file that they took, and that they left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import NamedTuple

from grants.accounts.acts import AccountAct
from grants.accounts.credentials import operations as credentials
from grants.accounts.models import Person
from grants.applications.acts import ApplicationAct
from grants.foundation.records import audit
from grants.foundation.records.actors import ANYONE
from grants.foundation.records.acts import Act
from grants.outcomes.acts import OutcomeAct
from grants.payments.acts import PaymentAct
from grants.review.acts import ReviewAct

from .bids import Cast
from .timetable import AFTERNOON, EVENING, MORNING, Dates, Window


class TakenFile(NamedTuple):
    """A file that somebody took: of which kind of thing, as which kind of file, and of which one."""

    act: Act
    kind: str
    file: str
    reference: str = ""


_RANKING = TakenFile(ReviewAct.EXPORT_RANKING, "rounds", "xlsx", "SCF-DEMO")

VISITS: tuple[tuple[str, Window, tuple[TakenFile, ...]], ...] = (
    ("admin", Window(0, 0, MORNING), ()),
    ("officer", Window(1, 1, MORNING), (TakenFile(ApplicationAct.EXPORT_APPLICATIONS, "applications", "xlsx"),)),
    ("officer2", Window(2, 2, MORNING), ()),
    (
        "panel1",
        Window(6, 6, EVENING),
        (TakenFile(ApplicationAct.DOWNLOAD_APPLICATION, "applications", "pdf", "SCF-DEMO-0002"),),
    ),
    ("panel2", Window(7, 7, EVENING), ()),
    ("officer2", Window(14, 14, MORNING), (_RANKING,)),
    ("decision", Window(17, 17, MORNING), (_RANKING,)),
    ("finance1", Window(28, 28, MORNING), (TakenFile(PaymentAct.EXPORT_AWARDS, "awards", "xlsx"),)),
    ("finance2", Window(29, 29, AFTERNOON), ()),
    ("finance1", Window(47, 47, AFTERNOON), (TakenFile(PaymentAct.EXPORT_PAYMENTS, "payments", "csv"),)),
    ("officer", Window(57, 57, AFTERNOON), (TakenFile(OutcomeAct.EXPORT_REPORTS, "reports", "xlsx"),)),
    ("auditor", Window(58, 58, MORNING), (TakenFile(ReviewAct.EXPORT_SCORES, "rounds", "xlsx", "SCF-DEMO"),)),
)
"""Who came in when, in working days after the closing of the round, and what they took away."""

FORGOT = "applicant2", Window(22, 22, EVENING)
"""Who had forgotten their password, and when."""

TRIES = 5


def visits(cast: Cast, dates: Dates) -> Iterator[tuple[datetime, Callable[[], None]]]:
    """Each visit with its instant, in no order."""
    for who, window, files in VISITS:
        yield window.instant(dates, number=0, most=1), partial(_visit, cast.person(who), files)
    who, window = FORGOT
    yield window.instant(dates, number=0, most=1), partial(_forgot, cast.person(who))


def _visit(person: Person, files: tuple[TakenFile, ...]) -> None:
    _of_account(person, AccountAct.SIGN_IN)
    for act, kind, file, reference in files:
        audit.record(actor=person.actor, verb=act, kind=kind, reference=reference, changes={"file": ("", file)})
    _of_account(person, AccountAct.SIGN_OUT)


def _forgot(person: Person) -> None:
    """They guess until they are locked out, and ask for a link. Somebody else mistypes an address meanwhile."""
    for act in [AccountAct.FAIL_TO_SIGN_IN] * TRIES + [AccountAct.LOCK_OUT]:
        audit.record(actor=ANYONE, verb=act, thing=person, changes={})
    audit.record(actor=ANYONE, verb=AccountAct.FAIL_TO_SIGN_IN, kind=Person.__tablename__, changes={})
    credentials.request_reset(email=person.email)


def _of_account(person: Person, act: AccountAct) -> None:
    audit.record(actor=person.actor, verb=act, thing=person, changes={})
