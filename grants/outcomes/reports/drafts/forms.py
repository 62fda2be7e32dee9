"""The forms of a report. A draft keeps whatever was typed, so the group's fields ask for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import FieldList, FormField, HiddenField

from grants.foundation.values.money import Pence
from grants.foundation.web.fields.choices import ConfirmField
from grants.foundation.web.fields.drafts import (
    DraftChoice,
    DraftLine,
    DraftNumber,
    DraftTick,
    DraftWords,
    LineAmount,
)
from grants.foundation.web.fields.text import LineField
from grants.foundation.web.forms import CreatingForm, PartForm, SectionForm
from grants.outcomes.reports.models import (
    CHANGED_WORDS,
    DIFFERENCE_WORDS,
    LONGEST_LINE_REASON,
    LONGEST_OTHER_MONEY,
    MOST_PEOPLE,
    STORY_WORDS,
)

COUNTED, ESTIMATED = "counted", "estimated"


class ReportPeopleForm(SectionForm):
    """Whom the project helped."""

    people_helped = DraftNumber(
        "How many people did the project help?", thing="how many people the project helped", at_most=MOST_PEOPLE
    )
    counted = DraftChoice(
        "How do you know?",
        thing="whether you counted the people or estimate the number",
        choices=[(COUNTED, "We counted them"), (ESTIMATED, "It is our best estimate")],
    )
    volunteers = DraftNumber(
        "How many volunteers took part?",
        thing="how many volunteers took part",
        hint="Write 0 if there were none",
        at_most=MOST_PEOPLE,
    )
    sessions = DraftNumber(
        "How many sessions or events were there?",
        thing="how many sessions there were",
        hint="Write 0 if there were none",
        at_most=MOST_PEOPLE,
    )


class DifferenceForm(SectionForm):
    """What came of it."""

    difference = DraftWords(
        "What difference did the project make?",
        thing="what difference the project made",
        most_words=DIFFERENCE_WORDS,
        rows=10,
        hint="Hold it against what you hoped for in your application, and say how you know",
    )
    changed = DraftWords(
        "Did anything go otherwise than planned?",
        thing="what changed",
        required=False,
        most_words=CHANGED_WORDS,
        hint="What you would tell another group that wants to do the same",
    )


class SpentForm(PartForm):
    """What was spent on one line of the budget: `item` says on which."""

    item = HiddenField()
    spent = LineAmount("What you spent on it", thing="what you spent", at_least=Pence(0))
    reason = DraftLine("Why, if it differs", thing="the reason", required=False, longest=LONGEST_LINE_REASON)


class SpendingForm(SectionForm):
    """What the grant was spent on; one part for each line of the bid's budget."""

    lines = FieldList(FormField(SpentForm))

    other_money = DraftLine(
        "If you spent more than we paid, where did that money come from?",
        thing="where other money came from",
        required=False,
        longest=LONGEST_OTHER_MONEY,
    )

    def follow(self, items: Sequence[str]) -> None:
        """Bring what was typed to the lines of these names: the budget changed since the page was opened."""
        typed, moved = list(self.lines.entries), MultiDict[str, str]()
        for at, item in enumerate(items):
            found: Any = next((entry.form for entry in typed if entry.form.item.data == item), None)
            typed = [entry for entry in typed if entry.form is not found]
            moved[f"lines-{at}-item"] = item
            for name in ("spent", "reason"):
                moved[f"lines-{at}-{name}"] = found[name].typed if found else ""
        self.lines.process(moved)


class StoryForm(SectionForm):
    """A story for the public."""

    story = DraftWords(
        "A story about the project",
        thing="the story",
        required=False,
        most_words=STORY_WORDS,
        rows=8,
        hint="Something that shows what the grant did. We may publish it",
    )
    story_consent = DraftTick(
        "Nobody can be recognised in this story, and everybody who is in it agrees that it is published",
        thing="the story may be published",
    )


class SubmitReportForm(CreatingForm):
    """The declaration."""

    agrees = ConfirmField(
        "What we say in this report is true, and we keep receipts for what we spent",
        thing="what you say is true and you keep receipts",
    )
    declared_name = LineField("Your full name", thing="your full name", autocomplete="name")


class StartReportForm(CreatingForm):
    """To begin a report."""
