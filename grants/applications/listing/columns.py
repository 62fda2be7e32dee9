"""The columns of the files of applications, and the select that reads them: a new column is added here alone."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, String, and_, cast, func, select
from sqlalchemy.orm import aliased

from grants.accounts.models import Organisation, Person
from grants.applications.models import Answer, Application, ApplicationDistrict, ApplicationStatus, ApplicationTopic
from grants.applications.queries import grant_in_words, grant_status
from grants.foundation.documents.exports import Column
from grants.funds.kinds.registry import kind_of
from grants.funds.models import District, Fund, Priority, Question, Round, Topic

from .queries import ListFilters, narrowed, told_status_of

WORDS = {status.value: status.label for status in ApplicationStatus}

_BETWEEN = "\n"


def split(text: str | None) -> list[str]:
    """The names of a list in one text, in their order: each begins with what it is sorted by and a colon.

    >>> split("2:hate crime\\n1:knife crime"), split(None)
    (['knife crime', 'hate crime'], [])
    """
    if not text:
        return []
    return [part.partition(":")[2] for part in sorted(text.split(_BETWEEN))]


COLUMNS = (
    Column("Reference", attrgetter("reference"), width=16),
    Column("Round", attrgetter("round"), width=14),
    Column("Fund", attrgetter("fund"), width=10),
    Column("Group", attrgetter("organisation")),
    Column("Kind of group", attrgetter("kind"), width=16),
    Column("Charity number", attrgetter("charity_number"), width=16),
    Column("Company number", attrgetter("company_number"), width=16),
    Column("Project", attrgetter("title")),
    Column("Summary", attrgetter("summary"), width=48),
    Column("Status", lambda row: WORDS[row.status], width=20),
    Column("Grant", lambda row: grant.label if (grant := grant_in_words(row.grant)) else "", width=20),
    Column("Submitted", attrgetter("submitted_at"), "date", 18),
    Column("Asked for (£)", attrgetter("requested_pence"), "pounds"),
    Column("Districts", lambda row: "; ".join(split(row.districts))),
    Column("Main topic", attrgetter("main_topic")),
    Column("Other topics", lambda row: "; ".join(split(row.other_topics))),
    Column("Plan priority", attrgetter("priority")),
    Column("People to be helped", attrgetter("people_helped"), "number"),
    Column("Planned start", attrgetter("starts_on"), "date", 14),
    Column("Planned end", attrgetter("ends_on"), "date", 14),
    Column("Illustrative", attrgetter("illustrative"), width=12),
)
"""The columns of the files, in the order in which they stand. How a check went is for the room of review to say."""


def columns_of(questions: Sequence[Question]) -> list[Column]:
    """The columns, with those of the questions of a round behind them."""
    return [*COLUMNS, *(kind_of(asked).column(asked, attrgetter(answer_name(asked))) for asked in questions)]


def answer_name(question: Question) -> str:
    """What the answers to a question are called in the rows of a file."""
    return f"answer_{question.position}"


def listed_whole(person: Person, filters: ListFilters, questions: Sequence[Question]) -> Select[*tuple[Any, ...]]:
    """A row for each application that the list shows, in its order, with all that a file holds. One query.

    `districts` and `other_topics` are lists in one text: see `split`. The answers to `questions` are as they are kept.
    """
    main, its_topic = aliased(ApplicationTopic), aliased(Topic)
    read: Select[*tuple[Any, ...]] = select(
        Application.reference,
        Application.title,
        Application.summary,
        Application.submitted_at,
        Application.requested_pence,
        Application.people_helped,
        Application.starts_on,
        Application.ends_on,
        Application.illustrative,
        Round.code.label("round"),
        Fund.code.label("fund"),
        told_status_of(person).label("status"),
        grant_status().label("grant"),
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
        narrowed(read, person, filters)
        .join(Fund, Fund.id == Round.fund_id)
        .outerjoin(main, and_(main.application_id == Application.id, main.position == 0))
        .outerjoin(its_topic, its_topic.id == main.topic_id)
        .outerjoin(Priority, Priority.id == Application.priority_id)
    )
    return found.order_by(Application.submitted_at.desc().nulls_last(), Application.id.desc())


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
