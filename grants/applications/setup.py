"""What the room of applications wants done with the app."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import ScalarSelect, func, select

from grants.accounts.models import Person
from grants.accounts.people.queries import tell_work
from grants.accounts.rights import Right
from grants.foundation.web import pages

from .drafts.sections import section_address
from .models import Clarification, ClarificationAnswer
from .queries import grant_in_words


def init_app(app: Flask) -> None:
    """Words for the pages of all rooms, the tab of the list, and what of the room somebody leaves behind."""
    waits = "question to a group that waits for an answer", "questions to groups that wait for an answer"
    tell_work(app, (*waits, _open_questions))
    app.jinja_env.globals.update(section_address=section_address, grant_in_words=grant_in_words)
    pages.add_tab(app, "Applications", "applications.applications", order=45, shown=_lists)


def _open_questions(person: Person) -> ScalarSelect[int]:
    """How many questions somebody asked that no group has answered: the answer would come to them by mail."""
    answered = select(ClarificationAnswer.clarification_id)
    asked = select(func.count()).select_from(Clarification).where(Clarification.asked_by_id == person.id)
    return asked.where(Clarification.id.not_in(answered)).scalar_subquery()


def _lists(person: Person | None) -> bool:
    return person is not None and person.may(Right.LIST_APPLICATIONS)
