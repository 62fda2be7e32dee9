"""Totals as they were announced."""
