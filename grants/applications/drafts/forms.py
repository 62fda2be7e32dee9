"""The forms of a draft. It keeps whatever was typed, so its fields ask for nothing."""

from __future__ import annotations

from typing import Any

from wtforms import FieldList, FormField

from grants.applications.models import LONGEST_ITEM, LONGEST_TITLE, MOST_BUDGET_LINES, MOST_PEOPLE_HELPED, MOST_TOPICS
from grants.foundation.values.money import MOST_PENCE, Pence, pounds
from grants.foundation.web.fields.choices import ChoiceField
from grants.foundation.web.fields.drafts import (
    DraftChoice,
    DraftChoices,
    DraftDay,
    DraftLine,
    DraftNumber,
    DraftWords,
    LineAmount,
    LineItem,
)
from grants.foundation.web.forms import CreatingForm, PartForm, SectionForm
from grants.funds.kinds.registry import kind_of
from grants.funds.models import SUMMARY_WORDS, Question

from .operations import OverLimit

BLANK_LINES = 3
"""Empty budget lines that a page offers below those that are filled in."""

LEAST_LINES = 5


class ProjectForm(SectionForm):
    """What the project is, in a line and in a paragraph."""

    title = DraftLine("Project title", thing="a project title", longest=LONGEST_TITLE)
    summary = DraftWords(
        "Summary",
        thing="a summary of the project",
        most_words=SUMMARY_WORDS,
        hint="What you will do, for whom and where. If you get a grant, we publish this as its purpose.",
    )


class DatesForm(SectionForm):
    """When the project is."""

    starts_on = DraftDay("First day of the project", thing="the day the project starts", hint="For example, 27 3 2027")
    ends_on = DraftDay("Last day of the project", thing="the day the project ends", hint="For example, 26 9 2027")


class PeopleForm(SectionForm):
    """Whom the project helps, and where."""

    people_helped = DraftNumber(
        "How many people will the project help?",
        thing="how many people the project will help",
        hint="Your best estimate, in figures",
        at_least=1,
        at_most=MOST_PEOPLE_HELPED,
    )
    districts = DraftChoices(
        "Where will the project work?",
        thing="where the project will work",
        hint="Select all that apply, or the whole area",
    )


class AimsForm(SectionForm):
    """What the project is about."""

    topic = DraftChoice(
        "What is the project mainly about?",
        thing="what the project is mainly about",
        look="select",
        prompt="Choose a topic",
    )
    other_topics = DraftChoices(
        "Is it about anything else?",
        thing="what else the project is about",
        required=False,
        hint=f"Select up to {MOST_TOPICS - 1}",
        at_most=MOST_TOPICS - 1,
    )
    priority = DraftChoice(
        "Which priority of the plan does it serve most?", thing="the priority of the plan that the project serves"
    )


def answer_form(question: Question) -> type[SectionForm]:
    """The form of one question of the round: one field, made by the question's kind."""

    class AnswerForm(SectionForm):
        text = kind_of(question).field(question)

    return AnswerForm


class BudgetLineForm(PartForm):
    """One line of the budget."""

    item = LineItem("What it is for", thing="what it is for", longest=LONGEST_ITEM)
    amount = LineAmount("Amount", thing="the amount", at_least=Pence(1), at_most=Pence(MOST_PENCE))

    def validate(self, extra_validators: Any = None) -> bool:
        """A line has both parts, or neither."""
        fine = super().validate(extra_validators)
        if self.item.data and self.amount.is_empty and not self.amount.errors:
            self.amount.errors = ["Enter the amount of this line"]
        elif self.amount.data is not None and not self.item.data and not self.item.errors:
            self.item.errors = [f"Enter what the {pounds(self.amount.data)} is for"]
        return fine and not (self.item.errors or self.amount.errors)


class BudgetLines:
    """The part of a form that holds the lines of a budget."""

    lines = FieldList(FormField(BudgetLineForm), max_entries=MOST_BUDGET_LINES)

    def filled(self) -> list[tuple[str, Pence]]:
        """The lines that hold something, as (item, pence)."""
        return [
            (entry.form.item.data, entry.form.amount.data)
            for entry in self.lines.entries
            if entry.form.amount.data is not None
        ]

    def offer_lines(self) -> None:
        """Put empty lines below those that are there."""
        used = sum(1 for entry in self.lines.entries if entry.form.item.data or entry.form.amount.value)
        while len(self.lines.entries) < min(MOST_BUDGET_LINES, max(LEAST_LINES, used + BLANK_LINES)):
            self.lines.append_entry()


class BudgetForm(BudgetLines, SectionForm):
    """What the grant would pay for."""

    def refuse_saving(self, refused: Exception) -> None:
        """Say beside the amount of the last line that is filled in that the total is too high."""
        if not isinstance(refused, OverLimit):
            super().refuse_saving(refused)
            return
        filled = [entry.form.amount for entry in self.lines.entries if entry.form.amount.data is not None]
        filled[-1].errors = self.lines.errors = [str(refused)]


class StartForm(CreatingForm):
    """For which group somebody applies."""

    organisation = ChoiceField("Which group is applying?", thing="the group that is applying")
