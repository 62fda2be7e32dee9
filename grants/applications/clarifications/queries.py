"""Named reads of the questions that the office asked, and of their answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from grants.accounts.models import Organisation, Person
from grants.accounts.rights import GroupRight
from grants.applications import queries, rules
from grants.applications.models import Application, ApplicationStatus, Clarification, ClarificationAnswer
from grants.foundation.records.db import db


def of_application(application: Application) -> Sequence[Clarification]:
    """Every question about an application with its answer as it stands now, in the order of asking. One query."""
    return db.session.scalars(
        select(Clarification)
        .where(Clarification.application_id == application.id)
        .order_by(Clarification.number)
        .execution_options(populate_existing=True)
    ).all()


def open_of(person: Person) -> Select[*tuple[Any, ...]]:
    """The questions that wait for the person's groups. Order and number are the caller's."""
    own = Application.organisation_id.in_(sorted(person.groups_where(GroupRight.ANSWER_QUESTIONS)))
    return _with_applications(ClarificationAnswer.clarification_id.is_(None), own)


def answered_since(person: Person, since: datetime | ColumnElement[datetime]) -> Select[*tuple[Any, ...]]:
    """The answers that an officer may read: all to what waits for a check, else those that came since an instant (UTC).

    Order and number are the caller's.
    """
    to_check = Application.status == ApplicationStatus.SUBMITTED
    return _with_applications(
        ClarificationAnswer.clarification_id.is_not(None),
        or_(to_check, ClarificationAnswer.answered_at > since),
        *queries.not_own(person),
    )


def _with_applications(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    found: Select[*tuple[Any, ...]] = (
        select(
            Clarification.id,
            Clarification.number,
            Clarification.answer_by,
            ClarificationAnswer.answered_at,
            Application.reference,
            Application.title,
            Application.status,
            Organisation.name,
        )
        .join(Application, Application.id == Clarification.application_id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .outerjoin(ClarificationAnswer, ClarificationAnswer.clarification_id == Clarification.id)
        .where(Application.status.in_(rules.ANSWERABLE), *conditions)
    )
    return found
