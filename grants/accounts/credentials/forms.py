"""The forms of signing up, of proving an address, and of a forgotten password."""

from __future__ import annotations

from grants.accounts.forms import name_field, new_password_field
from grants.foundation.web.fields.text import EmailField, PasswordField
from grants.foundation.web.forms import Form


class RegisterForm(Form):
    """What a new account needs."""

    name = name_field("Your name")
    email = EmailField(
        "E-mail address",
        thing="your e-mail address",
        hint="We send you a mail with a link to finish. Use one that you read.",
    )
    password = new_password_field("Choose a password")


class ConfirmForm(Form):
    """Only a button, in the browser that registered."""


class ConfirmElsewhereForm(Form):
    """The button in another browser, and the password that was chosen."""

    password = PasswordField("Password", hint="The one that you chose when you made your account.")


class ForgottenPasswordForm(Form):
    """Where to send the link."""

    email = EmailField("E-mail address", thing="your e-mail address", autocomplete="username")


class ResetPasswordForm(Form):
    """The new password."""

    password = new_password_field("New password")
