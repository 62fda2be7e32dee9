"""A report as it was sent, as a document."""

from __future__ import annotations

from grants.foundation.documents.pdf import letterhead, typst_pdf
from grants.foundation.records.office import Office
from grants.foundation.values.money import pounds, pounds_exact
from grants.foundation.web.pages import instant

from .contents import SpentLine, Told, declared_by, of_submission
from .models import ReportSubmission
from .sections import ReportSection


def report_pdf(submission: ReportSubmission, *, office: Office) -> bytes:
    """One version as PDF, made from what was frozen: the same version makes the same bytes."""
    told = of_submission(submission)
    return typst_pdf(
        "report",
        {
            "title": f"Report on “{told.title}”",
            "reference": f"{told.reference}, report, version {submission.number}",
            "office": letterhead(office),
            "facts": _facts(told),
            "difference": told.difference,
            "changed": told.changed,
            "lines": [_line(line) for line in told.lines],
            "total": {
                "asked": pounds_exact(sum(line.asked_pence for line in told.lines)),
                "planned": pounds_exact(told.awarded_pence),
                "spent": pounds_exact(told.spent_pence),
            },
            "money": _money(told),
            "story": told.story,
            "consent": "Nobody can be recognised in it, and it may be published." if told.story_consent else "",
            "declared": [
                ("Declared by", declared_by(submission)),
                ("Sent", instant(submission.submitted_at, zone=True)),
                ("SHA-256 of what was sent", submission.sha256),
            ],
        },
        headings={section.value: section.label for section in ReportSection},
    )


def _facts(told: Told) -> list[tuple[str, str]]:
    how = " (an estimate)" if told.people_estimated else " (counted)"
    planned = "" if told.people_planned is None else f"; {told.people_planned:,} planned"
    return [
        ("Award", told.reference),
        ("Group", told.organisation),
        ("People helped", f"{told.people_helped or 0:,}{how}{planned}"),
        ("Volunteers", f"{told.volunteers or 0:,}"),
        ("Sessions", f"{told.sessions or 0:,}"),
    ]


def _line(line: SpentLine) -> dict[str, str]:
    return {
        "item": line.item,
        "asked": pounds_exact(line.asked_pence),
        "planned": pounds_exact(line.planned_pence),
        "spent": pounds_exact(line.spent_pence),
        "reason": line.reason,
    }


def _money(told: Told) -> list[tuple[str, str]]:
    rows = [("Paid", pounds(told.paid_pence)), ("Not spent", pounds(told.unspent_pence))]
    if told.other_pence:
        rows.append(("From other money", f"{pounds(told.other_pence)}: {told.other_money}"))
    return rows
