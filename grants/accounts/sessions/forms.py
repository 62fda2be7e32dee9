"""The form by which people sign in."""

from __future__ import annotations

from wtforms import HiddenField

from grants.foundation.web.fields.text import EmailField, LineField, PasswordField
from grants.foundation.web.forms import Form


class SignInForm(Form):
    """The address and the password of an account."""

    email = EmailField("E-mail address", thing="your e-mail address", autocomplete="username")
    password = PasswordField("Password")


class SecondStepForm(Form):
    """A code, or what a passkey answered."""

    code = LineField(
        "Code",
        thing="the code",
        required=False,
        longest=40,
        hint="The 6 digits that your app shows now, or one of your recovery codes.",
        autocomplete="one-time-code",
    )
    passkey = HiddenField()
