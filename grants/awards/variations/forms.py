"""The forms of a variation: what is to change, and what is said to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import HiddenField

from grants.accounts.models import LONGEST_NAME
from grants.applications.drafts.forms import BudgetLines
from grants.awards.models import LONGEST_REASON
from grants.awards.models.award import LONGEST_TITLE
from grants.foundation.values.money import Pence, pounds
from grants.foundation.web.fields.choices import ConfirmField
from grants.foundation.web.fields.day import DayField
from grants.foundation.web.fields.numbers import PoundsField
from grants.foundation.web.fields.text import LineField, TextField
from grants.foundation.web.forms import CreatingForm, VersionedForm

ONE_PENNY = Pence(1)
LONGEST_PURPOSE = 4000
OF_THE_DECIDER = "Only the decision maker approves a change of them"


class ReasonForm(CreatingForm):
    """Why an award is varied. It stays in the ledger."""

    reason = TextField(
        "Why?",
        thing="the reason",
        longest=LONGEST_REASON,
        rows=4,
        hint="What the group wrote, or what shows it. It stays in the ledger, where everybody can read it",
    )


class ChangeForm(BudgetLines, ReasonForm):
    """Other terms of an award. What is left as it is does not change."""

    amount = PoundsField(
        "Amount of the grant", thing="the amount of the grant", at_least=ONE_PENNY, hint="Never above the decision"
    )
    title = LineField("Project", thing="the title of the project", longest=LONGEST_TITLE)
    purpose = TextField("Purpose", thing="the purpose", longest=LONGEST_PURPOSE, rows=5)
    conditions = TextField(
        "Conditions", thing="the conditions", longest=LONGEST_REASON, rows=5, required=False, hint=OF_THE_DECIDER
    )
    starts_on = DayField("First day of the project", thing="the first day", required=False)
    ends_on = DayField("Last day of the project", thing="the last day", required=False)
    group = HiddenField()
    asked = HiddenField()

    planned: Sequence[tuple[str, Pence]] = ()
    """The lines of the budget as they were before somebody wrote, in pence."""

    def validate(self, extra_validators: Any = None) -> bool:
        """Say beside the field where the days, or lines that somebody changed, do not go together."""
        fine = super().validate(extra_validators)
        first, last = self.starts_on.data, self.ends_on.data
        if first and last and last < first and not self.ends_on.errors:
            self.ends_on.errors = ["The last day must be on or after the first day"]
        lines, amount = self.filled(), self.amount.data
        total = sum(pence for _item, pence in lines)
        if fine and lines and lines != list(self.planned) and total != amount:
            filled = [entry.form.amount for entry in self.lines.entries if entry.form.amount.data is not None]
            filled[-1].errors = [f"The lines add up to {pounds(total)}, and the grant is {pounds(amount)}"]
            fine = False
        return fine and not self.ends_on.errors


class JudgeForm(VersionedForm):
    """That a variation is approved, or taken back. The version is the variation's."""


class RefuseVariationForm(VersionedForm):
    """Why a variation is refused."""

    why = TextField(
        "Why?",
        thing="the reason",
        longest=LONGEST_REASON,
        rows=3,
        hint="Who began it is told, and the group can read it",
    )


class AgreeForm(VersionedForm):
    """Who signs for the group, and that it agrees."""

    signatory_name = LineField(
        "Full name",
        thing="the full name of the person who signs",
        longest=LONGEST_NAME,
        hint="Of the person who may sign for your group",
    )
    signatory_position = LineField(
        "Position", thing="their position in your group", longest=LONGEST_NAME, hint="Such as chair or treasurer"
    )
    agrees = ConfirmField(
        "I may sign for our group, and we agree to this change of our grant",
        thing="you may sign and your group agrees",
    )
