"""Eligibility, drafts, answers, budget and submission."""
