"""Named reads of reports. Nothing here decides who may read: that is `rules.can_view`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, and_, case, exists, func, or_, select, type_coerce
from sqlalchemy.orm import joinedload, selectinload

from grants.accounts.models import Person
from grants.applications.models import Application, Bar, Submission
from grants.awards.around.queries import around
from grants.awards.models import Award, AwardSnapshot, AwardStatus
from grants.awards.variations.contents import budget_of, shared_out
from grants.awards.variations.queries import change_in_force
from grants.foundation.records.db import db
from grants.foundation.values import clock
from grants.foundation.web.tables import contains, count_of
from grants.funds.models import Round

from .models import Report, ReportAnswer, ReportLine, ReportStatus, ReportSubmission
from .rules import REPORTABLE, ReportCase


def case_of(reference: str) -> ReportCase | None:
    """Everything about the report of one award that the rules ask for. Three queries, one of them for the lines."""
    row = db.session.execute(_cases().where(Award.reference == reference.upper())).unique().first()
    return _case(row) if row else None


def locked_case(award_id: int) -> ReportCase:
    """The same as it stands now, held until the end of the transaction. The award's snapshot is locked first."""
    anew = {"populate_existing": True}
    db.session.scalars(
        select(AwardSnapshot).where(AwardSnapshot.award_id == award_id).with_for_update().execution_options(**anew)
    ).one()
    db.session.scalars(select(Report).where(Report.award_id == award_id).with_for_update()).all()
    return _case(db.session.execute(_cases().where(Award.id == award_id).execution_options(**anew)).unique().one())


def _case(row: Any) -> ReportCase:
    award, snapshot, application, submission, report, changed = row
    budget = shared_out(budget_of(submission, changed), snapshot.awarded_pence or 0)
    return ReportCase(award, snapshot, application, submission, report, around([award.id])[award.id].ties, budget)


def _cases() -> Select[Award, AwardSnapshot, Application, Submission, Report, str]:
    return (
        select(Award, AwardSnapshot, Application, Submission, Report, change_in_force())
        .join(AwardSnapshot, AwardSnapshot.award_id == Award.id)
        .join(Application, Application.id == Award.application_id)
        .join(Submission, Submission.application_id == Application.id)
        .outerjoin(Report, and_(Report.award_id == Award.id, Report.number == 1))
        .options(joinedload(Application.bars), selectinload(Report.lines))
    )


def versions_of(report: Report) -> Sequence[ReportSubmission]:
    """Every version that was sent, the first one first, each with what the office said to it. One query."""
    return db.session.scalars(
        select(ReportSubmission)
        .where(ReportSubmission.report_id == report.id)
        .options(
            joinedload(ReportSubmission.submitted_by),
            joinedload(ReportSubmission.answer).joinedload(ReportAnswer.answered_by),
        )
        .order_by(ReportSubmission.number)
    ).all()


def version_of(report: Report, number: int) -> ReportSubmission | None:
    """One version that was sent."""
    return db.session.scalars(
        select(ReportSubmission).where(ReportSubmission.report_id == report.id, ReportSubmission.number == number)
    ).first()


def last_version(report: Report) -> ReportSubmission | None:
    """The version that was sent last."""
    return db.session.scalars(
        select(ReportSubmission)
        .where(ReportSubmission.report_id == report.id)
        .order_by(ReportSubmission.number.desc())
        .limit(1)
    ).first()


# Lists


@dataclass(frozen=True)
class ReportFilters:
    """Which reports: a state by its word, a round by its code, words; empty means all."""

    q: str = ""
    state: str = ""
    round: str = ""


def due_on() -> ColumnElement[date | None]:
    """The day by which a group should report: as an officer set it, or as it follows from the award."""
    return type_coerce(func.coalesce(Report.due_on, AwardSnapshot.report_due_on), Date())


def outstanding() -> ColumnElement[int]:
    """What must still come back by an accepted report, in pence; 0 or less where nothing must."""
    return case((Report.status == ReportStatus.ACCEPTED, _settled()), else_=0)


def _settled() -> ColumnElement[Any]:
    return AwardSnapshot.paid_pence - AwardSnapshot.returned_pence - Report.spent_pence - Report.waived_pence


def listed(person: Person, filters: ReportFilters) -> Select[*tuple[Any, ...]]:
    """The awards of which something is paid, each with its report, for a list. Order and page are the caller's."""
    found = _paid().where(not_barred(person), *_asked_for(filters))
    return found.where(_STATES[filters.state]()) if filters.state else found


def count(person: Person, filters: ReportFilters) -> int:
    """How many rows `listed` has. One query; the reports are asked for only where their state is."""
    counted = (
        select(func.count())
        .select_from(AwardSnapshot)
        .join(Award, Award.id == AwardSnapshot.award_id)
        .where(*_is_paid(), *_asked_for(filters))
    )
    if filters.state:
        counted = counted.outerjoin(Report, _ITS_REPORT).where(_STATES[filters.state]())
    return count_of(counted, but=Award.application_id.in_(select(Bar.application_id).where(Bar.person_id == person.id)))


def _asked_for(filters: ReportFilters) -> Iterator[ColumnElement[bool]]:
    if filters.round:
        yield AwardSnapshot.round_code == filters.round
    for word in filters.q.split():
        yield contains(AwardSnapshot.search, word)


def of_groups(person: Person) -> Sequence[Any]:
    """What the person's groups report or reported, what is due first at the top. One query."""
    if not person.organisation_ids:
        return []
    found = _paid().where(AwardSnapshot.organisation_id.in_(sorted(person.organisation_ids)))
    return db.session.execute(found.order_by(due_on(), AwardSnapshot.award_id)).all()


def waiting(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """The awards that are reported on, each with how its report stands. Order and number are the caller's."""
    found: Select[*tuple[Any, ...]] = (
        select(
            AwardSnapshot.reference,
            AwardSnapshot.title,
            AwardSnapshot.organisation_name,
            Report.status,
            func.coalesce(Report.accepted_at, Report.submitted_at).label("since"),
            due_on().label("due_on"),
            outstanding().label("outstanding_pence"),
        )
        .join(Award, Award.id == AwardSnapshot.award_id)
        .outerjoin(Report, and_(Report.award_id == Award.id, Report.number == 1))
        .where(Award.status.in_(sorted(REPORTABLE)), AwardSnapshot.report_due_on.is_not(None), *conditions)
    )
    return found


def is_waiting() -> ColumnElement[bool]:
    """Whether the report is with the group: not begun, being written, or returned."""
    return or_(Report.id.is_(None), Report.status.in_([ReportStatus.DRAFT, ReportStatus.RETURNED]))


def not_barred(person: Person) -> ColumnElement[bool]:
    """The condition that leaves out what is closed to a person by an interest that they declared."""
    return ~exists().where(Bar.application_id == Award.application_id, Bar.person_id == person.id)


def _paid() -> Select[*tuple[Any, ...]]:
    found: Select[*tuple[Any, ...]] = (
        select(
            AwardSnapshot.award_id,
            AwardSnapshot.reference,
            AwardSnapshot.organisation_name,
            AwardSnapshot.title,
            AwardSnapshot.round_code,
            AwardSnapshot.awarded_pence,
            AwardSnapshot.paid_pence,
            AwardSnapshot.returned_pence,
            AwardSnapshot.illustrative,
            Report.status,
            Report.spent_pence,
            Report.waived_pence,
            Report.people_helped,
            Report.people_estimated,
            Report.volunteers,
            Report.sessions,
            Report.submitted_at,
            Report.accepted_at,
            due_on().label("due_on"),
            outstanding().label("outstanding_pence"),
            is_waiting().label("is_waiting"),
        )
        .join(Award, Award.id == AwardSnapshot.award_id)
        .outerjoin(Report, _ITS_REPORT)
        .where(*_is_paid())
    )
    return found


def _is_paid() -> tuple[ColumnElement[bool], ...]:
    return (
        Award.application_id.is_not(None),
        Award.status.in_([AwardStatus(status) for status in sorted(REPORTABLE)]),
        AwardSnapshot.report_due_on.is_not(None),
    )


def round_codes() -> list[str]:
    """The rounds that this system runs or ran, the latest first."""
    return list(
        db.session.scalars(select(Round.code).where(Round.opens_at.is_not(None)).order_by(Round.opens_at.desc()))
    )


_ITS_REPORT = and_(Report.award_id == Award.id, Report.number == 1)

_STATES = {
    "due": lambda: and_(is_waiting(), due_on() >= clock.today()),
    "overdue": lambda: and_(is_waiting(), due_on() < clock.today()),
    "sent": lambda: Report.status == ReportStatus.SUBMITTED,
    "returned": lambda: Report.status == ReportStatus.RETURNED,
    "accepted": lambda: Report.status == ReportStatus.ACCEPTED,
    "owing": lambda: and_(Report.status == ReportStatus.ACCEPTED, _settled() > 0),
}

STATES = {
    "due": "Due",
    "overdue": "Overdue",
    "sent": ReportStatus.SUBMITTED.label,
    "returned": ReportStatus.RETURNED.label,
    "accepted": ReportStatus.ACCEPTED.label,
    "owing": "Money must come back",
}
"""What a list can be narrowed to: the word in the address, and in the list."""


def whose_lines_differ() -> Iterator[str]:
    """Each report whose sum is not that of its lines."""
    spent = func.coalesce(func.sum(ReportLine.spent_pence), 0)
    asked = (
        select(Award.reference, Report.spent_pence, spent)
        .join(Award, Award.id == Report.award_id)
        .outerjoin(ReportLine, ReportLine.report_id == Report.id)
        .group_by(Report.id, Award.reference)
        .having(Report.spent_pence != spent)
        .order_by(Report.id)
    )
    for reference, said, lines in db.session.execute(asked):
        yield f"the report on {reference} says {said} pence spent, and its lines {lines}"
