"""Which parts of a story a reader sees: what is not named is not shown."""

from __future__ import annotations

import pytest

from grants.desk.story.contents import _may_know
from grants.desk.story.rules import Visibility

ALL, NOTHING = Visibility(bid=True, scores=True, payments=True), Visibility(bid=False, scores=False, payments=False)
FOR_EVERY_READER = {"awards", "decision_notices", "reports"}
WITH_A_PART = {"applications", "clarifications", "score_sheets", "bank_details", "batches", "return_files"}


@pytest.mark.parametrize("kind", sorted(FOR_EVERY_READER | WITH_A_PART))
def test_kind_of_line_is_seen_with_the_part_that_it_belongs_to(kind: str) -> None:
    assert ALL.sees(kind)
    assert NOTHING.sees(kind) is (kind in FOR_EVERY_READER)


def test_kind_that_nobody_has_thought_of_is_seen_by_nobody() -> None:
    assert not ALL.sees("people")


def test_letter_about_something_that_nobody_has_thought_of_is_known_to_nobody() -> None:
    assert _may_know(ALL, "bank_details")
    assert not _may_know(NOTHING, "bank_details")
    assert not _may_know(ALL, "person")
