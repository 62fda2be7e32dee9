"""The verb of a check: pass an application to the panel, or fail it."""

from __future__ import annotations

from grants.accounts.models import Person
from grants.applications.models import Application
from grants.applications.queries import locked
from grants.applications.submissions import operations as applications
from grants.foundation.records import audit
from grants.foundation.records.db import Refused, transaction
from grants.foundation.values import clock
from grants.review import rules
from grants.review.acts import ReviewAct
from grants.review.models import Check
from grants.review.queries import hands_of


class NotAnswered(Refused):
    """A bid is to pass while a question to its group is open, and nobody said why it need not wait."""


def check(*, person: Person, application: Application, passed: bool, reason: str = "") -> Check:
    """Pass an application to the panel, or fail it with the reason. Raises Refused.

    Raises NotAnswered where it would pass without a reason while a question to its group is open.
    """
    with transaction() as session:
        current = locked(application.id)
        rules.can_check(person, current, hands_of([current.id])[current.id]).or_refuse()
        if not passed and not reason.strip():
            raise Refused("Enter the reason why the application is not eligible.")
        if passed and not reason.strip() and any(asked.is_open for asked in current.clarifications):
            raise NotAnswered(
                "A question to the group is open. Enter why the application need not wait for its answer."
            )
        made = Check(
            application_id=current.id, officer_id=person.id, passed=passed, reason=reason, checked_at=clock.now()
        )
        session.add(made)
        applications.step(current, "pass" if passed else "fail")
        audit.record(actor=person.actor, verb=ReviewAct.CHECK_APPLICATION, thing=current)
        return made
