"""The forms of a question to a group, and of its answer."""

from __future__ import annotations

from grants.applications.models import ANSWER_HOUR, LONGEST_CLARIFICATION_WORDS, LONGEST_QUESTION
from grants.foundation.web.fields.day import DayField
from grants.foundation.web.fields.text import TextField, WordsField
from grants.foundation.web.forms import CreatingForm


class AskForm(CreatingForm):
    """A question of an officer to the group."""

    question = TextField(
        "Your question",
        thing="your question",
        longest=LONGEST_QUESTION,
        hint="The group reads it as you write it, and so do the panel and the decision maker, with the answer",
    )
    answer_on = DayField(
        "Answer by", thing="the day for the answer", hint=f"They have until {f'{ANSWER_HOUR:%-I%p}'.lower()} that day"
    )


class ClarifyForm(CreatingForm):
    """What the group answers."""

    answer = WordsField("Your answer", thing="your answer", most_words=LONGEST_CLARIFICATION_WORDS, rows=8)
