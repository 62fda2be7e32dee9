"""The columns of the trail as a file, in the order in which they stand: what a line tells is in `contents.py`."""

from __future__ import annotations

from grants.foundation.documents.exports import Column

_BEFORE = (Column("Line", lambda told: told.line_number, "number"),)
_AFTER = (
    Column("Who", lambda told: told.who.name),
    Column("E-mail address", lambda told: told.email),
    Column("What", lambda told: told.what, width=40),
    Column("About", lambda told: told.about and str(told.about), width=36),
    Column("What changed", lambda told: told.changed, width=60),
    Column("Why", lambda told: told.why),
    Column("Hash of the line", lambda told: told.hash),
)
CSV = (*_BEFORE, Column("When (UTC)", lambda told: told.at, "date"), *_AFTER)
XLSX = (*_BEFORE, Column("When (UK time)", lambda told: told.at, "date", width=20), *_AFTER)
"""The columns of each file, in the order in which they stand. A file's instants are told by its own clock."""
