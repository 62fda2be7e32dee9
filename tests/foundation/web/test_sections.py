"""The sections of drafts: each name stands in one place, and page, task list and address take it from there."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from grants.applications.drafts import sections as bid
from grants.funds.sections import BidSection, in_order
from grants.outcomes.reports.drafts import sections as report
from grants.outcomes.reports.sections import ReportSection

ROOT = Path(__file__).parents[3]
PLACES = {
    BidSection: ("applications", "funds/sections.py"),
    ReportSection: ("outcomes/reports", "outcomes/reports/sections.py"),
}


@pytest.mark.parametrize(
    ("registry", "names", "endpoint"),
    [
        (bid.SECTIONS, BidSection, "applications.section"),
        (report.SECTIONS, ReportSection, "outcomes.report_section"),
    ],
)
def test_every_section_opens_at_its_address(
    app: Any, registry: dict[Any, Any], names: type[StrEnum], endpoint: str
) -> None:
    assert list(registry) == list(names)
    with app.test_request_context():
        for name in names:
            assert app.url_map.bind("").build(endpoint, {"reference": "X", "section": name}).endswith(f"/{name}")


def test_questions_of_the_round_stand_before_the_budget() -> None:
    names = [name for name, _title in in_order([("need", "Why?"), ("plan", "How?")])]

    assert names == ["project", "dates", "people", "aims", "questions/need", "questions/plan", "budget"]


@pytest.mark.parametrize("names", PLACES, ids=lambda names: names.__name__)
def test_headings_stand_in_one_place(names: type[StrEnum]) -> None:
    """A heading that is typed a second time stays behind when the first one is reworded."""
    room, place = PLACES[names]
    headings = {name.label for name in names} - {"Budget"}  # type: ignore[attr-defined]
    found = [
        f"{path.relative_to(ROOT)}: {heading}"
        for folder in ("grants", "templates")
        for path in sorted((ROOT / folder / room).rglob("*.*"))
        if path.suffix in {".py", ".html"} and not str(path).endswith(place)
        for heading in headings
        if re.search(rf"[>\"]{re.escape(heading)}[<\"]", path.read_text())
    ]
    assert found == []
