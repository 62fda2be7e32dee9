"""Decisions, awards and the append-only award ledger."""
