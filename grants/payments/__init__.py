"""Exports for finance, and later the payments themselves."""
