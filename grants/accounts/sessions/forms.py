"""The form by which people sign in."""

from __future__ import annotations

from wtforms import HiddenField
from wtforms.form import BaseForm
from wtforms.validators import StopValidation

from grants.foundation.web.fields.text import EmailField, LineField, PasswordField
from grants.foundation.web.forms import Form


class SignInForm(Form):
    """The address and the password of an account."""

    email = EmailField("E-mail address", thing="your e-mail address", autocomplete="username")
    password = PasswordField("Password")


class CodeField(LineField):
    """A code, needed where no passkey answered."""

    def pre_validate(self, form: BaseForm) -> None:
        """Ask for the code, unless there is an answer of a passkey."""
        if form["passkey"].data:
            raise StopValidation
        super().pre_validate(form)


class SecondStepForm(Form):
    """A code, or what a passkey answered."""

    code = CodeField(
        "Code",
        thing="the code",
        longest=40,
        hint="The 6 digits that your app shows now, or one of your recovery codes.",
        autocomplete="one-time-code",
    )
    passkey = HiddenField()
