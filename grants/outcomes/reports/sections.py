"""The sections of a report, by name."""

from __future__ import annotations

from enum import StrEnum


class ReportSection(StrEnum):
    """What every report tells, in its order."""

    PEOPLE = "people"
    DIFFERENCE = "difference"
    SPENDING = "spending"
    STORY = "story"

    @property
    def label(self) -> str:
        """Its heading."""
        return {
            "people": "Whom it helped",
            "difference": "What difference it made",
            "spending": "What it cost",
            "story": "A story for the public",
        }[self]
