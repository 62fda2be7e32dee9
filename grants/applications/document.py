"""An application as PDF: as it was frozen, or a draft that says on each page that it is one."""

from __future__ import annotations

from typing import Any

from flask import Response

from grants.foundation.documents.pdf import letterhead, typst_pdf
from grants.foundation.records.office import Office
from grants.foundation.values.clock import parse_instant
from grants.foundation.values.money import pounds_exact
from grants.foundation.web.pages import day, instant, plural
from grants.funds.kinds.registry import kind_of
from grants.funds.sections import BidSection

from . import contents as bids
from .contents import Bid
from .models import Application, Submission

DRAFT_MARK = "Draft, not submitted"
ILLUSTRATIVE_MARK = "Illustrative"
NOT_YET = "Not filled in yet"
HEADINGS = {section.value: section.label for section in BidSection}

Facts = list[tuple[str, str]]


def submission_pdf(application: Application, submission: Submission, *, office: Office) -> bytes:
    """The PDF of what was submitted: the same submission and office make the same bytes. In its foot is its SHA-256."""
    sent = bids.submitted(submission)
    received = parse_instant(sent.submitted_at)
    data = _data(sent.bid, office)
    data |= {
        "sha256": submission.sha256,
        "mark": ILLUSTRATIVE_MARK if application.illustrative else "",
        "unanswered": "Not answered",
        "declaration": f"{sent.declaration}.",
        "sent": [("Declared by", sent.declared_name), ("Received at", instant(received, zone=True))],
    }
    return typst_pdf("application", data, headings=HEADINGS)


def draft_pdf(bid: Bid, *, office: Office) -> bytes:
    """The PDF of a draft as it stands, marked as a draft on each page."""
    data = _data(bid, office)
    return typst_pdf(
        "application", {**data, "title": f"{data['title']} (draft)", "mark": DRAFT_MARK}, headings=HEADINGS
    )


def pdf_response(body: bytes, reference: str) -> Response:
    """The PDF to read in the browser or to keep, under the application's reference."""
    response = Response(body, mimetype="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename=f"{reference.lower()}.pdf")
    return response


def _data(bid: Bid, office: Office) -> dict[str, Any]:
    return {
        "title": bid.title or "Application without a title yet",
        "reference": bid.reference,
        "office": letterhead(office),
        "facts": _facts(bid),
        "project": _project(bid),
        "answers": [
            {"question": answer.question, "text": kind_of(answer).words(answer.text)} for answer in bid.answers
        ],
        "lines": [(line.item, pounds_exact(line.amount_pence)) for line in bid.budget],
        "total": pounds_exact(bid.requested_pence),
        "unanswered": NOT_YET,
        "declaration": "",
        "sent": [],
    }


def _facts(bid: Bid) -> Facts:
    numbers = [("Charity number", bid.charity_number), ("Company number", bid.company_number)]
    return [
        ("Reference", bid.reference),
        ("Round", bid.round),
        ("Group", f"{bid.organisation}, {bid.organisation_kind}"),
        *((name, number) for name, number in numbers if number),
        ("Asked for", pounds_exact(bid.requested_pence)),
    ]


def _project(bid: Bid) -> Facts:
    main, others = bid.topics[:1], bid.topics[1:]
    rows = [
        ("Summary", bid.summary),
        ("First day", day(bid.starts_on, "")),
        ("Last day", day(bid.ends_on, "")),
        ("People helped", plural(bid.people_helped, "person", "people") if bid.people_helped else ""),
        ("Where", ", ".join(bid.districts)),
        ("Mainly about", ", ".join(main)),
        ("Also about", ", ".join(others) or "Nothing else"),
        ("Priority", bid.priority),
        ("Plan", bid.plan),
    ]
    return [(term, words or NOT_YET) for term, words in rows]
