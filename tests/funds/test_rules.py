"""When a round takes applications, and who an eligibility answer turns away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from grants.foundation.records.db import Refused
from grants.foundation.records.lifecycle import take_step
from grants.funds.models import EligibilityQuestion, Round, RoundStatus
from grants.funds.rules import ROUND_STEPS, can_close, can_open, first_bar, takes_applications

CLOSES = datetime(2026, 12, 4, 12, tzinfo=UTC)


def _round(status: RoundStatus = RoundStatus.OPEN) -> Round:
    return Round(
        code="SCF 21",
        slug="scf-21",
        status=status,
        opens_at=CLOSES - timedelta(days=30),
        closes_at=CLOSES,
        largest_grant_pence=600_000,
        plan_id=1,
    )


def test_round_takes_what_arrives_a_microsecond_before_it_closes() -> None:
    assert takes_applications(_round(), CLOSES - timedelta(microseconds=1))


def test_round_takes_nothing_at_its_closing_time() -> None:
    answer = takes_applications(_round(), CLOSES)

    assert not answer
    assert answer.reason.replace("\xa0", " ") == (
        "This round closed at 12 noon, Friday 4 December 2026 (UK time, GMT)."
    )


def test_round_takes_nothing_before_it_opens() -> None:
    assert "opens at" in takes_applications(_round(), CLOSES - timedelta(days=31)).reason


@pytest.mark.parametrize("status", [RoundStatus.DRAFT, RoundStatus.CLOSED, RoundStatus.COMPLETE])
def test_round_that_is_not_open_takes_nothing(status: RoundStatus) -> None:
    assert not takes_applications(_round(status), CLOSES - timedelta(days=1))


def test_past_round_without_times_takes_nothing() -> None:
    past = Round(code="SCF 1", slug="scf-1", status=RoundStatus.COMPLETE)

    assert takes_applications(past, CLOSES).reason == "This round has not opened."


def test_round_closes_only_after_its_closing_time() -> None:
    assert not can_close(_round(), CLOSES - timedelta(seconds=1))
    assert can_close(_round(), CLOSES)


def test_round_opens_only_with_all_that_it_needs() -> None:
    answer = can_open(_round(), questions=0, criteria=1, eligibility=0)

    assert answer.reason == "The round cannot open yet. It needs a question, an eligibility question."


@pytest.mark.parametrize("start", list(RoundStatus))
@pytest.mark.parametrize("verb", ["open", "close", "complete"])
def test_round_follows_its_table(start: RoundStatus, verb: str) -> None:
    allowed = {("draft", "open"): "open", ("open", "close"): "closed", ("closed", "complete"): "complete"}

    if (start, verb) in allowed:
        assert take_step(ROUND_STEPS, start, verb, thing="round") == allowed[start, verb]
    else:
        with pytest.raises(Refused, match=f"cannot {verb} it now"):
            take_step(ROUND_STEPS, start, verb, thing="round")


def test_first_bar_is_the_first_answer_that_is_not_good() -> None:
    asked = [
        EligibilityQuestion(id=1, position=0, text="A?", hint="", good_answer=True, advice="a"),
        EligibilityQuestion(id=2, position=1, text="B?", hint="", good_answer=False, advice="b"),
        EligibilityQuestion(id=3, position=2, text="C?", hint="", good_answer=True, advice="c"),
    ]

    assert first_bar(asked, {1: True, 2: False, 3: True}) is None
    assert first_bar(asked, {1: True, 2: True, 3: False}) is asked[1]
    assert first_bar(asked, {3: False}) is asked[2]
