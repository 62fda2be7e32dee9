"""The ranking of a round against its pot."""
