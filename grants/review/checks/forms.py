"""The form of the officer's check."""

from __future__ import annotations

from grants.foundation.web.fields.choices import Choice, ChoiceField
from grants.foundation.web.fields.text import TextField
from grants.foundation.web.forms import CreatingForm


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
        "Reason",
        thing="the reason",
        sometimes=True,
        longest=2000,
        hint="If it is not eligible: why, and the group reads this. "
        "If it goes to the panel while a question to the group is open: why it need not wait",
    )
