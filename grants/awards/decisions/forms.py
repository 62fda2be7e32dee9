"""The forms of a decision."""

from __future__ import annotations

from grants.awards.models import LONGEST_REASON, Outcome
from grants.foundation.web.fields.choices import Choice, ChoiceField, ConfirmField
from grants.foundation.web.fields.numbers import PoundsField
from grants.foundation.web.fields.text import TextField
from grants.foundation.web.forms import CreatingForm


class DecisionForm(CreatingForm):
    """What the decision maker decides, and what is published of it."""

    outcome = ChoiceField(
        "Decision",
        thing="the decision",
        choices=[Choice(Outcome.APPROVED.value, "Approve"), Choice(Outcome.DECLINED.value, "Decline")],
    )
    amount = PoundsField("Amount approved", thing="the amount approved", sometimes=True, hint="Only to approve")
    less_reason = TextField(
        "If it is less than was asked for: why?",
        thing="the reason for approving less",
        longest=LONGEST_REASON,
        sometimes=True,
        rows=3,
        hint="The group is told this. It is not published",
    )
    reasons = TextField(
        "Reasons",
        thing="the reasons",
        longest=LONGEST_REASON,
        hint="If it is approved, these are published: why the grant should help to make communities safer. "
        "If it is declined, the group is told them.",
    )
    conditions = TextField(
        "Conditions",
        thing="the conditions",
        longest=LONGEST_REASON,
        required=False,
        rows=4,
        hint="What the group must do or keep to. These are published too",
    )
    feedback = TextField(
        "What the panel said that may help the group",
        thing="the feedback",
        longest=LONGEST_REASON,
        required=False,
        rows=4,
        hint="The group is told this. It is not published. Do not name a panel member, or give a score",
    )
    interests = TextField(
        "Your interests in this application",
        thing="your interests in this application, or that you have none",
        longest=LONGEST_REASON,
        rows=2,
        hint="Kept with the decision. Write “None” if you have none. "
        "If you have one, do not decide: declare it at the foot of this page",
    )
    over_pot_reason = TextField(
        "If this takes the round over its pot: why?",
        thing="the reason for going over the pot",
        longest=LONGEST_REASON,
        sometimes=True,
        rows=3,
        hint="The decision notice publishes this",
    )
    confirmed = ConfirmField(
        "I decide this. It cannot be changed afterwards. Nobody outside the office is told before the notice is signed",
        thing="you want to decide this now",
    )
