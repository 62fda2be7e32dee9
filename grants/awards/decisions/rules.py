"""Who decides on what. Pure."""

from __future__ import annotations

from grants.accounts.models import Person
from grants.accounts.rights import Right
from grants.applications.models import Application, ApplicationStatus
from grants.applications.rules import APPLICATION_STEPS, does
from grants.foundation.records.lifecycle import YES, Ruling, find_step, no
from grants.review.rules import stands_apart


def may_judge(person: Person, verb: str, application: Application, *, checked_by: int | None, scored: bool) -> Ruling:
    """Whether the person may decide on a bid or sign its decision, wherever it stands: one step each on one bid."""
    if not does(person, verb, application):
        return no("Only the decision maker decides.")
    if not (answer := stands_apart(person, application)):
        return answer
    if checked_by == person.id or scored:
        return no("You checked or scored this application, so others decide it.")
    return YES


def can_decide(
    person: Person, application: Application, *, locked: int, checked_by: int | None, scored: bool
) -> Ruling:
    """Whether the person may approve or decline it. Who checked or scored a bid does not decide it."""
    if not (answer := may_judge(person, "decide", application, checked_by=checked_by, scored=scored)):
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
