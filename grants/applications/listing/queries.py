"""Named reads of the office's list of applications, for its page and its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVarTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    union_all,
)

from grants.accounts.models import Organisation, Person
from grants.accounts.rights import Right
from grants.applications.models import Application, ApplicationDistrict, ApplicationStatus, ApplicationTopic
from grants.applications.queries import barred, grant_status
from grants.foundation.records.db import db
from grants.funds.models import District, Question, Round, Topic

Columns = TypeVarTuple("Columns")


@dataclass(frozen=True)
class ListFilters:
    """What the list of applications shows; empty means all."""

    q: str = ""
    status: str = ""
    round: str = ""
    district: str = ""
    topic: str = ""


@dataclass(frozen=True)
class ListChoices:
    """What the list can be filtered by: the rounds that are run here as (slug, code), newest first, and names."""

    rounds: list[tuple[str, str]]
    districts: list[str]
    topics: list[str]


def list_choices() -> ListChoices:
    """The rounds, districts and topics of the filters. One query."""
    columns = Round.slug.label("value"), Round.code.label("shown"), (-Round.id).label("place")
    rows = db.session.execute(
        union_all(
            select(literal("round").label("kind"), *columns).where(Round.opens_at.is_not(None)),
            select(literal("district"), District.name, District.name, literal(0)),
            select(literal("topic"), Topic.name, Topic.name, literal(0)),
        ).order_by("kind", "place", "value")
    ).all()
    return ListChoices(
        [(row.value, row.shown) for row in rows if row.kind == "round"],
        *([row.value for row in rows if row.kind == name] for name in ("district", "topic")),
    )


def listed(person: Person, filters: ListFilters) -> Select[*tuple[Any, ...]]:
    """What a list shows of the applications that somebody of the office may see, the status as they are told it.

    Order and page are the caller's.
    """
    columns: Select[*tuple[Any, ...]] = select(
        Application.reference,
        Application.title,
        Organisation.name.label("organisation"),
        Round.code.label("round"),
        told_status_of(person).label("status"),
        grant_status().label("grant"),
        Application.submitted_at,
        Application.requested_pence,
    ).select_from(Application)
    return narrowed(columns, person, filters)


def questions_of(filters: ListFilters) -> Sequence[Question]:
    """The questions whose answers a file holds: those of the round, where it holds one round alone. One query."""
    if not filters.round:
        return []
    return db.session.scalars(
        select(Question).join(Question.round).where(Round.slug == filters.round).order_by(Question.position)
    ).all()


def narrowed(found: Select[*Columns], person: Person, filters: ListFilters) -> Select[*Columns]:
    """A select of applications, with round and group joined, cut down to what the person may see and asks for."""
    found = found.join(Application.round).join(Application.organisation).where(~barred(person))
    if not person.may(Right.READ_DRAFTS):
        found = found.where(Application.submitted_at.is_not(None))
    if filters.status:
        found = found.where(told_status_of(person) == filters.status)
    if filters.round:
        found = found.where(Round.slug == filters.round)
    if filters.district:
        its_district = ApplicationDistrict.district.has(District.name == filters.district)
        found = found.where(Application.districts.any(its_district))
    if filters.topic:
        its_topic = ApplicationTopic.topic.has(Topic.name == filters.topic)
        found = found.where(Application.topics.any(and_(ApplicationTopic.position == 0, its_topic)))
    for word in filters.q.replace("\x00", "").casefold().split():
        found = found.where(
            or_(
                func.lower(Application.reference).contains(word, autoescape=True),
                func.lower(Application.title).contains(word, autoescape=True),
                Organisation.name_key.contains(word, autoescape=True),
            )
        )
    return found


def told_status_of(person: Person) -> ColumnElement[str]:
    """The status as the person is told, like `rules.told_status`: a decision on their own group's bid is not."""
    if not person.organisation_ids:
        return Application.status.expression
    of_own_group = Application.organisation_id.in_(sorted(person.organisation_ids))
    return case(
        (and_(Application.status == ApplicationStatus.DECIDED, of_own_group), ApplicationStatus.RECOMMENDED.value),
        else_=Application.status,
    )
