"""What several forms of accounts share."""

from __future__ import annotations

from typing import Any

from grants.foundation.web.fields.text import LineField, PasswordField
from grants.foundation.web.forms import Form

from .models import LONGEST_NAME, SHORTEST_PASSWORD


def new_password_field(label: str) -> PasswordField:
    """A field for a password that is chosen, with what makes a good one."""
    return PasswordField(
        label,
        thing="a password",
        autocomplete="new-password",
        hint=f"{SHORTEST_PASSWORD} characters or more. Three words that only you would put together make a good one.",
    )


def name_field(label: str, **more: Any) -> LineField:
    """A field for the name of a person."""
    return LineField(label, thing="your name", longest=LONGEST_NAME, autocomplete="name", **more)


def refuse_field(form: Form, name: str, refused: Exception) -> None:
    """Show what a rule said beside the field that it is about."""
    form[name].errors = [*form[name].errors, str(refused).rstrip(".")]
