"""The forms of what the office does with a report."""

from __future__ import annotations

from datetime import date

from grants.awards.models import LONGEST_BANK_REFERENCE
from grants.foundation.values import clock
from grants.foundation.values.money import Pence
from grants.foundation.web.fields.choices import Choice, ChoiceField
from grants.foundation.web.fields.day import DayField
from grants.foundation.web.fields.numbers import PoundsField
from grants.foundation.web.fields.text import LineField, TextField
from grants.foundation.web.forms import CreatingForm, VersionedForm
from grants.outcomes.reports.models import LONGEST_ANSWER

AGAIN = "Somebody changed this report after you opened the page. Check how it stands now, and send it again."


class AnswerReportForm(CreatingForm, VersionedForm):
    """What the office says to a report."""

    outcome = ChoiceField(
        "Is the report in order?",
        thing="whether the report is in order",
        choices=[
            Choice("accept", "Yes, accept it"),
            Choice("return", "No, ask the group for changes", "The group gets what you write, and sends a new version"),
        ],
    )
    words = TextField(
        "What do you want to tell the group?",
        thing="what the group should change",
        sometimes=True,
        longest=LONGEST_ANSWER,
        rows=4,
    )

    def lacks_words(self) -> bool:
        """Whether changes are asked for without saying which; says so beside the field."""
        if self.outcome.data == "return" and not self.words.data:
            self.words.errors = ["Enter what the group should change"]
            return True
        return False


class ExtendReportForm(CreatingForm, VersionedForm):
    """More time for a group."""

    due_on = DayField("The group may report until", thing="the day until which the group may report")
    reason = TextField(
        "Why?", thing="the reason", longest=LONGEST_ANSWER, rows=3, hint="The group reads it in the mail that it gets"
    )


class ReportRepaymentForm(CreatingForm, VersionedForm):
    """Money that came back."""

    amount = PoundsField("Amount that came back", thing="the amount that came back", at_least=Pence(1))
    arrived_on = DayField("Day on which it arrived", thing="the day on which it arrived", hint="As the bank says")
    bank_reference = LineField(
        "The bank’s reference",
        thing="the bank’s reference",
        longest=LONGEST_BANK_REFERENCE,
        required=False,
        width="20",
        hint="Where you know it. It is kept in the ledger, and not published",
    )

    def offer(self, awarded_on: date) -> None:
        """Hold the day against that of the award and today."""
        self.arrived_on.earliest, self.arrived_on.latest = awarded_on, clock.today()


class WaiveForm(CreatingForm, VersionedForm):
    """Money that need not come back."""

    reason = TextField("Why need it not come back?", thing="the reason", longest=LONGEST_ANSWER, rows=3)


class CloseForm(CreatingForm, VersionedForm):
    """To complete an award."""
