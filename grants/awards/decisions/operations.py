"""The verbs of a decision: decide, and declare an interest. A decision is announced by its notice and not before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from grants.accounts.models import Person
from grants.applications.models import Application, Bar, Submission
from grants.applications.queries import locked as locked_application
from grants.applications.submissions import operations as applications
from grants.awards.acts import AwardAct
from grants.awards.models import LONGEST_REASON, Decision, Outcome
from grants.foundation.records import audit
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.records.office import the_office
from grants.foundation.values import clock
from grants.foundation.values.money import Pence, pounds
from grants.foundation.values.words import count_characters
from grants.funds.models import Round
from grants.review.acts import ReviewAct
from grants.review.models import Recommendation, ScoreSheet
from grants.review.queries import hands_of, locked_sheets
from grants.review.ranking.queries import pot_use
from grants.review.recommendations.operations import BadGrant, OverPot, check_amount

from .contents import freeze
from .rules import can_decide, can_declare_interest

NO_INTEREST = "None."
"""The statement of interests of somebody who has none in the bid, as the notice prints it."""


class WhyLess(Refused):
    """Less is approved than was asked for, and nobody said yet why."""


def declare_interest(*, person: Person, application: Application) -> None:
    """Note that a decision maker has an interest: the application stays closed to them. Raises Refused."""
    with transaction() as session:
        current = locked_application(application.id)
        can_declare_interest(person, current).or_refuse()
        session.add(Bar(application_id=current.id, person_id=person.id, barred_at=clock.now()))
        audit.record(actor=person.actor, verb=ReviewAct.DECLARE_INTEREST, thing=current)


def decide(
    *,
    person: Person,
    application: Application,
    outcome: Outcome,
    amount: Pence,
    reasons: str,
    conditions: str = "",
    less_reason: str = "",
    feedback: str = "",
    interests: str = NO_INTEREST,
    over_pot_reason: str = "",
) -> Decision:
    """Approve or decline an application. `amount` is pence, 0 to decline. Nobody is told before its notice is signed.

    The notice publishes the reasons and conditions of an award (Specified Information Order 2011, Schedule 3(f)) and
    `over_pot_reason`; `less_reason`, `feedback` and the reasons of a refusal are for the group alone.
    Raises Refused; BadGrant for the amount, WhyLess for less than was asked without a reason, and OverPot where the
    pot is exceeded without one.
    """
    texts = {
        "reasons": reasons,
        "conditions": conditions,
        "less_reason": less_reason,
        "feedback": feedback,
        "interests": interests,
        "over_pot_reason": over_pot_reason,
    }
    with transaction() as session:
        current, sheets = _to_decide(person, application)
        _check(current, outcome, amount, texts)
        decision = _decision(person, current, outcome, amount, _that_apply(current, outcome, amount, texts))
        decision.content, decision.sha256 = freeze(
            decision,
            submission=session.get_one(Submission, current.id),
            recommendation=session.get(Recommendation, current.id),
            sheets=sheets,
        )
        session.add(decision)
        current.approved_pence = decision.amount_pence
        applications.step(current, "decide")
        audit.record(
            actor=person.actor,
            verb=AwardAct.DECIDE,
            thing=current,
            why=f"SHA-256 {decision.sha256}",
            changes={**audit.diff(current), "outcome": ("", outcome), "amount_pence": (None, decision.amount_pence)},
        )
        return decision


def _to_decide(person: Person, application: Application) -> tuple[Application, Sequence[ScoreSheet]]:
    """The bid, held, with what the panel said of it, where the person may decide on it."""
    current = locked_application(application.id)
    sheets = locked_sheets(current.id)
    can_decide(person, current, locked=len(sheets), hands=hands_of([current.id])[current.id]).or_refuse()
    return current, sheets


def _decision(
    person: Person, application: Application, outcome: Outcome, amount: Pence, texts: Mapping[str, str]
) -> Decision:
    office = the_office()
    return Decision(
        application_id=application.id,
        reference=f"D-{application.reference}",
        outcome=outcome,
        requested_pence=application.requested_pence,
        amount_pence=amount if outcome == Outcome.APPROVED else Pence(0),
        **texts,
        decided_by_id=person.id,
        decided_at=clock.now(),
        decision_maker=office.decision_maker,
        department=office.department,
        legal_power=office.legal_power,
    )


def _check(application: Application, outcome: Outcome, amount: Pence, texts: Mapping[str, str]) -> None:
    if not texts["reasons"].strip():
        raise Refused("Enter the reasons for the decision.")
    if not texts["interests"].strip():
        raise Refused("Say which interests you have, or that you have none.")
    for name, text in texts.items():
        if count_characters(text) > LONGEST_REASON:
            raise Refused(f"Shorten the {_WORDS.get(name, name)} to {LONGEST_REASON:,} characters or fewer.")
    if outcome == Outcome.DECLINED:
        return
    if amount <= 0:
        raise BadGrant("Enter the amount that you approve. It is more than £0.")
    check_amount(application, amount)
    if amount < application.requested_pence and not texts["less_reason"].strip():
        raise WhyLess(
            f"Enter why you approve {pounds(application.requested_pence - amount)} less than the "
            f"{pounds(application.requested_pence)} that was asked for. The group is told."
        )
    _check_pot(application.round, amount, texts["over_pot_reason"])


def _that_apply(application: Application, outcome: Outcome, amount: Pence, texts: Mapping[str, str]) -> dict[str, str]:
    """The texts without those that say something of another decision, like why less where it is not less."""
    is_approved = outcome == Outcome.APPROVED
    apply = {
        "conditions": is_approved,
        "less_reason": is_approved and amount < application.requested_pence,
        "over_pot_reason": is_approved and pot_use(application.round).decided.excess(amount) > 0,
    }
    return {name: text.strip() if apply.get(name, True) else "" for name, text in texts.items()}


_WORDS = {"less_reason": "reason for approving less", "over_pot_reason": "reason for going over the pot"}


def _check_pot(a_round: Round, amount: Pence, over_pot_reason: str) -> None:
    db.session.execute(select(Round.id).where(Round.id == a_round.id).with_for_update())
    excess = pot_use(a_round).decided.excess(amount)
    if excess and not over_pot_reason.strip():
        raise OverPot(
            f"With this award the round would be {pounds(excess)} over its pot of {pounds(a_round.pot_pence)}. "
            "Enter why that is right, or approve less."
        )
