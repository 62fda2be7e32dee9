"""Things of review for tests: scored applications in their round, and what is drafted for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from grants.accounts.models import Person
from grants.applications.models import Application, ApplicationStatus
from grants.foundation.records.db import transaction
from grants.foundation.values import clock
from grants.foundation.values.money import Pence
from grants.funds.models import Criterion, Round
from grants.review.models import Recommendation, RecommendationDraft, RecommendationSet, Score, ScoreSheet

from . import factories
from .numbers import next_number
from .world import World


def scored(
    sheets: Sequence[int | Sequence[int]] = (4, 4, 4),
    status: ApplicationStatus = ApplicationStatus.ELIGIBLE,
    *,
    in_round: Round,
    members: Sequence[Person] = (),
    comment: str = "It is clear and needed.",
    **more: Any,
) -> Application:
    """An application with a locked sheet for each of `sheets`: one score for every criterion, or a score for each."""
    made = factories.application(status, in_round=in_round, **more)
    by = list(members) or [factories.panel_member(f"Pat Panel {number}") for number in range(len(sheets))]
    for member, given in zip(by, sheets, strict=False):
        sheet(made, member, given, comment=comment)
    return made


def sheet(
    of: Application, by: Person, given: int | Sequence[int], *, comment: str = "It is clear.", locked: bool = True
) -> ScoreSheet:
    """A panel member's sheet with a score for each criterion."""
    now = clock.now()
    with transaction() as session:
        criteria = session.query(Criterion).filter_by(round_id=of.round_id).order_by(Criterion.position).all()
        marks = [given] * len(criteria) if isinstance(given, int) else given
        made = ScoreSheet(
            application_id=of.id,
            person_id=by.id,
            has_conflict=False,
            conflict_note="",
            declared_at=now,
            locked_at=now if locked else None,
            scores=[
                Score(criterion_id=criterion.id, score=mark, reason=comment)
                for criterion, mark in zip(criteria, marks, strict=True)
            ],
        )
        session.add(made)
    return made


def draft(
    of: Application, amount: int | None = 540_000, reason: str = "A good plan.", *, chosen: bool = True, **more: Any
) -> RecommendationDraft:
    """What the office is about to recommend for an application."""
    by = more.pop("by", None) or factories.officer()
    with transaction() as session:
        made = RecommendationDraft(
            application_id=of.id,
            officer_id=by.id,
            reason=reason,
            chosen=chosen,
            saved_at=clock.now(),
            amount_pence=None if amount is None else Pence(amount),
        )
        session.add(made)
    return made


def recommendation(of: Application, amount: int = 540_000, reason: str = "A good plan.") -> Recommendation:
    """What was recommended for an application that waits for a decision already."""
    by, now = factories.officer(), clock.now()
    with transaction() as session:
        together = RecommendationSet(
            round_id=of.round_id,
            officer_id=by.id,
            recommended_at=now,
            total_pence=Pence(amount),
            excess_pence=Pence(0),
            excess_reason="",
        )
        session.add(together)
        session.flush()
        made = Recommendation(
            application_id=of.id,
            set_id=together.id,
            officer_id=by.id,
            amount_pence=Pence(amount),
            reason=reason,
            recommended_at=now,
        )
        session.add(made)
    return made


def many(number: int, a_round: Round, *, members: Sequence[Person], status: ApplicationStatus) -> list[Application]:
    """Scored applications of one group, quickly made."""
    group = factories.organisation(f"The Many {next_number()}")
    owner = factories.applicant(group)
    return [
        scored(
            [n % 6, (n * 7) % 6, (n * 3) % 6], status, in_round=a_round, members=members, organisation=group, by=owner
        )
        for n in range(number)
    ]


def a_round_in_review(world: World) -> dict[str, Any]:
    """A round with an application of the group that stands ready to be recommended."""
    a_round = world.round()
    scored(in_round=a_round, organisation=world.group, by=world.owner)
    return {"slug": a_round.slug}
