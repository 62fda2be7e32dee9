"""When a round is what, and what it takes in. Pure: nothing here asks the database or the clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from grants.accounts.models import Person
from grants.accounts.rights import DoneBy, Right
from grants.foundation.records.lifecycle import YES, Ruling, Step, no
from grants.foundation.values.words import some
from grants.foundation.web.pages import deadline

from .models import EligibilityQuestion, Round, RoundStatus


def takes_applications(a_round: Round, at: datetime) -> Ruling:
    """Whether what arrives at this instant (UTC) counts: what arrives before the closing time does."""
    if a_round.status == RoundStatus.DRAFT or a_round.opens_at is None or a_round.closes_at is None:
        return no("This round has not opened.")
    if at < a_round.opens_at:
        return no(f"This round opens at {_when(a_round.opens_at)}.")
    if a_round.status != RoundStatus.OPEN or at >= a_round.closes_at:
        return no(f"This round closed at {_when(a_round.closes_at)}.")
    return YES


def is_public(a_round: Round) -> bool:
    """Whether anybody may know of it: one that is being prepared is not there yet."""
    return a_round.status != RoundStatus.DRAFT


def is_asked(a_round: Round) -> bool:
    """Whether it has questions and a closing time: of a round of the past only facts are known."""
    return a_round.closes_at is not None


def can_follow(person: Person | None) -> Ruling:
    """Whether the person sees how far a round has come, beyond what the public reads of it."""
    if person is not None and person.may(Right.FOLLOW_ROUNDS):
        return YES
    return no("How far a round has come is for the office.")


def can_change_questions(a_round: Round) -> Ruling:
    """Whether the question set may still change: it freezes when the round opens."""
    return YES if a_round.status == RoundStatus.DRAFT else no("The questions of a round are frozen when it opens.")


def can_open(a_round: Round, *, questions: int, criteria: int, eligibility: int) -> Ruling:
    """Whether it has dates, a largest grant, a plan, questions, criteria and eligibility questions."""
    missing = [
        name
        for name, there in (
            ("an opening and a closing time", a_round.opens_at and a_round.closes_at),
            ("a largest grant", a_round.largest_grant_pence),
            ("a plan with its priorities", a_round.plan_id),
            ("a question", questions),
            ("a criterion", criteria),
            ("an eligibility question", eligibility),
        )
        if not there
    ]
    return no(f"The round cannot open yet. It needs {', '.join(missing)}.") if missing else YES


def can_close(a_round: Round, at: datetime) -> Ruling:
    """Whether the closing time has passed: nobody closes a round early on those who are still writing."""
    if a_round.closes_at is not None and at < a_round.closes_at:
        return no(f"This round takes applications until {_when(a_round.closes_at)}.")
    return YES


def can_complete(unfinished: int) -> Ruling:
    """Whether every application is decided and announced.

    `unfinished` is how many wait for something.
    """
    if unfinished:
        return no(f"{some(unfinished, 'application waits', 'applications wait')} to be decided and announced.")
    return YES


ROUND_STEPS: tuple[Step[DoneBy], ...] = (
    Step(RoundStatus.DRAFT, "open", RoundStatus.OPEN, Right.RUN_ROUNDS, can_open),
    Step(RoundStatus.OPEN, "close", RoundStatus.CLOSED, Right.RUN_ROUNDS, can_close),
    Step(RoundStatus.CLOSED, "complete", RoundStatus.COMPLETE, Right.RUN_ROUNDS, can_complete),
)
"""The life of a round. Opening freezes its questions, criteria and eligibility questions."""


def first_bar(questions: Sequence[EligibilityQuestion], answers: Mapping[int, bool]) -> EligibilityQuestion | None:
    """The first question (by its order) whose answer means that the fund is not for them."""
    return next((q for q in questions if q.id in answers and answers[q.id] != q.good_answer), None)


def _when(instant: datetime) -> str:
    return deadline(instant, zone=True)
