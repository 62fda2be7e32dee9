"""Adding to the ledger of one award: under its lock, checked as a whole, with its snapshot made again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from grants.awards import rules
from grants.awards.models import (
    LONGEST_REASON,
    Account,
    Award,
    AwardChange,
    AwardSnapshot,
    AwardStatus,
    EntryKind,
    LedgerEntry,
    Offer,
    OfferStatus,
)
from grants.awards.snapshots.operations import latest, refresh_snapshot
from grants.foundation.records.actors import Actor
from grants.foundation.records.db import Refused, db
from grants.foundation.values import clock
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from grants.foundation.values.words import count_characters
from grants.funds.models import Round


class Book:
    """The ledger of one award, read: which entries hold, and what each comes to with its corrections."""

    def __init__(self, entries: Sequence[LedgerEntry]) -> None:
        self.entries = list(entries)

    @property
    def award_entry(self) -> LedgerEntry:
        """The entry with which it all began."""
        return next(entry for entry in self.entries if entry.kind == EntryKind.AWARD)

    @property
    def withdrawal(self) -> LedgerEntry | None:
        """The withdrawal that holds, if the award is withdrawn."""
        roots = self._roots(EntryKind.WITHDRAWAL)
        return next((entry for entry in roots if self._sum(entry, "project_delta")), None)

    @property
    def returns(self) -> list[LedgerEntry]:
        """The repayments and recoveries that hold."""
        roots = self._roots(EntryKind.REPAYMENT) + self._roots(EntryKind.RECOVERY)
        return [entry for entry in roots if self._sum(entry, "amount_pence")]

    @property
    def later(self) -> list[LedgerEntry]:
        """What happened to the award after it was made, and holds."""
        varied = self._roots(EntryKind.VARIATION)
        return [*varied, *([self.withdrawal] if self.withdrawal else []), *self.returns]

    @property
    def last_recorded(self) -> datetime:
        """The latest instant at which the records took something in."""
        return max(entry.recorded_at for entry in self.entries)

    def amount_of(self, root: LedgerEntry) -> Pence | None:
        """What an entry and its corrections come to, in pence; None where that is not known."""
        return None if self._sum(root, "unknown_delta") else Pence(self._sum(root, "amount_pence"))

    def held_from(self, root: LedgerEntry) -> date:
        """The day from which an entry counts, after its corrections."""
        days = sorted({entry.effective_last for entry in self._group(root)})
        columns = ("amount_pence", *_DELTAS.values())
        return next((day for day in days if any(self._sum(root, name, day) for name in columns)), root.effective_last)

    def recorded_of(self, root: LedgerEntry) -> datetime:
        """The instant at which the records had an entry, after its corrections."""
        group = self._group(root)
        instants = sorted({entry.recorded_at for entry in group})
        return next(
            (at for at in instants if sum(entry.project_delta for entry in group if entry.recorded_at == at)),
            root.recorded_at,
        )

    def _roots(self, kind: EntryKind) -> list[LedgerEntry]:
        return [entry for entry in self.entries if entry.kind == kind]

    def _group(self, root: LedgerEntry) -> list[LedgerEntry]:
        return [entry for entry in self.entries if root.id in (entry.id, entry.corrects_id)]

    def _sum(self, root: LedgerEntry, column: str, last: date | None = None) -> int:
        return sum(getattr(each, column) or 0 for each in self._group(root) if last in (None, each.effective_last))


class Ledger(Book):
    """The ledger of one award, locked for the rest of the transaction, and what a deed adds to it."""

    def __init__(self, award: Award, *, actor: Actor, reason: str, source: str = "") -> None:
        """Lock and read. Raises Refused without a reason."""
        self.award, self.actor, self.source = award, actor, source
        self.reason = checked_reason(reason)
        self.now = clock.now()
        self.snapshot = lock(award)
        super().__init__(entries_of(award))
        self.offer = latest_offer(award)
        self.state = state_now(award, self.entries, self.offer)
        self.new: list[LedgerEntry] = []

    def may(self, verb: str) -> None:
        """Raises Refused where the table of the award has no row for this verb now."""
        rules.can_move(self.state, verb).or_refuse()

    def allow(self, verb: str, *facts: Any, **named: Any) -> None:
        """Raises Refused where the rule that the table names for this verb does not allow it."""
        rules.allows(self.state, verb, *facts, **named).or_refuse()

    def add(
        self,
        kind: EntryKind,
        amount: int | None,
        day: Day,
        recorded_at: datetime,
        *,
        account: Account = Account.AWARDED,
        project: int = 0,
        unknown: int = 0,
        last: date | None = None,
        corrects: LedgerEntry | None = None,
    ) -> LedgerEntry:
        """Add one entry, to be stored by `close`. It counts from `last`, else from the last possible day of `day`."""
        entry = LedgerEntry(
            award_id=self.award.id,
            kind=kind,
            account=account,
            amount_pence=amount,
            project_delta=project,
            unknown_delta=unknown,
            effective_day=day,
            effective_last=last or day.last,
            recorded_at=min(recorded_at, self.now),
            entered_at=self.now,
            entered_by=self.actor.key,
            reason=self.reason,
            source=self.source,
            corrects=corrects,
        )
        self.new.append(entry)
        return entry

    def correct(
        self,
        root: LedgerEntry,
        amount: int,
        day: Day,
        recorded_at: datetime,
        *,
        project: int = 0,
        unknown: int = 0,
        last: date | None = None,
    ) -> None:
        """Add a correction of an entry: what is to be added to it. Where that is nothing, nothing is added."""
        if any((amount, project, unknown)):
            deltas = {"project": project, "unknown": unknown}
            account = Account(root.account)
            self.add(
                EntryKind.CORRECTION, amount, day, recorded_at, account=account, last=last, corrects=root, **deltas
            )

    def reverse(self, root: LedgerEntry, recorded_at: datetime) -> None:
        """Take an entry back, with its corrections, from each day on which they took effect."""
        for last in sorted({entry.effective_last for entry in self._group(root)}):
            self.correct(
                root,
                -self._sum(root, "amount_pence", last),
                root.effective_day,
                recorded_at,
                last=last,
                project=-self._sum(root, "project_delta", last),
                unknown=-self._sum(root, "unknown_delta", last),
            )

    def move(self, root: LedgerEntry, last: date, recorded_at: datetime) -> None:
        """Let an entry of an inexact day count from another day."""
        old = self.held_from(root)
        if old != last:
            sums = {name: self._sum(root, column, old) for name, column in _DELTAS.items()}
            amount = self._sum(root, "amount_pence", old)
            back = {name: -by for name, by in sums.items()}
            self.correct(root, -amount, root.effective_day, recorded_at, last=old, **back)
            self.correct(root, amount, root.effective_day, recorded_at, last=last, **sums)

    def keep_withdrawn(self, withdrawal: LedgerEntry, recorded_at: datetime) -> None:
        """Make a withdrawal take all of what it withdraws, after that has changed."""
        after = rules.worth([*self.entries, *self.new])
        self.correct(
            withdrawal,
            -after.awarded,
            withdrawal.effective_day,
            recorded_at,
            last=self.held_from(withdrawal),
            unknown=-after.unknown,
        )

    def take_back_after(self, withdrawal: LedgerEntry, recorded_at: datetime) -> None:
        """Let a withdrawal take back what took effect after it, like a variation that nobody knew to be void."""
        for last in sorted({entry.effective_last for entry in self.entries}):
            left = rules.worth([*self.entries, *self.new], as_at=last)
            if not left.projects:
                self.correct(withdrawal, -left.awarded, withdrawal.effective_day, recorded_at, last=last)

    def withdraw(self, effective: Day, recorded_at: datetime) -> LedgerEntry:
        """Withdraw all that is awarded, and what took effect later."""
        last = max(effective.last, self.snapshot.award_last)
        before = rules.worth(self.entries, as_at=last)
        entry = self.add(
            EntryKind.WITHDRAWAL,
            None if before.unknown and not before.awarded else -before.awarded,
            effective,
            recorded_at,
            last=last,
            project=-1,
            unknown=-before.unknown,
        )
        self.take_back_after(entry, recorded_at)
        return entry

    def close(self, verb: str = "") -> AwardSnapshot:
        """Store what was added, by a verb of the award's table or by one that moves nothing.

        Raises Refused where the ledger would not make sense, where the award would rise above the largest grant of
        its round, and where the table does not lead to the state that follows.
        What was recorded before something that it builds on is taken as recorded with it.
        """
        paid_here = self.award.is_paid_here
        every = [*self.entries, *self.new]
        if not rules.ledger_holds(every, paid_here=paid_here):
            for entry in self.new:
                entry.recorded_at = max(entry.recorded_at, self.last_recorded)
            rules.ledger_holds(every, paid_here=paid_here).or_refuse()
        most = rules.most_awarded(rules.without_withdrawals(every))
        if self.award.is_live and most > rules.most_awarded(rules.without_withdrawals(self.entries)):
            rules.within_largest_grant(self._round(), most).or_refuse()
        if verb:
            rules.can_lead(self.state, verb, state_now(self.award, every, self.offer)).or_refuse()
        db.session.add_all(self.new)
        return touch(self.award)

    def _round(self) -> Round | None:
        number = self.snapshot.round_id
        return db.session.get(Round, number) if number else None


_DELTAS = {"project": "project_delta", "unknown": "unknown_delta"}


def entries_of(award: Award) -> Sequence[LedgerEntry]:
    """The entries of an award as they are stored, in the order in which they were entered."""
    return db.session.scalars(
        select(LedgerEntry).where(LedgerEntry.award_id == award.id).order_by(LedgerEntry.id)
    ).all()


def lock(award: Award) -> AwardSnapshot:
    """Hold the award against others who would add to it at the same moment."""
    return db.session.scalars(
        select(AwardSnapshot)
        .where(AwardSnapshot.award_id == award.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def touch(award: Award) -> AwardSnapshot:
    """Make the snapshot and the status of an award again after something was added to it."""
    db.session.flush()
    award.status = state_now(award, entries_of(award), latest_offer(award))
    snapshot = refresh_snapshot(award)
    db.session.expire(award, ["entries", "changes", "topics", "districts"])
    return snapshot


def state_now(award: Award, entries: Sequence[LedgerEntry], offer: Offer | None) -> AwardStatus:
    """Where an award is in its life, given its entries and its latest offer."""
    return rules.state_of(rules.worth(entries), offer, past=AwardStatus(award.status))


def latest_offer(award: Award) -> Offer | None:
    """The offer of an award that counts, as it stands now, held until the end of the transaction."""
    return db.session.scalars(
        select(Offer)
        .where(Offer.award_id == award.id)
        .order_by(Offer.id.desc())
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def close_offer(ledger: Ledger, status: OfferStatus) -> Offer:
    """Say what became of the offer of an award that is offered, in the caller's deed."""
    offer = ledger.offer
    assert offer is not None  # noqa: S101 - what is offered has an offer
    offer.status, offer.answered_at = status, ledger.now
    offer.version += 1
    return offer


def current_changes(award: Award) -> dict[str, AwardChange]:
    """The change of each field that holds now."""
    rows: Sequence[AwardChange] = db.session.scalars(
        select(AwardChange).where(AwardChange.award_id == award.id).order_by(AwardChange.id)
    ).all()
    return latest(rows)


def checked_reason(reason: str) -> str:
    """The reason without white space around it. Raises Refused where there is none, or too much."""
    tidy = reason.strip()
    if not tidy:
        raise Refused("Give the reason: the record keeps it for good.")
    if count_characters(tidy) > LONGEST_REASON:
        raise Refused(f"The reason must be {LONGEST_REASON:,} characters or fewer.")
    return tidy
