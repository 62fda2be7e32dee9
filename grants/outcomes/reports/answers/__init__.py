"""What the office does with a report."""
