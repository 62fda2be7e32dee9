"""The forms of organisations, and of inviting people to act for them."""

from __future__ import annotations

from grants.accounts.forms import name_field, new_password_field
from grants.accounts.models import LONGEST_NAME, OrganisationKind
from grants.accounts.rights import MemberRole
from grants.foundation.web.fields.choices import Choice, ChoiceField, ConfirmField
from grants.foundation.web.fields.text import EmailField, LineField
from grants.foundation.web.forms import CreatingForm, Form, VersionedForm

_KINDS = [(kind.value, kind.label) for kind in OrganisationKind if kind != OrganisationKind.UNKNOWN]


class _Details:
    name = LineField(
        "Name of your group",
        thing="the name of your group",
        longest=LONGEST_NAME,
        autocomplete="organization",
        hint="As it stands in your governing document, or on your bank account.",
    )
    kind = ChoiceField("What kind of group is it?", thing="the kind of group", choices=_KINDS)
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
    is_another = ConfirmField(
        "Ours is another group than the one that is here already", thing="yours is another group", required=False
    )
    is_like_another = False
    """Whether a group like this one is here already, so that `is_another` is asked."""


class NewOrganisationForm(_Details, CreatingForm):
    """The details of a new group."""


class OrganisationForm(_Details, VersionedForm):
    """The details of a group."""


def role_field() -> ChoiceField:
    """What somebody is to be in a group; nothing is chosen beforehand."""
    choices = [Choice(role.value, role.label, role.may_do) for role in MemberRole]
    return ChoiceField("What role should they have?", thing="the role that they should have", choices=choices)


class InviteForm(Form):
    """Whom to invite to an organisation."""

    email = EmailField("Their e-mail address", thing="their e-mail address", autocomplete="off")
    role = role_field()


class JoinForm(Form):
    """Only a button, for somebody who is signed in."""


class NewcomerForm(Form):
    """What somebody without an account needs to join."""

    name = name_field("Your name")
    password = new_password_field("Choose a password")
