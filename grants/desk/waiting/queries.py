"""What waits for a person: sentences with a link, oldest first. All of it is one query, whatever the person is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import url_for
from sqlalchemy import CompoundSelect, exists, func, select, union

from grants.accounts.models import Organisation, Person
from grants.accounts.rights import GroupRight, Right, Standing, groups_where
from grants.applications.listing.queries import told_status_of
from grants.applications.models import Application, ApplicationStatus
from grants.awards.models import Award, AwardSnapshot, AwardStatus, RequestStatus, VariationRequest
from grants.foundation.records import outbox
from grants.foundation.records.db import db
from grants.foundation.values import clock
from grants.foundation.web.pages import plural
from grants.funds.models import Round

from .finance import sources_of_finance
from .groups import sources_of_groups
from .office import (
    ANSWER_IS_NEWS,
    SOON,
    source_of_reports,
    source_of_requests,
    source_of_variations,
    sources_of_decision_makers,
    sources_of_officers,
    sources_of_the_panel,
)
from .tasks import TaskList, TaskSource, TaskSources, gather

_BY_RIGHT: dict[Right, Callable[[Person], Iterator[TaskSource]]] = {
    Right.CHECK_APPLICATIONS: sources_of_officers,
    Right.SCORE_APPLICATIONS: sources_of_the_panel,
    Right.DECIDE: sources_of_decision_makers,
    Right.PREPARE_PAYMENTS: sources_of_finance,
}


@dataclass(frozen=True)
class Seat:
    """What of a person decides what waits for them. The selects of the rooms ask no more of a person than this."""

    id: int
    standing: Standing
    tied_ids: frozenset[int]
    rights: frozenset[Right]

    def may(self, right: Right) -> bool:
        """Whether this is among what the person may do."""
        return right in self.rights

    @property
    def organisation_ids(self) -> frozenset[int]:
        """The organisations that the person belongs to."""
        return frozenset(number for number, _role in self.standing)

    def groups_where(self, right: GroupRight) -> frozenset[int]:
        """The organisations for which the person may do this."""
        return groups_where(self.standing, right)


def task_lists_for(person: Person) -> list[TaskList]:
    """What waits for a person: for their groups first, then for each of their roles.

    One query at most, and for administrators one more: whether the mail goes out.
    """
    sources = _sources_of(Seat(person.id, person.standing, person.tied_ids, person.rights))
    now = clock.now()
    instants = {"now": now, "soon": now + SOON, "news_since": now - ANSWER_IS_NEWS}
    return [*gather(sources, **instants), *_places_to_go(person)]


@lru_cache(maxsize=500)
def _sources_of(seat: Seat) -> TaskSources:
    """The sources of a seat. To put their query together takes longer than to ask it, so it is kept."""
    person: Any = seat
    sources = list(sources_of_groups(person))
    for right, sources_of in _BY_RIGHT.items():
        if person.may(right):
            sources += sources_of(person)
    if person.may(Right.ANSWER_REPORTS) or person.may(Right.RECORD_REPAYMENTS):
        sources.append(source_of_reports(person))
    if person.may(Right.BEGIN_VARIATIONS):
        sources.append(source_of_requests(person))
    if person.may(Right.APPROVE_VARIATIONS) or person.may(Right.DECIDE_VARIATIONS):
        sources.append(source_of_variations(person))
    return TaskSources.of(sources)


def _places_to_go(person: Person) -> Iterator[TaskList]:
    """For those for whom nothing waits by itself: where their work is."""
    if person.may(Right.READ_AUDIT_TRAIL):
        nothing = "Everything is open to you to read, and nothing to change."
        links = [("The audit trail", url_for("desk.audit")), ("All applications", url_for("applications.applications"))]
        yield TaskList("To read", [], 0, url_for("desk.audit"), nothing, links)
    if person.may(Right.MANAGE_PEOPLE):
        people = url_for("accounts.people")
        yield TaskList(
            "People and settings", [], 0, people, "No request waits for you.", [("People and their roles", people)]
        )
        yield from _mail_that_stays()


def _mail_that_stays() -> Iterator[TaskList]:
    """Why mail does not go out, for who can have its server or its settings mended."""
    if held := outbox.held_up():
        said = f"{plural(held.count, 'letter')} could not be sent in the last day. The last reason: {held.reason}"
        yield TaskList("Mail does not go out", [], 0, url_for("desk.desk"), said)


MOST_OWN = 20
"""Applications of one's own groups on a desk; the list of them has the rest."""


@dataclass(frozen=True)
class OwnApplication:
    """An application of the person's own groups, or a grant that they took over, as their desk shows it.

    `grant` is where its award is in its life, once the group was told of one; `awaits_change` says that the group asked
    for a change of it which the office has not answered.
    """

    reference: str
    title: str
    organisation: str
    status: ApplicationStatus
    closes_at: datetime | None
    saved_at: datetime
    requested_pence: int
    applied: bool
    holds: bool | None
    award_status: str | None
    awaits_change: bool

    @property
    def grant(self) -> AwardStatus | None:
        """Where the grant is, which the group was told of."""
        return (
            AwardStatus(self.award_status) if self.award_status and self.status == ApplicationStatus.AWARDED else None
        )


def own_applications(person: Person) -> list[OwnApplication]:
    """The newest applications and grants of the person's groups, drafts first. One query."""
    own = sorted(person.organisation_ids)
    applied, holds = Application.organisation_id.in_(own), AwardSnapshot.organisation_id.in_(own)
    taken_over = select(Award.application_id).join(AwardSnapshot, AwardSnapshot.award_id == Award.id).where(holds)
    theirs: CompoundSelect[int | None] = union(
        select(Application.id).where(applied), taken_over.where(Award.application_id.is_not(None))
    )
    rows = db.session.execute(
        select(
            Application.reference,
            func.coalesce(AwardSnapshot.title, Application.title),
            func.coalesce(AwardSnapshot.organisation_name, Organisation.name),
            told_status_of(person),
            Round.closes_at,
            Application.saved_at,
            Application.requested_pence,
            applied,
            holds,
            Award.status,
            exists().where(VariationRequest.award_id == Award.id, VariationRequest.status == RequestStatus.OPEN),
        )
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(Round, Round.id == Application.round_id)
        .outerjoin(Award, Award.application_id == Application.id)
        .outerjoin(AwardSnapshot, AwardSnapshot.award_id == Award.id)
        .where(Application.id.in_(theirs.scalar_subquery()))
        .order_by(Application.status != ApplicationStatus.DRAFT, Application.id.desc())
        .limit(MOST_OWN)
    )
    return [
        OwnApplication(reference, title, name, ApplicationStatus(status), *rest)
        for reference, title, name, status, *rest in rows
    ]
