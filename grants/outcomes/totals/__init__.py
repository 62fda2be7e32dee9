"""Totals as at a date."""
