"""The form by which a decision notice is signed."""

from __future__ import annotations

import re

from wtforms.validators import StopValidation

from grants.awards.models import LONGEST_NOTICE_TITLE, LONGEST_REASON
from grants.foundation.web.fields.choices import Choice, ChoicesField, ConfirmField
from grants.foundation.web.fields.text import LineField, TextField
from grants.foundation.web.forms import CreatingForm

_NUMBER = re.compile("[0-9]{1,18}")


class DecisionChoices(ChoicesField):
    """The decisions to sign, by number. One that is not offered any more stays in it: signing refuses it by name.

    So a second click finds what the first one did, and nobody signs another list than the one that they read.
    """

    def check(self) -> None:
        """Take every number that was sent. Raises StopValidation where there is none."""
        self.data = [int(value) for value in self.data if _NUMBER.fullmatch(str(value))]
        if not self.data:
            raise StopValidation(self.missing)


class NoticeForm(CreatingForm):
    """What the decision maker signs, and by what name."""

    decisions = DecisionChoices("Decisions to sign", thing="at least one decision to sign")
    title = LineField("Title of the notice", thing="the title of the notice", longest=LONGEST_NOTICE_TITLE)
    interests = TextField(
        "Your interests in anything in this notice",
        thing="your interests in this notice, or that you have none",
        longest=LONGEST_REASON,
        rows=3,
        hint="The notice publishes this. Write “None” if you have none. "
        "If you have an interest in one of these applications, leave it to another: open it and declare the interest",
    )
    signature = LineField(
        "Your full name",
        thing="your full name",
        hint="By typing your name you sign the notice. It is published with it",
        width="20",
        autocomplete="name",
    )
    confirmed = ConfirmField(
        "I have read this list, and sign it. The notice is published and the letters are sent at once",
        thing="you have read the list and want to sign it now",
    )

    def offer(self, decisions: list[tuple[int, str]]) -> None:
        """Set what there is to sign, as (number, reference)."""
        self.decisions.choices = [Choice(number, f"Sign {reference}") for number, reference in decisions]
