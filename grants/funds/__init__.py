"""Funds, rounds, their questions and criteria, plans and priorities, topics and districts."""
