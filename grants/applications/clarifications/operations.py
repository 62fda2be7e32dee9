"""Questions of the office about a submitted application, and the group's answers. They never change the submission."""

from __future__ import annotations

from datetime import date, datetime

from grants.accounts.models import Person
from grants.applications import letters, queries, rules
from grants.applications.acts import ApplicationAct
from grants.applications.models import (
    ANSWER_HOUR,
    ANSWER_WITHIN,
    LATEST_ANSWER,
    Application,
    Clarification,
    ClarificationAnswer,
)
from grants.foundation.records import audit, outbox
from grants.foundation.records.db import Refused, transaction
from grants.foundation.values import clock
from grants.foundation.web.addresses import public_address
from grants.foundation.web.pages import deadline

from .queries import of_application


class BadAnswerDay(Refused):
    """The day for the answer is none that can be asked for; it is told beside the day."""


def due(day: date) -> datetime:
    """The instant (UTC) by which an answer is due that is asked for by a day."""
    return datetime.combine(day, ANSWER_HOUR, tzinfo=clock.LONDON).astimezone(clock.now().tzinfo)


def usual_day() -> date:
    """The day by which an answer is asked for, unless the officer names another."""
    return clock.today() + ANSWER_WITHIN


def ask(*, person: Person, application: Application, question: str, answer_on: date | None = None) -> Clarification:
    """Ask the group a question about its submitted application, and queue a mail to each of its people.

    `answer_on` is the day by which the answer is due, by default a week ahead. Raises Refused, and BadDay for a day
    that is past or too far ahead.
    """
    with transaction() as session:
        current = queries.locked(application.id)
        asked = of_application(current)
        rules.can_ask(person, current, asked).or_refuse()
        if not question.strip():
            raise Refused("Enter your question.")
        made = Clarification(
            application_id=current.id,
            number=len(asked) + 1,
            question=question,
            asked_at=clock.now(),
            asked_by=person,
            answer_by=_checked(due(answer_on or usual_day())),
        )
        session.add(made)
        _tell_group(current, made)
        audit.record(
            actor=person.actor,
            verb=ApplicationAct.ASK_THE_GROUP,
            thing=made,
            reference=current.reference,
            changes={"question": ("", question), "answer_by": (None, made.answer_by)},
        )
        return made


def answer(*, person: Person, application: Application, number: int, text: str) -> ClarificationAnswer:
    """Answer a question of the office, once, also late, as long as the application is not decided; tell who asked.

    Raises Refused.
    """
    with transaction() as session:
        current = queries.locked(application.id)
        asked = next((one for one in of_application(current) if one.number == number), None)
        if asked is None:
            raise Refused("This question is not asked about this application.")
        rules.can_answer(person, current, asked).or_refuse()
        if not text.strip():
            raise Refused("Enter your answer.")
        made = ClarificationAnswer(clarification_id=asked.id, answer=text, answered_at=clock.now(), answered_by=person)
        session.add(made)
        _tell_of_answer(current, asked, person)
        _tell_officer(current, asked)
        audit.record(
            actor=person.actor,
            verb=ApplicationAct.ANSWER_THE_OFFICE,
            thing=asked,
            reference=current.reference,
            changes={"answer": ("", text)},
        )
        return made


def _checked(instant: datetime) -> datetime:
    now = clock.now()
    if instant <= now:
        raise BadAnswerDay("The day for the answer must be in the future")
    if instant > now + LATEST_ANSWER:
        raise BadAnswerDay(f"The day for the answer must be within {LATEST_ANSWER.days} days")
    return instant


def _tell_group(application: Application, asked: Clarification) -> None:
    letters.tell_group(
        application,
        "clarification",
        f"A question about your application {application.reference}",
        f"We have a question about the application “{application.title}” from {application.organisation.name}:",
        asked.question,
        f"Please answer it by {deadline(asked.answer_by, zone=True)} on this page:",
        public_address("applications.clarification", reference=application.reference, number=asked.number),
        "Any owner or editor of your group can answer, once. Your answer stands beside your application, "
        "which stays as you sent it.",
    )


def _tell_of_answer(application: Application, asked: Clarification, by: Person) -> None:
    letters.tell_group(
        application,
        "clarification answered",
        f"You have answered our question about {application.reference}",
        f"Thank you. {by.name} answered our question about the application “{application.title}” from "
        f"{application.organisation.name}. You can read what was asked and answered here:",
        public_address("applications.clarification", reference=application.reference, number=asked.number),
    )


def _tell_officer(application: Application, asked: Clarification) -> None:
    outbox.queue(
        to=asked.asked_by.email,
        subject=f"The answer to your question about {application.reference} is here",
        body=(
            f"Hello {asked.asked_by.name},\n\n"
            f"{application.organisation.name} has answered your question about “{application.title}”. Read it here:\n\n"
            f"{public_address('applications.application', reference=application.reference)}#clarifications\n"
        ),
        purpose="clarification answer",
        about=f"application:{application.id}",
    )
