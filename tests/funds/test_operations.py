"""Making a round, and freezing its questions when it opens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from grants.foundation.records.audit import AuditLine
from grants.foundation.records.db import Refused, db
from grants.foundation.values import clock as time
from grants.foundation.values.money import Pence
from grants.funds import operations, queries
from grants.funds.models import Round, RoundStatus
from tests.support import factories
from tests.support.factories import TESTS

pytestmark = pytest.mark.usefixtures("app")

ANCHORS = ["Nothing", "Weak", "Some", "Fair", "Good", "Excellent"]


def _draft(**more: Any) -> Round:
    plan = operations.make_plan(actor=TESTS, name="Plan 2026", priorities=["Safer places", "Victims"])
    given: dict[str, Any] = {
        "opens_at": time.now() - timedelta(days=1),
        "closes_at": time.now() + timedelta(days=30),
        "largest_grant_pence": Pence(600_000),
        "pot_pence": Pence(20_000_000),
        "plan": plan,
    }
    return operations.make_round(actor=TESTS, fund=factories.fund(), code="SCF 21", **{**given, **more})


def _fill(a_round: Round) -> None:
    operations.add_eligibility_question(
        actor=TESTS, a_round=a_round, text="Here?", good_answer=True, advice="Try there."
    )
    operations.add_question(actor=TESTS, a_round=a_round, key="need", text="Why?", most_words=300)
    operations.add_question(actor=TESTS, a_round=a_round, key="work", text="What?", most_words=200)
    operations.add_criterion(actor=TESTS, a_round=a_round, title="Need", description="How clear", anchors=ANCHORS)


def test_open_round_freezes_its_questions_under_a_sha256() -> None:
    a_round = _draft()
    _fill(a_round)

    operations.open_round(actor=TESTS, a_round=a_round)

    assert a_round.status == RoundStatus.OPEN
    assert len(a_round.questions_sha256) == 64
    with pytest.raises(Refused, match="frozen"):
        operations.add_question(actor=TESTS, a_round=a_round, key="more", text="More?", most_words=10)
    with pytest.raises(Refused, match="frozen"):
        operations.add_criterion(actor=TESTS, a_round=a_round, title="X", description="", anchors=ANCHORS)
    with pytest.raises(Refused, match="frozen"):
        operations.add_eligibility_question(actor=TESTS, a_round=a_round, text="X?", good_answer=True, advice="")
    assert [line.verb for line in db.session.scalars(select(AuditLine).order_by(AuditLine.id))] == [
        "make plan",
        "make round",
        "add eligibility question",
        "add question",
        "add question",
        "add criterion",
        "open round",
    ]


def test_questions_stand_in_the_order_in_which_they_were_added() -> None:
    a_round = _draft()
    _fill(a_round)

    assert [question.key for question in queries.questions_of(a_round)] == ["need", "work"]


def test_open_round_without_questions_is_refused_and_changes_nothing() -> None:
    a_round = _draft()

    with pytest.raises(Refused, match="It needs a question, a criterion, an eligibility question"):
        operations.open_round(actor=TESTS, a_round=a_round)
    assert a_round.status == RoundStatus.DRAFT


def test_a_code_is_used_once() -> None:
    _draft()

    with pytest.raises(Refused, match="There is a round"):
        operations.make_round(actor=TESTS, fund=factories.fund(), code="scf-21")
    with pytest.raises(Refused, match="There is a fund"):
        operations.make_fund(actor=TESTS, code="SCF", name="Another")


@pytest.mark.parametrize("anchors", [ANCHORS[:5], [*ANCHORS, "Seven"], [*ANCHORS[:5], " "]])
def test_a_criterion_has_an_anchor_for_each_score(anchors: list[str]) -> None:
    a_round = _draft()

    with pytest.raises(Refused, match="6 anchors"):
        operations.add_criterion(actor=TESTS, a_round=a_round, title="Need", description="", anchors=anchors)


def test_the_key_of_a_question_fits_an_address() -> None:
    a_round = _draft()

    with pytest.raises(Refused, match="lower-case words"):
        operations.add_question(actor=TESTS, a_round=a_round, key="../x", text="?", most_words=10)


def test_close_round_before_its_time_is_refused() -> None:
    a_round = factories.open_round()

    with pytest.raises(Refused, match="takes applications until"):
        operations.close_round(actor=TESTS, a_round=a_round)


def test_close_round_after_its_time(clock: Any) -> None:
    a_round = factories.open_round()
    clock.shift(timedelta(days=28))

    operations.close_round(actor=TESTS, a_round=a_round)

    assert a_round.status == RoundStatus.CLOSED
