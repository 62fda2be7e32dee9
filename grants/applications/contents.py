"""A bid as it is read: from a draft as it stands, or from a submission as it was frozen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from grants.foundation.records.frozen import Content, Kind, fill
from grants.foundation.values.money import Pence
from grants.funds.kinds.kind import GivenAnswer
from grants.funds.kinds.registry import given, kind_of
from grants.funds.models import Question

from .models import Application, Submission

DECLARATION = "What we say in this application is true, and our group has agreed to it"
"""What whoever submits it declares, under their name. It is frozen with the bid."""


@dataclass(frozen=True)
class BidLine:
    """A line of the budget; the amount in pence."""

    item: str
    amount_pence: Pence


@dataclass(frozen=True)
class Bid:
    """What a group asks for, in its own words. `topics` begins with the primary one."""

    reference: str
    round: str
    organisation: str
    organisation_kind: str
    charity_number: str
    company_number: str
    title: str
    summary: str
    starts_on: date | None
    ends_on: date | None
    people_helped: int | None
    districts: tuple[str, ...]
    topics: tuple[str, ...]
    priority: str
    plan: str
    answers: tuple[GivenAnswer, ...]
    budget: tuple[BidLine, ...]
    requested_pence: Pence

    @property
    def months(self) -> int | None:
        """How many months the project touches, for a quick reader."""
        if self.starts_on is None or self.ends_on is None:
            return None
        return (self.ends_on.year - self.starts_on.year) * 12 + self.ends_on.month - self.starts_on.month + 1


@dataclass(frozen=True)
class SubmittedBid:
    """A bid as it was submitted, and who declared what. `submitted_at` is an instant for `clock.parse_instant`."""

    bid: Bid
    declaration: str
    declared_name: str
    submitted_at: str


SUBMISSION: Kind[SubmittedBid] = Kind("submission", form=1)


def of_draft(application: Application, questions: Sequence[tuple[Question, str]]) -> Bid:
    """The bid as the draft stands; `questions` are the round's with what was written to each."""
    organisation, priority = application.organisation, application.priority
    return Bid(
        reference=application.reference,
        round=application.round.code,
        organisation=organisation.name,
        organisation_kind=organisation.kind,
        charity_number=organisation.charity_number,
        company_number=organisation.company_number,
        title=application.title,
        summary=application.summary,
        starts_on=application.starts_on,
        ends_on=application.ends_on,
        people_helped=application.people_helped,
        districts=tuple(sorted(row.district.name for row in application.districts)),
        topics=tuple(row.topic.name for row in sorted(application.topics, key=lambda row: row.position)),
        priority=priority.name if priority else "",
        plan=priority.plan.name if priority else "",
        answers=tuple(given(question, text) for question, text in questions),
        budget=tuple(BidLine(line.item, line.amount_pence) for line in application.budget_lines),
        requested_pence=application.requested_pence,
    )


def freeze(bid: Bid, *, declared_name: str, submitted_at: str, questions_sha256: str) -> tuple[str, str]:
    """The canonical JSON of a submission and its SHA-256. The same bid always gives the same bytes."""
    return SUBMISSION.freeze(
        {
            "bid": {**asdict(bid), "answers": [kind_of(answer).freeze(answer) for answer in bid.answers]},
            "declaration": DECLARATION,
            "declared_name": declared_name,
            "submitted_at": submitted_at,
            "questions_sha256": questions_sha256,
        }
    )


def of_submission(submission: Submission) -> Bid:
    """The bid as it was frozen. Raises UnknownForm."""
    return submitted(submission).bid


def submitted(submission: Submission) -> SubmittedBid:
    """The bid as it was frozen, with its declaration. Raises UnknownForm."""
    return SUBMISSION.read(submission.content)


@SUBMISSION.reader(1)
def _first_form(content: Content) -> SubmittedBid:
    bid = content["bid"]
    return SubmittedBid(
        bid=fill(
            Bid,
            bid,
            starts_on=date.fromisoformat(bid["starts_on"]),
            ends_on=date.fromisoformat(bid["ends_on"]),
            districts=tuple(bid["districts"]),
            topics=tuple(bid["topics"]),
            answers=tuple(fill(GivenAnswer, answer) for answer in bid["answers"]),
            budget=tuple(fill(BidLine, line) for line in bid["budget"]),
        ),
        # release 0.1 showed these words and did not freeze them
        declaration=content.get(
            "declaration", "What we say in this application is true, and our group has agreed to it"
        ),
        declared_name=content["declared_name"],
        submitted_at=content["submitted_at"],
    )
