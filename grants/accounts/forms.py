"""The forms of accounts."""

from __future__ import annotations

from grants.foundation.db import Refused
from grants.foundation.fields import ChoiceField, ChoicesField, EmailField, LineField, PasswordField
from grants.foundation.forms import CreatingForm, Form, VersionedForm

from .models import LONGEST_NAME, SHORTEST_PASSWORD, OrganisationKind, Role

_ROLES = [(role.value, role.label) for role in Role]
_KINDS = [(kind.value, kind.label) for kind in OrganisationKind if kind != OrganisationKind.UNKNOWN]


def _new_password(label: str) -> PasswordField:
    return PasswordField(
        label,
        thing="a password",
        autocomplete="new-password",
        hint=f"{SHORTEST_PASSWORD} characters or more. Three words that only you would put together make a good one.",
    )


def _name(label: str, **more: str) -> LineField:
    return LineField(label, thing="your name", longest=LONGEST_NAME, autocomplete="name", **more)


class SignInForm(Form):
    """The address and the password of an account."""

    email = EmailField("E-mail address", thing="your e-mail address", autocomplete="username")
    password = PasswordField("Password")


class RegisterForm(Form):
    """What a new account needs."""

    name = _name("Your name")
    email = EmailField(
        "E-mail address",
        thing="your e-mail address",
        hint="We send you a mail with a link to finish. Use one that you read.",
    )
    password = _new_password("Choose a password")


class ConfirmForm(Form):
    """Only a button, in the browser that registered."""


class ConfirmElsewhereForm(Form):
    """The button in another browser, and the password that was chosen."""

    password = PasswordField("Password", hint="The one that you chose when you registered.")


class ForgottenPasswordForm(Form):
    """Where to send the link."""

    email = EmailField("E-mail address", thing="your e-mail address", autocomplete="username")


class ResetPasswordForm(Form):
    """The new password."""

    password = _new_password("New password")


class NameForm(VersionedForm):
    """One's own name."""

    name = _name("Your name", hint="As it should stand on applications and decisions.")


class ChangeEmailForm(Form):
    """One's new address."""

    email = EmailField("New e-mail address", thing="your new e-mail address")
    password = PasswordField("Your password", hint="So that nobody else can do this.")


class ChangePasswordForm(Form):
    """One's old and new password."""

    old_password = PasswordField("Your password now", thing="your password")
    password = _new_password("New password")


class _Details:
    name = LineField(
        "Name of your group or organisation",
        thing="the name of your group or organisation",
        longest=LONGEST_NAME,
        autocomplete="organization",
        hint="As it stands in your governing document, or on your bank account.",
    )
    kind = ChoiceField("What kind of organisation is it?", thing="the kind of organisation", choices=_KINDS)
    charity_number = LineField(
        "Charity number",
        thing="the charity number",
        longest=20,
        required=False,
        width="10",
        hint="Only if you have one. You do not need one to apply.",
    )
    company_number = LineField(
        "Company number",
        thing="the company number",
        longest=20,
        required=False,
        width="10",
        hint="Only if you have one.",
    )


class NewOrganisationForm(_Details, CreatingForm):
    """The details of a new group."""


class OrganisationForm(_Details, VersionedForm):
    """The details of a group."""


class InviteForm(Form):
    """Whom to invite to an organisation."""

    email = EmailField("Their e-mail address", thing="their e-mail address", autocomplete="off")


class JoinForm(Form):
    """Only a button, for somebody who is signed in."""


class NewcomerForm(Form):
    """What somebody without an account needs to join."""

    name = _name("Your name")
    password = _new_password("Choose a password")


class NewColleagueForm(CreatingForm):
    """An account for a colleague."""

    name = LineField("Name", thing="their name", longest=LONGEST_NAME, autocomplete="off")
    email = EmailField("E-mail address", thing="their e-mail address", autocomplete="off")
    roles = ChoicesField("Roles", thing="a role", choices=_ROLES, required=False, at_least=0)


class RoleForm(Form):
    """One role to give or to take."""

    role = ChoiceField("Role", thing="a role", choices=_ROLES)


def refuse_field(form: Form, name: str, refused: Refused) -> None:
    """Show what a rule said beside the field that it is about."""
    form[name].errors = [*form[name].errors, str(refused).rstrip(".")]
