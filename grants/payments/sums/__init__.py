"""Whether batches, payments, their files and the ledger say the same."""
