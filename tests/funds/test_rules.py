"""When a round takes applications, and who an eligibility answer turns away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from grants.accounts.models import Person, RoleGrant
from grants.accounts.rights import Role
from grants.foundation.records.db import Refused
from grants.foundation.records.lifecycle import YES, take_step
from grants.funds.models import EligibilityQuestion, Round, RoundStatus
from grants.funds.rules import (
    ROUND_STEPS,
    can_change_questions,
    can_close,
    can_complete,
    can_follow,
    can_open,
    first_bar,
    is_asked,
    is_public,
    takes_applications,
)
from tests.support.rulings import says

CLOSES = datetime(2026, 12, 4, 12, tzinfo=UTC)


OPENS = CLOSES - timedelta(days=30)


def _round(status: RoundStatus = RoundStatus.OPEN, **more: Any) -> Round:
    given = {"opens_at": OPENS, "closes_at": CLOSES, "largest_grant_pence": 600_000, "plan_id": 1, **more}
    return Round(code="SCF 21", slug="scf-21", status=status, **given)


def test_round_takes_what_arrives_a_microsecond_before_it_closes() -> None:
    assert takes_applications(_round(), CLOSES - timedelta(microseconds=1))


def test_round_takes_nothing_at_its_closing_time() -> None:
    answer = takes_applications(_round(), CLOSES)

    assert not answer
    assert answer.reason.replace("\xa0", " ") == (
        "This round closed at 12 noon, Friday 4 December 2026 (UK time, GMT)."
    )


def test_round_takes_what_arrives_from_its_opening_time_and_nothing_before() -> None:
    assert takes_applications(_round(), OPENS) == YES
    assert "opens at" in takes_applications(_round(), OPENS - timedelta(microseconds=1)).reason


@pytest.mark.parametrize("status", [RoundStatus.CLOSED, RoundStatus.COMPLETE])
def test_round_that_is_closed_takes_nothing(status: RoundStatus) -> None:
    assert "closed at" in takes_applications(_round(status), CLOSES - timedelta(days=1)).reason


@pytest.mark.parametrize(
    "a_round",
    [_round(RoundStatus.DRAFT), _round(opens_at=None), _round(closes_at=None)],
    ids=["a draft", "no opening time", "no closing time"],
)
def test_round_that_has_not_opened_takes_nothing(a_round: Round) -> None:
    assert takes_applications(a_round, CLOSES - timedelta(days=1)).reason == "This round has not opened."


def test_round_closes_only_after_its_closing_time() -> None:
    assert not can_close(_round(), CLOSES - timedelta(seconds=1))
    assert can_close(_round(), CLOSES)
    assert can_close(_round(closes_at=None), CLOSES)


def test_round_that_cannot_close_yet_says_until_when() -> None:
    answer = can_close(_round(), CLOSES - timedelta(microseconds=1))

    says(answer, "This round takes applications until 12\xa0noon, Friday 4\xa0December\xa02026")
    says(can_close(_round(closes_at=None), CLOSES), "")


@pytest.mark.parametrize("status", RoundStatus)
def test_round_is_public_and_its_questions_are_frozen_once_it_is_opened(status: RoundStatus) -> None:
    is_draft = status == RoundStatus.DRAFT

    assert is_public(_round(status)) is not is_draft
    says(can_change_questions(_round(status)), "" if is_draft else "The questions of a round are frozen when it opens.")


def test_round_of_the_past_is_not_asked_for() -> None:
    assert is_asked(_round())
    assert not is_asked(_round(closes_at=None))


def test_round_opens_only_with_all_that_it_needs() -> None:
    answer = can_open(_round(), questions=0, criteria=1, eligibility=0)

    assert answer.reason == "The round cannot open yet. It needs a question, an eligibility question."


@pytest.mark.parametrize("missing", ["opens_at", "closes_at"])
def test_round_opens_only_with_both_of_its_times(missing: str) -> None:
    answer = can_open(_round(**{missing: None}), questions=1, criteria=1, eligibility=1)

    assert answer.reason == "The round cannot open yet. It needs an opening and a closing time."


def test_round_is_complete_when_nothing_of_it_waits() -> None:
    assert can_complete(0) == YES
    assert can_complete(1).reason == "1 application waits to be decided and announced."
    assert can_complete(2).reason == "2 applications wait to be decided and announced."


def test_how_far_a_round_has_come_is_seen_by_the_office_alone() -> None:
    officer, applicant = Person(grants=[RoleGrant(role=Role.OFFICER)]), Person(grants=[])

    assert can_follow(officer) == YES
    for person in (applicant, None):
        assert can_follow(person).reason == "How far a round has come is for the office."


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
