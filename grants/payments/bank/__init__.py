"""Bank details and their verification."""
