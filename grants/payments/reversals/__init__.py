"""Payments that are put right: what came back after it was paid, and what a return file said wrongly."""
