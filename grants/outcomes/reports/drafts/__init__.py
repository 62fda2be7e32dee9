"""A group's own draft of its report."""
