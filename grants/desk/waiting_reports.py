"""What waits on a desk about reports: the group's own, those to read, and money that must come back."""

from __future__ import annotations

from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from grants.accounts.models import Person, Role
from grants.awards.models import Award, AwardStanding
from grants.foundation import clock
from grants.foundation.db import db
from grants.foundation.money import pounds
from grants.foundation.pages import day
from grants.outcomes.reports.models import Report, ReportStatus
from grants.outcomes.reports.queries import due_on, is_waiting, not_barred, outstanding
from grants.outcomes.reports.rules import LISTERS, REPORTABLE

from .waiting import MOST_SHOWN, Heap, Task


def report_heaps(person: Person) -> list[Heap]:
    """The heaps of a person that have to do with reports."""
    return [heap for heap in (own_reports(person), office_reports(person)) if heap is not None]


def own_reports(person: Person) -> Heap | None:
    """What the person's groups must report or pay back, what is due first at the top; None where there is nothing."""
    if not person.organisation_ids:
        return None
    asked = or_(is_waiting(), outstanding() > 0)
    own = AwardStanding.organisation_id.in_(sorted(person.organisation_ids))
    rows = db.session.execute(_rows(and_(own, asked)).order_by(due_on(), AwardStanding.award_id)).all()
    return _heap("Your reports", [_own_task(row) for row in rows], rows, "") if rows else None


def office_reports(person: Person) -> Heap | None:
    """Reports to read, for officers; and repayments that are outstanding, for officers and finance."""
    if person.roles.isdisjoint(LISTERS - {Role.AUDITOR}):
        return None
    asked = outstanding() > 0
    if Role.OFFICER in person.roles:
        asked = or_(asked, Report.status == ReportStatus.SUBMITTED)
    apart = AwardStanding.organisation_id.not_in(sorted(person.organisation_ids))
    found = _rows(and_(apart, not_barred(person), asked))
    rows = db.session.execute(found.order_by(Report.submitted_at, AwardStanding.award_id)).all()
    return _heap("Reports", [_office_task(row) for row in rows], rows, "No report waits for you.")


def _rows(condition: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    found: Select[*tuple[Any, ...]] = (
        select(
            AwardStanding.reference,
            AwardStanding.title,
            AwardStanding.organisation_name,
            Report.status,
            Report.submitted_at,
            Report.accepted_at,
            due_on().label("due_on"),
            outstanding().label("outstanding_pence"),
            func.count().over().label("number"),
        )
        .join(Award, Award.id == AwardStanding.award_id)
        .outerjoin(Report, and_(Report.award_id == Award.id, Report.number == 1))
        .where(Award.status.in_(sorted(REPORTABLE)), AwardStanding.report_due_on.is_not(None), condition)
        .limit(MOST_SHOWN)
    )
    return found


def _heap(title: str, tasks: list[Task], rows: Any, nothing: str) -> Heap:
    return Heap(title, tasks, rows[0].number if rows else 0, url_for("outcomes.reports"), nothing)


def _own_task(row: Any) -> Task:
    where = url_for("outcomes.report", reference=row.reference)
    if row.outstanding_pence > 0:
        return Task("Pay back", row.reference, f"{pounds(row.outstanding_pence)} that was not spent", where, None)
    late = " (overdue)" if row.due_on < clock.today() else ""
    verb = "Change the report on" if row.status == ReportStatus.RETURNED else "Report on"
    return Task(verb, row.reference, f"“{row.title}”, by {day(row.due_on)}{late}", where, None)


def _office_task(row: Any) -> Task:
    where = url_for("outcomes.report", reference=row.reference)
    if row.outstanding_pence > 0:
        what = f"{pounds(row.outstanding_pence)} not spent, {row.organisation_name}"
        return Task("Await the repayment of", row.reference, what, where, row.accepted_at)
    return Task("Read the report on", row.reference, f"{row.title}, {row.organisation_name}", where, row.submitted_at)
