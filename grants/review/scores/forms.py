"""The forms of a declaration and of a score sheet."""

from __future__ import annotations

from wtforms import FieldList, FormField
from wtforms.form import BaseForm
from wtforms.validators import StopValidation

from grants.foundation.web.fields.choices import Choice, ChoiceField
from grants.foundation.web.fields.text import TextField, WordsField
from grants.foundation.web.forms import CreatingForm, PartForm, VersionedForm
from grants.funds.models import LARGEST_SCORE
from grants.review.models import LONGEST_REASON_WORDS


class DeclareForm(CreatingForm):
    """Whether a panel member has an interest in the application, before reading it."""

    interest = ChoiceField(
        "Do you have an interest in this application?",
        thing="whether you have an interest",
        hint="For example, you, your family or a close friend works for the group, belongs to it or would gain from it",
        choices=[
            Choice("none", "No, I have no interest in it"),
            Choice("conflict", "Yes, I have an interest", "The application stays closed to you, and others score it."),
        ],
    )
    note = TextField("What is your interest?", thing="your interest", sometimes=True, longest=1000, rows=3)


class ReasonField(WordsField):
    """A reason of a draft: none yet, or one that is too long, only keeps the scores from being locked."""

    def pre_validate(self, form: BaseForm) -> None:  # noqa: ARG002
        """Keep whatever can be kept."""
        if self.process_errors:
            raise StopValidation


class MarkForm(PartForm):
    """The score of one criterion, with its reason."""

    score = ChoiceField(
        "Score",
        thing="a score",
        sometimes=True,
        choices=[(number, str(number)) for number in range(LARGEST_SCORE + 1)],
    )
    reason = ReasonField("Reason", thing="the reason", most_words=LONGEST_REASON_WORDS, rows=3)


class ScoresForm(VersionedForm):
    """The scores of one application, a mark for each criterion in its order."""

    marks = FieldList(FormField(MarkForm))
