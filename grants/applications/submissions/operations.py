"""The verbs of a whole application: submit and withdraw; and the one way from state to state. Times are UTC."""

from __future__ import annotations

from datetime import datetime

from grants.accounts.models import Person
from grants.applications import contents as bids
from grants.applications import letters, queries, rules
from grants.applications.acts import ApplicationAct
from grants.applications.models import Application, ApplicationStatus, Submission
from grants.foundation.records import audit
from grants.foundation.records.db import Refused, transaction
from grants.foundation.records.drafts import Incomplete
from grants.foundation.records.lifecycle import take_step
from grants.foundation.values import clock


def submit(*, person: Person, application: Application, declared_name: str, at: datetime | None = None) -> Submission:
    """Freeze the application under its SHA-256 and queue its receipt. `at` is when the application received it.

    Raises Refused (not theirs, not a draft, after the closing time) and Incomplete.
    """
    at = at or clock.now()
    with transaction() as session:
        draft = queries.locked(application.id)
        rules.can_submit(person, draft, at).or_refuse()
        if not declared_name.strip():
            raise Refused("Enter your full name under the declaration.")
        the_bid = queries.draft_bid(draft)
        if found := rules.problems(the_bid, draft.round):
            raise Incomplete(found)
        content, sha256 = bids.freeze(
            the_bid,
            declared_name=declared_name,
            submitted_at=audit.as_text(at),
            questions_sha256=draft.round.questions_sha256,
        )
        submission = Submission(application_id=draft.id, content=content, sha256=sha256, submitted_at=at)
        session.add(submission)
        step(draft, "submit")
        draft.submitted_at, draft.submitted_by_id, draft.declared_name = at, person.id, declared_name
        audit.record(actor=person.actor, verb=ApplicationAct.SUBMIT_APPLICATION, thing=draft, why=f"SHA-256 {sha256}")
        letters.receive(draft, submission, person)
        return submission


def withdraw(*, person: Person, application: Application, why: str = "") -> Application:
    """Withdraw an application that is not decided. Raises Refused."""
    with transaction():
        current = queries.locked(application.id)
        rules.can_withdraw(person, current).or_refuse()
        step(current, "withdraw")
        letters.withdrawn(current, person)
        audit.record(
            actor=person.actor,
            verb=ApplicationAct.WITHDRAW_APPLICATION,
            thing=current,
            changes={**audit.diff(current), "reason": ("", why)},
        )
        return current


def step(application: Application, verb: str) -> None:
    """Move a locked application along its table, in the caller's deed. Raises Refused where the table has no row."""
    status = take_step(rules.APPLICATION_STEPS, ApplicationStatus(application.status), verb, thing="application")
    application.status = status
    application.version += 1
