"""The forms of an offer: the group's answer, and what an officer does with one."""

from __future__ import annotations

from grants.accounts.models import LONGEST_NAME
from grants.awards.models import LONGEST_REASON
from grants.foundation.web.fields.choices import ConfirmField
from grants.foundation.web.fields.day import DayField
from grants.foundation.web.fields.text import LineField, TextField
from grants.foundation.web.forms import CreatingForm, VersionedForm


class AcceptForm(CreatingForm, VersionedForm):
    """Who signs for the group, and that it agrees. The version is the offer's."""

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
        "I may sign for our group, and we agree to this grant with its conditions and terms",
        thing="you may sign and your group agrees",
    )


class DeclineForm(CreatingForm):
    """That the group does not want the grant."""

    why = TextField(
        "Why?",
        thing="the reason",
        longest=LONGEST_REASON,
        rows=3,
        required=False,
        hint="You need not say. It helps us, and stays with the office",
    )
    agrees = ConfirmField("Our group does not want this grant", thing="your group does not want this grant")


class ExtendOfferForm(CreatingForm, VersionedForm):
    """More time for a group. The version is the offer's."""

    until = DayField("New last day", thing="the new last day", hint="The group can accept until the end of this day")
    reason = TextField(
        "Why?", thing="the reason", longest=LONGEST_REASON, rows=3, hint="It stays in the records of the office"
    )


class LapseForm(CreatingForm):
    """That an offer lapses."""

    agrees = ConfirmField("This offer lapses, and its award is withdrawn", thing="the offer lapses")


class OfferAgainForm(CreatingForm):
    """A new offer after one that came to nothing."""

    reason = TextField(
        "Why?", thing="the reason", longest=LONGEST_REASON, rows=3, hint="It stays in the records of the office"
    )
