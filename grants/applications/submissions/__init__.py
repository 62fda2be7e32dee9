"""Whole applications: submitted, frozen, withdrawn."""
