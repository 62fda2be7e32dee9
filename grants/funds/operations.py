"""The verbs of funds and rounds. A round is made as a draft, given its questions and criteria, and opened.

What a loader calls, in this order:

    make_fund(actor=, code=, name=, funding_source=, …) -> Fund
    make_plan(actor=, name=, priorities=[name, …]) -> Plan
    make_round(actor=, fund=, code=, plan=, opens_at=, closes_at=, largest_grant_pence=, pot_pence=, …) -> Round
    add_eligibility_question(actor=, a_round=, text=, good_answer=, advice=, hint=)
    add_question(actor=, a_round=, key=, text=, most_words=, hint=, required=, kind=, settings=)
    add_criterion(actor=, a_round=, title=, description=, anchors=[six lines], weight=)
    open_round(actor=, a_round=)
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import func, select

from grants.foundation.records import audit
from grants.foundation.records.actors import Actor
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.records.lifecycle import take_step
from grants.foundation.values import clock
from grants.foundation.values.money import Pence
from grants.foundation.values.words import tidy_line
from grants.funds.acts import FundAct

from . import queries, rules
from .kinds import registry as kinds
from .models import (
    LARGEST_SCORE,
    WORDS,
    Criterion,
    EligibilityQuestion,
    Fund,
    Plan,
    Priority,
    Question,
    Round,
    RoundStatus,
)

Part = TypeVar("Part", Question, EligibilityQuestion, Criterion)

_KEY = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def make_fund(
    *,
    actor: Actor,
    code: str,
    name: str,
    funding_source: str = "",
    open_call: bool = True,
    largest_grant_is_set_by: str = "round",
    description: str = "",
) -> Fund:
    """Make a fund. Raises Refused where its code is taken."""
    with transaction() as session:
        if queries.fund_by_code(code):
            raise Refused(f"There is a fund with the code {code} already.")
        fund = Fund(
            code=code,
            name=name,
            funding_source=funding_source,
            open_call=open_call,
            largest_grant_is_set_by=largest_grant_is_set_by,
            description=description,
        )
        session.add(fund)
        audit.record(actor=actor, verb=FundAct.MAKE_FUND, thing=fund, reference=code)
        return fund


def make_plan(*, actor: Actor, name: str, priorities: Sequence[str]) -> Plan:
    """Make a version of the plan with its priorities in order. Raises Refused where its name is taken."""
    with transaction() as session:
        if queries.plan_by_name(name):
            raise Refused(f"There is a plan called {name} already.")
        plan = Plan(name=name)
        plan.priorities = [
            Priority(position=position, name=priority, slug=slug_of(f"{name} {priority}"))
            for position, priority in enumerate(priorities)
        ]
        session.add(plan)
        audit.record(actor=actor, verb=FundAct.MAKE_PLAN, thing=plan)
        return plan


def make_round(
    *,
    actor: Actor,
    fund: Fund,
    code: str,
    plan: Plan | None = None,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    largest_grant_pence: Pence | None = None,
    pot_pence: Pence | None = None,
    summary: str = "",
    most_months: int | None = None,
    bids_each: int = 1,
    scores_needed: int = 3,
    report_days: int = 30,
    illustrative: bool = False,
) -> Round:
    """Make a round in preparation. Times are UTC, amounts pence. Raises Refused where its code is taken."""
    with transaction() as session:
        slug = slug_of(code)
        if session.scalar(select(Round.id).where((Round.code == code) | (Round.slug == slug))):
            raise Refused(f"There is a round {code} already.")
        a_round = Round(
            fund=fund,
            code=code,
            slug=slug,
            status=RoundStatus.DRAFT,
            plan_id=plan.id if plan else None,
            opens_at=opens_at,
            closes_at=closes_at,
            largest_grant_pence=largest_grant_pence,
            pot_pence=pot_pence,
            summary=summary,
            most_months=most_months,
            bids_each=bids_each,
            scores_needed=scores_needed,
            report_days=report_days,
            illustrative=illustrative,
        )
        session.add(a_round)
        audit.record(actor=actor, verb=FundAct.MAKE_ROUND, thing=a_round, reference=code)
        return a_round


def add_question(
    *,
    actor: Actor,
    a_round: Round,
    key: str,
    text: str,
    most_words: int = 1,
    hint: str = "",
    required: bool = True,
    kind: str = WORDS,
    settings: Mapping[str, Any] | None = None,
) -> Question:
    """Add a question. `key` names it in addresses; `settings` is what its kind wants to know. Raises Refused.

    It is refused once the set is frozen, and where nobody knows its kind.
    """
    with transaction():
        rules.can_change_questions(a_round).or_refuse()
        if not _KEY.fullmatch(key):
            raise Refused("The key of a question is lower-case words with hyphens, like difference-made.")
        if kind not in kinds.names():
            raise Refused(f"There is no kind of question called {kind}.")
        question = Question(
            round_id=a_round.id,
            position=_next(Question, a_round),
            key=key,
            text=text,
            hint=hint,
            most_words=most_words,
            required=required,
            kind=kind,
            settings=dict(settings or {}),
        )
        return _added(question, actor, FundAct.ADD_QUESTION, a_round)


def add_eligibility_question(
    *, actor: Actor, a_round: Round, text: str, good_answer: bool, advice: str, hint: str = ""
) -> EligibilityQuestion:
    """Add a yes/no question. Who answers other than `good_answer` reads `advice`. Raises Refused once frozen."""
    with transaction():
        rules.can_change_questions(a_round).or_refuse()
        question = EligibilityQuestion(
            round_id=a_round.id,
            position=_next(EligibilityQuestion, a_round),
            text=text,
            hint=hint,
            good_answer=good_answer,
            advice=advice,
        )
        return _added(question, actor, FundAct.ADD_ELIGIBILITY_QUESTION, a_round)


def add_criterion(
    *, actor: Actor, a_round: Round, title: str, description: str, anchors: Sequence[str], weight: int = 1
) -> Criterion:
    """Add what the panel scores, with one line of anchor for each score from 0 up. Raises Refused once frozen."""
    with transaction():
        rules.can_change_questions(a_round).or_refuse()
        lines = [tidy_line(anchor) for anchor in anchors]
        if len(lines) != LARGEST_SCORE + 1 or not all(lines):
            raise Refused(f"A criterion needs {LARGEST_SCORE + 1} anchors, one for each score.")
        criterion = Criterion(
            round_id=a_round.id,
            position=_next(Criterion, a_round),
            title=title,
            description=description,
            anchors="\n".join(lines),
            weight=weight,
        )
        return _added(criterion, actor, FundAct.ADD_CRITERION, a_round)


def _added(part: Part, actor: Actor, act: FundAct, a_round: Round) -> Part:
    db.session.add(part)
    audit.record(actor=actor, verb=act, thing=part, reference=a_round.code)
    return part


def open_round(*, actor: Actor, a_round: Round) -> Round:
    """Open a round; its questions, criteria and eligibility questions freeze under a SHA-256. Raises Refused."""
    with transaction():
        status = take_step(rules.ROUND_STEPS, RoundStatus(a_round.status), "open", thing="round")
        questions, criteria = queries.questions_of(a_round), queries.criteria_of(a_round)
        eligibility = queries.eligibility_of(a_round)
        rules.can_open(
            a_round, questions=len(questions), criteria=len(criteria), eligibility=len(eligibility)
        ).or_refuse()
        a_round.status = status
        a_round.questions_sha256 = fingerprint(questions, criteria, eligibility)
        a_round.version += 1
        audit.record(actor=actor, verb=FundAct.OPEN_ROUND, thing=a_round, reference=a_round.code)
        return a_round


def close_round(*, actor: Actor, a_round: Round) -> Round:
    """Close a round after its closing time. Raises Refused."""
    with transaction() as session:
        session.refresh(a_round, with_for_update={"of": Round})
        status = take_step(rules.ROUND_STEPS, RoundStatus(a_round.status), "close", thing="round")
        rules.can_close(a_round, clock.now()).or_refuse()
        a_round.status = status
        a_round.version += 1
        audit.record(actor=actor, verb=FundAct.CLOSE_ROUND, thing=a_round, reference=a_round.code)
        return a_round


def fingerprint(
    questions: Sequence[Question], criteria: Sequence[Criterion], eligibility: Sequence[EligibilityQuestion]
) -> str:
    """The SHA-256 of a question set: every text, limit, anchor and weight in it."""
    content = {
        "questions": [_asked(question) for question in questions],
        "criteria": [[c.title, c.description, c.anchors, c.weight] for c in criteria],
        "eligibility": [[e.text, e.hint, e.good_answer, e.advice] for e in eligibility],
    }
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _asked(question: Question) -> list[Any]:
    """A question in the fingerprint. One that is answered in words stands there as it did before there were others."""
    asked = [question.key, question.text, question.hint, question.most_words, question.required]
    return asked if question.kind == WORDS else [*asked, question.kind, question.settings]


def slug_of(text: str) -> str:
    """A name as it stands in an address.

    >>> slug_of("SCF Covid-19")
    'scf-covid-19'
    """
    return "-".join(re.findall("[a-z0-9]+", text.lower()))


def _next(kind: type[Question] | type[EligibilityQuestion] | type[Criterion], a_round: Round) -> int:
    last = db.session.scalar(select(func.max(kind.position)).where(kind.round_id == a_round.id))
    return 0 if last is None else last + 1
