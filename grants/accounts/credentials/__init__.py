"""Signing up, proving an address, and passwords."""
