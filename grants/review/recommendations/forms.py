"""The forms of recommendations: one, the drafts of a round, and the list to confirm."""

from __future__ import annotations

import re

from wtforms import FieldList, FormField, HiddenField
from wtforms.form import BaseForm
from wtforms.validators import StopValidation

from grants.foundation.web.fields.base import OwnField
from grants.foundation.web.fields.choices import ConfirmField
from grants.foundation.web.fields.hidden import VersionField
from grants.foundation.web.fields.numbers import PoundsField
from grants.foundation.web.fields.text import TextField
from grants.foundation.web.forms import CreatingForm, Form, PartForm
from grants.review.models import LONGEST_REASON

MOST_DRAFTS = 15
"""Rows on one page of drafts: a page with more is slow to load and hard to read."""


class IdField(VersionField):
    """Which application a row is about. A value that was tampered with is 0: no application has it."""


def _why_over_the_pot(hint: str = "") -> TextField:
    return TextField(
        "Why the round may go over its pot",
        thing="why the round may go over its pot",
        sometimes=True,
        longest=LONGEST_REASON,
        rows=3,
        hint=hint,
    )


class RecommendForm(CreatingForm):
    """What an officer recommends."""

    amount = PoundsField(
        "Recommended amount", thing="the recommended amount", hint="Enter 0 to recommend that it is declined"
    )
    reason = TextField("Reason", thing="the reason", longest=LONGEST_REASON)
    over_pot_reason = _why_over_the_pot("Only where this amount takes the round over its pot")


class _Optional(OwnField):
    """A field that may be empty for now, and is needed once its row is chosen."""

    def pre_validate(self, form: BaseForm) -> None:
        """Check only what is there."""
        if self.is_empty and not self.process_errors:
            raise StopValidation
        super().pre_validate(form)


class DraftAmount(_Optional, PoundsField):
    """What to recommend: nothing as long as nobody knows."""


class DraftReason(_Optional, TextField):
    """Why: nothing as long as nobody wrote it."""


class DraftChosen(_Optional, ConfirmField):
    """Whether it goes into the list to confirm."""


class DraftForm(PartForm):
    """What is about to be recommended for one application."""

    application_id = IdField()
    version = VersionField()
    amount = DraftAmount("Recommended amount", thing="the recommended amount")
    reason = DraftReason("Reason", thing="the reason", longest=LONGEST_REASON, rows=2)
    chosen = DraftChosen("Put it on the list to confirm", thing="it is on the list")

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
    over_pot_reason = _why_over_the_pot()

    def pairs(self) -> list[tuple[int, int]]:
        """What stood in the list, each once."""
        found = re.findall(r"\b(\d{1,18}):(\d{1,18})\b", self.listed.data or "", re.ASCII)
        return sorted({(int(application_id), int(version)) for application_id, version in found})
