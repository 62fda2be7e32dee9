"""The columns of the payment file, in the order in which they stand.

Finance systems differ: who needs other headings or another order changes them here.
"""

from __future__ import annotations

from dataclasses import dataclass

from grants.foundation.documents.exports import Column
from grants.foundation.values.bank_names import at_bank, has_other_letters
from grants.payments.models import Payment
from grants.payments.sealing import BankAccount


@dataclass(frozen=True)
class PaymentLine:
    """A payment with the account that it goes to, and the financial year in which its batch is approved."""

    payment: Payment
    account: BankAccount
    year: str

    @property
    def payee(self) -> str:
        """The group's name as banks take it; where it is in letters that no bank takes, the name of its account."""
        name = self.payment.payee
        return (not has_other_letters(name) and at_bank(name)) or self.account.name_at_bank


PAYMENT_FILE = (
    Column("Payment reference", lambda line: line.payment.reference, width=20),
    Column("Payee", lambda line: line.payee),
    Column("Supplier number", lambda line: line.payment.bank_details.supplier_number, width=16),
    Column("Amount (£)", lambda line: line.payment.amount_pence, "pounds"),
    Column("Cost centre", lambda line: line.payment.cost_centre, width=14),
    Column("Account code", lambda line: line.payment.account_code, width=14),
    Column("Project code", lambda line: line.payment.project_code, width=14),
    Column("Funding source", lambda line: line.payment.funding_source),
    Column("Financial year of approval", lambda line: line.year, width=14),
    Column("VAT treatment", lambda line: line.payment.vat_treatment, width=18),
    Column("Sort code", lambda line: line.account.sort_code, width=12),
    Column("Account number", lambda line: line.account.number, width=16),
    Column("Account name", lambda line: line.account.name_at_bank),
    Column("Roll number or reference", lambda line: line.account.reference, width=20),
)
"""What goes to the bank: the only file in which bank details stand whole."""
