"""What each section of a draft holds, in plain values: to compare, to fingerprint, and to show beside another text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from grants.applications.models import Application

Content = Mapping[str, Any]

_MOST_FINGERPRINTS = 999_999_937
"""A prime below the largest version that a form carries."""


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


def fingerprint(content: Content) -> int:
    """The version of a section: a number that changes when its content does.

    Two people who edit two sections at the same time do not stand in each other's way, and a form
    that is sent again with the same text is no lost update.
    """
    digest = hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    return int(digest[:15], 16) % _MOST_FINGERPRINTS + 1
