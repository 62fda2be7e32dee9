"""The accounts of a demonstration, which its sign-in page offers. They are made in `desk`."""

from __future__ import annotations

from typing import Final

PASSWORD: Final = "demonstration"  # noqa: S105 - it is printed on the sign-in page of every demonstration

EMAILS: Final = tuple(
    f"{name}@example.org"
    for name in (
        "applicant",
        "applicant2",
        "editor",
        "reader",
        "officer",
        "officer2",
        "panel1",
        "panel2",
        "panel3",
        "panel4",
        "decision",
        "deputy",
        "finance1",
        "finance2",
        "auditor",
        "admin",
    )
)
