"""The verb of a decision notice. Signing it announces what was decided: nobody is told before."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select

from grants.accounts.models import Person
from grants.applications import contents as bids
from grants.applications import letters as results
from grants.applications.models import Application, Submission
from grants.applications.queries import locked as locked_application
from grants.applications.rules import is_approved
from grants.applications.submissions import operations as applications
from grants.awards.acts import AwardAct
from grants.awards.entries.operations import enter_award
from grants.awards.models import (
    LONGEST_NOTICE_TITLE,
    LONGEST_REASON,
    MOST_IN_NOTICE,
    Award,
    Decision,
    DecisionNotice,
    NoticeDecision,
    NoticeYear,
)
from grants.awards.offers.operations import make_offer
from grants.foundation.records import audit
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.records.numbers import next_of_year
from grants.foundation.records.office import the_office
from grants.foundation.values import clock
from grants.foundation.values.days import Day
from grants.foundation.values.words import count_characters
from grants.funds.models import Round
from grants.review.queries import hands_of

from . import letters
from .contents import content_of, frozen, total_of
from .queries import Signable, announced_approvals
from .rules import AGAIN, can_sign


class BadSignature(Refused):
    """The name that was typed is not that of the person who signs."""


def sign_notice(
    *, person: Person, a_round: Round, decision_ids: Collection[int], title: str, interests: str, signature: str
) -> DecisionNotice:
    """Sign a notice of decisions of one round, and announce each of them. All or nothing.

    An approved bid becomes AWARDED, its award is entered in the ledger and offered; a declined one becomes DECLINED;
    each group's letter is queued. Nothing is committed or paid. The trail has a line for the notice, and two for each
    award. `interests` is what the decision maker states of their own, `signature` their name as they type it.
    Raises Refused, and BadSignature.
    """
    _check(person, decision_ids, title, interests, signature)
    with transaction() as session:
        lines = _locked_lines(person, a_round, decision_ids)
        notice = _numbered(person, a_round, lines, title.strip())
        notice.content, notice.sha256, notice.pdf = frozen(
            content_of(
                reference=notice.reference,
                title=notice.title,
                a_round=a_round,
                office=the_office(),
                announced=announced_approvals(a_round),
                lines=lines,
                interests=interests.strip(),
                signature=signature.strip(),
                signed_at=notice.signed_at,
            )
        )
        session.add(notice)
        session.flush()
        for line in lines:
            _announce(person, line, notice)
        audit.record(
            actor=person.actor,
            verb=AwardAct.SIGN_DECISION_NOTICE,
            thing=notice,
            why=f"SHA-256 {notice.sha256}",
            changes={
                "decisions": ("", [line.decision.reference for line in lines]),
                "approved_pence": (None, notice.approved_pence),
                "interests": ("", interests),
            },
        )
        return notice


def _numbered(person: Person, a_round: Round, lines: Sequence[Signable], title: str) -> DecisionNotice:
    """The notice under the next number of its year, signed now; its content is still to be frozen."""
    now = clock.now()
    year = clock.london(now).year
    number = next_of_year(NoticeYear, year)
    approved = [line for line in lines if line.is_approved]
    return DecisionNotice(
        year=year,
        number=number,
        reference=f"DN-{year}-{number:04}",
        round_id=a_round.id,
        title=title,
        signed_at=now,
        signed_by_id=person.id,
        approved_count=len(approved),
        approved_pence=total_of(lines),
        declined_count=len(lines) - len(approved),
    )


def _check(person: Person, decision_ids: Collection[int], title: str, interests: str, signature: str) -> None:
    if not decision_ids:
        raise Refused("Choose at least one decision to sign.")
    if len(decision_ids) > MOST_IN_NOTICE:
        raise Refused(f"A notice takes {MOST_IN_NOTICE} decisions at most. Sign the others in a second one.")
    if not title.strip() or count_characters(title) > LONGEST_NOTICE_TITLE:
        raise Refused(f"Enter a title of at most {LONGEST_NOTICE_TITLE} characters.")
    if not interests.strip():
        raise Refused("Say which interests you have, or that you have none.")
    if count_characters(interests) > LONGEST_REASON:
        raise Refused(f"Shorten the interests to {LONGEST_REASON:,} characters or fewer.")
    if " ".join(signature.split()).casefold() != " ".join(person.name.split()).casefold():
        raise BadSignature(f"Type your name as it stands in your account: {person.name}.")


def _locked_lines(person: Person, a_round: Round, decision_ids: Collection[int]) -> Sequence[Signable]:
    """The decisions to sign, their bids held in one order, so that two who sign at once wait for each other."""
    wanted = db.session.scalars(
        select(Decision)
        .join(Decision.application)
        .where(Decision.id.in_(decision_ids), Application.round_id == a_round.id)
        .order_by(Decision.application_id)
    ).all()
    if len(wanted) != len(set(decision_ids)):
        raise Refused(f"One of these decisions is not of this round. {AGAIN}")
    hands = hands_of([decision.application_id for decision in wanted])
    for decision in wanted:
        current = locked_application(decision.application_id)
        can_sign(
            person,
            current,
            is_announced=db.session.get(NoticeDecision, decision.id) is not None,
            hands=hands[current.id],
        ).or_refuse()
    return sorted(
        (Signable(decision, db.session.get_one(Submission, decision.application_id), None) for decision in wanted),
        key=lambda line: line.application.reference,
    )


def _announce(person: Person, line: Signable, notice: DecisionNotice) -> None:
    application, decision = line.application, line.decision
    db.session.add(NoticeDecision(decision_id=decision.id, notice_id=notice.id))
    if is_approved(application):
        applications.step(application, "award")
        award = _enter(person, line, notice)
        offer = make_offer(actor=person.actor, award=award)
        subject, body = letters.award_letter(application, decision, notice, offer)
    else:
        applications.step(application, "decline")
        subject, body = letters.decline_letter(application, decision, notice)
    results.send_result(application=application, subject=subject, body=body)


def _enter(person: Person, line: Signable, notice: DecisionNotice) -> Award:
    application, decision = line.application, line.decision
    return enter_award(
        actor=person.actor,
        reference=application.reference,
        fund=application.round.fund,
        a_round=application.round,
        organisation=application.organisation,
        decision_id=decision.id,
        application_id=application.id,
        title=application.title,
        purpose=bids.of_submission(line.submission).summary,
        reasons=decision.reasons,
        conditions=decision.conditions,
        award_day=Day.exactly(clock.london(notice.signed_at).date()),
        amount=decision.amount_pence,
        requested=application.requested_pence,
        topics=[row.topic for row in sorted(application.topics, key=lambda row: row.position)],
        districts=[row.district for row in application.districts],
        priority=application.priority,
        starts_on=application.starts_on,
        ends_on=application.ends_on,
        illustrative=application.illustrative,
        source=f"decision notice {notice.reference}",
    )
