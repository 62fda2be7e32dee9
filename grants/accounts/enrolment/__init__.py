"""Setting up the second step of signing in, on one's own account."""
