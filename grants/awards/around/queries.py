"""Who is around an award, for one and for whole lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, literal, or_, select, union_all

from grants.accounts.models import Person
from grants.applications.apart.rules import GrantStep, Ties
from grants.applications.models import Application, Bar
from grants.awards.models import (
    Award,
    AwardChange,
    AwardSnapshot,
    ChangedField,
    Decision,
    DecisionNotice,
    NoticeDecision,
    Variation,
    VariationStatus,
)
from grants.awards.rules import Around
from grants.foundation.records.db import db
from grants.review.queries import did, met_by, steps_on


def around(award_ids: Collection[int] | Select[Any]) -> Mapping[int, Around]:
    """Who is around each of these awards. One query."""
    found: dict[int, dict[str, set[int]]] = {}
    for award_id, kind, number in db.session.execute(union_all(*_around(award_ids))):
        found.setdefault(award_id, defaultdict(set))[kind].add(number)
    return {award_id: _as_around(numbers) for award_id, numbers in found.items()}


def _as_around(numbers: Mapping[str, set[int]]) -> Around:
    (now,) = numbers["now"]
    return Around(
        now,
        Ties(frozenset(numbers["now"] | numbers["group"]), frozenset(numbers["interest"])),
        {step: numbers[step.value] for step in GrantStep if step.value in numbers},
        held_by=max(numbers["held"], default=None),
        varied_by=max(numbers["varied"], default=None),
    )


def is_unsettled() -> ColumnElement[bool]:
    """Whether a variation holds payments back: it waits to be approved, or the group has still to agree."""
    return or_(
        Variation.status == VariationStatus.WAITING, and_(Variation.needs_agreement, Variation.agreed_at.is_(None))
    )


def is_held_back() -> ColumnElement[bool]:
    """Whether a variation holds the award of the surrounding query back from payment: `held_by` for whole lists."""
    return exists().where(Variation.award_id == Award.id, is_unsettled()).correlate(Award)


def _around(award_ids: Collection[int] | Select[Any]) -> Iterator[Select[*tuple[Any, ...]]]:
    """Rows of (award, kind, number): the group now, every group, who has an interest, what holds it, who did what."""
    wanted = Award.id.in_(award_ids)
    bids = select(Award.application_id).where(wanted)
    yield _rows(AwardSnapshot.award_id, "now", AwardSnapshot.organisation_id).where(
        AwardSnapshot.award_id.in_(award_ids)
    )
    yield _rows(Award.id, "group", Award.organisation_id).where(wanted)
    yield _rows(AwardChange.award_id, "group", AwardChange.organisation_id).where(
        AwardChange.award_id.in_(award_ids), AwardChange.field == ChangedField.RECIPIENT
    )
    yield _rows(Variation.award_id, "group", Variation.to_group_id).where(
        Variation.award_id.in_(award_ids), Variation.to_group_id.is_not(None)
    )
    for kind, asked in (("held", is_unsettled()), ("varied", Variation.status == VariationStatus.IN_FORCE)):
        yield _rows(Variation.award_id, kind, Variation.number).where(Variation.award_id.in_(award_ids), asked)
    of_bid = (Application, Application.id == Award.application_id)
    yield _rows(Award.id, "group", Application.organisation_id).join(*of_bid).where(wanted)
    yield _rows(Award.id, "interest", Bar.person_id).join(Bar, Bar.application_id == Award.application_id).where(wanted)
    signed = (NoticeDecision, NoticeDecision.notice_id == DecisionNotice.id)
    decided = (
        _rows(Decision.application_id, GrantStep.DECIDE, Decision.decided_by_id),
        _rows(Decision.application_id, GrantStep.SIGN, DecisionNotice.signed_by_id)
        .select_from(DecisionNotice)
        .join(*signed)
        .join(Decision, Decision.id == NoticeDecision.decision_id),
    )
    for steps in (*steps_on(bids), *(rows.where(Decision.application_id.in_(bids)) for rows in decided)):
        done = steps.subquery()
        yield select(Award.id, done.c.kind, done.c.number).join(done, done.c.application_id == Award.application_id)


def _rows(number: Any, kind: str, of: Any) -> Select[*tuple[Any, ...]]:
    return select(number.label("application_id"), literal(str(kind)).label("kind"), of.label("number"))


def apart_from(person: Person) -> list[ColumnElement[bool]]:
    """The conditions on `AwardSnapshot` that leave out what a person is tied to: `stands_apart` for whole lists."""
    barred = select(Bar.application_id).where(Bar.person_id == person.id)
    closed = select(Award.id).where(Award.application_id.in_(barred))
    conditions: list[ColumnElement[bool]] = [AwardSnapshot.award_id.not_in(closed)]
    if tied := sorted(person.tied_ids):
        asked = select(Award.id).join(Application, Application.id == Award.application_id)
        conditions += [
            AwardSnapshot.organisation_id.not_in(tied),
            AwardSnapshot.award_id.not_in(select(Award.id).where(Award.organisation_id.in_(tied))),
            AwardSnapshot.award_id.not_in(asked.where(Application.organisation_id.in_(tied))),
            AwardSnapshot.award_id.not_in(
                select(AwardChange.award_id).where(
                    AwardChange.field == ChangedField.RECIPIENT, AwardChange.organisation_id.in_(tied)
                )
            ),
            AwardSnapshot.award_id.not_in(select(Variation.award_id).where(Variation.to_group_id.in_(tied))),
        ]
    return conditions


def untouched_by(person: Person, step: GrantStep) -> list[ColumnElement[bool]]:
    """The conditions on `Award` that leave out what this step would meet in one person: `is_another` for lists."""
    met = select(Application.id).where(met_by(step, {**did(person), **_decided(person)}))
    return [or_(Award.application_id.is_(None), Award.application_id.not_in(met))]


def _decided(person: Person) -> dict[GrantStep, ColumnElement[bool]]:
    decided = select(Decision.application_id).where(Decision.decided_by_id == person.id)
    signed = (
        select(Decision.application_id)
        .join(NoticeDecision, NoticeDecision.decision_id == Decision.id)
        .join(DecisionNotice, DecisionNotice.id == NoticeDecision.notice_id)
        .where(DecisionNotice.signed_by_id == person.id)
    )
    return {GrantStep.DECIDE: Application.id.in_(decided), GrantStep.SIGN: Application.id.in_(signed)}
