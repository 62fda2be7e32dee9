"""What waits in review."""
