"""The verbs and rules of a decision: who may decide what, and what an approval enters into the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from grants.accounts.models import Person, Role
from grants.applications import bid as bids
from grants.applications import operations as applications
from grants.applications.models import Application, ApplicationStatus, Bar, Submission
from grants.applications.queries import locked as locked_application
from grants.applications.queries import not_own
from grants.applications.rules import APPLICATION_STEPS
from grants.foundation import audit, clock
from grants.foundation.days import Day
from grants.foundation.db import Refused, db, transaction
from grants.foundation.lifecycle import YES, Answer, find_step, no
from grants.foundation.money import Pence, pounds
from grants.foundation.office import the_office
from grants.funds.models import Round
from grants.review.models import Recommendation, ScoreSheet
from grants.review.operations import BadGrant, check_amount
from grants.review.queries import check_of, locked_count, locked_sheets_count
from grants.review.rules import enough_scores, stands_apart

from .models import LONGEST_REASON, Decision, Outcome
from .operations import enter_award

S = ApplicationStatus

NO_INTEREST = "None."
"""The statement of interests of somebody who has none in the bid, as the notice prints it."""


class OverPot(Refused):
    """The award takes the round over its pot, and nobody said yet why it may."""


@dataclass(frozen=True)
class Pot:
    """A round's pot in pence, and what its decisions have approved of it. A pot is not a hard ceiling."""

    pot: Pence | None
    approved: Pence

    def excess(self, more: int = 0) -> Pence:
        """By how much the approvals and `more` go over the pot, in pence; 0 where they do not."""
        return Pence(max(0, self.approved + more - self.pot)) if self.pot is not None else Pence(0)


def pot_of(a_round: Round) -> Pot:
    """The pot of a round and what is approved of it."""
    approved = db.session.scalar(
        select(func.coalesce(func.sum(Decision.amount_pence), 0))
        .join(Application, Application.id == Decision.application_id)
        .where(Application.round_id == a_round.id)
    )
    return Pot(a_round.pot_pence, Pence(int(approved or 0)))


def can_decide(
    person: Person, application: Application, *, locked: int, checked_by: int | None, scored: bool
) -> Answer:
    """Whether the person may approve or decline it. Who checked or scored a bid does not decide it."""
    if Role.DECISION_MAKER not in person.roles:
        return no("Only the decision maker decides.")
    if not (answer := stands_apart(person, application)):
        return answer
    if checked_by == person.id or scored:
        return no("You checked or scored this application, so others decide it.")
    if find_step(APPLICATION_STEPS, application.status, "award") is None:
        return no("This application does not wait for a decision.")
    return enough_scores(application, locked) if application.status == S.ELIGIBLE else YES


def can_declare_interest(person: Person, application: Application) -> Answer:
    """Whether a decision maker may say that they have an interest; then the application closes to them."""
    if Role.DECISION_MAKER not in person.roles:
        return no("Only the decision maker declares an interest here.")
    if not (answer := stands_apart(person, application)):
        return answer
    waits = application.status in {S.ELIGIBLE, S.RECOMMENDED}
    return YES if waits else no("This application does not wait for a decision.")


def declare_interest(*, person: Person, application: Application) -> None:
    """Note that a decision maker has an interest: the application stays closed to them. Raises Refused."""
    with transaction() as session:
        current = locked_application(application.id)
        can_declare_interest(person, current).or_refuse()
        session.add(Bar(application_id=current.id, person_id=person.id, barred_at=clock.now()))
        audit.record(actor=person.actor, verb="declare interest", thing=current)


def decide(
    *,
    person: Person,
    application: Application,
    outcome: Outcome,
    amount: Pence,
    reasons: str,
    conditions: str = "",
    interests: str = NO_INTEREST,
    over_pot_reason: str = "",
) -> Decision:
    """Approve or decline an application; an approval enters the ledger. `amount` is pence, 0 to decline.

    The reasons and conditions are published (Specified Information Order 2011, Schedule 3(f)).
    Raises Refused, and OverPot where the pot is exceeded without a reason.
    """
    with transaction() as session:
        current = locked_application(application.id)
        can_decide(
            person, current, locked=locked_count(current.id), checked_by=_checked_by(current),
            scored=_has_scored(person, current),
        ).or_refuse()  # fmt: skip
        texts = {
            "reasons": reasons, "conditions": conditions, "interests": interests, "excess reason": over_pot_reason,
        }  # fmt: skip
        _check(current, outcome, amount, texts, over_pot_reason)
        office = the_office()
        decision = Decision(
            application_id=current.id, reference=f"D-{current.reference}", outcome=outcome,
            amount_pence=amount if outcome == Outcome.APPROVED else Pence(0), reasons=reasons, conditions=conditions,
            decided_by_id=person.id, decided_at=clock.now(), decision_maker=office.decision_maker,
            department=office.department, legal_power=office.legal_power, interests=interests,
            over_pot_reason=over_pot_reason,
        )  # fmt: skip
        session.add(decision)
        current.approved_pence = decision.amount_pence
        applications.step(current, "award" if outcome == Outcome.APPROVED else "decline")
        audit.record(
            actor=person.actor, verb=f"decide: {outcome}", thing=current,
            changes={**audit.diff(current), "amount_pence": (None, decision.amount_pence)},
        )  # fmt: skip
        if outcome == Outcome.APPROVED:
            _enter(person, current, decision)
        return decision


def _check(
    application: Application, outcome: Outcome, amount: Pence, texts: Mapping[str, str], over_pot_reason: str
) -> None:
    if not texts["reasons"].strip():
        raise Refused("Enter the reasons for the decision.")
    if not texts["interests"].strip():
        raise Refused("Say which interests you have, or that you have none.")
    for name, text in texts.items():
        if len(text) > LONGEST_REASON:
            raise Refused(f"Shorten the {name} to {LONGEST_REASON:,} characters or fewer.")
    if outcome == Outcome.DECLINED:
        return
    if amount <= 0:
        raise BadGrant("Enter the amount that you approve.")
    check_amount(application, amount)
    _check_pot(application.round, amount, over_pot_reason)


def _check_pot(a_round: Round, amount: Pence, over_pot_reason: str) -> None:
    db.session.execute(select(Round.id).where(Round.id == a_round.id).with_for_update())
    excess = pot_of(a_round).excess(amount)
    if excess and not over_pot_reason.strip():
        raise OverPot(
            f"With this award the round would be {pounds(excess)} over its pot of {pounds(a_round.pot_pence)}. "
            "Enter why that is right, or approve less."
        )


def _enter(person: Person, application: Application, decision: Decision) -> None:
    submission = db.session.get_one(Submission, application.id)
    enter_award(
        actor=person.actor,
        reference=application.reference,
        fund=application.round.fund,
        a_round=application.round,
        organisation=application.organisation,
        decision_id=decision.id,
        application_id=application.id,
        title=application.title,
        purpose=bids.of_submission(submission).summary,
        reasons=decision.reasons,
        conditions=decision.conditions,
        award_day=Day.exactly(clock.london(decision.decided_at).date()),
        amount=decision.amount_pence,
        requested=application.requested_pence,
        topics=[row.topic for row in sorted(application.topics, key=lambda row: row.position)],
        districts=[row.district for row in application.districts],
        priority=application.priority,
        starts_on=application.starts_on,
        ends_on=application.ends_on,
        illustrative=application.illustrative,
        source=f"decision {decision.reference}",
    )


def _checked_by(application: Application) -> int | None:
    check = check_of(application.id)
    return check.officer_id if check else None


def _has_scored(person: Person, application: Application) -> bool:
    return bool(
        db.session.scalar(
            select(ScoreSheet.id).where(ScoreSheet.application_id == application.id, ScoreSheet.person_id == person.id)
        )
    )


@dataclass(frozen=True)
class WaitingDecision:
    """An application that waits for a decision, with what is recommended."""

    application: Application
    recommended: Pence | None
    locked: int


def waiting_for_decision(person: Person, *, most: int = 60) -> Sequence[WaitingDecision]:
    """What waits for a decision of this person, the one submitted first at the top. One query."""
    locked = locked_sheets_count()
    rows = db.session.execute(
        select(Application, Recommendation.amount_pence, locked)
        .outerjoin(Recommendation, Recommendation.application_id == Application.id)
        .join(Application.round)
        .where(Application.status.in_([S.ELIGIBLE, S.RECOMMENDED]), *not_own(person))
        .where(or_(Application.status == S.RECOMMENDED, locked >= Round.scores_needed))
        .order_by(Application.submitted_at, Application.id)
        .limit(most)
    ).unique()
    return [WaitingDecision(*row) for row in rows]


def decision_on(application: Application) -> Decision | None:
    """The decision on an application, or None."""
    return db.session.scalars(
        select(Decision).where(Decision.application_id == application.id).options(joinedload(Decision.decided_by))
    ).first()
