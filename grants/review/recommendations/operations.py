"""The verbs of a recommendation, for one application or for many at once. Amounts are pence; all raise Refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select

from grants.accounts.models import Person
from grants.applications.models import Application
from grants.applications.queries import locked
from grants.applications.submissions import operations as applications
from grants.foundation.records import audit
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.values import clock
from grants.foundation.values.money import Pence, pounds
from grants.foundation.values.words import count_characters
from grants.funds.models import Round
from grants.review import queries, rules
from grants.review.acts import ReviewAct
from grants.review.models import LONGEST_REASON, Recommendation, RecommendationDraft, RecommendationSet
from grants.review.ranking.queries import pot_use


class BadGrant(Refused):
    """The amount is not one that may be granted; it is told beside the amount."""


class OverPot(Refused):
    """What is recommended or approved takes the round over its pot, and nobody said yet why that may be."""


@dataclass(frozen=True)
class RecommendationLine:
    """What is recommended for one application that the caller holds locked. No amount (0) is to decline it."""

    application: Application
    amount: Pence
    reason: str


def recommend(
    *, person: Person, application: Application, amount: Pence, reason: str, over_pot_reason: str = ""
) -> RecommendationSet:
    """Recommend an amount to the decision maker, or nothing to decline it, with the reason. Raises OverPot too."""
    with transaction():
        current = locked(application.id)
        rules.can_recommend(
            person, current, locked=queries.locked_count(current.id), hands=queries.hands_of([current.id])[current.id]
        ).or_refuse()
        return recommend_together(
            person=person,
            a_round=current.round,
            lines=[RecommendationLine(current, amount, reason)],
            over_pot_reason=over_pot_reason,
        )


def recommend_together(
    *, person: Person, a_round: Round, lines: Sequence[RecommendationLine], over_pot_reason: str = ""
) -> RecommendationSet:
    """Recommend for applications of one round that the caller may recommend, held together against its pot.

    Raises Refused, BadGrant, and OverPot where the round goes over its pot and nobody said why it may.
    """
    with transaction() as session:
        for line in lines:
            check_line(line.application, line.amount, line.reason)
        total = Pence(sum(line.amount for line in lines))
        excess = _excess(a_round, total, over_pot_reason)
        made = RecommendationSet(
            round_id=a_round.id,
            officer_id=person.id,
            recommended_at=clock.now(),
            total_pence=total,
            excess_pence=excess,
            excess_reason=over_pot_reason if excess else "",
        )
        session.add(made)
        session.flush()
        for line in lines:
            _recommend(person, made, line)
        session.execute(
            delete(RecommendationDraft).where(
                RecommendationDraft.application_id.in_([line.application.id for line in lines])
            )
        )
        audit.record(
            actor=person.actor,
            verb=ReviewAct.RECOMMEND_TOGETHER,
            thing=made,
            reference=a_round.code,
            changes={
                "applications": ("", [line.application.reference for line in lines]),
                "total_pence": (None, total),
                "excess_pence": (None, excess),
                "excess_reason": ("", made.excess_reason),
            },
        )
        return made


def check_line(application: Application, amount: Pence, reason: str) -> None:
    """Hold one recommendation against the bid and its round. Raises BadGrant, and Refused for the reason."""
    check_amount(application, amount)
    if not reason.strip():
        raise Refused("Enter the reason for the recommendation.")
    if count_characters(reason) > LONGEST_REASON:
        raise Refused(f"Shorten the reason to {LONGEST_REASON:,} characters or fewer.")


def check_amount(application: Application, amount: Pence) -> None:
    """Hold an amount against what was asked for and the round's largest grant. Raises BadGrant."""
    if amount > application.requested_pence:
        raise BadGrant(f"The amount must be {pounds(application.requested_pence)} or less: that is what was asked for.")
    largest = application.round.largest_grant_pence
    if largest is not None and amount > largest:
        raise BadGrant(f"The amount must be {pounds(largest)} or less: that is the largest grant of this round.")


def _excess(a_round: Round, total: Pence, over_pot_reason: str) -> Pence:
    """By how much the round is over its pot with this total; a recommendation to decline takes nothing from it."""
    db.session.execute(select(Round.id).where(Round.id == a_round.id).with_for_update())
    excess = pot_use(a_round).excess(total) if total else Pence(0)
    if excess and not over_pot_reason.strip():
        raise OverPot(
            f"With this the round would be {pounds(excess)} over its pot of {pounds(a_round.pot_pence)}. "
            "Enter why that is right, or recommend less."
        )
    if count_characters(over_pot_reason) > LONGEST_REASON:
        raise OverPot(f"Shorten the reason to {LONGEST_REASON:,} characters or fewer.")
    return excess


def _recommend(person: Person, together: RecommendationSet, line: RecommendationLine) -> None:
    application = line.application
    db.session.add(
        Recommendation(
            application_id=application.id,
            set_id=together.id,
            officer_id=person.id,
            amount_pence=line.amount,
            reason=line.reason,
            recommended_at=together.recommended_at,
        )
    )
    applications.step(application, "recommend")
    audit.record(
        actor=person.actor,
        verb=ReviewAct.RECOMMEND,
        thing=application,
        changes={**audit.diff(application), "recommended_pence": (None, line.amount)},
    )
