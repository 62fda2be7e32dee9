"""The forms by which the members of a group are looked after."""

from __future__ import annotations

from wtforms import IntegerField
from wtforms.validators import InputRequired

from grants.accounts.organisations.forms import role_field
from grants.foundation.web.fields.choices import ConfirmField
from grants.foundation.web.forms import Form, VersionedForm


class ChangeMemberForm(VersionedForm):
    """What a member is from now on."""

    role = role_field()


class RemoveMemberForm(Form):
    """That somebody is taken out of the group."""

    agrees = ConfirmField(
        "They can no longer see the pages of the group or do anything for it", thing="they are removed from the group"
    )


class HandOverForm(Form):
    """That another is an owner from now on, and oneself an editor."""

    agrees = ConfirmField("They become an owner of the group, and I become an editor", thing="you hand over")


class NameOwnerForm(Form):
    """The group of which somebody becomes an owner: a button."""

    organisation_id = IntegerField(validators=[InputRequired()])


class LeaveForm(Form):
    """That somebody leaves the group."""

    agrees = ConfirmField(
        "I can no longer see the pages of the group or do anything for it, unless an owner invites me again",
        thing="you leave the group",
    )
