"""The append-only ledger of awards: adding to it under its lock, and reading what it held at a date."""
