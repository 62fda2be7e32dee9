"""The forms by which an application is submitted and withdrawn."""

from __future__ import annotations

from grants.applications.contents import DECLARATION
from grants.foundation.web.fields.choices import ConfirmField
from grants.foundation.web.fields.text import LineField, TextField
from grants.foundation.web.forms import CreatingForm


class SubmitForm(CreatingForm):
    """The declaration."""

    agrees = ConfirmField(
        DECLARATION,
        thing="what you say is true and your group has agreed to it",
    )
    declared_name = LineField("Your full name", thing="your full name", autocomplete="name")


class WithdrawForm(CreatingForm):
    """To take an application back."""

    reason = TextField(
        "Why do you withdraw it?",
        thing="the reason",
        required=False,
        longest=1000,
        rows=3,
        hint="It helps us, and is never published",
    )
    agrees = ConfirmField("We want to withdraw this application", thing="you want to withdraw this application")
