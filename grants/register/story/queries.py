"""Named reads of an award's story. Only what is published is selected, and no person is named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, literal, null, select, union_all

from grants.awards.models import (
    FROM_THE_START,
    Account,
    Award,
    AwardChange,
    ChangedField,
    EntryKind,
    LedgerEntry,
)
from grants.foundation.records.db import db
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence


@dataclass(frozen=True)
class StoryLine:
    """One entry of the ledger (`kind`), or one change of what the award is (`field`). Amounts are pence.

    Who entered it is not here: the register names no person.
    """

    kind: str
    field: str
    account: str
    amount_pence: Pence | None
    unknown_delta: int
    effective_day: Day
    recorded_at: datetime
    entered_at: datetime
    before: str
    after: str
    reason: str
    source: str

    @property
    def what(self) -> str:
        """What happened, in a few words."""
        return f"{FIELDS[ChangedField(self.field)]} changed" if self.field else EntryKind(self.kind).label

    def in_words(self, value: str) -> str:
        """What a changed field held, as people read it: "nothing" where it was empty, and a day in words."""
        return str(Day.parse(value)) if value and self.field in DAYS else value or "nothing"


FIELDS = {
    ChangedField.FUND: "Fund",
    ChangedField.ROUND: "Round",
    ChangedField.RECIPIENT: "Recipient",
    ChangedField.TOPICS: "Topics",
    ChangedField.DISTRICTS: "Districts",
    ChangedField.PRIORITY: "Plan priority",
    ChangedField.TITLE: "Project title",
    ChangedField.PURPOSE: "Purpose",
    ChangedField.STARTS_ON: "First day",
    ChangedField.ENDS_ON: "Last day",
    ChangedField.CONDITIONS: "Conditions",
    ChangedField.AWARD_DATE: "Award date",
    ChangedField.SOURCE: "Source",
}
"""What a change is about, in words."""

DAYS = (ChangedField.STARTS_ON, ChangedField.ENDS_ON, ChangedField.AWARD_DATE)
"""What holds a day."""


def story_of(reference: str) -> list[StoryLine]:
    """Everything that happened to an award, by the day from which it holds, then as it was entered.

    What is committed to a payment is between the office and its bank, and so is what a payment was part of: the public
    reads what was paid, and when.
    """
    public = LedgerEntry.account != Account.COMMITTED
    both = union_all(
        _ENTRIES.where(Award.reference == reference, public), _CHANGES.where(Award.reference == reference)
    ).subquery()
    line = both.c
    in_order = select(both).order_by(line.effective_last, line.entered_at, line.part, line.id)
    found = db.session.execute(in_order).mappings()
    return [StoryLine(**{name: line[name] for name in StoryLine.__dataclass_fields__}) for line in found]


_NOTHING = literal("")
_IS_PAYMENT = LedgerEntry.kind.in_([EntryKind.PAYMENT, EntryKind.REVERSAL])
_ENTRIES = select(
    LedgerEntry.kind,
    _NOTHING.label("field"),
    LedgerEntry.account,
    LedgerEntry.amount_pence,
    LedgerEntry.unknown_delta,
    LedgerEntry.effective_day,
    LedgerEntry.effective_last,
    LedgerEntry.recorded_at,
    LedgerEntry.entered_at,
    _NOTHING.label("before"),
    _NOTHING.label("after"),
    case((_IS_PAYMENT, _NOTHING), else_=LedgerEntry.reason).label("reason"),
    case((_IS_PAYMENT, _NOTHING), else_=LedgerEntry.source).label("source"),
    literal(0).label("part"),
    LedgerEntry.id,
).join(Award, Award.id == LedgerEntry.award_id)
_CHANGES = select(
    _NOTHING,
    AwardChange.field,
    _NOTHING,
    null(),
    literal(0),
    AwardChange.effective_day,
    case((AwardChange.effective_last == FROM_THE_START, Award.award_last), else_=AwardChange.effective_last),
    AwardChange.recorded_at,
    AwardChange.entered_at,
    AwardChange.before,
    AwardChange.after,
    AwardChange.reason,
    AwardChange.source,
    literal(1),
    AwardChange.id,
).join(Award, Award.id == AwardChange.award_id)
"""The two kinds of line in the same columns, one below the other."""


@dataclass(frozen=True)
class StorySum:
    """What the lines of a story add up to, in pence; None is not known."""

    awarded: Pence | None
    paid: Pence
    returned: Pence
    net: Pence | None

    @property
    def to_come_back(self) -> Pence:
        """What of a withdrawn award was paid and has not come back, in pence: none of it is to be kept."""
        return Pence(max(self.paid - self.returned, 0))


def sum_of(story: list[StoryLine]) -> StorySum:
    """The foot of a story: plain sums over its lines."""
    awarded = sum(line.amount_pence or 0 for line in story if line.account == Account.AWARDED)
    paid = Pence(sum(line.amount_pence or 0 for line in story if line.account == Account.PAID))
    returned = Pence(-sum(line.amount_pence or 0 for line in story if line.account == Account.RETURNED))
    if sum(line.unknown_delta for line in story) > 0:
        return StorySum(None, paid, returned, None)
    return StorySum(Pence(awarded), paid, returned, Pence(awarded - returned))
