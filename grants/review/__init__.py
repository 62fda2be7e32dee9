"""Checks, conflicts of interest, scores and recommendations."""
