"""The columns of finance's files, in the order in which they stand: one table for each file.

Finance systems differ: who needs other headings or another order changes them here.
"""

from __future__ import annotations

from dataclasses import dataclass

from grants.awards.models import AwardStatus
from grants.foundation.documents.exports import Column

from . import rules
from .models import Payment, PaymentStatus
from .sealing import BankAccount


@dataclass(frozen=True)
class PaymentLine:
    """A payment with the account that it goes to."""

    payment: Payment
    account: BankAccount


PAYMENT_FILE = (
    Column("Payment reference", lambda line: line.payment.reference, width=20),
    Column("Payee", lambda line: line.payment.payee),
    Column("Supplier number", lambda line: line.payment.bank_details.supplier_number, width=16),
    Column("Amount (£)", lambda line: line.payment.amount_pence, "pounds"),
    Column("Cost centre", lambda line: line.payment.cost_centre, width=14),
    Column("Account code", lambda line: line.payment.account_code, width=14),
    Column("Project code", lambda line: line.payment.project_code, width=14),
    Column("Funding source", lambda line: line.payment.funding_source),
    Column("Financial year", lambda line: line.payment.financial_year, width=14),
    Column("VAT treatment", lambda line: line.payment.vat_treatment, width=18),
    Column("Sort code", lambda line: line.account.sort_code, width=12),
    Column("Account number", lambda line: line.account.number, width=16),
    Column("Account name", lambda line: line.account.name),
    Column("Roll number or reference", lambda line: line.account.reference, width=20),
)
"""What goes to the bank: the only file in which bank details stand whole."""

COMMITMENTS = (
    Column("Reference", lambda row: row.reference),
    Column("Group", lambda row: row.organisation_name),
    Column("Project", lambda row: row.title),
    Column("Amount (£)", lambda row: row.awarded_pence, "pounds"),
    Column("Committed (£)", lambda row: row.committed_pence, "pounds"),
    Column("Paid (£)", lambda row: row.paid_pence, "pounds"),
    Column("Returned (£)", lambda row: row.returned_pence, "pounds"),
    Column("Fund", lambda row: row.fund_code),
    Column("Round", lambda row: row.round_code),
    Column("Award date", lambda row: row.award_day, "date"),
    Column("Financial year", lambda row: rules.financial_year(row.award_last)),
    Column("Decision", lambda row: row.decision_reference),
    Column("Decision date", lambda row: row.decided_at, "date"),
    Column("Project start", lambda row: row.starts_on, "date"),
    Column("Project end", lambda row: row.ends_on, "date"),
    Column("Status", lambda row: AwardStatus(row.status).label),
    Column("Topic", lambda row: row.primary_topic),
    Column("Districts", lambda row: row.districts),
    Column("Cost centre", lambda row: row.cost_centre),
    Column("Account code", lambda row: row.account_code),
    Column("Project code", lambda row: row.project_code),
    Column("Illustrative", lambda row: row.illustrative),
)
"""The awards, one line for each."""

PAYMENTS = (
    Column("Payment reference", lambda row: row.reference, width=20),
    Column("Award", lambda row: row.award_reference, width=18),
    Column("Batch", lambda row: row.number, width=14),
    Column("Payee", lambda row: row.payee),
    Column("Supplier number", lambda row: row.supplier_number, width=16),
    Column("Account ending", lambda row: row.last_digits, width=14),
    Column("Amount (£)", lambda row: row.amount_pence, "pounds"),
    Column("Status", lambda row: PaymentStatus(row.status).label, width=12),
    Column("Paid on", lambda row: row.paid_on, "date"),
    Column("Finance reference", lambda row: row.finance_reference, width=20),
    Column("Cost centre", lambda row: row.cost_centre, width=14),
    Column("Account code", lambda row: row.account_code, width=14),
    Column("Project code", lambda row: row.project_code, width=14),
    Column("Funding source", lambda row: row.funding_source),
    Column("Financial year", lambda row: row.financial_year, width=14),
    Column("VAT treatment", lambda row: row.vat_treatment, width=18),
    Column("Fund", lambda row: row.fund_code, width=10),
    Column("Round", lambda row: row.round_code, width=12),
    Column("Illustrative", lambda row: row.illustrative, width=12),
)
"""The payments, one line for each. Of an account the last digits only."""
