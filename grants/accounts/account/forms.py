"""The forms of one's own account."""

from __future__ import annotations

from grants.accounts.forms import name_field, new_password_field
from grants.foundation.web.fields.text import EmailField, PasswordField
from grants.foundation.web.forms import Form, VersionedForm


class NameForm(VersionedForm):
    """One's own name."""

    name = name_field("Your name", hint="As it should stand on applications and decisions.")


class ChangeEmailForm(Form):
    """One's new address."""

    email = EmailField("New e-mail address", thing="your new e-mail address")
    password = PasswordField("Your password", hint="So that nobody else can do this.")


class ChangePasswordForm(Form):
    """One's old and new password."""

    old_password = PasswordField("Your password now", thing="your password")
    password = new_password_field("New password")
