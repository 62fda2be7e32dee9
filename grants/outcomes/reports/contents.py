"""A report as it is read: from a draft as it stands, or from a submission as it was frozen. Amounts in pence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TypeVar

from grants.applications.contents import Bid, BidLine
from grants.awards.models import AwardSnapshot
from grants.foundation.records.frozen import Content, Kind, fill
from grants.foundation.values.money import Pence

from .models import DIFFERENCE_PERCENT, Report, ReportLine, ReportSubmission

Line = TypeVar("Line", BidLine, ReportLine)


@dataclass(frozen=True)
class SpentLine:
    """A line of the budget: what was asked for it, its share of the grant, and what was spent on it."""

    item: str
    asked_pence: Pence
    planned_pence: Pence
    spent_pence: Pence | None
    reason: str

    @property
    def difference(self) -> int:
        """What was spent above the plan, in pence; below it is negative."""
        return (self.spent_pence or 0) - self.planned_pence

    @property
    def needs_reason(self) -> bool:
        """Whether it differs by more than the share that needs no word."""
        return self.spent_pence is not None and abs(self.difference) * 100 > self.planned_pence * DIFFERENCE_PERCENT


@dataclass(frozen=True)
class Told:
    """What a group tells. What was planned comes from its bid, what was awarded and paid from the ledger."""

    reference: str
    organisation: str
    title: str
    people_planned: int | None
    people_helped: int | None
    people_estimated: bool | None
    volunteers: int | None
    sessions: int | None
    difference: str
    changed: str
    lines: tuple[SpentLine, ...]
    other_money: str
    story: str
    story_consent: bool
    awarded_pence: Pence
    paid_pence: Pence
    spent_pence: Pence

    @property
    def unspent_pence(self) -> Pence:
        """What was paid and not spent; never less than nothing."""
        return Pence(max(0, self.paid_pence - self.spent_pence))

    @property
    def other_pence(self) -> Pence:
        """What was spent above what was paid: other money."""
        return Pence(max(0, self.spent_pence - self.paid_pence))


@dataclass(frozen=True)
class SentReport:
    """A report as it was sent, and who declared it."""

    told: Told
    declared_name: str


REPORT: Kind[SentReport] = Kind("report", form=1)


def of_report(report: Report, bid: Bid, snapshot: AwardSnapshot, budget: Sequence[BidLine]) -> Told:
    """What the report says as it stands; `budget` is what the grant is to be spent on."""
    return Told(
        reference=snapshot.reference,
        organisation=snapshot.organisation_name,
        title=snapshot.title,
        people_planned=bid.people_helped,
        people_helped=report.people_helped,
        people_estimated=report.people_estimated,
        volunteers=report.volunteers,
        sessions=report.sessions,
        difference=report.difference,
        changed=report.changed,
        lines=tuple(_lines(report, bid.budget, budget)),
        other_money=report.other_money,
        story=report.story,
        story_consent=report.story_consent,
        awarded_pence=snapshot.awarded_pence or Pence(0),
        paid_pence=snapshot.paid_pence or Pence(0),
        spent_pence=report.spent_pence,
    )


def _lines(report: Report, asked: Sequence[BidLine], budget: Sequence[BidLine]) -> Iterator[SpentLine]:
    """The lines of the budget, then those of the bid that it left out, then any other that something was said of."""
    asked_for, said = list(asked), list(report.lines)
    for line in budget:
        bid_line, told = _take(asked_for, line.item), _take(said, line.item)
        yield _line(line.item, bid_line, line.amount_pence, told)
    for bid_line in asked_for:
        yield _line(bid_line.item, bid_line, Pence(0), _take(said, bid_line.item))
    for told in said:
        if told.spent_pence is not None or told.reason:
            yield _line(told.item, None, Pence(0), told)


def _take(lines: list[Line], item: str) -> Line | None:
    """The first of these lines that is for this, taken out of them."""
    found = next((line for line in lines if line.item == item), None)
    if found:
        lines.remove(found)
    return found


def _line(item: str, asked: BidLine | None, planned: Pence, told: ReportLine | None) -> SpentLine:
    return SpentLine(
        item,
        asked.amount_pence if asked else Pence(0),
        planned,
        told.spent_pence if told else None,
        told.reason if told else "",
    )


def freeze(told: Told, *, number: int, declared_name: str, submitted_at: str, bid_sha256: str) -> tuple[str, str]:
    """The canonical JSON of a sent version and its SHA-256. The same report always gives the same bytes."""
    return REPORT.freeze(
        {
            "version": number,
            "report": asdict(told),
            "unspent_pence": told.unspent_pence,
            "declared_name": declared_name,
            "submitted_at": submitted_at,
            "bid_sha256": bid_sha256,
        }
    )


def of_submission(submission: ReportSubmission) -> Told:
    """What the report said when it was sent. Raises UnknownForm."""
    return REPORT.read(submission.content).told


def declared_by(submission: ReportSubmission) -> str:
    """The name under the declaration of a sent version. Raises UnknownForm."""
    return REPORT.read(submission.content).declared_name


@REPORT.reader(1)
def _first_form(content: Content) -> SentReport:
    told = content["report"]
    lines = tuple(fill(SpentLine, line) for line in told["lines"])
    return SentReport(fill(Told, told, lines=lines), content["declared_name"])
