"""The office's list of reports."""
