"""What the room of review wants done with the app."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import ScalarSelect, func, select

from grants.accounts.models import Person
from grants.accounts.people.queries import tell_work
from grants.accounts.rights import Right
from grants.applications.models import Application, ApplicationStatus
from grants.foundation.web import pages

from .models import ScoreSheet


def init_app(app: Flask) -> None:
    """Put the room into the navigation of those who work in it, and say what of it somebody leaves behind."""
    tell_work(app, ("score sheet that is not locked", "score sheets that are not locked", _open_sheets))
    pages.add_tab(app, "Review", "review.review", order=46, shown=_reviews)


def _open_sheets(person: Person) -> ScalarSelect[int]:
    """How many bids with the panel somebody began to score, and has not finished."""
    sheets = select(func.count()).select_from(ScoreSheet).join(Application, Application.id == ScoreSheet.application_id)
    return sheets.where(
        ScoreSheet.person_id == person.id,
        ScoreSheet.locked_at.is_(None),
        ~ScoreSheet.has_conflict,
        Application.status == ApplicationStatus.ELIGIBLE,
    ).scalar_subquery()


def _reviews(person: Person | None) -> bool:
    return person is not None and not person.rights.isdisjoint({Right.CHECK_APPLICATIONS, Right.SCORE_APPLICATIONS})
