"""The verbs that write into the ledger."""
