"""Letters about an application, each to everybody of its group; of the result never two that contradict each other."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from grants.accounts.models import Person
from grants.accounts.queries import members_of
from grants.foundation.records import outbox
from grants.foundation.records.db import db, transaction
from grants.foundation.records.outbox import MailStatus, OutboxMessage
from grants.foundation.values.money import pounds
from grants.foundation.web.addresses import public_address
from grants.foundation.web.pages import instant

from .models import Application, Submission

RESULT = "result"
"""The purpose of the letter with the result; a decision that changes voids the unsent ones."""


def receive(application: Application, submission: Submission, by: Person) -> None:
    """That we have an application: to everybody of the group."""
    where = public_address("applications.pdf", reference=application.reference)
    tell_group(
        application,
        "receipt",
        f"We have your application {application.reference}",
        f"Thank you. We received the application “{application.title}” from {application.organisation.name} "
        f"at {instant(submission.submitted_at, zone=True)}. {by.name} sent it.",
        f"Its reference is {application.reference}. It asks for {pounds(application.requested_pence)}.",
        "You can read it and keep it as a PDF here:",
        where,
        "What happens next: an officer checks it and may ask you a question, a panel scores it, "
        "and then it is decided. We write to you with the result and the reasons, whatever the result is.",
        f"The fingerprint (SHA-256) of what you sent is {submission.sha256}.",
    )


def withdrawn(application: Application, by: Person) -> None:
    """That an application is withdrawn: to everybody of the group."""
    tell_group(
        application,
        "withdrawal",
        f"Your application {application.reference} is withdrawn",
        f"{by.name} withdrew the application “{application.title or application.reference}” from "
        f"{application.organisation.name}. Nobody goes on with it, and it cannot be taken up again.",
        "If that is a mistake, write to us at once.",
    )


def tell_group(application: Application, purpose: str, subject: str, *paragraphs: str) -> None:
    """Queue a letter about an application to everybody of its group, in the caller's deed."""
    for person in members_of(application.organisation_id):
        body = "\n\n".join([f"Hello {person.name},", *paragraphs]) + "\n"
        outbox.queue(to=person.email, subject=subject, body=body, purpose=purpose, about=_about(application))


def send_result(*, application: Application, subject: str, body: str) -> int:
    """Queue the letter with the result, once for each member, in the caller's deed; returns how many there are.

    A letter about it that was not sent yet is void from then on.
    """
    with transaction():
        about = _about(application)
        outbox.void(about=about, purpose=RESULT)
        people = members_of(application.organisation_id)
        for person in people:
            outbox.queue(to=person.email, subject=subject, body=body, purpose=RESULT, about=about)
        return len(people)


def result_letters(application: Application) -> Sequence[OutboxMessage]:
    """The letters with the result as they were written, one for each member. A void one was never sent. One query."""
    return db.session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.about == _about(application), OutboxMessage.purpose == RESULT)
        .where(OutboxMessage.status != MailStatus.VOID)
        .order_by(OutboxMessage.id)
    ).all()


def _about(application: Application) -> str:
    return f"application:{application.id}"
