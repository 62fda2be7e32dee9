"""Drafts: starting one, and saving it section by section."""
