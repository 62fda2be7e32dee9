"""Offers, and the agreements that come of them."""
