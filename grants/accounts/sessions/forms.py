"""The form by which people sign in."""

from __future__ import annotations

from grants.foundation.web.fields.text import EmailField, PasswordField
from grants.foundation.web.forms import Form


class SignInForm(Form):
    """The address and the password of an account."""

    email = EmailField("E-mail address", thing="your e-mail address", autocomplete="username")
    password = PasswordField("Password")
