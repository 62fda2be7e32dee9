"""What each section of a report holds, in plain values: to compare, to fingerprint, to show beside another text."""

from __future__ import annotations

from grants.foundation.records.drafts import Content
from grants.outcomes.reports.contents import Told
from grants.outcomes.reports.models import Report


def people(report: Report) -> Content:
    """How many were helped and took part."""
    return {
        "people_helped": report.people_helped,
        "people_estimated": report.people_estimated,
        "volunteers": report.volunteers,
        "sessions": report.sessions,
    }


def difference(report: Report) -> Content:
    """What difference it made, and what changed."""
    return {"difference": report.difference, "changed": report.changed}


def spending(told: Told) -> Content:
    """What was spent on each line of the budget, in pence, and why; and where other money came from."""
    return {
        "lines": [[line.item, line.spent_pence, line.reason] for line in told.lines],
        "other_money": told.other_money,
    }


def story(report: Report) -> Content:
    """The story, and whether it may be published."""
    return {"story": report.story, "story_consent": report.story_consent}
