"""What waits for a person: sentences with a link, oldest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from grants.accounts.models import Organisation, Person, Role
from grants.applications.models import Application, ApplicationStatus, Clarification, ClarificationAnswer
from grants.applications.queries import not_own
from grants.applications.rules import ANSWERABLE, UNFINISHED
from grants.awards.decision_queries import waiting_to_be_signed
from grants.awards.models import AwardStanding
from grants.foundation import clock
from grants.foundation.db import db
from grants.foundation.pages import deadline
from grants.funds.models import Round, RoundStatus
from grants.review.models import ScoreSheet
from grants.review.queries import locked_sheets_count

ANSWER_IS_NEWS = timedelta(days=14)
"""How long an answer stays on the officers' desks once its application is checked."""

MOST_SHOWN = 10
"""Tasks of one kind on a desk; the list that they come from has the rest."""


@dataclass(frozen=True)
class Task:
    """One thing to do: what, to which, where, and since when it waits (UTC)."""

    verb: str
    reference: str
    what: str
    url: str
    since: datetime | None


@dataclass(frozen=True)
class Heap:
    """The tasks of one kind: the oldest few, how many there are, and where the rest is."""

    title: str
    tasks: list[Task]
    count: int
    rest_url: str
    nothing: str
    links: list[tuple[str, str]] = field(default_factory=list)

    @property
    def hidden(self) -> int:
        """How many are not shown here."""
        return self.count - len(self.tasks)


def heaps_for(person: Person) -> list[Heap]:
    """What waits for a person: questions to their groups, then a heap for each of their roles that has work of its own.

    Questions and answers have a heap only while there are any.
    """
    questions = [_questions(person)] if person.organisation_ids else []
    answers = [_answers(person)] if Role.OFFICER in person.roles else []
    by_role = [make(person) for role, makers in _BY_ROLE.items() if role in person.roles for make in makers]
    return [heap for heap in (*questions, *answers) if heap.tasks] + by_role


def _clarifications(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Application.reference,
            Application.title,
            Application.status,
            Organisation.name,
            Clarification.number,
            Clarification.answer_by,
            ClarificationAnswer.answered_at,
            func.count().over().label("total"),
        )
        .join(Application, Application.id == Clarification.application_id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .outerjoin(ClarificationAnswer, ClarificationAnswer.clarification_id == Clarification.id)
        .where(Application.status.in_(ANSWERABLE), *conditions)
        .limit(MOST_SHOWN)
    )


def _questions(person: Person) -> Heap:
    open_ones = _clarifications(
        ClarificationAnswer.clarification_id.is_(None),
        Application.organisation_id.in_(sorted(person.organisation_ids)),
    )
    rows = db.session.execute(open_ones.order_by(Clarification.answer_by, Clarification.id)).all()
    tasks = [
        Task(
            "Answer a question about",
            row.reference,
            f"{row.title}, by {deadline(row.answer_by)}",
            url_for("applications.clarification", reference=row.reference, number=row.number),
            None,
        )
        for row in rows
    ]
    count = rows[0].total if rows else 0
    return Heap("To answer", tasks, count, url_for("applications.applications"), "No question waits for you.")


def _answers(person: Person) -> Heap:
    to_check = Application.status == ApplicationStatus.SUBMITTED
    news = _clarifications(
        ClarificationAnswer.clarification_id.is_not(None),
        or_(to_check, ClarificationAnswer.answered_at > clock.now() - ANSWER_IS_NEWS),
        *not_own(person),
    )
    rows = db.session.execute(news.order_by(ClarificationAnswer.answered_at, Clarification.id)).all()
    tasks = [
        Task("Read the answer about", row.reference, f"{row.title}, {row.name}", _where_read(row), row.answered_at)
        for row in rows
    ]
    count = rows[0].total if rows else 0
    return Heap("Answers that came in", tasks, count, url_for("applications.applications"), "No answer came in.")


def _where_read(row: Any) -> str:
    if row.status == ApplicationStatus.SUBMITTED:
        return url_for("review.check", reference=row.reference, _anchor="clarifications")
    return url_for("applications.application", reference=row.reference, _anchor="clarifications")


def _bids(person: Person, condition: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Application.reference,
            Application.title,
            Organisation.name,
            Application.submitted_at,
            func.count().over().label("number"),
        )
        .join(Organisation, Organisation.id == Application.organisation_id)
        .where(condition, *not_own(person))
        .order_by(Application.submitted_at, Application.id)
        .limit(MOST_SHOWN)
    )


def _heap(
    person: Person, title: str, verb: str, condition: ColumnElement[bool], link: Callable[[str], str], **more: str
) -> Heap:
    rows = db.session.execute(_bids(person, condition)).all()
    tasks = [
        Task(verb, row.reference, f"{row.title or 'an application'}, {row.name}", link(row.reference), row.submitted_at)
        for row in rows
    ]
    return Heap(title, tasks, rows[0].number if rows else 0, more["rest"], more["nothing"])


def _officer(person: Person) -> Heap:
    return _heap(
        person,
        "To check",
        "Check",
        Application.status == ApplicationStatus.SUBMITTED,
        lambda reference: url_for("review.check", reference=reference),
        rest=url_for("applications.applications", status="submitted"),
        nothing="No application waits for a check.",
    )


def _panel(person: Person) -> Heap:
    done = exists().where(
        ScoreSheet.application_id == Application.id,
        ScoreSheet.person_id == person.id,
        or_(ScoreSheet.locked_at.is_not(None), ScoreSheet.has_conflict),
    )
    return _heap(
        person,
        "To score",
        "Score",
        and_(Application.status == ApplicationStatus.ELIGIBLE, ~done),
        lambda reference: url_for("review.score", reference=reference),
        rest=url_for("review.review"),
        nothing="No application waits for your scores.",
    )


def _decision_maker(person: Person) -> Heap:
    needed = (
        select(Round.scores_needed).where(Round.id == Application.round_id).correlate(Application).scalar_subquery()
    )
    scored = and_(Application.status == ApplicationStatus.ELIGIBLE, locked_sheets_count() >= needed)
    return _heap(
        person,
        "To decide",
        "Decide",
        or_(Application.status == ApplicationStatus.RECOMMENDED, scored),
        lambda reference: url_for("awards.decide", reference=reference),
        rest=url_for("awards.decisions"),
        nothing="No application waits for your decision.",
    )


def _signer(person: Person) -> Heap:
    rounds = waiting_to_be_signed(person)
    tasks = [
        Task(
            "Sign",
            one.code,
            f"{one.approved + one.declined} {'decision' if one.approved + one.declined == 1 else 'decisions'} "
            "that nobody was told of yet",
            url_for("awards.sign_notice", slug=one.slug),
            one.since,
        )
        for one in rounds[:MOST_SHOWN]
    ]
    return Heap("To sign", tasks, len(rounds), url_for("awards.decisions"), "No decision waits for your signature.")


def _rounds(_person: Person) -> Heap:
    waits = exists().where(Application.round_id == Round.id, Application.status.in_(sorted(UNFINISHED)))
    is_over = and_(Round.status == RoundStatus.OPEN, Round.closes_at <= clock.now())
    is_done = and_(Round.status == RoundStatus.CLOSED, ~waits)
    rows = db.session.execute(
        select(Round.code, Round.slug, Round.status, Round.closes_at, func.count().over().label("number"))
        .where(or_(is_over, is_done))
        .order_by(Round.closes_at, Round.id)
        .limit(MOST_SHOWN)
    ).all()
    words = {
        RoundStatus.OPEN.value: ("Close", "its closing time has passed"),
        RoundStatus.CLOSED.value: ("Complete", "everything in it is decided and announced"),
    }
    tasks = [
        Task(words[row.status][0], row.code, words[row.status][1], _progress(row.slug), row.closes_at) for row in rows
    ]
    return Heap("Rounds", tasks, rows[0].number if rows else 0, "/rounds", "No round waits to be closed or completed.")


def _progress(slug: str) -> str:
    return url_for("applications.round_progress", slug=slug)


def _finance(_person: Person) -> Heap:
    rows = db.session.execute(
        select(AwardStanding.round_code, func.count().label("number"), func.max(AwardStanding.first_published_at))
        .join(Round, Round.id == AwardStanding.round_id)
        .where(Round.status != RoundStatus.COMPLETE, AwardStanding.is_project)
        .group_by(AwardStanding.round_code)
        .order_by(AwardStanding.round_code)
    ).all()
    tasks = [
        Task(
            "Download",
            row.round_code,
            f"{row.number} {'award' if row.number == 1 else 'awards'} for the finance system",
            url_for("payments.awards", round=row.round_code),
            None,
        )
        for row in rows
    ]
    return Heap("Awards to enter", tasks, len(tasks), url_for("payments.awards"), "No running round has an award yet.")


def _auditor(_person: Person) -> Heap:
    return Heap(
        "To read",
        [],
        0,
        url_for("desk.audit"),
        "Everything is open to you to read, and nothing to change.",
        [("The audit trail", url_for("desk.audit")), ("All applications", url_for("applications.applications"))],
    )


def _administrator(_person: Person) -> Heap:
    return Heap(
        "People and settings",
        [],
        0,
        url_for("accounts.people"),
        "No request waits for you.",
        [("People and their roles", url_for("accounts.people"))],
    )


_BY_ROLE: dict[Role, tuple[Callable[[Person], Heap], ...]] = {
    Role.OFFICER: (_officer, _rounds),
    Role.PANEL: (_panel,),
    Role.DECISION_MAKER: (_decision_maker, _signer),
    Role.FINANCE: (_finance,),
    Role.AUDITOR: (_auditor,),
    Role.ADMINISTRATOR: (_administrator,),
}


@dataclass(frozen=True)
class OwnApplication:
    """An application of the person's own groups, as their desk shows it."""

    reference: str
    title: str
    organisation: str
    status: ApplicationStatus
    closes_at: datetime | None
    saved_at: datetime
    requested_pence: int


def own_applications(person: Person) -> list[OwnApplication]:
    """The newest applications of the person's groups, drafts first."""
    return list(_own(person))


def _own(person: Person) -> Iterator[OwnApplication]:
    rows = db.session.execute(
        select(Application, Organisation.name, Round.closes_at)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(Round, Round.id == Application.round_id)
        .where(Application.organisation_id.in_(person.organisation_ids))
        .order_by(Application.status != ApplicationStatus.DRAFT, Application.id.desc())
        .limit(20)
    )
    for bid, name, closes_at in rows:
        yield OwnApplication(
            bid.reference,
            bid.title,
            name,
            bid.state_told,
            closes_at,
            bid.saved_at,
            bid.requested_pence,
        )
