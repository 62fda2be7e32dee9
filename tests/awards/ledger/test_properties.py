"""Whatever happens to awards: the ledger agrees with a naive model of it, at every date, as known at every instant."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from grants.awards import rules
from grants.awards.corrections import operations as corrections
from grants.awards.entries import operations as entries
from grants.awards.ledger import queries
from grants.awards.models import (
    Award,
    AwardChange,
    AwardDistrict,
    AwardSnapshot,
    AwardTopic,
    ChangedField,
    ImportedRow,
    LedgerEntry,
)
from grants.awards.snapshots import operations as snapshots
from grants.foundation.records.db import Refused, db, transaction
from grants.foundation.values.days import Day
from grants.foundation.values.money import Pence
from tests.support import factories
from tests.support.factories import TESTS

START = datetime(2020, 1, 1, 12, tzinfo=UTC)
"""The clock of the first deed; each deed comes a day after the one before."""

_numbers = count(1)


@dataclass(frozen=True)
class State:
    """One award as a person would keep it on a card: what is true of it, by everything that is known."""

    awarded: date
    amount: int | None
    topic: int
    varied: tuple[tuple[date, int], ...] = ()
    withdrawn: date | None = None
    returned: tuple[tuple[date, int], ...] = ()

    def at(self, day: date) -> tuple[int, int, int, int, int] | None:
        """Projects, awarded, unknown, returned and topic at a day; None where it does not count."""
        if day < self.awarded or (self.withdrawn and day >= self.withdrawn):
            return None
        varied = sum(by for when, by in self.varied if when <= day)
        returned = sum(by for when, by in self.returned if when <= day)
        return (1, (self.amount or 0) + varied, int(self.amount is None), returned, self.topic)

    @property
    def days(self) -> set[date]:
        """The days on which something took effect."""
        later = [self.withdrawn, *(day for day, _ in (*self.varied, *self.returned))]
        return {self.awarded, *(day for day in later if day)}

    @property
    def makes_sense(self) -> bool:
        """Whether nothing comes before the award, is below nothing, or comes back beyond what was awarded."""
        worths = [worth for day in self.days if (worth := self.at(day))]
        return min(self.days) == self.awarded and all(
            awarded >= 0 and (not returned if unknown else returned <= awarded)
            for _, awarded, unknown, returned, _ in worths
        )

    @property
    def most(self) -> int:
        """The most that it was ever worth."""
        return max((worth[1] for day in self.days if (worth := self.at(day))), default=0)


@dataclass
class Card:
    """The states of one award, each from the instant at which it was entered."""

    award: Award
    states: list[tuple[datetime, State]] = field(default_factory=list)

    def known(self, instant: datetime) -> State | None:
        """The last state that was entered by an instant."""
        return next((state for at, state in reversed(self.states) if at <= instant), None)


days = st.dates(date(2014, 1, 1), date(2014, 3, 31))
amounts = st.integers(1, 10_000)
deeds = st.one_of(
    st.tuples(st.just("amount"), st.none(), st.none() | amounts),
    st.tuples(st.just("date"), days, st.none()),
    st.tuples(st.just("vary"), days, st.integers(-5_000, 5_000)),
    st.tuples(st.just("withdraw"), days, st.none()),
    st.tuples(st.just("reinstate"), st.none(), st.none()),
    st.tuples(st.just("repay"), days, amounts),
    st.tuples(st.just("unpay"), st.none(), st.none()),
    st.tuples(st.just("topic"), st.none(), st.integers(0, 2)),
)


starts = st.tuples(days, st.none() | amounts)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=starts, other=starts, plan=st.lists(st.tuples(st.booleans(), deeds), min_size=8, max_size=16))
def test_ledger_agrees_with_a_card_index(app: Flask, start: Any, other: Any, plan: list[tuple[bool, Any]]) -> None:
    topics = [factories.topic(name) for name in ("CSE", "FGM", "hate crime")]
    with time_machine.travel(START, tick=False):
        cards = [_enter(day, amount, topics[0]) for day, amount in (start, other)]

    for step, (on_other, deed) in enumerate(plan, start=1):
        with time_machine.travel(START + timedelta(days=step), tick=False):
            _do(cards[on_other], deed, topics, START + timedelta(days=step))

    _agree(cards, len(plan))
    _snapshots_are_what_the_ledger_makes()


def _enter(day: date, amount: int | None, topic: Any) -> Card:
    award = factories.award(
        reference=f"P-{next(_numbers)}",
        award_day=day.isoformat(),
        amount=amount,
        source="a list",
        recorded_at=START,
        topics=[topic],
    )
    return Card(award, [(START, State(day, amount, topic.id))])


def _do(card: Card, deed: Any, topics: Any, now: datetime) -> None:
    verb, day, value = deed
    state = card.states[-1][1]
    after = _on_the_card(state, verb, max(day, state.awarded) if verb == "vary" else day, value, topics)
    if after is None:
        with pytest.raises(Refused):
            _in_the_ledger(card.award, state, deed, topics)
        db.session.expire_all()
    else:
        _in_the_ledger(card.award, state, deed, topics)
        card.states.append((now, after))


def _on_the_card(state: State, verb: str, day: Any, value: Any, topics: Any) -> State | None:
    """What is true after a deed; None where it must be refused."""
    worth = (state.amount or 0) + sum(by for _, by in state.varied)
    known = state.amount is not None
    match verb:
        case "amount" if value != state.amount:
            after = replace(state, amount=value)
        case "date" if day != state.awarded:
            after = replace(state, awarded=day)
        case "vary" if known and not state.withdrawn and value and worth + value > 0:
            after = replace(state, varied=(*state.varied, (day, value)))
        case "withdraw" if not state.withdrawn:
            after = replace(state, withdrawn=day)
        case "reinstate" if state.withdrawn:
            after = replace(state, withdrawn=None)
        case "repay" if (known or state.withdrawn) and sum(by for _, by in state.returned) + value <= state.most:
            after = replace(state, returned=(*state.returned, (day, value)))
        case "unpay" if state.returned:
            after = replace(state, returned=())
        case "topic" if topics[value].id != state.topic:
            after = replace(state, topic=topics[value].id)
        case _:
            return None
    return after if after.makes_sense else None


def _in_the_ledger(award: Award, state: State, deed: Any, topics: Any) -> None:
    verb, day, value = deed
    about: dict[str, Any] = {"actor": TESTS, "award": award, "reason": "a test"}
    match verb:
        case "amount":
            corrections.correct_amount(**about, amount=value)
        case "date":
            corrections.correct_award_date(**about, award_day=Day.exactly(day))
        case "vary":
            entries.vary(**about, by=value, effective=Day.exactly(max(day, state.awarded)))
        case "withdraw":
            entries.withdraw(**about, effective=Day.exactly(day))
        case "reinstate":
            corrections.reinstate(**about)
        case "repay":
            entries.record_repayment(**about, amount=Pence(value), effective=Day.exactly(day))
        case "unpay":
            corrections.reverse_returns(**about)
        case "topic":
            corrections.change_field(**about, field=ChangedField.TOPICS, value=[topics[value]])


def _agree(cards: list[Card], steps: int) -> None:
    interesting = {date(2013, 12, 31), date(2026, 1, 1)}
    for card in cards:
        for _, state in card.states:
            interesting |= {day + timedelta(days=by) for day in state.days for by in (-1, 0)}
    ids = [card.award.id for card in cards]
    for known in [START + timedelta(days=step) for step in (0, steps // 2, steps)]:
        for day in sorted(interesting):
            rows = queries.in_force(as_at=day, known_by=known)
            found = {
                row.award_id: (1, row.awarded_pence, int(row.is_unknown), row.returned_pence, row.primary_topic_id)
                for row in db.session.execute(select(rows).where(rows.c.award_id.in_(ids)))
            }
            wanted = {
                card.award.id: worth for card in cards if (state := card.known(known)) and (worth := state.at(day))
            }
            assert found == wanted, f"as at {day}, known by {known}"
            assert all(awarded >= 0 and back >= 0 for _, awarded, _, back, _ in found.values())


def _snapshots_are_what_the_ledger_makes() -> None:
    columns = select(*AwardSnapshot.__table__.columns).order_by(AwardSnapshot.award_id)
    before = db.session.execute(columns).all()
    snapshots.rebuild_snapshots()
    assert db.session.execute(columns).all() == before
    for award in db.session.scalars(select(Award)):
        entries = db.session.scalars(select(LedgerEntry).where(LedgerEntry.award_id == award.id)).all()
        assert rules.ledger_holds(entries)


@pytest.mark.parametrize("model", [Award, AwardChange, AwardTopic, AwardDistrict, LedgerEntry, ImportedRow])
@pytest.mark.parametrize("deed", ["UPDATE {} SET id = id + 1000", "DELETE FROM {}"])
def test_what_was_written_can_be_neither_changed_nor_removed(app: Flask, model: Any, deed: str) -> None:
    award = factories.award(source="a list", award_day="2014-01-01")
    corrections.change_field(actor=TESTS, award=award, field=ChangedField.TITLE, value="Another", reason="a test")
    with transaction() as session:
        session.add(ImportedRow(award_id=award.id, file_sha256="", line=2, content="{}", entered_at=award.entered_at))

    with pytest.raises(DBAPIError, match="append-only"), transaction() as session:
        session.execute(db.text(deed.format(model.__tablename__)))


def test_status_of_an_award_is_all_that_moves(app: Flask) -> None:
    award = factories.award(source="a list", award_day="2014-01-01")

    entries.withdraw(actor=TESTS, award=award, effective=Day.parse("2014-02-01"), reason="It ended.")
    corrections.reinstate(actor=TESTS, award=award, reason="It did not.")

    assert award.status == "awarded"
