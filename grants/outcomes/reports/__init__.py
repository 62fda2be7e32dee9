"""Monitoring reports: what a group did with its grant, and what comes back of it."""
