"""The officer's check."""
