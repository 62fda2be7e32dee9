"""The forms by which a payment is put right."""

from __future__ import annotations

from grants.awards.models import LONGEST_REASON
from grants.foundation.values import clock
from grants.foundation.web.fields.choices import Choice, ChoiceField
from grants.foundation.web.fields.day import DayField
from grants.foundation.web.fields.text import LineField, TextField
from grants.foundation.web.forms import CreatingForm, VersionedForm
from grants.payments.models import LONGEST_FINANCE_REFERENCE, PaymentStatus

from .rules import IN_TRUTH

CHOICES = {
    PaymentStatus.WAITING: Choice(PaymentStatus.WAITING.value, "Nothing is known of it yet: it waits again"),
    PaymentStatus.FAILED: Choice(PaymentStatus.FAILED.value, "It failed: the money never left"),
    PaymentStatus.PAID: Choice(PaymentStatus.PAID.value, "It was paid"),
}


class BounceForm(CreatingForm):
    """That a payment came back after it was paid."""

    day = DayField("When did the money come back?", thing="the day on which the money came back")
    finance_reference = LineField(
        "The bank’s reference",
        thing="the bank’s reference",
        longest=LONGEST_FINANCE_REFERENCE,
        width="20",
        hint="Of the money that came back",
    )
    reason = TextField(
        "Why did it come back?",
        thing="why it came back",
        longest=LONGEST_REASON,
        rows=3,
        hint="As the bank says it, like: account closed. Not the bank details themselves",
        covers_accounts=True,
    )

    def ready(self) -> BounceForm:
        """The form, which takes no day in the future."""
        self.day.latest = clock.today()
        return self


class WrongLineForm(CreatingForm):
    """What is true of a payment that was marked wrongly."""

    truth = ChoiceField("What is true of it?", thing="what is true of it")
    day = DayField(
        "When was it paid?", thing="the day on which it was paid", sometimes=True, hint="Only where it was paid"
    )
    finance_reference = LineField(
        "Finance reference",
        thing="the finance reference",
        longest=LONGEST_FINANCE_REFERENCE,
        sometimes=True,
        width="20",
        hint="Only where it was paid",
    )
    reason = TextField(
        "What was wrong?",
        thing="what was wrong",
        longest=LONGEST_REASON,
        rows=3,
        hint="And how you know. Not the bank details themselves",
        covers_accounts=True,
    )

    def ready(self, status: PaymentStatus) -> WrongLineForm:
        """The form, for a payment that is recorded like this."""
        self.truth.choices = [CHOICES[truth] for truth in IN_TRUTH.get(status, ())]
        self.day.latest = clock.today()
        return self


class ApproveReversalForm(VersionedForm):
    """A payment is put right as it was looked at."""


class RefuseReversalForm(VersionedForm):
    """Why a payment stays as it was recorded."""

    why = TextField("Why is it refused?", thing="the reason", longest=LONGEST_REASON, rows=3, covers_accounts=True)
