"""The demonstration: the fund's real past, fictional people, a round that is open and one that has closed."""
