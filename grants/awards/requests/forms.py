"""The forms of a request: what a group asks, and what the office answers."""

from __future__ import annotations

from grants.awards.models import LONGEST_REASON
from grants.foundation.web.fields.text import TextField
from grants.foundation.web.forms import CreatingForm, VersionedForm


class RequestForm(CreatingForm):
    """What should change of a grant, and why."""

    wish = TextField(
        "What should change, and why?",
        thing="what should change, and why",
        longest=LONGEST_REASON,
        rows=6,
        hint="Such as later dates, less money, or something else to buy. Tell us before you do it",
    )


class DeclineRequestForm(VersionedForm):
    """Why a request is not taken up. The version is the request's."""

    answer = TextField(
        "Why not?", thing="the reason", longest=LONGEST_REASON, rows=4, hint="The group gets this in a mail"
    )


class TakeBackRequestForm(VersionedForm):
    """That a request is taken back. The version is the request's."""
