"""The blank form of a round, for everybody who wants to see all questions first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from grants.foundation.documents.pdf import letterhead, typst_pdf
from grants.foundation.records.office import Office
from grants.foundation.values.money import pounds
from grants.foundation.web.pages import deadline

from .kinds.registry import kind_of
from .models import SUMMARY_WORDS, District, Priority, Question, Round
from .sections import BidSection


def blank_form(
    a_round: Round,
    *,
    office: Office,
    questions: Iterable[Question],
    districts: Iterable[District],
    topics: Iterable[str],
    priorities: Iterable[Priority],
) -> bytes:
    """The blank form as PDF."""
    sections = [*_about_the_project(districts, topics, priorities), *_about_the_round(questions)]
    return typst_pdf(
        "blank_form",
        {
            "title": f"{a_round.fund.name}, {a_round.code}: application form",
            "reference": a_round.code,
            "office": letterhead(office),
            "intro": a_round.summary,
            "facts": [
                ("Closes", deadline(a_round.closes_at, zone=True)),
                ("Largest grant", pounds(a_round.largest_grant_pence)),
            ],
            "sections": sections,
        },
    )


def _about_the_project(
    districts: Iterable[District], topics: Iterable[str], priorities: Iterable[Priority]
) -> list[dict[str, Any]]:
    return [
        _section("Your group", _line("Name of the group"), _line("Charity or company number, if it has one", True)),
        _section(
            BidSection.PROJECT.label,
            _line("Project title"),
            _question("Summary", "words", most_words=SUMMARY_WORDS),
            _question("First day of the project", "date"),
            _question("Last day of the project", "date"),
        ),
        _section(
            BidSection.PEOPLE.label,
            _question("How many people will the project help?", "number"),
            _choices("Where will the project work?", [district.name for district in districts], several=True),
        ),
        _section(
            BidSection.AIMS.label,
            _choices("What is the project mainly about?", list(topics)),
            _line("Is it about anything else?", True),
            _choices("Which priority of the plan does it serve most?", [priority.name for priority in priorities]),
        ),
    ]


def _about_the_round(questions: Iterable[Question]) -> list[dict[str, Any]]:
    return [
        _section(
            "Questions",
            *(_question(q.text, hint=q.hint, optional=not q.required, **kind_of(q).blank(q)) for q in questions),
        ),
        _section(
            BidSection.BUDGET.label,
            _question("What would the grant pay for?", "rows", columns=["What it is for", "Amount (£)"], count=8),
        ),
    ]


def _section(heading: str, *questions: dict[str, Any]) -> dict[str, Any]:
    return {"heading": heading, "intro": "", "questions": list(questions)}


def _question(text: str, kind: str, *, hint: str = "", optional: bool = False, **more: Any) -> dict[str, Any]:
    return {"text": text, "kind": kind, "hint": hint, "optional": optional, **more}


def _line(text: str, optional: bool = False) -> dict[str, Any]:
    return _question(text, "line", optional=optional)


def _choices(text: str, options: list[str], *, several: bool = False) -> dict[str, Any]:
    return _question(text, "choices", options=options, several=several)
