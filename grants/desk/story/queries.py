"""What a story is made of, in four queries: its subject, its audit lines, what stands beside them, their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased, joinedload

from grants.accounts.models import Person
from grants.applications.models import Application, Submission
from grants.awards.models import Award, AwardSnapshot, Decision, DecisionNotice, LedgerEntry, NoticeDecision
from grants.foundation.records import audit
from grants.foundation.records.audit import AuditLine, HistoryValue
from grants.foundation.records.db import db
from grants.foundation.records.outbox import OutboxMessage
from grants.payments.models import Batch, BatchFile, Payment, ReturnLine, Reversal
from grants.review.models import Recommendation, ScoreSheet


@dataclass(frozen=True)
class Subject:
    """What a story is about."""

    application: Application
    submission_sha256: str | None
    sheet: ScoreSheet | None
    recommended: int | None
    decision: Decision | None
    notice: str | None
    award: Award | None
    snapshot: AwardSnapshot | None

    @property
    def reference(self) -> str:
        """Its reference, from first to last."""
        return self.application.reference

    @property
    def title(self) -> str:
        """The project's title: as the award has it now, before that as the bid has it."""
        return self.snapshot.title if self.snapshot else self.application.title


@dataclass(frozen=True)
class TrailLine:
    """A line of the audit trail, with the name of who did it, and the hash of the line before it."""

    line: AuditLine
    name: str | None
    before: str | None

    @property
    def who(self) -> str:
        """Who did it, as a page says it."""
        if self.name:
            return self.name
        kind, _, rest = self.line.actor.partition(":")
        return f"The system ({rest})" if kind == "command" else "Somebody without an account"


@dataclass(frozen=True)
class Beside:
    """What stands beside the trail: an entry of the ledger, a letter, or a frozen file of a batch."""

    source: str
    id: int
    at: datetime
    kind: str
    text: str
    more: str
    pence: int | None
    day: str | None


def subject_of(person: Person, reference: str) -> Subject | None:
    """What a reference stands for, with what the rules ask of it. One query."""
    row = (
        db.session.execute(
            select(
                Application,
                Submission.sha256,
                ScoreSheet,
                Recommendation.amount_pence,
                Decision,
                DecisionNotice.reference,
                Award,
                AwardSnapshot,
            )
            .outerjoin(Submission, Submission.application_id == Application.id)
            .outerjoin(ScoreSheet, and_(ScoreSheet.application_id == Application.id, ScoreSheet.person_id == person.id))
            .outerjoin(Recommendation, Recommendation.application_id == Application.id)
            .outerjoin(Decision, Decision.application_id == Application.id)
            .outerjoin(NoticeDecision, NoticeDecision.decision_id == Decision.id)
            .outerjoin(DecisionNotice, DecisionNotice.id == NoticeDecision.notice_id)
            .outerjoin(Award, Award.application_id == Application.id)
            .outerjoin(AwardSnapshot, AwardSnapshot.award_id == Award.id)
            .options(joinedload(Application.bars))
            .where(Application.reference == reference.upper())
        )
        .unique()
        .first()
    )
    return Subject(*row) if row else None


def trail_of(subject: Subject) -> list[TrailLine]:
    """Every audit line about it, in the order of the trail, also those of its notice and payments. One query."""
    before = aliased(AuditLine)
    rows = db.session.execute(
        select(AuditLine, Person.name, before.hash)
        .outerjoin(Person, AuditLine.actor == literal("person:").concat(cast(Person.id, String)))
        .outerjoin(before, before.id == AuditLine.id - 1)
        .where(or_(AuditLine.reference == subject.reference, *_of_others(subject)))
        .order_by(AuditLine.id)
        .execution_options(populate_existing=True)
    )
    return [TrailLine(*row) for row in rows]


def _of_others(subject: Subject) -> Iterator[ColumnElement[bool]]:
    decision, award = subject.decision, subject.award
    for kind, numbers in shared_things(decision and decision.id, award and award.id).items():
        yield and_(AuditLine.kind == kind, AuditLine.thing_id.in_(numbers))


def shared_things(decision_id: Any, award_id: Any) -> dict[str, Select[tuple[int]]]:
    """The things of a grant that several share, or that have a name of their own: their numbers, by kind.

    The decision and the award are given by their numbers or by a select of one, None where there is none.
    """
    found: dict[str, Any] = {}
    if decision_id is not None:
        found["decision_notices"] = select(NoticeDecision.notice_id).where(NoticeDecision.decision_id == decision_id)
    if award_id is not None:
        own = Payment.award_id == award_id
        of_payment = (Payment, Payment.id == ReturnLine.payment_id)
        found["batches"] = select(Payment.batch_id).where(own)
        found["return_files"] = select(ReturnLine.return_file_id).join(*of_payment).where(own)
        found["reversals"] = select(Reversal.id).join(Payment, Payment.id == Reversal.payment_id).where(own)
        found["bank_details"] = select(Payment.bank_details_id).where(own)
    return found


_REASON = case(
    (LedgerEntry.bank_reference != "", LedgerEntry.reason + " (bank reference " + LedgerEntry.bank_reference + ")"),
    else_=LedgerEntry.reason,
)
"""The reason of an entry, with the bank's reference of money that came back."""


def beside(subject: Subject) -> Sequence[Beside]:
    """Ledger entries, letters and the frozen files of batches, oldest first. One query."""
    award_id = subject.award.id if subject.award else 0
    none, no_pence = cast(null(), String), cast(null(), BigInteger)
    ledger = select(
        literal("ledger").label("source"),
        LedgerEntry.id.label("id"),
        LedgerEntry.entered_at.label("at"),
        LedgerEntry.kind.label("kind"),
        _REASON.label("text"),
        LedgerEntry.account.label("more"),
        LedgerEntry.amount_pence.label("pence"),
        cast(LedgerEntry.effective_day, String).label("day"),
    ).where(LedgerEntry.award_id == award_id)
    letters = select(
        literal("letter"),
        OutboxMessage.id,
        OutboxMessage.made_at,
        OutboxMessage.about,
        OutboxMessage.subject,
        OutboxMessage.status,
        no_pence,
        none,
    ).where(
        or_(
            OutboxMessage.about.in_([f"application:{subject.application.id}", f"award:{award_id}"]),
            OutboxMessage.about.in_(_names("payment:", Payment.id, award_id)),
            OutboxMessage.about.in_(_names("bank_details:", Payment.bank_details_id, award_id)),
        )
    )
    batches = select(Payment.batch_id).where(Payment.award_id == award_id)
    files = (
        select(
            literal("file"),
            BatchFile.id,
            func.coalesce(Batch.approved_at, Batch.prepared_at),
            BatchFile.kind,
            Batch.number,
            BatchFile.sha256,
            no_pence,
            none,
        )
        .join(Batch, Batch.id == BatchFile.batch_id)
        .where(BatchFile.batch_id.in_(batches))
    )
    found: Any = union_all(ledger, letters, files).order_by("at", "source", "id")
    return [Beside(*row) for row in db.session.execute(found)]


def _names(kind: str, number: InstrumentedAttribute[int], award_id: int) -> Select[*tuple[Any, ...]]:
    """What letters are about: the payments of an award, or the bank details that they went to."""
    return select(literal(kind).concat(cast(number, String))).where(Payment.award_id == award_id)


Kept = Mapping[int, Sequence[HistoryValue]]
"""The values that were kept for each audit line, by its number."""


def kept_of(trail: Sequence[TrailLine]) -> Kept:
    """What was changed in each line, as far as it is still kept. One query."""
    kept: dict[int, list[HistoryValue]] = {}
    ids = [one.line.id for one in trail]
    for value in db.session.scalars(
        select(HistoryValue).where(HistoryValue.line_id.in_(ids)).execution_options(populate_existing=True)
    ):
        kept.setdefault(value.line_id, []).append(value)
    return kept


def what_is_wrong(trail: Sequence[TrailLine], kept: Kept) -> dict[int, str]:
    """The lines that were changed behind the trail's back, by number, and how that shows.

    Each line is held against its own hash and against the line before it, and its kept values against its digests.
    """
    found = {one.line.id: _what_is_wrong(one, kept.get(one.line.id, [])) for one in trail}
    return {number: reason for number, reason in found.items() if reason}


def _what_is_wrong(one: TrailLine, kept: Sequence[HistoryValue]) -> str:
    return audit.what_is_wrong(one.line, kept, expected_id=one.line.id, head=one.before or audit.GENESIS)
