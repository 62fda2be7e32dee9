"""The life cycles are what their tables say, and the page that draws them is in step with the tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from docs import draw
from grants.awards import operations as awards
from grants.awards.models import Award, AwardStatus
from grants.awards.rules import AWARD_STEPS
from grants.foundation.days import Day
from grants.foundation.db import Refused
from grants.foundation.lifecycle import find_step
from grants.foundation.money import Pence
from tests.support import factories as make


def test_page_of_the_life_cycles_is_in_step_with_the_tables() -> None:
    assert draw.PAGE.read_text() == draw.page(), "write it anew: python -m docs.draw"


@pytest.mark.parametrize(
    ("title", "states", "steps"), [(title, states, steps) for title, _, states, steps in draw.CYCLES]
)
def test_drawing_shows_every_step(title: str, states: Any, steps: Any) -> None:
    drawn = "\n".join(draw.drawing(states, steps))

    for step in steps:
        arrows = [
            line for line in drawn.splitlines() if line.strip().startswith(f"{step.start.name} --> {step.end.name}:")
        ]
        assert len(arrows) == 1
        assert step.verb in arrows[0].split(": ")[1].split(", ")


LATER = Day.parse("2026-06-01")
VERBS: dict[str, Callable[[Award], Any]] = {
    "vary": lambda award: awards.vary(actor=make.TESTS, award=award, by=-100, effective=LATER, reason="Less."),
    "record repayment": lambda award: awards.record_repayment(
        actor=make.TESTS, award=award, amount=Pence(100), effective=LATER, reason="Unspent."
    ),
    "correct amount": lambda award: awards.correct_amount(
        actor=make.TESTS, award=award, amount=Pence(400_000), reason="Found."
    ),
    "withdraw": lambda award: awards.withdraw(actor=make.TESTS, award=award, effective=LATER, reason="Off."),
    "reinstate": lambda award: awards.reinstate(actor=make.TESTS, award=award, reason="It was none."),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", [AwardStatus.AWARDED, AwardStatus.WITHDRAWN])
def test_award_goes_where_its_table_says_and_nowhere_else(app: Flask, state: AwardStatus, verb: str) -> None:
    award = make.award(source="a list")
    if state == AwardStatus.WITHDRAWN:
        VERBS["withdraw"](award)
    step = find_step(AWARD_STEPS, state, verb)

    if step is None:
        with pytest.raises(Refused):
            VERBS[verb](award)
        assert award.status == state
    else:
        VERBS[verb](award)
        assert award.status == step.end


def test_every_verb_of_the_award_table_is_tried() -> None:
    assert {step.verb for step in AWARD_STEPS} == set(VERBS)
