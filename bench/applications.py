"""Made-up applications by the thousand in the demonstration's open round, written straight into the tables."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

from sqlalchemy import select

from grants.accounts.models import Organisation, Person, name_key
from grants.accounts.queries import person_by_email
from grants.applications import contents as bids
from grants.applications.models import (
    Answer,
    Application,
    ApplicationDistrict,
    ApplicationStatus,
    ApplicationTopic,
    BudgetLine,
    Submission,
)
from grants.foundation.records.db import db, transaction
from grants.foundation.values import clock
from grants.foundation.values.money import Pence
from grants.funds.models import District, Priority, Question, Round, RoundStatus, Topic
from grants.review.models import Check, ScoreSheet

from .fill import SEED, WORDS

S = ApplicationStatus
ANSWER = "People on the estate have asked for this for two years, and the hall stands empty in the evenings. " * 6
FIRST = 5001
"""The number of the first one, far from those of the demonstration."""


def fill(applications: int) -> str:
    """Add made-up applications, a third of them with the panel; returns the reference of one that panel1 may score."""
    chance = random.Random(SEED)
    with transaction() as session:
        a_round = session.scalars(select(Round).where(Round.status == RoundStatus.OPEN).order_by(Round.id)).all()[-1]
        known = _Known(a_round)
        for number in range(applications):
            made = _application(number, chance, known)
            session.add(made)
            session.flush()
            content, sha256 = bids.freeze(
                bids.of_draft(made, [(question, ANSWER) for question in known.questions]),
                declared_name="Sam Example",
                submitted_at=known.sent(number).isoformat(),
                questions_sha256="",
            )
            session.add(
                Submission(application_id=made.id, content=content, sha256=sha256, submitted_at=known.sent(number))
            )
            if made.status == S.ELIGIBLE:
                session.add(
                    Check(
                        application_id=made.id,
                        officer_id=known.officer.id,
                        passed=True,
                        reason="",
                        checked_at=known.sent(number),
                    )
                )
        a_round.last_number = FIRST + applications
    return _declared(known.panel)


class _Known:
    """What every application refers to."""

    def __init__(self, a_round: Round) -> None:
        self.round = a_round
        self.officer, self.panel = _person("officer@example.org"), _person("panel1@example.org")
        self.applicant = _person("applicant@example.org")
        self.questions = db.session.scalars(select(Question).where(Question.round_id == a_round.id)).all()
        self.topics, self.districts = (
            db.session.scalars(select(Topic)).all(),
            db.session.scalars(select(District)).all(),
        )
        self.priorities = db.session.scalars(select(Priority).where(Priority.plan_id == a_round.plan_id)).all()

    def sent(self, number: int) -> datetime:
        """When the one of this number was submitted."""
        return clock.now() - timedelta(minutes=number + 1)


def _person(email: str) -> Person:
    found = person_by_email(email)
    if found is None:
        raise SystemExit(f"The demonstration has no {email}.")
    return found


def _application(number: int, chance: random.Random, known: _Known) -> Application:
    words = " ".join(chance.sample(WORDS, 3))
    name = f"{words} Group {number} (made up)"
    at = known.sent(number)
    group = Organisation(name=name, name_key=name_key(name), kind="voluntary group", made_at=at)
    lines = [
        BudgetLine(position=p, item=f"Sessions {p}", amount_pence=chance.randrange(10_000, 90_000)) for p in range(4)
    ]
    return Application(
        reference=f"{known.round.slug.upper()}-{FIRST + number:04}",
        round=known.round,
        organisation=group,
        started_by_id=known.applicant.id,
        submitted_by_id=known.applicant.id,
        declared_name="Sam Example",
        status=(S.SUBMITTED, S.ELIGIBLE, S.INELIGIBLE)[number % 3],
        title=f"{words} {number}",
        summary=f"Evening sessions for young people: {words.lower()}.",
        starts_on=date(2027, 1, 11),
        ends_on=date(2027, 9, 30),
        people_helped=chance.randrange(10, 400),
        priority=chance.choice(known.priorities),
        requested_pence=Pence(sum(line.amount_pence for line in lines)),
        started_at=at,
        saved_at=at,
        submitted_at=at,
        illustrative=True,
        budget_lines=lines,
        topics=[ApplicationTopic(topic=topic, position=p) for p, topic in enumerate(chance.sample(known.topics, 2))],
        districts=[ApplicationDistrict(district=chance.choice(known.districts))],
        answers=[Answer(question=question, text=ANSWER) for question in known.questions],
    )


def _declared(member: Person) -> str:
    """Let a panel member declare that they have no interest in the last one with the panel; returns its reference."""
    with transaction() as session:
        bid = session.scalars(
            select(Application).where(Application.status == S.ELIGIBLE).order_by(Application.id.desc()).limit(1)
        ).one()
        session.add(
            ScoreSheet(
                application_id=bid.id,
                person_id=member.id,
                has_conflict=False,
                conflict_note="",
                declared_at=clock.now(),
            )
        )
        return bid.reference
