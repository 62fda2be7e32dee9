"""People, organisations, membership, roles and sign-in."""
