"""Finance's return files: what was really paid."""
