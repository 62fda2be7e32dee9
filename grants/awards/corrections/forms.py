"""The forms by which an officer corrects an award: each makes dated entries, with a reason that stays."""

from __future__ import annotations

from typing import Any

from flask import request
from wtforms import HiddenField

from grants.accounts.models import LONGEST_NAME, Organisation
from grants.accounts.organisations.queries import by_number
from grants.awards.models import LONGEST_BANK_REFERENCE, LONGEST_REASON, EntryKind
from grants.awards.models.award import LONGEST_TITLE
from grants.foundation.values import clock
from grants.foundation.values.money import Pence
from grants.foundation.web.fields.choices import Choice, ChoiceField, ChoicesField
from grants.foundation.web.fields.day import DayField
from grants.foundation.web.fields.numbers import PoundsField
from grants.foundation.web.fields.text import LineField, TextField
from grants.foundation.web.forms import CreatingForm, VersionedForm
from grants.funds.queries import all_districts, topic_choices

ONE_PENNY = Pence(1)
SINCE_HINT = "Only where it was right at first and changed later. Leave it blank where it was wrong from the start"


class CorrectionForm(CreatingForm, VersionedForm):
    """What every correction asks: why. The version is the number of lines that the award's story has."""

    reason = TextField(
        "Why?",
        thing="the reason",
        longest=LONGEST_REASON,
        rows=3,
        hint="What shows it, such as a letter or the minutes of a meeting. "
        "It stays in the ledger, where everybody can read it",
    )


class AmountForm(CorrectionForm):
    """An amount that was found, or written wrongly."""

    amount = PoundsField("What was awarded", thing="what was awarded", at_least=ONE_PENNY)


class DateForm(CorrectionForm):
    """Another day of award, exact or not."""

    day = DayField("Day of the award", thing="the day of the award")
    how = ChoiceField(
        "How well is it known?",
        thing="how well the day is known",
        choices=[
            Choice("on", "It was that day"),
            Choice("by", "It was that day or earlier", "Totals count the award from that day on"),
        ],
    )


class WithdrawalForm(CorrectionForm):
    """An award that was withdrawn, perhaps long ago."""

    day = DayField("Withdrawn on", thing="the day of the withdrawal", hint="From this day it counts in no total")


class ReinstateForm(CorrectionForm):
    """A withdrawal that was none."""


class RepaymentForm(CorrectionForm):
    """Money that came back."""

    kind = ChoiceField(
        "How did it come back?",
        thing="how it came back",
        choices=[
            Choice(EntryKind.REPAYMENT.value, "The group paid it back"),
            Choice(EntryKind.RECOVERY.value, "It was recovered from the group"),
        ],
    )
    amount = PoundsField("Amount that came back", thing="the amount that came back", at_least=ONE_PENNY)
    day = DayField("Came back on", thing="the day on which it came back")
    bank_reference = LineField(
        "The bank’s reference",
        thing="the bank’s reference",
        longest=LONGEST_BANK_REFERENCE,
        required=False,
        width="20",
        hint="Where you know it. It is kept in the ledger, and not published",
    )


class SinceForm(CorrectionForm):
    """A correction of what an award is: wrong from the start, or changed on a day."""

    since = DayField("Since when?", thing="the day of the change", required=False, hint=SINCE_HINT)


class TopicsForm(SinceForm):
    """Other topics. The primary one is what totals count by."""

    primary = ChoiceField(
        "Primary topic",
        thing="a topic",
        look="select",
        prompt="None",
        required=False,
        hint="A total by topic counts the award here",
    )
    others = ChoicesField("Other topics", thing="other topics", at_least=0, required=False)

    def offer(self) -> None:
        """Offer what there is to choose."""
        self.primary.choices = self.others.choices = topic_choices()


class DistrictsForm(SinceForm):
    """Other districts."""

    districts = ChoicesField("Districts", thing="districts", at_least=0, required=False)

    def offer(self) -> None:
        """Offer what there is to choose."""
        self.districts.choices = [(district.id, district.name) for district in all_districts()]


class GroupForm(SinceForm):
    """Another recipient: one that was chosen from the list, or a new one."""

    group = HiddenField()
    name = LineField(
        "Name of the new group",
        thing="the name of the new group",
        longest=LONGEST_NAME,
        required=False,
        hint="As the register writes it",
    )
    chosen: Organisation | None = None

    def offer(self) -> None:
        """Find the group that was chosen from the list."""
        self.group.data = self.group.data or request.args.get("group", "")
        self.chosen = by_number(self.group.data)
        if self.chosen:
            del self.name

    def validate(self, extra_validators: Any = None) -> bool:
        """A group that was chosen, or a name."""
        if not super().validate(extra_validators):
            return False
        if self.chosen is None and not self.name.data:
            self.name.errors = ["Enter the name of the new group, or choose one from the list"]
            return False
        return True


class ProjectCorrectionForm(SinceForm):
    """Another title of the project."""

    title = LineField("Project", thing="the title of the project", longest=LONGEST_TITLE)


def not_after_today(form: CorrectionForm) -> None:
    """Take no day in the future."""
    for name in ("day", "since"):
        if name in form:
            form[name].latest = clock.today()
