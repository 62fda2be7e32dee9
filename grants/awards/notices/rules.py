"""Who signs which decisions. Pure."""

from __future__ import annotations

from grants.accounts.models import Person
from grants.applications.apart.rules import GrantStep, Hands
from grants.applications.models import Application, ApplicationStatus
from grants.applications.rules import APPLICATION_STEPS, does, is_approved, is_declined
from grants.awards.decisions.rules import NOT_THEIRS
from grants.foundation.records.lifecycle import Ruling, find_step, no
from grants.review.rules import may_take

AGAIN = "Check the list, and sign it again."


def can_sign(person: Person, application: Application, *, is_announced: bool, hands: Hands) -> Ruling:
    """Whether the person may sign the decision on a bid: whoever could have decided it, if no notice has it yet."""
    if not (answer := does(person, "award", application, NOT_THEIRS)):
        return answer
    if not (answer := may_take(person, application, GrantStep.SIGN, hands)):
        return answer
    if is_announced:
        return no(f"The decision on {application.reference} is in a notice already. {AGAIN}")
    if application.status == ApplicationStatus.WITHDRAWN:
        return no(f"{application.reference} was withdrawn by its group, so its decision is left out. {AGAIN}")
    if find_step(APPLICATION_STEPS, application.status, "award") is None:
        return no(f"{application.reference} is not decided.")
    return is_approved(application) or is_declined(application)
