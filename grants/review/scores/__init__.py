"""Declarations and score sheets."""
