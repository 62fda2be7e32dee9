"""The forms by which somebody sets up a second step."""

from __future__ import annotations

from wtforms import HiddenField

from grants.accounts.factors.models import LONGEST_LABEL
from grants.foundation.web.fields.text import LineField, PasswordField
from grants.foundation.web.forms import Form


class StepForm(Form):
    """A new second step. The first of somebody who is signed in already takes their password, too."""

    password = PasswordField("Your password", hint="The one that you sign in with: so that nobody else sets this up.")

    def __init__(self, *, asks_password: bool) -> None:
        super().__init__()
        if not asks_password:
            del self.password


class AppForm(StepForm):
    """A first code of the app, which shows that it was set up."""

    code = LineField(
        "Code that the app shows",
        thing="the code",
        longest=10,
        hint="6 digits. It changes every 30 seconds.",
        autocomplete="one-time-code",
    )


class PasskeyForm(StepForm):
    """What to call a passkey, and what the device answered."""

    label = LineField(
        "Name of the passkey",
        thing="a name",
        longest=LONGEST_LABEL,
        hint="So that you know it again, like “My phone” or “Blue stick”.",
        autocomplete="off",
    )
    passkey = HiddenField()
