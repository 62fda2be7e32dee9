"""What waits for a decision, and what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select

from grants.accounts.models import Person
from grants.applications.apart.rules import GrantStep
from grants.applications.models import Application, ApplicationStatus
from grants.applications.queries import not_own
from grants.awards.models import Decision, DecisionNotice, NoticeDecision
from grants.foundation.records.db import db
from grants.foundation.values.money import Pence
from grants.funds.models import Round
from grants.review.models import Recommendation
from grants.review.queries import did, locked_sheets_count, met_by


@dataclass(frozen=True)
class WaitingDecision:
    """An application that waits for a decision, with what is recommended."""

    application: Application
    recommended: Pence | None
    locked: int


def waiting_for_decision(person: Person, *, most: int = 60) -> Sequence[WaitingDecision]:
    """What waits for a decision of this person, the one submitted first at the top. One query."""
    locked = locked_sheets_count()
    rows = db.session.execute(
        select(Application, Recommendation.amount_pence, locked)
        .outerjoin(Recommendation, Recommendation.application_id == Application.id)
        .join(Application.round)
        .where(Application.status.in_([ApplicationStatus.ELIGIBLE, ApplicationStatus.RECOMMENDED]), *not_own(person))
        .where(~met_by(GrantStep.DECIDE, did(person)))
        .where(or_(Application.status == ApplicationStatus.RECOMMENDED, locked >= Round.scores_needed))
        .order_by(Application.submitted_at, Application.id)
        .limit(most)
    ).unique()
    return [WaitingDecision(*row) for row in rows]


def decision_and_notice(application: Application) -> tuple[Decision | None, str]:
    """The decision on an application, or None, and the number of the notice that announced it, if any. One query."""
    row = db.session.execute(
        select(Decision, DecisionNotice.reference)
        .outerjoin(NoticeDecision, NoticeDecision.decision_id == Decision.id)
        .outerjoin(DecisionNotice, DecisionNotice.id == NoticeDecision.notice_id)
        .where(Decision.application_id == application.id)
    ).first()
    return (row[0], row[1] or "") if row else (None, "")
