"""The forms by which administrators look after people and their roles."""

from __future__ import annotations

from grants.accounts.models import LONGEST_NAME
from grants.accounts.rights import Role
from grants.foundation.web.fields.choices import ChoiceField, ChoicesField
from grants.foundation.web.fields.text import EmailField, LineField
from grants.foundation.web.forms import CreatingForm, Form

_ROLES = [(role.value, role.label) for role in Role]


class NewColleagueForm(CreatingForm):
    """An account for a colleague."""

    name = LineField("Name", thing="their name", longest=LONGEST_NAME, autocomplete="off")
    email = EmailField("E-mail address", thing="their e-mail address", autocomplete="off")
    roles = ChoicesField("Roles", thing="a role", choices=_ROLES, required=False, at_least=0)


class RoleForm(Form):
    """One role to give or to take."""

    role = ChoiceField("Role", thing="a role", choices=_ROLES)
