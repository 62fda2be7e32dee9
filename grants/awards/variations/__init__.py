"""Variations: what of an award that was decided here is changed afterwards, never by one person alone."""
