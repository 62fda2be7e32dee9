"""Kinds of questions: a file for each, called by its kind."""
