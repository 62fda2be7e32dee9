"""Named reads of applications. Nothing here decides who may read: that is `rules.can_view`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from flask import Flask, current_app
from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, exists, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from grants.accounts.models import Person
from grants.foundation.records.db import db
from grants.foundation.values.money import Pence
from grants.foundation.values.statuses import Status
from grants.funds.models import Criterion, Priority, Question, Round

from . import contents as bids
from .contents import Bid
from .models import Answer, Application, ApplicationDistrict, ApplicationStatus, ApplicationTopic, Bar, Submission


def with_parts(reference: str) -> Application | None:
    """One application with everything short that it holds: topics, districts and priority too. One query."""
    return _one(_whole().options(*_short_parts()).where(Application.reference == reference.upper()))


def locked(application_id: int) -> Application:
    """The application as it stands now, held until the end of the transaction."""
    return db.session.scalars(
        select(Application)
        .where(Application.id == application_id)
        .options(selectinload(Application.bars))
        .with_for_update(of=Application)
        .execution_options(populate_existing=True)
    ).one()


def locked_round(round_id: int) -> Round:
    """The round as it stands now, held until the end of the transaction."""
    return db.session.scalars(
        select(Round).where(Round.id == round_id).with_for_update(of=Round).execution_options(populate_existing=True)
    ).one()


def answers_of(application: Application) -> Sequence[tuple[Question, str]]:
    """Every question of the round with what the group wrote to it, in the round's order. One query."""
    rows = db.session.execute(
        select(Question, func.coalesce(Answer.text, ""))
        .outerjoin(Answer, and_(Answer.question_id == Question.id, Answer.application_id == application.id))
        .where(Question.round_id == application.round_id)
        .order_by(Question.position)
    )
    return [(row[0], row[1]) for row in rows]


def answer_to(application: Application, key: str) -> tuple[Question, str] | None:
    """One question of the round by its key, with what the group wrote."""
    row = db.session.execute(
        select(Question, func.coalesce(Answer.text, ""))
        .outerjoin(Answer, and_(Answer.question_id == Question.id, Answer.application_id == application.id))
        .where(Question.round_id == application.round_id, Question.key == key)
    ).first()
    return (row[0], row[1]) if row else None


def draft_bid(application: Application) -> Bid:
    """The bid as the draft stands. Two queries beside those of `with_parts`."""
    return bids.of_draft(application, answers_of(application))


def submission_of(application: Application) -> Submission | None:
    """The application as it was frozen, or None for a draft."""
    return db.session.get(Submission, application.id)


def live_count(organisation_id: int, a_round: Round) -> int:
    """How many applications of a group in a round are not withdrawn."""
    return db.session.scalars(
        select(func.count())
        .select_from(Application)
        .where(Application.organisation_id == organisation_id, Application.round_id == a_round.id)
        .where(Application.status != ApplicationStatus.WITHDRAWN)
    ).one()


def draft_of(organisation_id: int, a_round: Round) -> Application | None:
    """The group's oldest draft in a round."""
    return db.session.scalars(
        select(Application)
        .where(Application.organisation_id == organisation_id, Application.round_id == a_round.id)
        .where(Application.status == ApplicationStatus.DRAFT)
        .order_by(Application.id)
    ).first()


_GRANTS = "where the grants of applications are"


@dataclass(frozen=True)
class Grants:
    """Where the grant of an `Application` is in its life, and which group has it: NULL where none came of it.

    `pence` is what it takes now from the pot of the application's round, `pence_beside` what grants take from the pot
    of a round (by its id) that came of no application of it.
    """

    status: ScalarSelect[str]
    organisation_id: ScalarSelect[int]
    pence: ScalarSelect[Pence]
    pence_beside: Callable[[int], ScalarSelect[Pence]]
    statuses: type[Status]


@dataclass(frozen=True)
class Grant:
    """What came of one application: where its grant is, and with which group."""

    status: Status
    organisation_id: int


def tell_grants(app: Flask, grants: Grants) -> None:
    """Say where grants are. A later room does: so no list goes on saying "Awarded" of what was withdrawn."""
    app.extensions[_GRANTS] = grants


def grant_status() -> ScalarSelect[str]:
    """Where the grant of an `Application` is, for a select of applications."""
    grants: Grants = current_app.extensions[_GRANTS]
    return grants.status


def grant_pence() -> ScalarSelect[Pence]:
    """What the grant of an `Application` takes now from its round's pot, in pence; NULL where no grant came of it."""
    grants: Grants = current_app.extensions[_GRANTS]
    return grants.pence


def pence_beside(a_round: Round) -> ScalarSelect[Pence]:
    """What grants take from a round's pot, in pence, that came of no application of that round."""
    grants: Grants = current_app.extensions[_GRANTS]
    return grants.pence_beside(a_round.id)


def grant_in_words(status: str | None) -> Status | None:
    """A `grant_status` with its label and colour."""
    if not status:
        return None
    grants: Grants = current_app.extensions[_GRANTS]
    return grants.statuses(status)


def grants_of(applications: Collection[Application]) -> dict[int, Grant]:
    """Where the grants of some applications are, by the application's id. One query, where one of them was awarded."""
    awarded = [one.id for one in applications if one.status == ApplicationStatus.AWARDED]
    if not awarded:
        return {}
    grants: Grants = current_app.extensions[_GRANTS]
    asked = select(Application.id, grants.status, grants.organisation_id).where(Application.id.in_(awarded))
    return {
        number: Grant(grants.statuses(status), holder)
        for number, status, holder in db.session.execute(asked)
        if status is not None
    }


def of_groups(person: Person) -> Sequence[Application]:
    """Everything that the person's groups have, the last saved first. One query."""
    if not person.organisation_ids:
        return []
    return (
        db.session.scalars(
            select(Application)
            .options(contains_eager(Application.round), joinedload(Application.organisation))
            .join(Application.round)
            .where(Application.organisation_id.in_(sorted(person.organisation_ids)))
            .order_by(Application.saved_at.desc(), Application.id.desc())
        )
        .unique()
        .all()
    )


def not_own(person: Person) -> tuple[ColumnElement[bool], ...]:
    """The conditions that leave out what a person must not judge: `apart.rules.stands_apart` for whole lists."""
    return Application.organisation_id.not_in(sorted(person.tied_ids)), ~barred(person)


def criteria_of(application: Application) -> Sequence[Criterion]:
    """What the panel scores this application by."""
    return db.session.scalars(
        select(Criterion).where(Criterion.round_id == application.round_id).order_by(Criterion.position)
    ).all()


def barred(person: Person) -> ColumnElement[bool]:
    """Whether an application is closed to the person, because of an interest."""
    return exists().where(Bar.application_id == Application.id, Bar.person_id == person.id)


def _whole() -> Select[Application]:
    return select(Application).options(joinedload(Application.bars))


def _short_parts() -> list[ExecutableOption]:
    return [
        joinedload(Application.topics).joinedload(ApplicationTopic.topic),
        joinedload(Application.districts).joinedload(ApplicationDistrict.district),
        joinedload(Application.priority).joinedload(Priority.plan),
    ]


def _one(found: Select[Application]) -> Application | None:
    return db.session.scalars(found).unique().first()
