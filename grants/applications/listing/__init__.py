"""The office's list of applications."""
