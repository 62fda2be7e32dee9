"""What waits for officers, the panel and the decision maker: bids, rounds, offers and reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, exists, or_, select

from grants.accounts.models import Organisation, Person
from grants.accounts.rights import Right
from grants.applications.clarifications import queries as clarifications
from grants.applications.models import Application, ApplicationStatus
from grants.applications.queries import not_own
from grants.applications.rules import UNFINISHED
from grants.awards.around.queries import apart_from
from grants.awards.models import AwardSnapshot
from grants.awards.notices.queries import unsigned_rounds
from grants.awards.offers.queries import offers_ending
from grants.awards.requests import queries as requests
from grants.awards.variations.queries import waiting_for
from grants.foundation.records.db import UTCDateTime
from grants.foundation.values import clock
from grants.foundation.values.money import pounds
from grants.foundation.web.pages import deadline, plural
from grants.funds.models import Round, RoundStatus
from grants.outcomes.reports import queries as reports
from grants.outcomes.reports.models import Report, ReportStatus
from grants.review.models import ScoreSheet
from grants.review.queries import locked_sheets_count

from .tasks import Line, Task, TaskSource

ANSWER_IS_NEWS = timedelta(days=14)
"""How long an answer stays on the officers' desks once its application is checked."""

SOON = timedelta(days=3)
"""How long before its end an officer hears of an offer that was not answered."""

_BID = {"reference": "reference", "title": "title", "name": "name", "at": "submitted_at", "number": "id"}
_OLDEST = ("at", "number")


def _instant(name: str) -> BindParameter[datetime]:
    """An instant that is given when the sources are read."""
    return bindparam(name, type_=UTCDateTime())


def sources_of_officers(person: Person) -> Iterator[TaskSource]:
    """What a grants officer may do now."""
    yield _offers_that_end(person)
    yield _answers_that_came(person)
    yield TaskSource(
        "To check",
        _bids(person, Application.status == ApplicationStatus.SUBMITTED),
        _BID,
        _OLDEST,
        _with("Check", "review.check"),
        url_for("applications.applications", status="submitted"),
        "No application waits for a check.",
    )
    yield TaskSource(
        "To recommend",
        _bids(person, _scored()),
        _BID,
        _OLDEST,
        _with("Recommend", "review.recommend"),
        url_for("review.review"),
    )
    yield TaskSource(
        "Rounds",
        _rounds(),
        {"reference": "code", "title": "slug", "state": "status", "at": "closes_at"},
        ("at", "reference"),
        _of_round,
        url_for("funds.rounds"),
    )


def _offers_that_end(person: Person) -> TaskSource:
    return TaskSource(
        "Offers without an answer",
        offers_ending(person, by=_instant("soon")),
        {"reference": "reference", "name": "organisation_name", "until": "expires_at", "number": "id"},
        ("until", "number"),
        _to_look_after,
        url_for("desk.desk"),
    )


def _answers_that_came(person: Person) -> TaskSource:
    return TaskSource(
        "Answers that came in",
        clarifications.answered_since(person, _instant("news_since")),
        {
            "reference": "reference",
            "title": "title",
            "name": "name",
            "state": "status",
            "at": "answered_at",
            "number": "id",
        },
        ("at", "number"),
        _to_read,
        url_for("applications.applications"),
    )


def sources_of_the_panel(person: Person) -> Iterator[TaskSource]:
    """What a panel member may score now."""
    done = exists().where(
        ScoreSheet.application_id == Application.id,
        ScoreSheet.person_id == person.id,
        or_(ScoreSheet.locked_at.is_not(None), ScoreSheet.has_conflict),
    )
    yield TaskSource(
        "To score",
        _bids(person, and_(Application.status == ApplicationStatus.ELIGIBLE, ~done)),
        _BID,
        _OLDEST,
        _with("Score", "review.score"),
        url_for("review.review"),
        "No application waits for your scores.",
    )


def sources_of_decision_makers(person: Person) -> Iterator[TaskSource]:
    """What a decision maker may decide and sign now."""
    yield TaskSource(
        "To decide",
        _bids(person, or_(Application.status == ApplicationStatus.RECOMMENDED, _scored())),
        _BID,
        _OLDEST,
        _with("Decide on", "awards.decide"),
        url_for("awards.decisions"),
        "No application waits for your decision.",
    )
    yield TaskSource(
        "To sign",
        unsigned_rounds(person),
        {"reference": "code", "title": "slug", "at": "since", "pence": "approved", "number": "declined"},
        ("at", "reference"),
        _to_sign,
        url_for("awards.decisions"),
        "No decision waits for your signature.",
    )


def source_of_reports(person: Person) -> TaskSource:
    """Reports to read, for officers; and repayments that are outstanding, for officers and finance."""
    states, asked = [ReportStatus.ACCEPTED], reports.outstanding() > 0
    if person.may(Right.ANSWER_REPORTS):
        states, asked = [*states, ReportStatus.SUBMITTED], or_(asked, Report.status == ReportStatus.SUBMITTED)
    # says no more than `asked`, but lets the database begin with the few reports
    some = and_(Report.status.in_(states), Report.award_id == AwardSnapshot.award_id)
    return TaskSource(
        "Reports",
        reports.waiting(*apart_from(person), some, asked),
        {
            "reference": "reference",
            "title": "title",
            "name": "organisation_name",
            "at": "since",
            "pence": "outstanding_pence",
        },
        ("at", "reference"),
        _of_report,
        url_for("outcomes.reports"),
    )


def source_of_requests(person: Person) -> TaskSource:
    """Changes that groups ask for, for officers."""
    return TaskSource(
        "Asked by groups",
        requests.waiting(person),
        {"reference": "reference", "title": "title", "name": "organisation_name", "at": "asked_at", "number": "id"},
        _OLDEST,
        _with("Answer the request about", "awards.variations"),
        url_for("desk.desk"),
    )


def source_of_variations(person: Person) -> TaskSource:
    """Changes of grants that this person may approve."""
    return TaskSource(
        "Changes of grants",
        waiting_for(person),
        {"reference": "reference", "title": "title", "name": "organisation_name", "at": "begun_at", "number": "id"},
        _OLDEST,
        _with("Approve or refuse", "awards.variation"),
        url_for("awards.all_variations"),
    )


def _scored() -> ColumnElement[bool]:
    """That a bid with the panel has the locked score sheets that its round asks for."""
    needed = (
        select(Round.scores_needed).where(Round.id == Application.round_id).correlate(Application).scalar_subquery()
    )
    return and_(Application.status == ApplicationStatus.ELIGIBLE, locked_sheets_count() >= needed)


def _bids(person: Person, condition: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    found: Select[*tuple[Any, ...]] = (
        select(Application.id, Application.reference, Application.title, Organisation.name, Application.submitted_at)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .where(condition, *not_own(person))
    )
    return found


def _with(verb: str, endpoint: str) -> Callable[[Line], Task]:
    def task(line: Line) -> Task:
        what = f"{line.title or 'an application'}, {line.name}"
        return Task(verb, line.reference, what, url_for(endpoint, reference=line.reference), line.at)

    return task


def _rounds() -> Select[*tuple[Any, ...]]:
    waits = exists().where(Application.round_id == Round.id, Application.status.in_(sorted(UNFINISHED)))
    is_over = and_(Round.status == RoundStatus.OPEN, Round.closes_at <= _instant("now"))
    is_done = and_(Round.status == RoundStatus.CLOSED, ~waits)
    found: Select[*tuple[Any, ...]] = select(Round.code, Round.slug, Round.status, Round.closes_at).where(
        or_(is_over, is_done)
    )
    return found


def _of_round(line: Line) -> Task:
    is_over = line.state == RoundStatus.OPEN
    verb, what = (
        ("Close", "its closing time has passed")
        if is_over
        else ("Complete", "everything in it is decided and announced")
    )
    return Task(verb, line.reference, what, url_for("applications.round_progress", slug=line.title), line.at)


def _to_sign(line: Line) -> Task:
    what = f"{plural(line.pence + line.number, 'decision')} that nobody was told of yet"
    return Task("Sign", line.reference, what, url_for("awards.sign_notice", slug=line.title), line.at)


def _to_look_after(line: Line) -> Task:
    late = line.until < clock.now()
    what = f"{line.name}, {'its time passed at' if late else 'until'} {deadline(line.until)}"
    verb = "Give more time or let lapse the offer for" if late else "Remind the group of the offer for"
    return Task(verb, line.reference, what, url_for("awards.offer", reference=line.reference), None)


def _to_read(line: Line) -> Task:
    to_check = line.state == ApplicationStatus.SUBMITTED
    endpoint = "review.check" if to_check else "applications.application"
    where = url_for(endpoint, reference=line.reference, _anchor="clarifications")
    return Task("Read the answer about", line.reference, f"{line.title}, {line.name}", where, line.at)


def _of_report(line: Line) -> Task:
    where = url_for("outcomes.report", reference=line.reference)
    if line.pence > 0:
        what = f"{pounds(line.pence)} not spent, {line.name}"
        return Task("Await the repayment of", line.reference, what, where, line.at)
    return Task("Read the report on", line.reference, f"{line.title}, {line.name}", where, line.at)
