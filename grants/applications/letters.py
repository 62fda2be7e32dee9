"""The letter with the result of an application: to everybody of its group, and never two that contradict each other."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from grants.accounts.models import Membership, Person
from grants.foundation.records import outbox
from grants.foundation.records.db import db, transaction
from grants.foundation.records.outbox import MailStatus, OutboxMessage

from .models import Application

RESULT = "result"
"""The purpose of the letter with the result; a decision that changes voids the unsent ones."""


def contacts_of(application: Application) -> Sequence[Person]:
    """Everybody of the group whose account may be used, the one who joined first at the top."""
    members = db.session.scalars(
        select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.organisation_id == application.organisation_id)
        .where(Person.disabled_at.is_(None), Person.email_confirmed_at.is_not(None))
        .order_by(Membership.made_at, Person.id)
    )
    return members.unique().all()


def send_result(*, application: Application, subject: str, body: str) -> int:
    """Queue the letter with the result, once for each contact, in the caller's deed; returns how many there are.

    A letter about it that was not sent yet is void from then on.
    """
    with transaction():
        about = _about(application)
        outbox.void(about=about, purpose=RESULT)
        people = contacts_of(application)
        for person in people:
            outbox.queue(to=person.email, subject=subject, body=body, purpose=RESULT, about=about)
        return len(people)


def result_letters(application: Application) -> Sequence[OutboxMessage]:
    """The letters with the result as they were written, one for each contact. A void one was never sent. One query."""
    return db.session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.about == _about(application), OutboxMessage.purpose == RESULT)
        .where(OutboxMessage.status != MailStatus.VOID)
        .order_by(OutboxMessage.id)
    ).all()


def _about(application: Application) -> str:
    return f"application:{application.id}"
