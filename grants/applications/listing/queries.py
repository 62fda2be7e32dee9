"""Named reads of the office's list of applications, for its page and its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVarTuple

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from grants.accounts.models import Organisation, Person
from grants.accounts.rights import Right
from grants.applications.models import Answer, Application, ApplicationDistrict, ApplicationStatus, ApplicationTopic
from grants.applications.queries import barred
from grants.foundation.records.db import db
from grants.funds.models import District, Fund, Priority, Question, Round, Topic

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
        Application.submitted_at,
        Application.requested_pence,
    ).select_from(Application)
    return _narrowed(columns, person, filters)


def questions_of(filters: ListFilters) -> Sequence[Question]:
    """The questions whose answers a file holds: those of the round, where it holds one round alone. One query."""
    if not filters.round:
        return []
    return db.session.scalars(
        select(Question).join(Question.round).where(Round.slug == filters.round).order_by(Question.position)
    ).all()


def answer_name(question: Question) -> str:
    """What the answers to a question are called in the rows of a file."""
    return f"answer_{question.position}"


def listed_whole(person: Person, filters: ListFilters, questions: Sequence[Question]) -> Select[*tuple[Any, ...]]:
    """The same in the order of the list, a row for each application with all that a file holds. One query.

    `districts` and `other_topics` are lists in one text: see `split`. The answers to `questions` are as they are kept.
    """
    main, its_topic = aliased(ApplicationTopic), aliased(Topic)
    columns: Select[*tuple[Any, ...]] = select(
        *_OWN_COLUMNS,
        Round.code.label("round"),
        Fund.code.label("fund"),
        told_status_of(person).label("status"),
        Organisation.name.label("organisation"),
        Organisation.kind,
        Organisation.charity_number,
        Organisation.company_number,
        _names_of_districts().label("districts"),
        its_topic.name.label("main_topic"),
        _names_of_other_topics().label("other_topics"),
        Priority.name.label("priority"),
        *(_answer_to(question) for question in questions),
    ).select_from(Application)
    found = (
        _narrowed(columns, person, filters)
        .join(Fund, Fund.id == Round.fund_id)
        .outerjoin(main, and_(main.application_id == Application.id, main.position == 0))
        .outerjoin(its_topic, its_topic.id == main.topic_id)
        .outerjoin(Priority, Priority.id == Application.priority_id)
    )
    return found.order_by(Application.submitted_at.desc().nulls_last(), Application.id.desc())


_OWN_COLUMNS = (
    Application.reference,
    Application.title,
    Application.summary,
    Application.submitted_at,
    Application.requested_pence,
    Application.people_helped,
    Application.starts_on,
    Application.ends_on,
    Application.illustrative,
)
_BETWEEN = "\n"


def split(text: str | None) -> list[str]:
    """The names of a list in one text, in their order: each begins with what it is sorted by and a colon.

    >>> split("2:hate crime\\n1:knife crime"), split(None)
    (['knife crime', 'hate crime'], [])
    """
    if not text:
        return []
    return [part.partition(":")[2] for part in sorted(text.split(_BETWEEN))]


def _answer_to(question: Question) -> ColumnElement[str]:
    """What was answered, "" for nothing. A round may ask more questions than a select may join tables."""
    its_answer = (
        select(Answer.text)
        .where(Answer.application_id == Application.id, Answer.question_id == question.id)
        .correlate(Application)
        .scalar_subquery()
    )
    return func.coalesce(its_answer, "").label(answer_name(question))


def _names_of_districts() -> ScalarSelect[str]:
    return (
        select(func.aggregate_strings(District.code + ":" + District.name, _BETWEEN))
        .join(ApplicationDistrict, ApplicationDistrict.district_id == District.id)
        .where(ApplicationDistrict.application_id == Application.id)
        .correlate(Application)
        .scalar_subquery()
    )


def _names_of_other_topics() -> ScalarSelect[str]:
    return (
        select(func.aggregate_strings(cast(ApplicationTopic.position, String) + ":" + Topic.name, _BETWEEN))
        .join(ApplicationTopic, ApplicationTopic.topic_id == Topic.id)
        .where(ApplicationTopic.application_id == Application.id, ApplicationTopic.position > 0)
        .correlate(Application)
        .scalar_subquery()
    )


def _narrowed(found: Select[*Columns], person: Person, filters: ListFilters) -> Select[*Columns]:
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
