"""What waits for the people of a group: questions, offers, bank details, reports."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for
from sqlalchemy import or_

from grants.accounts.models import Person
from grants.accounts.rights import GroupRight
from grants.applications.clarifications import queries as clarifications
from grants.awards.models import AwardSnapshot
from grants.awards.offers.queries import offers_of
from grants.awards.variations.queries import to_be_agreed
from grants.foundation.values import clock
from grants.foundation.values.money import pounds
from grants.foundation.web.pages import day, deadline
from grants.outcomes.reports import queries as reports
from grants.outcomes.reports.models import ReportStatus
from grants.payments.waiting import queries as payments

from .tasks import Line, Task, TaskSource


def sources_of_groups(person: Person) -> Iterator[TaskSource]:
    """What the person's groups must do, the most urgent kind first; nothing for somebody without a group."""
    if not person.organisation_ids:
        return
    yield TaskSource(
        "To accept",
        offers_of(person),
        {"reference": "reference", "pence": "amount_pence", "until": "expires_at", "number": "id"},
        ("until", "number"),
        _to_accept,
        url_for("desk.desk"),
    )
    yield TaskSource(
        "To agree to",
        to_be_agreed(person),
        {"reference": "reference", "title": "title", "at": "begun_at", "number": "id"},
        ("at", "number"),
        _to_agree,
        url_for("desk.desk"),
    )
    yield TaskSource(
        "To be paid",
        payments.details_missing(person),
        {"reference": "reference", "name": "organisation_name", "number": "organisation_id", "state": "given"},
        ("reference",),
        _to_give,
        url_for("desk.desk"),
    )
    yield TaskSource(
        "To answer",
        clarifications.open_of(person),
        {"reference": "reference", "title": "title", "until": "answer_by", "number": "number"},
        ("until", "reference"),
        _to_answer,
        url_for("applications.applications"),
    )
    asked = or_(reports.is_waiting(), reports.outstanding() > 0)
    own = AwardSnapshot.organisation_id.in_(sorted(person.groups_where(GroupRight.WRITE_REPORTS)))
    yield TaskSource(
        "Your reports",
        reports.waiting(own, asked),
        {"reference": "reference", "title": "title", "state": "status", "on": "due_on", "pence": "outstanding_pence"},
        ("on", "reference"),
        _to_report,
        url_for("outcomes.reports"),
    )


def _to_accept(line: Line) -> Task:
    late = line.until < clock.now()
    verb = "Ask for more time for the offer of" if late else "Accept the offer of"
    what = "its time has passed" if late else f"by {deadline(line.until)}"
    where = url_for("awards.offer", reference=line.reference)
    return Task(f"{verb} {pounds(line.pence)} for", line.reference, what, where, None)


def _to_agree(line: Line) -> Task:
    where = url_for("awards.variation", reference=line.reference)
    return Task("Agree to the change", line.reference, f"“{line.title}” is paid when you have", where, None)


def _to_give(line: Line) -> Task:
    verb = "Send proof of your bank details for" if line.state else "Give your bank details for"
    where = url_for("payments.own_details", organisation_id=line.number)
    return Task(verb, line.reference, f"{line.name} is paid when we have verified them", where, None)


def _to_answer(line: Line) -> Task:
    where = url_for("applications.clarification", reference=line.reference, number=line.number)
    return Task("Answer a question about", line.reference, f"{line.title}, by {deadline(line.until)}", where, None)


def _to_report(line: Line) -> Task:
    where = url_for("outcomes.report", reference=line.reference)
    if line.pence > 0:
        return Task("Pay back", line.reference, f"{pounds(line.pence)} that was not spent", where, None)
    late = " (overdue)" if line.on < clock.today() else ""
    verb = "Change the report on" if line.state == ReportStatus.RETURNED else "Report on"
    return Task(verb, line.reference, f"“{line.title}”, by {day(line.on)}{late}", where, None)
