"""Corrections: what turns out to be otherwise becomes dated entries beside what was written, never an edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from grants.accounts.models import Organisation
from grants.awards import rules
from grants.awards.acts import AwardAct
from grants.awards.ledger.operations import Ledger, checked_reason, current_changes, lock, touch
from grants.awards.models import (
    FROM_THE_START,
    Award,
    AwardChange,
    AwardDistrict,
    AwardSnapshot,
    AwardTopic,
    ChangedField,
)
from grants.foundation.records import audit
from grants.foundation.records.actors import Actor
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.values import clock
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence, pounds
from grants.funds.models import District, Fund, Priority, Round, Topic

Value = Fund | Round | Organisation | Priority | Sequence[Topic] | Sequence[District] | str | date | None

DAYS = frozenset({ChangedField.STARTS_ON, ChangedField.ENDS_ON})
"""The fields that hold a day."""


def correct_amount(
    *,
    actor: Actor,
    award: Award,
    amount: Pence | None,
    reason: str,
    source: str = "",
    recorded_at: datetime | None = None,
) -> None:
    """Correct what was awarded, from the day of the award: found, or other than it was written, or not known after all.

    Variations stay. Raises Refused.
    """
    with transaction():
        ledger = Ledger(award, actor=actor, reason=reason, source=source)
        ledger.allow("correct amount", amount)
        root = ledger.award_entry
        was = ledger.amount_of(root)
        if was == amount:
            raise Refused(f"That is the amount already: {pounds(was)}.")
        if amount is None and award.is_paid_here:
            raise Refused("An award that was decided here has an amount.")
        when = _after(ledger, recorded_at)
        unknown = int(amount is None) - int(was is None)
        snapshot = ledger.snapshot
        ledger.correct(
            root, (amount or 0) - (was or 0), snapshot.award_day, when, last=snapshot.award_last, unknown=unknown
        )
        if ledger.withdrawal:
            ledger.keep_withdrawn(ledger.withdrawal, when)
        ledger.close("correct amount")
        _note(actor, AwardAct.CORRECT_AMOUNT, award, amount_pence=(was, amount), reason=("", ledger.reason))


def correct_award_date(
    *,
    actor: Actor,
    award: Award,
    award_day: Day,
    reason: str,
    source: str = "",
    recorded_at: datetime | None = None,
) -> None:
    """Correct the day of an award: what was entered on the old day is reversed and entered again. Raises Refused."""
    rules.can_take_effect(award_day).or_refuse()
    with transaction():
        ledger = Ledger(award, actor=actor, reason=reason, source=source)
        root, snapshot = ledger.award_entry, ledger.snapshot
        was, was_last = snapshot.award_day, snapshot.award_last
        if was == award_day:
            raise Refused("That is the day already.")
        if any(entry.effective_day.last < (award_day.first or award_day.last) for entry in ledger.later):
            raise Refused("Something happened to the award before that day: it was varied, withdrawn or repaid.")
        when = _after(ledger, recorded_at)
        amount = ledger.amount_of(root)
        unknown = int(amount is None)
        ledger.correct(root, -(amount or 0), was, when, last=was_last, project=-1, unknown=-unknown)
        ledger.correct(root, amount or 0, award_day, when, project=1, unknown=unknown)
        for entry in ledger.later:
            ledger.move(entry, max(entry.effective_day.last, award_day.last), when)
        ledger.close()
        stamp = _Stamp(actor, award_day, FROM_THE_START, when, ledger.now, ledger.reason, source)
        _write_change(award, ChangedField.AWARD_DATE, was.text, award_day.text, stamp, award_last=award_day.last)
        touch(award)
        _note(actor, AwardAct.CORRECT_AWARD_DATE, award, award_date=(was, award_day), reason=("", ledger.reason))


def correct_recorded(*, actor: Actor, award: Award, recorded_at: datetime, reason: str, source: str = "") -> None:
    """Correct when the records took an award in, where nothing else has happened to it yet. Raises Refused."""
    with transaction():
        ledger = Ledger(award, actor=actor, reason=reason, source=source)
        root = ledger.award_entry
        if len(ledger.entries) > 1:
            raise Refused("More was recorded of this award since, so the day of its recording stays as it is.")
        deltas: dict[str, Any] = {"last": root.effective_last, "project": 1, "unknown": root.unknown_delta}
        amount = root.amount_pence or 0
        ledger.correct(root, amount, root.effective_day, recorded_at, **deltas)
        deltas |= {"project": -1, "unknown": -root.unknown_delta}
        ledger.correct(root, -amount, root.effective_day, root.recorded_at, **deltas)
        ledger.close()
        _note(actor, AwardAct.CORRECT_RECORDING, award, recorded_at=(root.recorded_at, recorded_at))


def reinstate(
    *, actor: Actor, award: Award, reason: str, source: str = "", recorded_at: datetime | None = None
) -> None:
    """Take a withdrawal back: it turns out that it was none. Raises Refused.

    An award that was accepted is accepted again; one whose offer came to nothing can be offered again.
    """
    with transaction():
        ledger = Ledger(award, actor=actor, reason=reason, source=source)
        ledger.may("reinstate")
        withdrawal = ledger.withdrawal
        assert withdrawal is not None  # noqa: S101 - it is withdrawn
        ledger.reverse(withdrawal, _after(ledger, recorded_at))
        ledger.close("reinstate")
        _note(
            actor,
            AwardAct.REINSTATE_AWARD,
            award,
            withdrawn_on=(withdrawal.effective_day, ""),
            reason=("", ledger.reason),
        )


def reverse_returns(
    *, actor: Actor, award: Award, reason: str, source: str = "", recorded_at: datetime | None = None
) -> None:
    """Take every repayment and recovery back: they turn out to be otherwise. Raises Refused."""
    with transaction():
        ledger = Ledger(award, actor=actor, reason=reason, source=source)
        if not ledger.returns:
            raise Refused("Nothing came back of this award.")
        was = rules.worth(ledger.entries).returned
        for entry in ledger.returns:
            ledger.reverse(entry, _after(ledger, recorded_at))
        ledger.close()
        _note(actor, AwardAct.REVERSE_RETURNS, award, returned_pence=(was, 0), reason=("", ledger.reason))


def change_field(
    *,
    actor: Actor,
    award: Award,
    field: ChangedField,
    value: Value,
    reason: str,
    effective: Day | None = None,
    recorded_at: datetime | None = None,
    source: str = "",
) -> None:
    """Change one thing that an award is. Raises Refused. See `change_fields`."""
    change_fields(
        actor=actor,
        award=award,
        values={field: value},
        reason=reason,
        effective=effective,
        recorded_at=recorded_at,
        source=source,
    )


def change_fields(
    *,
    actor: Actor,
    award: Award,
    values: Mapping[ChangedField, Value],
    reason: str,
    effective: Day | None = None,
    recorded_at: datetime | None = None,
    source: str = "",
) -> None:
    """Change what an award is: fund, round, recipient, topics (the first is primary), districts, priority or words.

    Without `effective` it is a correction: it takes effect when what it corrects did. Raises Refused.
    """
    if effective:
        rules.can_take_effect(effective).or_refuse()
    with transaction():
        reason = checked_reason(reason)
        snapshot, now, chosen = lock(award), clock.now(), current_changes(award)
        changed = {}
        for field, value in values.items():
            before, after = _before(award, field, chosen), describe(value)
            if _same(award, field, value, chosen):
                raise Refused(f"That is what it is already: {after or 'none'}.")
            held = chosen.get(field)
            day, last = _takes_effect(effective, held, snapshot)
            when = max([min(recorded_at or now, now), award.recorded_at, *([held.recorded_at] if held else [])])
            stamp = _Stamp(actor, day, last, when, now, reason, source)
            _write_change(award, field, before, after, stamp, value=value)
            changed[field.value] = (before, after)
        touched = touch(award)
        _round_fits_fund(touched.round_id, touched.fund_id)
        audit.record(actor=actor, verb=AwardAct.CHANGE_AWARD, thing=award, changes=changed | {"reason": ("", reason)})


def describe(value: Value) -> str:
    """A value of a field in words, as the ledger keeps it."""
    match value:
        case None:
            return ""
        case str():
            return value
        case date():
            return value.isoformat()
        case Fund() | Round():
            return value.code
        case Organisation() | Priority() | Topic() | District():
            return value.name
        case _:
            return "; ".join(each.name for each in value)


@dataclass(frozen=True)
class _Stamp:
    """When, by whom and why, for the rows that one change writes."""

    actor: Actor
    day: Day
    last: date
    recorded: datetime
    now: datetime
    reason: str
    source: str

    @property
    def columns(self) -> dict[str, Any]:
        return {
            "recorded_at": self.recorded,
            "entered_at": self.now,
            "entered_by": self.actor.key,
            "reason": self.reason,
            "source": self.source,
        }


_COLUMN = {
    ChangedField.FUND: "fund_id",
    ChangedField.ROUND: "round_id",
    ChangedField.RECIPIENT: "organisation_id",
    ChangedField.PRIORITY: "priority_id",
}


def _write_change(
    award: Award, field: ChangedField, before: str, after: str, stamp: _Stamp, *, value: Any = None, **columns: Any
) -> None:
    if field in _COLUMN:
        columns[_COLUMN[field]] = value.id if value is not None else None
    if field is ChangedField.TOPICS:
        columns["topic_id"] = value[0].id if value else None
    change = AwardChange(
        award_id=award.id,
        field=field,
        before=before,
        after=after,
        effective_day=stamp.day,
        effective_last=stamp.last,
        **columns,
        **stamp.columns,
    )
    db.session.add(change)
    db.session.flush()
    if field is ChangedField.TOPICS:
        db.session.add_all(
            AwardTopic(award_id=award.id, change_id=change.id, topic_id=topic.id, position=position)
            for position, topic in enumerate(value)
        )
    if field is ChangedField.DISTRICTS:
        db.session.add_all(
            AwardDistrict(award_id=award.id, change_id=change.id, district_id=district.id) for district in value
        )
    db.session.flush()


def _takes_effect(effective: Day | None, held: AwardChange | None, snapshot: AwardSnapshot) -> tuple[Day, date]:
    """When a change takes effect: a correction when what it corrects did, which may be from the start."""
    if effective is None:
        return (held.effective_day, held.effective_last) if held else (snapshot.award_day, FROM_THE_START)
    if held and effective.last < held.effective_last:
        raise Refused(f"It was changed once more on {held.effective_day}. Give that day or a later one.")
    return effective, effective.last if effective.last > snapshot.award_last else FROM_THE_START


def _value_of(change: AwardChange) -> Any:
    field = ChangedField(change.field)
    models: dict[ChangedField, Any] = {
        ChangedField.FUND: Fund,
        ChangedField.ROUND: Round,
        ChangedField.RECIPIENT: Organisation,
        ChangedField.PRIORITY: Priority,
    }
    if field in models:
        key = getattr(change, _COLUMN[field])
        return db.session.get(models[field], key) if key else None
    if field is ChangedField.TOPICS:
        return held_topics(change.award_id, change.id)
    if field is ChangedField.DISTRICTS:
        return held_districts(change.award_id, change.id)
    if field in DAYS:
        return date.fromisoformat(change.after) if change.after else None
    return change.after


def held_topics(award_id: int, change_id: int | None) -> list[Topic]:
    """The topics of an award as first entered (no change) or as a change made them; the first is primary."""
    found = select(Topic).join(AwardTopic, AwardTopic.topic_id == Topic.id).order_by(AwardTopic.position)
    return list(db.session.scalars(found.where(*_of_change(AwardTopic, award_id, change_id))))


def held_districts(award_id: int, change_id: int | None) -> list[District]:
    """The districts of an award as first entered (no change) or as a change made them."""
    found = select(District).join(AwardDistrict, AwardDistrict.district_id == District.id).order_by(AwardDistrict.id)
    return list(db.session.scalars(found.where(*_of_change(AwardDistrict, award_id, change_id))))


def _of_change(
    row: type[AwardTopic | AwardDistrict], award_id: int, change_id: int | None
) -> tuple[ColumnElement[bool], ...]:
    return row.award_id == award_id, row.change_id.is_not_distinct_from(change_id)


def current_value(award: Award, field: ChangedField, chosen: Mapping[str, AwardChange]) -> Any:
    """What a field of an award holds now, given the changes that hold."""
    if field in chosen:
        return _value_of(chosen[field])
    if field is ChangedField.TOPICS:
        return held_topics(award.id, None)
    if field is ChangedField.DISTRICTS:
        return held_districts(award.id, None)
    return getattr(award, {"project": "title"}.get(field.value, field.value))


def _before(award: Award, field: ChangedField, chosen: Mapping[str, AwardChange]) -> str:
    return describe(current_value(award, field, chosen))


def _same(award: Award, field: ChangedField, value: Any, chosen: Mapping[str, AwardChange]) -> bool:
    current = current_value(award, field, chosen)
    if field is ChangedField.DISTRICTS:
        return {each.id for each in current} == {each.id for each in value}
    if field is ChangedField.TOPICS:
        return [each.id for each in current] == [each.id for each in value]
    return bool(current == value)


def _round_fits_fund(round_id: int | None, fund_id: int) -> None:
    the_round = db.session.get(Round, round_id) if round_id else None
    if the_round and the_round.fund_id != fund_id:
        raise Refused(f"{the_round.code} is a round of another fund. Change the fund and the round together.")


def _after(ledger: Ledger, recorded_at: datetime | None) -> datetime:
    """A correction was not recorded before what it corrects."""
    return max(min(recorded_at or ledger.now, ledger.now), ledger.last_recorded)


def _note(actor: Actor, verb: AwardAct, award: Award, **changes: tuple[object, object]) -> None:
    audit.record(actor=actor, verb=verb, thing=award, changes=changes)
