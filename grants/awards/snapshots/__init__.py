"""How each award stands now, in one row for lists."""
