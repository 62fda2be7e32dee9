"""A group's own bank details."""
