"""Named reads of the office's list of applications, for its page and its files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
from grants.applications.models import Application, ApplicationDistrict, ApplicationStatus, ApplicationTopic, Bar
from grants.applications.queries import barred, grant_status
from grants.foundation.records.db import db
from grants.foundation.web.tables import count_of
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
    found = found.join(Application.round).join(Application.organisation)
    return found.where(~barred(person), *_asked_for(person, filters))


def count(person: Person, filters: ListFilters) -> int:
    """How many applications `listed` has. One query of the table of applications, and of what a filter names."""
    counted = select(func.count()).select_from(Application).where(*_asked_for(person, filters))
    return count_of(counted, but=Application.id.in_(select(Bar.application_id).where(Bar.person_id == person.id)))


def _asked_for(person: Person, filters: ListFilters) -> Iterator[ColumnElement[bool]]:
    """What the filters ask of an application alone: what they name elsewhere is looked up once, by its own index."""
    if not person.may(Right.READ_DRAFTS):
        yield Application.submitted_at.is_not(None)
    if filters.status:
        yield is_told_as(person, ApplicationStatus(filters.status))
    if filters.round:
        yield Application.round_id == select(Round.id).where(Round.slug == filters.round).scalar_subquery()
    if filters.district:
        its_districts = select(ApplicationDistrict.application_id).join(ApplicationDistrict.district)
        yield Application.id.in_(its_districts.where(District.name == filters.district))
    if filters.topic:
        its_topics = select(ApplicationTopic.application_id).join(ApplicationTopic.topic)
        yield Application.id.in_(its_topics.where(ApplicationTopic.position == 0, Topic.name == filters.topic))
    for word in filters.q.replace("\x00", "").casefold().split():
        of_groups = select(Organisation.id).where(Organisation.name_key.contains(word, autoescape=True))
        yield or_(
            func.lower(Application.reference).contains(word, autoescape=True),
            func.lower(Application.title).contains(word, autoescape=True),
            Application.organisation_id.in_(of_groups),
        )


def is_told_as(person: Person, status: ApplicationStatus) -> ColumnElement[bool]:
    """Whether `told_status_of` is this status. It names the states themselves, which an index finds."""
    is_it = Application.status == status
    if not person.organisation_ids:
        return is_it
    of_own_group = Application.organisation_id.in_(sorted(person.organisation_ids))
    if status == ApplicationStatus.DECIDED:
        return and_(is_it, ~of_own_group)
    if status == ApplicationStatus.RECOMMENDED:
        return or_(is_it, and_(Application.status == ApplicationStatus.DECIDED, of_own_group))
    return is_it


def told_status_of(person: Person) -> ColumnElement[str]:
    """The status as the person is told, like `rules.told_status`: a decision on their own group's bid is not."""
    if not person.organisation_ids:
        return Application.status.expression
    of_own_group = Application.organisation_id.in_(sorted(person.organisation_ids))
    return case(
        (and_(Application.status == ApplicationStatus.DECIDED, of_own_group), ApplicationStatus.RECOMMENDED.value),
        else_=Application.status,
    )
