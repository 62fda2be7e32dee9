"""The columns of a story as a file, in the order in which they stand: what an item holds is in `contents.py`."""

from __future__ import annotations

from grants.foundation.documents.exports import Column

from .contents import COLUMNS


def _amount(name: str) -> Column:
    words = "asked for" if name == "asked" else name
    return Column(f"{words.capitalize()} (£)", lambda item: item.money.of(name), "pounds")


CSV = (
    Column("When (UTC)", lambda item: item.at, "date"),
    Column("What", lambda item: item.what),
    Column("Who", lambda item: item.who),
    Column("Details", lambda item: " | ".join(item.details)),
    *(_amount(name) for name in COLUMNS),
    Column("Audit lines", lambda item: item.numbers),
    Column("Hash of the last line", lambda item: item.lines[-1].line.hash if item.lines else ""),
)
"""The columns of the file, in the order in which they stand."""
