"""The columns of the trail as a file, in the order in which they stand: what a line tells is in `contents.py`."""

from __future__ import annotations

from grants.foundation.documents.exports import Column

COLUMNS = (
    Column("Line", lambda told: told.line_number, "number"),
    Column("When", lambda told: told.at, "date", width=20),
    Column("Who", lambda told: told.who.name),
    Column("What", lambda told: told.what, width=40),
    Column("About", lambda told: told.about and str(told.about), width=36),
    Column("What changed", lambda told: told.changed, width=60),
    Column("Why", lambda told: told.why),
    Column("Hash of the line", lambda told: told.hash),
)
"""The columns of the file, in the order in which they stand."""
