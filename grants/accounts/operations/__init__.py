"""The verbs of accounts, by noun. `actor` is who does it; what somebody does to their own account takes `person`."""

from .credentials import (
    change_password,
    confirm_email,
    end_other_sessions,
    register,
    request_email_change,
    request_reset,
    reset_password,
)
from .organisations import (
    accept_invitation,
    add_member,
    change_organisation,
    find_or_make_organisation,
    invite,
    make_organisation,
    undo_invitation,
)
from .people import change_name, close_account, grant_role, invite_colleague, make_person, open_account, revoke_role

__all__ = [
    "accept_invitation",
    "add_member",
    "change_name",
    "change_organisation",
    "change_password",
    "close_account",
    "confirm_email",
    "end_other_sessions",
    "find_or_make_organisation",
    "grant_role",
    "invite",
    "invite_colleague",
    "make_organisation",
    "make_person",
    "open_account",
    "register",
    "request_email_change",
    "request_reset",
    "reset_password",
    "revoke_role",
    "undo_invitation",
]
