"""The forms of a batch of payments."""

from __future__ import annotations

from typing import Any

from wtforms import FieldList, FormField

from grants.foundation.values.money import Pence
from grants.foundation.web.fields.choices import ConfirmField
from grants.foundation.web.fields.numbers import PoundsField, WholeNumberField
from grants.foundation.web.fields.text import TextField
from grants.foundation.web.forms import CreatingForm, PartForm, VersionedForm
from grants.payments.models import LONGEST_WHY

ONE_PENNY = Pence(1)


class PaymentLineForm(PartForm):
    """One award of a new batch."""

    award = WholeNumberField("Award", thing="the award")
    pay = ConfirmField("Pay it", thing="it is paid", required=False)
    amount = PoundsField("Amount to pay", thing="the amount", required=False, at_least=ONE_PENNY)

    def validate(self, extra_validators: Any = None) -> bool:
        """Hold the amount of a line that is ticked against its rule; one that is not ticked is no matter."""
        super().validate(extra_validators)
        if not self.pay.data:
            self.amount.errors = []
        elif self.amount.data is None and not self.amount.errors:
            self.amount.errors = ["Enter the amount to pay, or take the award out of the batch"]
        return not self.errors


class PrepareForm(CreatingForm):
    """Which awards are paid, and how much of each."""

    lines = FieldList(FormField(PaymentLineForm))


class ApproveForm(VersionedForm):
    """A batch is approved as it was looked at."""


class CancelForm(VersionedForm):
    """Why a batch is cancelled."""

    reason = TextField("Why is it cancelled?", thing="the reason", longest=LONGEST_WHY, rows=2, covers_accounts=True)
