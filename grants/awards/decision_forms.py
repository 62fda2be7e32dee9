"""The forms of a decision."""

from __future__ import annotations

from grants.foundation.fields import Choice, ChoiceField, ConfirmField, PoundsField, TextField
from grants.foundation.forms import CreatingForm

from .models import LONGEST_REASON, Outcome


class DecisionForm(CreatingForm):
    """What the decision maker decides, and what is published of it."""

    outcome = ChoiceField(
        "Decision",
        thing="the decision",
        choices=[Choice(Outcome.APPROVED.value, "Approve"), Choice(Outcome.DECLINED.value, "Decline")],
    )
    amount = PoundsField("Amount approved", thing="the amount approved", required=False, hint="Only to approve")
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
    interests = TextField(
        "Your interests in this application",
        thing="your interests in this application, or that you have none",
        longest=LONGEST_REASON,
        rows=2,
        hint="The decision notice states them. Write “None” if you have none. "
        "If you have one, do not decide: declare it at the foot of this page",
    )
    over_pot_reason = TextField(
        "If this takes the round over its pot: why?",
        thing="the reason for going over the pot",
        longest=LONGEST_REASON,
        required=False,
        rows=3,
    )
    confirmed = ConfirmField(
        "I decide this. It cannot be changed afterwards, only corrected by a new decision",
        thing="you want to decide this now",
    )
