"""What each section of a draft holds, in plain values: to compare, to fingerprint, and to show beside another text."""

from __future__ import annotations

from grants.applications.models import Application
from grants.foundation.records.drafts import Content


def project(application: Application) -> Content:
    """The title and the summary."""
    return {"title": application.title, "summary": application.summary}


def dates(application: Application) -> Content:
    """The first and the last day, YYYY-MM-DD."""
    days = application.starts_on, application.ends_on
    return dict(zip(("starts_on", "ends_on"), (day.isoformat() if day else "" for day in days), strict=True))


def people(application: Application) -> Content:
    """How many people are helped, and the districts by number."""
    return {
        "people_helped": application.people_helped,
        "districts": sorted(row.district_id for row in application.districts),
    }


def aims(application: Application) -> Content:
    """The topics by number, the primary one first, and the priority."""
    rows = sorted(application.topics, key=lambda row: row.position)
    return {"topics": [row.topic_id for row in rows], "priority": application.priority_id}


def budget(application: Application) -> Content:
    """The lines, each with its amount in pence."""
    return {"lines": [[line.item, line.amount_pence] for line in application.budget_lines]}


def answer(text: str) -> Content:
    """What was written to one question."""
    return {"text": text}
