"""The public register of awards and its open data."""
