"""Questions of the office about applications, and their answers, each made with one call."""

from __future__ import annotations

from datetime import datetime, timedelta

from grants.accounts.models import Person
from grants.applications.models import Application, Clarification, ClarificationAnswer
from grants.foundation.records.db import transaction
from grants.foundation.values import clock

from .factories import applicant, officer

QUESTION = "Have you booked the hall?"
ANSWER = "Yes, for every Tuesday."


def clarification(
    of: Application, *, by: Person | None = None, question: str = QUESTION, answer_by: datetime | None = None
) -> Clarification:
    """A question about an application that waits for its answer."""
    asker, now = by or officer(), clock.now()
    with transaction() as session:
        count = session.query(Clarification).filter_by(application_id=of.id).count()
        made = Clarification(
            application_id=of.id,
            number=count + 1,
            question=question,
            asked_at=now,
            asked_by_id=asker.id,
            answer_by=answer_by or now + timedelta(days=7),
        )
        session.add(made)
    return made


def answered(of: Application, *, by: Person | None = None, answer: str = ANSWER) -> Clarification:
    """A question about an application with the group's answer."""
    made = clarification(of)
    someone = by or applicant(of.organisation)
    with transaction() as session:
        session.add(
            ClarificationAnswer(
                clarification_id=made.id, answer=answer, answered_at=clock.now(), answered_by_id=someone.id
            )
        )
    return made
