"""The forms of review."""

from __future__ import annotations

import re

from wtforms import FieldList, FormField, HiddenField
from wtforms.form import BaseForm
from wtforms.validators import StopValidation

from grants.foundation.fields import (
    Choice,
    ChoiceField,
    ConfirmField,
    OwnField,
    PoundsField,
    TextField,
    VersionField,
    WordsField,
)
from grants.foundation.forms import CreatingForm, Form, PartForm, VersionedForm
from grants.funds.models import LARGEST_SCORE

from .models import LONGEST_REASON, LONGEST_REASON_WORDS

MOST_DRAFTS = 15
"""Rows on one page of drafts: a page with more is slow to load and hard to read."""


class CheckForm(CreatingForm):
    """Whether an application may go to the panel."""

    outcome = ChoiceField(
        "Does it meet the rules of the round?",
        thing="whether it meets the rules of the round",
        choices=[
            Choice("pass", "Yes, it goes to the panel"),
            Choice("fail", "No, it is not eligible", "The group is told the reason."),
        ],
    )
    reason = TextField(
        "Reason", thing="the reason", required=False, longest=2000, hint="The group reads this if it is not eligible"
    )


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
    note = TextField("What is your interest?", thing="your interest", required=False, longest=1000, rows=3)


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
        required=False,
        choices=[(number, str(number)) for number in range(LARGEST_SCORE + 1)],
    )
    reason = ReasonField("Reason", thing="the reason", most_words=LONGEST_REASON_WORDS, rows=3)


class ScoresForm(VersionedForm):
    """The scores of one application, a mark for each criterion in its order."""

    marks = FieldList(FormField(MarkForm))


class IdField(VersionField):
    """Which application a row is about. A value that was tampered with is 0: no application has it."""


class RecommendForm(CreatingForm):
    """What an officer recommends."""

    amount = PoundsField(
        "Recommended amount", thing="the recommended amount", hint="Enter 0 to recommend that it is declined"
    )
    reason = TextField("Reason", thing="the reason", longest=LONGEST_REASON)
    over_pot_reason = TextField(
        "Why the round may go over its pot",
        thing="why the round may go over its pot",
        required=False,
        longest=LONGEST_REASON,
        rows=3,
        hint="Only where this amount takes the round over its pot",
    )


class _Open(OwnField):
    """A field that may be empty for now, and is needed once its row is chosen."""

    def pre_validate(self, form: BaseForm) -> None:
        """Check only what is there."""
        if self.is_empty and not self.process_errors:
            raise StopValidation
        super().pre_validate(form)


class DraftAmount(_Open, PoundsField):
    """What to recommend: nothing as long as nobody knows."""


class DraftReason(_Open, TextField):
    """Why: nothing as long as nobody wrote it."""


class DraftChoice(_Open, ConfirmField):
    """Whether it goes into the list to confirm."""


class DraftForm(PartForm):
    """What is about to be recommended for one application."""

    application_id = IdField()
    version = VersionField()
    amount = DraftAmount("Recommended amount", thing="the recommended amount")
    reason = DraftReason("Reason", thing="the reason", longest=LONGEST_REASON, rows=2)
    chosen = DraftChoice("Put it on the list to confirm", thing="it is on the list")

    def named(self, reference: str) -> None:
        """Let the messages of its fields name the application."""
        self.amount.thing = f"the recommended amount for {reference}"
        self.reason.thing = f"the reason for {reference}"


class DraftsForm(Form):
    """What is about to be recommended for some applications of a round."""

    rows = FieldList(FormField(DraftForm), max_entries=MOST_DRAFTS)


class ConfirmSetForm(CreatingForm):
    """The list that is confirmed; `listed` holds what stood in it, as application and version of its draft."""

    listed = HiddenField()
    over_pot_reason = TextField(
        "Why the round may go over its pot",
        thing="why the round may go over its pot",
        required=False,
        longest=LONGEST_REASON,
        rows=3,
    )

    def pairs(self) -> list[tuple[int, int]]:
        """What stood in the list, each once."""
        found = re.findall(r"\b(\d{1,18}):(\d{1,18})\b", self.listed.data or "", re.ASCII)
        return sorted({(int(application_id), int(version)) for application_id, version in found})
