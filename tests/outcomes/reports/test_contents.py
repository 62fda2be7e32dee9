"""How a grant is shared out over the lines of a budget, when a line needs its reason, and what is frozen."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from grants.applications.contents import Bid, BidLine
from grants.awards.models import AwardSnapshot
from grants.awards.variations.contents import shared_out
from grants.foundation.values.money import Pence
from grants.outcomes.reports.contents import SpentLine, declared_by, freeze, of_report, of_submission
from grants.outcomes.reports.models import Report, ReportLine, ReportSubmission


@pytest.mark.parametrize(
    ("planned", "spent", "difference", "needs"),
    [
        (10_000, 11_000, 1_000, False),  # ten per cent itself needs no word
        (10_000, 11_001, 1_001, True),
        (10_000, 8_999, -1_001, True),
        (10_000, 9_000, -1_000, False),
        (0, 0, 0, False),
        (0, 1, 1, True),
        (10_000, None, -10_000, False),
    ],
)
def test_line_needs_its_reason_past_ten_per_cent(planned: int, spent: Any, difference: int, needs: bool) -> None:
    line = SpentLine("Hall", Pence(planned), Pence(planned), spent, "")

    assert (line.difference, line.needs_reason) == (difference, needs)


BID = Bid(
    "A-1",
    "SCF 21",
    "Northside",
    "group",
    "",
    "",
    "Nights",
    "",
    date(2026, 1, 1),
    date(2026, 6, 30),
    72,
    (),
    (),
    "",
    "",
    (),
    (BidLine("Workers", Pence(400_000)), BidLine("Hall", Pence(200_000))),
    Pence(600_000),
)


PLANNED = shared_out(BID.budget, 540_000)


def _report() -> Report:
    asked = (("Workers", 400_000, 350_000), ("Hall", 200_000, None))
    lines = [ReportLine(item=item, asked_pence=pence, spent_pence=spent, reason="") for item, pence, spent in asked]
    words = {"difference": "Fewer calls.", "changed": "", "other_money": "", "story": ""}
    return Report(people_helped=80, spent_pence=350_000, story_consent=False, lines=lines, **words)


def _snapshot(awarded: int | None, paid: int | None) -> AwardSnapshot:
    return AwardSnapshot(
        reference="A-1", organisation_name="Northside", title="Nights", awarded_pence=awarded, paid_pence=paid
    )


def test_report_reads_what_was_planned_from_the_bid_and_the_award() -> None:
    told = of_report(_report(), BID, _snapshot(540_000, 500_000), PLANNED)

    assert (told.people_planned, told.people_helped) == (72, 80)
    assert [(line.item, line.planned_pence, line.spent_pence) for line in told.lines] == [
        ("Workers", 360_000, 350_000),
        ("Hall", 180_000, None),
    ]
    assert (told.awarded_pence, told.paid_pence, told.spent_pence) == (540_000, 500_000, 350_000)
    assert (told.unspent_pence, told.other_pence) == (150_000, 0)


def test_report_is_held_against_a_budget_that_was_changed_and_forgets_nothing_that_was_said() -> None:
    report = _report()
    report.lines.append(ReportLine(item="Van", asked_pence=0, spent_pence=7_000, reason="It broke."))
    report.lines.append(ReportLine(item="Tent", asked_pence=0, spent_pence=None, reason=""))
    report.lines.append(ReportLine(item="Taxi", asked_pence=0, spent_pence=0, reason=""))
    report.lines.append(ReportLine(item="Hats", asked_pence=0, spent_pence=None, reason="Given to us."))
    changed = [BidLine("Coach", Pence(140_000)), BidLine("Workers", Pence(400_000))]

    told = of_report(report, BID, _snapshot(540_000, 500_000), changed)

    assert told.lines == (
        SpentLine("Coach", Pence(0), Pence(140_000), None, ""),
        SpentLine("Workers", Pence(400_000), Pence(400_000), Pence(350_000), ""),
        SpentLine("Hall", Pence(200_000), Pence(0), None, ""),
        SpentLine("Van", Pence(0), Pence(0), Pence(7_000), "It broke."),
        SpentLine("Taxi", Pence(0), Pence(0), Pence(0), ""),
        SpentLine("Hats", Pence(0), Pence(0), None, "Given to us."),
    )


def test_lines_that_are_for_the_same_keep_their_order() -> None:
    bid = replace(BID, budget=(BidLine("Hall", Pence(100)), BidLine("Hall", Pence(300))))
    lines = [ReportLine(item="Hall", asked_pence=0, spent_pence=spent, reason="") for spent in (1, 2)]
    report = Report(spent_pence=3, story_consent=False, lines=lines)

    told = of_report(report, bid, _snapshot(400, 400), bid.budget)

    assert [(line.asked_pence, line.spent_pence) for line in told.lines] == [(100, 1), (300, 2)]


def test_report_on_an_award_of_which_nothing_is_known_plans_nothing() -> None:
    told = of_report(_report(), BID, _snapshot(None, None), shared_out(BID.budget, 0))

    assert [line.planned_pence for line in told.lines] == [0, 0]
    assert (told.awarded_pence, told.paid_pence, told.unspent_pence, told.other_pence) == (0, 0, 0, 350_000)


def test_sent_report_is_read_as_it_was_frozen() -> None:
    told = of_report(_report(), BID, _snapshot(540_000, 500_000), PLANNED)

    content, _ = freeze(
        told, number=2, declared_name="Morgan", submitted_at="2026-11-22T12:00:00Z", bid_sha256="c0ffee"
    )

    assert {name: value for name, value in json.loads(content).items() if name != "report"} == {
        "form": 1,
        "version": 2,
        "unspent_pence": 150_000,
        "declared_name": "Morgan",
        "submitted_at": "2026-11-22T12:00:00Z",
        "bid_sha256": "c0ffee",
    }
    sent = ReportSubmission(content=content)
    assert (of_submission(sent), declared_by(sent)) == (told, "Morgan")


def test_nothing_is_unspent_where_all_or_more_was_spent() -> None:
    told = of_report(_report(), BID, _snapshot(540_000, 350_000), PLANNED)

    assert (told.unspent_pence, told.other_pence) == (0, 0)
    more = replace(told, paid_pence=Pence(300_000))
    assert (more.unspent_pence, more.other_pence) == (0, 50_000)
