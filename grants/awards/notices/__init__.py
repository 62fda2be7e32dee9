"""Decision notices."""
