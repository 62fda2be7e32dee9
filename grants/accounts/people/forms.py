"""The forms by which administrators look after people and their roles."""

from __future__ import annotations

from grants.accounts.models import LONGEST_NAME
from grants.accounts.rights import Role
from grants.foundation.web.fields.choices import ChoiceField, ChoicesField, ConfirmField
from grants.foundation.web.fields.text import EmailField, LineField, TextField
from grants.foundation.web.forms import CreatingForm, Form

LONGEST_REASON = 500

_ROLES = [(role.value, role.label) for role in Role]


class NewColleagueForm(CreatingForm):
    """An account for a colleague."""

    name = LineField("Name", thing="their name", longest=LONGEST_NAME, autocomplete="off")
    email = EmailField("E-mail address", thing="their e-mail address", autocomplete="off")
    roles = ChoicesField("Roles", thing="a role", choices=_ROLES, required=False, at_least=0)


class RoleForm(Form):
    """One role to give."""

    role = ChoiceField("Role", thing="a role", choices=_ROLES)


class TakeRoleForm(Form):
    """That a role is taken away."""

    agrees = ConfirmField("They cannot do any of this work any more", thing="the role is taken away")


class ResetSecondStepForm(Form):
    """That a second step is taken off."""

    agrees = ConfirmField("I have spoken to them, and know that it is they who ask", thing="it is they who ask")


class CloseAccountForm(Form):
    """Why an account is closed, and that it is."""

    reason = TextField(
        "Why is it closed?",
        thing="why it is closed",
        longest=LONGEST_REASON,
        rows=3,
        hint="They read this in our mail. It is kept in the audit trail, too.",
    )
    agrees = ConfirmField("They cannot sign in any more", thing="the account is closed")
