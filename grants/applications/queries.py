"""Named reads of applications. Nothing here decides who may read: that is `rules.can_view`."""

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
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased, contains_eager, joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from grants.accounts.models import Organisation, Person, Role
from grants.foundation.db import db
from grants.funds.models import Criterion, District, Fund, Priority, Question, Round, Topic

from . import bid as bids
from .bid import Bid
from .models import (
    Answer,
    Application,
    ApplicationDistrict,
    ApplicationStatus,
    ApplicationTopic,
    Bar,
    Submission,
)

S = ApplicationStatus
Columns = TypeVarTuple("Columns")


def by_reference(reference: str) -> Application | None:
    """One application with its round, group and bars: what the rules need. One query."""
    return _one(_whole().where(Application.reference == reference.upper()))


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


def bid_of(application: Application) -> Bid:
    """The bid as it is read: the frozen one where there is one, else the draft."""
    submission = submission_of(application)
    return bids.of_submission(submission) if submission else draft_bid(application)


def live_count(organisation_id: int, a_round: Round) -> int:
    """How many applications of a group in a round are not withdrawn."""
    return db.session.scalars(
        select(func.count())
        .select_from(Application)
        .where(Application.organisation_id == organisation_id, Application.round_id == a_round.id)
        .where(Application.status != S.WITHDRAWN)
    ).one()


def draft_of(organisation_id: int, a_round: Round) -> Application | None:
    """The group's oldest draft in a round."""
    return db.session.scalars(
        select(Application)
        .where(Application.organisation_id == organisation_id, Application.round_id == a_round.id)
        .where(Application.status == S.DRAFT)
        .order_by(Application.id)
    ).first()


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


def listed_whole(person: Person, filters: ListFilters) -> Select[*tuple[Any, ...]]:
    """The same in the order of the list, a row for each application with all that a file holds. One query.

    `districts` and `other_topics` are lists in one text: see `split`.
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
    found = found.join(Application.round).join(Application.organisation).where(~_barred(person))
    if Role.AUDITOR not in person.roles:
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


def not_own(person: Person) -> tuple[ColumnElement[bool], ...]:
    """The conditions that leave out what a person must not judge: their own group's, and where they are barred."""
    return Application.organisation_id.not_in(sorted(person.organisation_ids)), ~_barred(person)


def criteria_of(application: Application) -> Sequence[Criterion]:
    """What the panel scores this application by."""
    return db.session.scalars(
        select(Criterion).where(Criterion.round_id == application.round_id).order_by(Criterion.position)
    ).all()


def _barred(person: Person) -> ColumnElement[bool]:
    return exists().where(Bar.application_id == Application.id, Bar.person_id == person.id)


def told_status_of(person: Person) -> ColumnElement[str]:
    """The status as the person is told, like `rules.told_status`: a decision on their own group's bid is not."""
    if not person.organisation_ids:
        return Application.status.expression
    of_own_group = Application.organisation_id.in_(sorted(person.organisation_ids))
    return case((and_(Application.status == S.DECIDED, of_own_group), S.RECOMMENDED.value), else_=Application.status)


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
