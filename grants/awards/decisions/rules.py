"""Who decides on what. Pure."""

from __future__ import annotations

from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.applications.apart.rules import GrantStep, Hands
from grants.applications.models import Application, ApplicationStatus
from grants.applications.rules import APPLICATION_STEPS, does
from grants.foundation.records.lifecycle import YES, Ruling, find_step, no
from grants.review.rules import may_take, stands_apart

NOT_THEIRS = "Only the decision maker decides."


def can_decide(person: Person, application: Application, *, locked: int, hands: Hands) -> Ruling:
    """Whether the person may approve or decline it. Who checked, scored or recommended on a bid does not decide it."""
    if not (answer := does(person, "decide", application, NOT_THEIRS)):
        return answer
    if not (answer := may_take(person, application, GrantStep.DECIDE, hands)):
        return answer
    step = find_step(APPLICATION_STEPS, application.status, "decide")
    return step.allows(application, locked) if step else no("This application does not wait for a decision.")


def can_declare_interest(person: Person, application: Application) -> Ruling:
    """Whether a decision maker may say that they have an interest; then the application closes to them."""
    if not person.may(Right.DECIDE):
        return no("Only the decision maker declares an interest here.")
    if not (answer := stands_apart(person, application)):
        return answer
    waits = application.status in {ApplicationStatus.ELIGIBLE, ApplicationStatus.RECOMMENDED, ApplicationStatus.DECIDED}
    return YES if waits else no("This application does not wait for a decision.")
