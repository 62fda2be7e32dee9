"""Named reads of funds, rounds and the words by which awards are counted."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import case, select

from grants.foundation.records.db import db
from grants.foundation.values import clock

from .models import Criterion, District, EligibilityQuestion, Fund, Plan, Priority, Question, Round, RoundStatus, Topic


def fund_names() -> Sequence[str]:
    """The names of all funds."""
    return db.session.scalars(select(Fund.name)).all()


def round_by_slug(slug: str) -> Round | None:
    """The round of an address, its fund with it."""
    return db.session.scalars(select(Round).where(Round.slug == slug)).first()


def round_slugs() -> Sequence[str]:
    """The rounds that this system runs or ran, as addresses name them, the latest first."""
    return db.session.scalars(
        select(Round.slug).where(Round.opens_at.is_not(None)).order_by(Round.opens_at.desc(), Round.id.desc())
    ).all()


def open_rounds() -> Sequence[Round]:
    """The rounds that take applications now, the one that closes first at the top."""
    now = clock.now()
    return db.session.scalars(
        select(Round)
        .where(Round.status == RoundStatus.OPEN, Round.opens_at <= now, Round.closes_at > now)
        .order_by(Round.closes_at, Round.id)
    ).all()


def public_rounds() -> Sequence[Round]:
    """Every round that the public may read about: all but those in preparation, newest first."""
    order = case({RoundStatus.OPEN.value: 0, RoundStatus.CLOSED.value: 1}, value=Round.status, else_=2)
    return db.session.scalars(
        select(Round).where(Round.status != RoundStatus.DRAFT).order_by(order, Round.id.desc())
    ).all()


def questions_of(a_round: Round) -> Sequence[Question]:
    """The questions that are answered in words, in their order."""
    return db.session.scalars(select(Question).where(Question.round_id == a_round.id).order_by(Question.position)).all()


def eligibility_of(a_round: Round) -> Sequence[EligibilityQuestion]:
    """What is asked before an account is needed, in its order."""
    return db.session.scalars(
        select(EligibilityQuestion)
        .where(EligibilityQuestion.round_id == a_round.id)
        .order_by(EligibilityQuestion.position)
    ).all()


def criteria_of(a_round: Round) -> Sequence[Criterion]:
    """What the panel scores, in its order."""
    return db.session.scalars(
        select(Criterion).where(Criterion.round_id == a_round.id).order_by(Criterion.position)
    ).all()


def fund_by_code(code: str) -> Fund | None:
    """A fund by the code that files and filters use."""
    return db.session.scalars(select(Fund).where(Fund.code == code)).first()


def topic_choices() -> Sequence[tuple[int, str]]:
    """Every topic as (id, name), by name."""
    return [(row.id, row.name) for row in db.session.execute(select(Topic.id, Topic.name).order_by(Topic.name))]


def all_districts() -> Sequence[District]:
    """Every district by name, the whole area last."""
    return sorted(
        db.session.scalars(select(District)).all(), key=lambda district: (district.is_whole_area, district.name)
    )


def priorities_of(a_round: Round) -> Sequence[Priority]:
    """The priorities of the plan that the round serves, in the plan's order."""
    return db.session.scalars(
        select(Priority).where(Priority.plan_id == a_round.plan_id).order_by(Priority.position)
    ).all()


def plan_by_name(name: str) -> Plan | None:
    """A plan by its name."""
    return db.session.scalars(select(Plan).where(Plan.name == name)).first()
