"""Questions that are answered in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grants.funds.kinds.kind import GivenAnswer
from grants.funds.kinds.registry import UnknownKind, kind_of, names
from grants.funds.kinds.words import KIND
from grants.funds.models import Question

ASKED = Question(key="need", text="Why is it needed?", hint="Say how you know.", most_words=250, required=True)
ANSWER = GivenAnswer("need", "Why is it needed?", 250, True, "They ask.")


def test_words_are_what_a_question_asks_for_unless_it_says_otherwise() -> None:
    assert "words" in names()
    assert kind_of(ANSWER) is KIND


def test_kind_that_nobody_knows_is_named() -> None:
    with pytest.raises(UnknownKind, match="riddle"):
        kind_of(replace(ANSWER, kind="riddle"))


def test_limit_and_blank_form_say_how_many_words() -> None:
    assert KIND.limit(ASKED) == "Up to 250\xa0words"
    assert KIND.blank(ASKED) == {"kind": "words", "most_words": 250}


def test_answer_at_the_limit_is_fine_and_one_word_more_is_not() -> None:
    assert KIND.problem(replace(ANSWER, text="word " * 250)) == ""
    assert KIND.problem(replace(ANSWER, text="word " * 251)) == (
        "The answer to “Why is it needed?” must be 250 words or fewer. It has 251: shorten it by 1 word"
    )


def test_answer_is_frozen_as_before_there_were_other_kinds() -> None:
    """The canonical JSON of a submission, and with it its SHA-256, must not change with the code that reads it."""
    assert KIND.freeze(ANSWER) == {
        "key": "need",
        "question": "Why is it needed?",
        "most_words": 250,
        "required": True,
        "text": "They ask.",
    }


def test_text_is_kept_shown_told_and_exported_as_it_was_typed() -> None:
    assert {KIND.kept("They ask."), KIND.shown("They ask."), KIND.words("They ask."), KIND.cell("They ask.")} == {
        "They ask."
    }
    assert KIND.kept(None) == ""
