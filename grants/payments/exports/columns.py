"""The columns of finance's files of awards and of payments, in the order in which they stand.

Their selects are in `queries.py` beside this. Finance systems differ: who needs other headings or another order
changes them here.
"""

from __future__ import annotations

from grants.awards.models import AwardStatus, known_returned
from grants.foundation.documents.exports import Column
from grants.foundation.values.clock import london
from grants.foundation.values.days import financial_year, known_financial_year
from grants.payments.models import PaymentStatus, TakenState

AWARDS = (
    Column("Reference", lambda row: row.reference),
    Column("Group", lambda row: row.organisation_name),
    Column("Project", lambda row: row.title),
    Column("Awarded (£)", lambda row: row.awarded_pence, "pounds"),
    Column("Committed (£)", lambda row: row.committed_pence, "pounds"),
    Column("Paid (£)", lambda row: row.paid_pence, "pounds"),
    Column("Returned (£)", lambda row: known_returned(row.paid_pence, row.returned_pence), "pounds"),
    Column("Fund", lambda row: row.fund_code),
    Column("Round", lambda row: row.round_code),
    Column("Award date", lambda row: row.award_day, "date"),
    Column("Financial year", lambda row: known_financial_year(row.award_day)),
    Column("Decision", lambda row: row.decision_reference),
    Column("Decision date", lambda row: row.decided_at and london(row.decided_at).date(), "date"),
    Column("Planned start", lambda row: row.starts_on, "date"),
    Column("Planned end", lambda row: row.ends_on, "date"),
    Column("Status", lambda row: AwardStatus(row.status).label),
    Column("Finance has", lambda row: row.taken and TakenState(row.taken).label),
    Column("Main topic", lambda row: row.primary_topic),
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
    Column("Financial year", lambda row: row.paid_on and financial_year(row.paid_on), width=14),
    Column("VAT treatment", lambda row: row.vat_treatment, width=18),
    Column("Fund", lambda row: row.fund_code, width=10),
    Column("Round", lambda row: row.round_code, width=12),
    Column("Illustrative", lambda row: row.illustrative, width=12),
)
"""The payments, one line for each. Of an account the last digits only; the financial year is that of the payment."""
