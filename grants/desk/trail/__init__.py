"""The audit trail as somebody reads it: found by who, what, about what and when, told in words, and taken away."""
