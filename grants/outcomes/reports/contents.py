"""A report as it is read: from a draft as it stands, or from a submission as it was frozen. Amounts in pence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from grants.applications.contents import Bid
from grants.awards.models import AwardSnapshot
from grants.foundation.records.frozen import Content, Kind, fill
from grants.foundation.values.money import Pence

from .models import DIFFERENCE_PERCENT, Report, ReportSubmission


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


def shares(asked: Sequence[int], total: int) -> list[Pence]:
    """A total shared out as the amounts that were asked for are to each other, to the penny.

    >>> shares([400_000, 200_000], 540_000), shares([1, 1, 1], 100)
    ([360000, 180000], [34, 33, 33])
    """
    whole = sum(asked)
    if not whole:
        return [Pence(0) for _ in asked]
    parts = [divmod(total * amount, whole) for amount in asked]
    left = total - sum(part for part, _ in parts)
    by_rest = sorted(range(len(parts)), key=lambda at: (-parts[at][1], at))
    more = set(by_rest[:left])
    return [Pence(part + (at in more)) for at, (part, _) in enumerate(parts)]


def of_report(report: Report, bid: Bid, snapshot: AwardSnapshot) -> Told:
    """What the report says as it stands."""
    awarded = snapshot.awarded_pence or Pence(0)
    planned = shares([line.asked_pence for line in report.lines], awarded)
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
        lines=tuple(
            SpentLine(line.item, line.asked_pence, share, line.spent_pence, line.reason)
            for line, share in zip(report.lines, planned, strict=True)
        ),
        other_money=report.other_money,
        story=report.story,
        story_consent=report.story_consent,
        awarded_pence=awarded,
        paid_pence=snapshot.paid_pence or Pence(0),
        spent_pence=report.spent_pence,
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
