"""The forms by which finance verifies or refuses bank details."""

from __future__ import annotations

from grants.foundation.web.fields.choices import Choice, ChoiceField, ChoicesField
from grants.foundation.web.fields.text import LineField, TextField
from grants.foundation.web.forms import VersionedForm
from grants.payments.models import LONGEST_WHY, CheckMethod, Compared


class VerifyForm(VersionedForm):
    """How a finance officer verified details."""

    method = ChoiceField(
        "How did you verify them?",
        thing="how you verified them",
        choices=[Choice(method.value, method.label) for method in CheckMethod],
    )
    note = TextField(
        "Note of the call",
        thing="a note of the call",
        sometimes=True,
        longest=LONGEST_WHY,
        rows=3,
        hint="Whom you spoke to, when, and on which number. Not the bank details themselves",
        covers_accounts=True,
    )
    compared = ChoicesField(
        "What did you compare with the proof?",
        thing="what you compared with the proof",
        choices=[Choice(one.value, one.label) for one in Compared],
    )
    shared_why = TextField(
        "Why do several groups have this account?",
        thing="why several groups have this account",
        sometimes=True,
        longest=LONGEST_WHY,
        rows=3,
        hint="Like: one body manages the money of both",
        covers_accounts=True,
    )
    supplier_number = LineField(
        "Supplier number",
        thing="the supplier number",
        required=False,
        longest=40,
        width="10",
        hint="In the finance system, if the group has one there",
        covers_accounts=True,
    )


class RefuseForm(VersionedForm):
    """Why details cannot be verified."""

    reason = TextField(
        "Why can they not be verified?",
        thing="the reason",
        longest=LONGEST_WHY,
        rows=3,
        hint="The group reads this, and gives its details again",
        covers_accounts=True,
    )
